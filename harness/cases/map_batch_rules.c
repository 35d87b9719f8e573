// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What holds for the four batch commands alike: who may, on what, and where the
 * arguments lie. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_batch.h"
#include "map_typed.h"

static void break_not_a_map(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_batch.map_fd = 0;
}

void map_lookup_batch__not_a_map(void **state)
{
	judge_broken(state, break_not_a_map);
}

void map_lookup_and_delete_batch__not_a_map(void **state)
{
	judge_broken(state, break_not_a_map);
}

void map_update_batch__not_a_map(void **state)
{
	judge_broken(state, break_not_a_map);
}

void map_delete_batch__not_a_map(void **state)
{
	judge_broken(state, break_not_a_map);
}

static void break_values(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_batch.values = 0;
}

void map_lookup_batch__null_values(void **state)
{
	judge_broken(state, break_values);
}

void map_lookup_and_delete_batch__null_values(void **state)
{
	judge_broken(state, break_values);
}

void map_update_batch__null_values(void **state)
{
	judge_broken(state, break_values);
}

/* Nothing is done, nor said of how much was. */
static void judge_lock(void **state, batch_fn *fn)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	uint32_t count;
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	attr.map_batch.elem_flags = BPF_F_LOCK;
	count = attr.map_batch.count;
	ret = fn(&attr.map_batch);
	world_drop(&world);
	expect_errno(state, ret);
	expect_u64(state, "count", count, attr.map_batch.count);
}

void map_lookup_batch__lock_without_lock(void **state)
{
	judge_lock(state, bpfsys_map_lookup_batch);
}

void map_lookup_and_delete_batch__lock_without_lock(void **state)
{
	judge_lock(state, bpfsys_map_lookup_and_delete_batch);
}

void map_update_batch__lock_without_lock(void **state)
{
	judge_lock(state, bpfsys_map_update_batch);
}

void map_delete_batch__lock_without_lock(void **state)
{
	judge_lock(state, bpfsys_map_delete_batch);
}

/* Flags of single elements, which batches do not take; each bit by itself. */
static void elem_flags(void **state, batch_fn *fn)
{
	struct run *run = *state;
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	for (int bit = 0; bit < 64; bit++) {
		memset(&attr, 0, sizeof(attr));
		w->arm(&world, &attr);
		attr.map_batch.elem_flags = 1ULL << bit;
		ret = fn(&attr.map_batch);
		expect_error(state, "elem_flags", run->which->err, ret);
	}
	world_drop(&world);
}

void map_lookup_batch__any_elem_flag(void **state)
{
	elem_flags(state, bpfsys_map_lookup_batch);
}

void map_lookup_and_delete_batch__any_elem_flag(void **state)
{
	elem_flags(state, bpfsys_map_lookup_and_delete_batch);
}

void map_update_batch__any_elem_flag(void **state)
{
	elem_flags(state, bpfsys_map_update_batch);
}

void map_delete_batch__any_elem_flag(void **state)
{
	elem_flags(state, bpfsys_map_delete_batch);
}

/* The witness's argument where it can be read and not written. */
static void read_only_argument(void **state, batch_fn *fn)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct bpfsys_map_batch_attr *there =
		mmap(NULL, page, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret, nothing;

	need(state, "mmap", there == MAP_FAILED ? -errno : 0);
	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	*there = attr.map_batch;
	mprotect(there, page, PROT_READ);
	ret = fn(there);
	mprotect(there, page, PROT_READ | PROT_WRITE);
	there->count = 0;
	mprotect(there, page, PROT_READ);
	nothing = fn(there);
	munmap(there, page);
	world_drop(&world);
	expect_errno(state, ret);
	expect_ok(state, "a batch of count 0, which writes nothing", nothing);
}

void map_lookup_batch__read_only_count(void **state)
{
	read_only_argument(state, bpfsys_map_lookup_batch);
}

void map_lookup_and_delete_batch__read_only_count(void **state)
{
	read_only_argument(state, bpfsys_map_lookup_and_delete_batch);
}

void map_update_batch__read_only_count(void **state)
{
	read_only_argument(state, bpfsys_map_update_batch);
}

void map_delete_batch__read_only_count(void **state)
{
	read_only_argument(state, bpfsys_map_delete_batch);
}

/* A hash for one kind of access in place of the map. */
static void remake(struct world *world, union argument *attr, uint32_t flags)
{
	close(world->map_fd);
	world->map_fd =
		make_map(world->state, BPF_MAP_TYPE_HASH, 8, 8, 4, flags);
	attr->map_batch.map_fd = (uint32_t)world->map_fd;
}

static void only_read(struct world *world, union argument *attr)
{
	remake(world, attr, BPF_F_RDONLY);
}

static void only_write(struct world *world, union argument *attr)
{
	remake(world, attr, BPF_F_WRONLY);
}

void map_lookup_and_delete_batch__read_only(void **state)
{
	judge_broken(state, only_read);
}

void map_lookup_and_delete_batch__write_only(void **state)
{
	judge_broken(state, only_write);
}

void map_lookup_and_delete_batch__frozen(void **state)
{
	judge_broken(state, break_frozen);
}

void map_update_batch__read_only(void **state)
{
	judge_broken(state, only_read);
}

void map_delete_batch__read_only(void **state)
{
	judge_broken(state, only_read);
}

/* A batch of one on a map of each type. */
static void refuse_batch(void **state, batch_fn *fn,
			 const enum map_number *types, size_t count)
{
	struct bpfsys_map_batch_attr attr;
	struct run *run = *state;
	struct typed map;
	int ret;

	for (size_t i = 0; i < count; i++) {
		if (!typed_make(&map, state, types[i]))
			continue;
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (uint32_t)map.fd;
		attr.keys = bpfsys_ptr(map.key);
		attr.values = bpfsys_ptr(map.value);
		attr.out_batch = bpfsys_ptr(map.key);
		attr.count = 1;
		ret = fn(&attr);
		typed_drop(&map);
		expect_error(state, map.shape->name, run->which->err, ret);
		expect_u64(state, "count of a batch that is not supported", 1,
			   attr.count);
	}
}

/* All types without any batch. */
static const enum map_number without[] = {
	SHAPE_PROG_ARRAY,   SHAPE_PERF_EVENT_ARRAY,
	SHAPE_STACK_TRACE,  SHAPE_CGROUP_ARRAY,
	SHAPE_DEVMAP,	    SHAPE_DEVMAP_HASH,
	SHAPE_SOCKMAP,	    SHAPE_CPUMAP,
	SHAPE_XSKMAP,	    SHAPE_CGROUP_STORAGE,
	SHAPE_QUEUE,	    SHAPE_PERCPU_CGROUP_STORAGE,
	SHAPE_STACK,	    SHAPE_REUSEPORT_SOCKARRAY,
	SHAPE_SK_STORAGE,   SHAPE_INODE_STORAGE,
	SHAPE_TASK_STORAGE, SHAPE_CGRP_STORAGE,
	SHAPE_STRUCT_OPS,   SHAPE_RINGBUF,
	SHAPE_USER_RINGBUF, SHAPE_BLOOM_FILTER,
	SHAPE_ARENA,	    SHAPE_INSN_ARRAY};
/* Those whose elements cannot be deleted in batches. */
static const enum map_number arrays[] = {SHAPE_ARRAY, SHAPE_PERCPU_ARRAY,
					 SHAPE_ARRAY_OF_MAPS};

void map_lookup_batch__types_without(void **state)
{
	refuse_batch(state, bpfsys_map_lookup_batch, without,
		     COUNT_OF(without));
}

void map_lookup_and_delete_batch__types_without(void **state)
{
	static const enum map_number trie[] = {SHAPE_LPM_TRIE};

	refuse_batch(state, bpfsys_map_lookup_and_delete_batch, without,
		     COUNT_OF(without));
	refuse_batch(state, bpfsys_map_lookup_and_delete_batch, arrays,
		     COUNT_OF(arrays));
	refuse_batch(state, bpfsys_map_lookup_and_delete_batch, trie, 1);
}

void map_update_batch__types_without(void **state)
{
	refuse_batch(state, bpfsys_map_update_batch, without,
		     COUNT_OF(without));
}

void map_delete_batch__types_without(void **state)
{
	refuse_batch(state, bpfsys_map_delete_batch, without,
		     COUNT_OF(without));
	refuse_batch(state, bpfsys_map_delete_batch, arrays, COUNT_OF(arrays));
}

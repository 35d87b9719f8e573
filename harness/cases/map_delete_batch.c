// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_DELETE_BATCH. */
#include <errno.h>
#include <string.h>

#include "catalogue.h"
#include "map_batch.h"

#define HELD 3

static void make(struct world *world)
{
	world->map_fd = make_map(world->state, BPF_MAP_TYPE_HASH, 8, 8, HELD,
				 BPF_F_ZERO_SEED);
	world->zero_fd = world->map_fd;
}

static void arm(struct world *world, union argument *attr)
{
	for (uint64_t i = 0; i < HELD; i++) {
		world->keys[i] = i + 1;
		put_elem(world->state, world->map_fd, &world->keys[i], &i);
	}
	attr->map_batch.map_fd = (uint32_t)world->map_fd;
	attr->map_batch.keys = bpfsys_ptr(world->keys);
	attr->map_batch.count = HELD;
}

static void check(struct world *world, const union argument *attr, int ret)
{
	uint64_t value;

	(void)ret;
	expect_u64(world->state, "count", HELD, attr->map_batch.count);
	for (uint32_t i = 0; i < HELD; i++)
		expect_error(world->state, "lookup of what was deleted", ENOENT,
			     lookup_u64(world->map_fd, &world->keys[i],
					&value));
}

const struct witness witness_map_delete_batch = {
	.make = make,
	.arm = arm,
	.check = check,
};

void map_delete_batch__closed_fd(void **state)
{
	judge_broken(state, break_batch_map_fd);
}

void map_delete_batch__no_such_key(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	uint64_t value;
	int ret, last;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	value = world.keys[1];
	world.keys[1] = 77;
	ret = bpfsys_map_delete_batch(&attr.map_batch);
	last = lookup_u64(world.map_fd, &world.keys[2], &value);
	world_drop(&world);
	expect_errno(state, ret);
	expect_u64(state, "count: elements deleted before the missing one", 1,
		   attr.map_batch.count);
	expect_ok(state, "lookup of an element behind the missing one", last);
}

static void delete_all(void **state, const struct batch_type *type)
{
	static struct batch_map map;
	struct bpfsys_map_batch_attr attr;
	unsigned int held;
	int ret;

	batch_map_make(&map, state, type);
	batch_map_fill(&map);
	batch_attr(&map, N_ELEMS - 1, &attr);
	ret = bpfsys_map_delete_batch(&attr);
	batch_skip_unsupported(&map, ret);
	held = batch_map_held(&map);
	batch_map_drop(&map);
	expect_ok(state, "a batch of deletions", ret);
	expect_u64(state, "count", N_ELEMS - 1, attr.count);
	expect_u64(state, "elements in the map", 1, held);
}

void map_delete_batch__lpm_trie(void **state)
{
	delete_all(state, &batch_lpm_trie);
}

void map_delete_batch__percpu_hash(void **state)
{
	delete_all(state, &batch_percpu_hash);
}

void map_delete_batch__null_keys(void **state)
{
	judge_broken(state, break_batch_keys);
}

void map_delete_batch__unknown_elem_flag(void **state)
{
	judge_broken(state, break_batch_elem_flags);
}

void map_delete_batch__frozen(void **state)
{
	judge_broken(state, break_frozen);
}

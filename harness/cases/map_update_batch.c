// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_UPDATE_BATCH. */
#include <errno.h>
#include <string.h>

#include "catalogue.h"
#include "map_batch.h"

#define STORED 3

static void make(struct world *world)
{
	world->map_fd = make_map(world->state, BPF_MAP_TYPE_HASH, 8, 8, STORED,
				 BPF_F_ZERO_SEED);
	world->zero_fd = world->map_fd;
}

static void arm(struct world *world, union argument *attr)
{
	for (uint64_t i = 0; i <= STORED; i++) {
		world->keys[i] = i + 1;
		world->values[i] = i * 7 + 1;
	}
	attr->map_batch.map_fd = (uint32_t)world->map_fd;
	attr->map_batch.keys = bpfsys_ptr(world->keys);
	attr->map_batch.values = bpfsys_ptr(world->values);
	attr->map_batch.count = STORED;
}

static void check(struct world *world, const union argument *attr, int ret)
{
	uint64_t value;

	(void)ret;
	expect_u64(world->state, "count", STORED, attr->map_batch.count);
	for (uint64_t i = 0; i < STORED; i++) {
		expect_ok(world->state, "lookup of what was stored",
			  lookup_u64(world->map_fd, &world->keys[i], &value));
		expect_u64(world->state, "value stored", i * 7 + 1, value);
	}
}

const struct witness witness_map_update_batch = {
	.make = make,
	.arm = arm,
	.check = check,
};

void map_update_batch__closed_fd(void **state)
{
	judge_broken(state, break_batch_map_fd);
}

void map_update_batch__full(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	attr.map_batch.count = STORED + 1;
	ret = bpfsys_map_update_batch(&attr.map_batch);
	world_drop(&world);
	expect_errno(state, ret);
	expect_u64(state, "count: elements stored before the map was full",
		   STORED, attr.map_batch.count);
}

/* All elements by one call, or as many as the kernel says. */
static void store_all(void **state, const struct batch_type *type)
{
	static struct batch_map map;
	struct bpfsys_map_batch_attr attr;
	unsigned int held;
	int ret;

	batch_map_make(&map, state, type);
	batch_attr(&map, N_ELEMS, &attr);
	ret = bpfsys_map_update_batch(&attr);
	batch_skip_unsupported(&map, ret);
	held = batch_map_held(&map);
	batch_map_drop(&map);
	expect_ok(state, "a batch of updates", ret);
	expect_u64(state, "count", N_ELEMS, attr.count);
	expect_u64(state, "elements in the map", N_ELEMS, held);
}

void map_update_batch__array(void **state)
{
	store_all(state, &batch_array);
}

void map_update_batch__lpm_trie(void **state)
{
	store_all(state, &batch_lpm_trie);
}

void map_update_batch__percpu_hash(void **state)
{
	store_all(state, &batch_percpu_hash);
}

void map_update_batch__percpu_array(void **state)
{
	store_all(state, &batch_percpu_array);
}

void map_update_batch__null_keys(void **state)
{
	judge_broken(state, break_batch_keys);
}

void map_update_batch__unknown_elem_flag(void **state)
{
	judge_broken(state, break_batch_elem_flags);
}

void map_update_batch__frozen(void **state)
{
	judge_broken(state, break_frozen);
}

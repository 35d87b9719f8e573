// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_LOOKUP_AND_DELETE_BATCH. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_batch.h"

#define HELD 4

static void make(struct world *world)
{
	world->map_fd = make_map(world->state, BPF_MAP_TYPE_HASH, 8, 8, HELD,
				 BPF_F_ZERO_SEED);
	world->zero_fd = world->map_fd;
}

/* More is wanted than the map holds: all comes, and the end with it. */
static void arm(struct world *world, union argument *attr)
{
	for (uint64_t key = 1; key <= HELD; key++) {
		uint64_t value = key * 3;

		put_elem(world->state, world->map_fd, &key, &value);
	}
	memset(world->batch, 0, sizeof(world->batch));
	memset(world->keys, 0, 64);
	memset(world->values, 0, 64);
	attr->map_batch.map_fd = (uint32_t)world->map_fd;
	attr->map_batch.out_batch = bpfsys_ptr(world->batch);
	attr->map_batch.keys = bpfsys_ptr(world->keys);
	attr->map_batch.values = bpfsys_ptr(world->values);
	attr->map_batch.count = HELD + 1;
}

static void check(struct world *world, const union argument *attr, int ret)
{
	uint64_t sum = 0, value;

	expect_error(world->state, "a batch to the end", ENOENT, ret);
	expect_u64(world->state, "count", HELD, attr->map_batch.count);
	for (uint32_t i = 0; i < HELD; i++) {
		expect_u64(world->state, "value of the batch",
			   world->keys[i] * 3, world->values[i]);
		sum += world->keys[i];
		expect_error(
			world->state, "lookup of a deleted element", ENOENT,
			lookup_u64(world->map_fd, &world->keys[i], &value));
	}
	expect_u64(world->state, "sum of the keys", 1 + 2 + 3 + 4, sum);
	expect_u64(world->state, "memory behind the keys", 0,
		   world->keys[HELD]);
}

const struct witness witness_map_lookup_and_delete_batch = {
	.make = make,
	.arm = arm,
	.check = check,
	.good_end = -ENOENT,
};

void map_lookup_and_delete_batch__closed_fd(void **state)
{
	judge_broken(state, break_batch_map_fd);
}

void map_lookup_and_delete_batch__array(void **state)
{
	static struct batch_map map;
	struct bpfsys_map_batch_attr attr;
	int ret;

	batch_map_make(&map, state, &batch_array);
	batch_attr(&map, 1, &attr);
	ret = bpfsys_map_lookup_and_delete_batch(&attr);
	batch_map_drop(&map);
	expect_errno(state, ret);
}

static void walk(void **state, const struct batch_type *type)
{
	static struct batch_map map;

	for (uint32_t step = 16; step <= N_ELEMS; step *= 2) {
		batch_map_make(&map, state, type);
		batch_map_fill(&map);
		batch_walk(&map, bpfsys_map_lookup_and_delete_batch, step);
		expect_u64(state, "elements in the map after the walk", 0,
			   batch_map_held(&map));
		batch_map_drop(&map);
	}
}

void map_lookup_and_delete_batch__walk_hash(void **state)
{
	walk(state, &batch_hash);
}

void map_lookup_and_delete_batch__walk_percpu_hash(void **state)
{
	walk(state, &batch_percpu_hash);
}

void map_lookup_and_delete_batch__null_keys(void **state)
{
	judge_broken(state, break_batch_keys);
}

void map_lookup_and_delete_batch__unknown_elem_flag(void **state)
{
	judge_broken(state, break_batch_elem_flags);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_LOOKUP_BATCH. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_batch.h"

/* Half of an array: what a batch takes is certain, and there is more. */
static void make(struct world *world)
{
	world->map_fd = make_map(world->state, BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);
	world->zero_fd = world->map_fd;
	for (uint32_t i = 0; i < 4; i++) {
		uint64_t value = i + 1;

		put_elem(world->state, world->map_fd, &i, &value);
	}
}

static void arm(struct world *world, union argument *attr)
{
	memset(world->batch, 0, sizeof(world->batch));
	memset(world->keys, 0, 64);
	memset(world->values, 0, 64);
	attr->map_batch.map_fd = (uint32_t)world->map_fd;
	attr->map_batch.out_batch = bpfsys_ptr(world->batch);
	attr->map_batch.keys = bpfsys_ptr(world->keys);
	attr->map_batch.values = bpfsys_ptr(world->values);
	attr->map_batch.count = 2;
}

static void check(struct world *world, const union argument *attr, int ret)
{
	const uint64_t values[] = {1, 2, 0};
	const uint32_t keys[] = {0, 1, 0};

	(void)ret;
	expect_u64(world->state, "count", 2, attr->map_batch.count);
	expect_mem(world->state, "keys", keys, world->keys, sizeof(keys));
	expect_mem(world->state, "values", values, world->values,
		   sizeof(values));
	/* Generic batches go on behind the last key. */
	expect_mem(world->state, "*out_batch", &keys[1], world->batch, 4);
}

const struct witness witness_map_lookup_batch = {
	.make = make,
	.arm = arm,
	.check = check,
};

void map_lookup_batch__closed_fd(void **state)
{
	judge_broken(state, break_batch_map_fd);
}

static void want_more(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_batch.count = 5;
}

void map_lookup_batch__end_of_map(void **state)
{
	judge_broken(state, want_more);
}

void map_lookup_batch__unknown_elem_flag(void **state)
{
	judge_broken(state, break_batch_elem_flags);
}

void map_lookup_batch__unsupported_type(void **state)
{
	struct bpfsys_map_batch_attr attr;
	uint64_t value;
	int ret, map_fd = make_map(state, BPF_MAP_TYPE_QUEUE, 0, 8, 4, 0);

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.values = bpfsys_ptr(&value);
	attr.count = 1;
	ret = bpfsys_map_lookup_batch(&attr);
	close(map_fd);
	expect_errno(state, ret);
}

static void walk(void **state, const struct batch_type *type)
{
	static struct batch_map map;

	for (uint32_t step = 16; step <= N_ELEMS; step *= 2) {
		batch_map_make(&map, state, type);
		batch_map_fill(&map);
		batch_walk(&map, bpfsys_map_lookup_batch, step);
		expect_u64(state, "elements in the map after the walk", N_ELEMS,
			   batch_map_held(&map));
		batch_map_drop(&map);
	}
}

void map_lookup_batch__walk_hash(void **state)
{
	walk(state, &batch_hash);
}

void map_lookup_batch__walk_percpu_hash(void **state)
{
	walk(state, &batch_percpu_hash);
}

void map_lookup_batch__walk_array(void **state)
{
	walk(state, &batch_array);
}

void map_lookup_batch__walk_lpm_trie(void **state)
{
	walk(state, &batch_lpm_trie);
}

void map_lookup_batch__walk_percpu_array(void **state)
{
	walk(state, &batch_percpu_array);
}

/* One element at a time, and three, which do not go into the whole. */
void map_lookup_batch__small_steps(void **state)
{
	static const struct batch_type *const types[] = {&batch_array,
							 &batch_lpm_trie};
	static struct batch_map map;

	for (size_t i = 0; i < 4; i++) {
		batch_map_make(&map, state, types[i / 2]);
		batch_map_fill(&map);
		batch_walk(&map, bpfsys_map_lookup_batch, i % 2 ? 3 : 1);
		batch_map_drop(&map);
	}
}

void map_lookup_batch__count_zero(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	attr.map_batch.count = 0;
	ret = bpfsys_map_lookup_batch(&attr.map_batch);
	world_drop(&world);
	expect_ok(state, "a batch of count 0", ret);
	expect_u64(state, "count", 0, attr.map_batch.count);
	expect_u64(state, "*out_batch", 0, world.batch[0]);
}

void map_lookup_batch__null_keys(void **state)
{
	judge_broken(state, break_batch_keys);
}

static void write_only_array(struct world *world, union argument *attr)
{
	close(world->map_fd);
	world->map_fd = make_map(world->state, BPF_MAP_TYPE_ARRAY, 4, 8, 4,
				 BPF_F_WRONLY);
	attr->map_batch.map_fd = (uint32_t)world->map_fd;
}

void map_lookup_batch__write_only(void **state)
{
	judge_broken(state, write_only_array);
}

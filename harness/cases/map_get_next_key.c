// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_GET_NEXT_KEY. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_elem.h"

/* From the beginning: the only key is the first. */
static void arm(struct world *world, union argument *attr)
{
	world->keys[1] = world->keys[2] = 0;
	attr->map_elem.map_fd = (uint32_t)world->map_fd;
	attr->map_elem.next_key = bpfsys_ptr(&world->keys[1]);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	(void)attr;
	(void)ret;
	expect_u64(world->state, "first key", ELEM_KEY, world->keys[1]);
	expect_u64(world->state, "memory behind the key", 0, world->keys[2]);
}

const struct witness witness_map_get_next_key = {
	.make = make_hash,
	.arm = arm,
	.check = check,
};

void map_get_next_key__closed_fd(void **state)
{
	judge_broken(state, break_map_fd);
}

static void from_last(struct world *world, union argument *attr)
{
	attr->map_elem.key = bpfsys_ptr(&world->keys[0]);
}

void map_get_next_key__last_key(void **state)
{
	judge_broken(state, from_last);
}

void map_get_next_key__null_next_key(void **state)
{
	judge_broken(state, break_value);
}

void map_get_next_key__unknown_key_restarts(void **state)
{
	struct bpfsys_map_elem_attr attr;
	uint64_t unknown = ELEM_KEY + 1, next = 0;
	struct world world;
	int ret;

	world_make(&world, state);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)world.map_fd;
	attr.key = bpfsys_ptr(&unknown);
	attr.next_key = bpfsys_ptr(&next);
	ret = bpfsys_map_get_next_key(&attr);
	world_drop(&world);
	expect_ok(state, "next key after one that is not in the map", ret);
	expect_u64(state, "first key", ELEM_KEY, next);
}

void map_get_next_key__array_walk(void **state)
{
	struct bpfsys_map_elem_attr attr;
	int map_fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 3, 0);
	uint32_t key = 0, next = UINT32_MAX;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.next_key = bpfsys_ptr(&next);
	for (uint32_t want = 0; want < 3; want++) {
		ret = bpfsys_map_get_next_key(&attr);
		expect_ok(state, "next key of an array", ret);
		expect_u64(state, "next key of an array", want, next);
		key = next;
		attr.key = bpfsys_ptr(&key);
	}
	ret = bpfsys_map_get_next_key(&attr);
	close(map_fd);
	expect_error(state, "next key after the last", ENOENT, ret);
	expect_u64(state, "next_key after the walk ended", 2, next);
}

void map_get_next_key__write_only(void **state)
{
	judge_broken(state, break_write_only);
}

static void break_queue(struct world *world, union argument *attr)
{
	close(world->map_fd);
	world->map_fd = make_map(world->state, BPF_MAP_TYPE_QUEUE, 0, 8, 4, 0);
	attr->map_elem.map_fd = (uint32_t)world->map_fd;
}

void map_get_next_key__queue(void **state)
{
	judge_broken(state, break_queue);
}

static void unreadable(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.key = 8;
}

void map_get_next_key__unreadable_key(void **state)
{
	judge_broken(state, unreadable);
}

static void queue_with_key(struct world *world, union argument *attr)
{
	break_queue(world, attr);
	attr->map_elem.key = bpfsys_ptr(&world->keys[0]);
}

void map_get_next_key__key_of_a_queue(void **state)
{
	judge_broken(state, queue_with_key);
}

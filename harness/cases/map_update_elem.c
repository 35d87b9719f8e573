// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_UPDATE_ELEM. */
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_elem.h"

#define NEW_VALUE 0x0123456789abcdefULL

static void arm(struct world *world, union argument *attr)
{
	arm_elem(world, attr, NEW_VALUE);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	uint64_t value = 0;

	(void)attr;
	(void)ret;
	expect_ok(world->state, "lookup of what was stored",
		  lookup_u64(world->map_fd, &world->keys[0], &value));
	expect_u64(world->state, "value stored", NEW_VALUE, value);
}

const struct witness witness_map_update_elem = {
	.make = make_hash,
	.arm = arm,
	.check = check,
};

void map_update_elem__closed_fd(void **state)
{
	judge_broken(state, break_map_fd);
}

static void only_new(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.flags = BPF_NOEXIST;
}

void map_update_elem__key_exists(void **state)
{
	judge_broken(state, only_new);
}

static void only_old(struct world *world, union argument *attr)
{
	world->keys[0]++;
	attr->map_elem.flags = BPF_EXIST;
}

void map_update_elem__key_missing(void **state)
{
	judge_broken(state, only_old);
}

/* The map has room for four and holds one. */
static void fill(struct world *world, union argument *attr)
{
	(void)attr;
	for (int i = 0; i < 3; i++) {
		world->keys[0]++;
		put_elem(world->state, world->map_fd, &world->keys[0],
			 &world->values[0]);
	}
	world->keys[0]++;
}

void map_update_elem__full(void **state)
{
	judge_broken(state, fill);
}

void map_update_elem__frozen(void **state)
{
	judge_broken(state, break_frozen);
}

void map_update_elem__null_value(void **state)
{
	judge_broken(state, break_value);
}

void map_update_elem__read_only(void **state)
{
	judge_broken(state, break_read_only);
}

static void break_unknown_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.flags = BPF_EXIST + 1;
}

void map_update_elem__unknown_flag(void **state)
{
	judge_broken(state, break_unknown_flag);
}

static void break_array_index(struct world *world, union argument *attr)
{
	close(world->map_fd);
	world->map_fd = make_map(world->state, BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);
	attr->map_elem.map_fd = (uint32_t)world->map_fd;
	world->keys[0] = 0;
	memset(&world->keys[0], 0x7f, 4);
}

void map_update_elem__array_index(void **state)
{
	judge_broken(state, break_array_index);
}

static void break_array_noexist(struct world *world, union argument *attr)
{
	close(world->map_fd);
	world->map_fd = make_map(world->state, BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);
	attr->map_elem.map_fd = (uint32_t)world->map_fd;
	world->keys[0] = 0;
	attr->map_elem.flags = BPF_NOEXIST;
}

void map_update_elem__array_noexist(void **state)
{
	judge_broken(state, break_array_noexist);
}

void map_update_elem__null_key(void **state)
{
	judge_broken(state, break_key);
}

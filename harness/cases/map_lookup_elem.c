// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_LOOKUP_ELEM. */
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_elem.h"

static void arm(struct world *world, union argument *attr)
{
	arm_elem(world, attr, 0);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	(void)attr;
	(void)ret;
	expect_u64(world->state, "value found", ELEM_VALUE, world->values[0]);
	expect_u64(world->state, "memory behind the value", 0,
		   world->values[1]);
}

const struct witness witness_map_lookup_elem = {
	.make = make_hash,
	.arm = arm,
	.check = check,
};

void map_lookup_elem__closed_fd(void **state)
{
	judge_broken(state, break_map_fd);
}

static void use_stdin(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.map_fd = 0;
}

void map_lookup_elem__not_a_map(void **state)
{
	judge_broken(state, use_stdin);
}

static void other_key(struct world *world, union argument *attr)
{
	(void)attr;
	world->keys[0]++;
}

void map_lookup_elem__no_such_key(void **state)
{
	judge_broken(state, other_key);
}

void map_lookup_elem__null_key(void **state)
{
	judge_broken(state, break_key);
}

static void high_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.flags = 1ULL << 20;
}

void map_lookup_elem__unknown_flag(void **state)
{
	judge_broken(state, high_flag);
}

void map_lookup_elem__percpu_values(void **state)
{
	unsigned int cpus = kernel_possible_cpus();
	uint64_t in[256], out[256] = {0};
	uint32_t key = 1;
	int map_fd = make_map(state, BPF_MAP_TYPE_PERCPU_ARRAY, 4, 4, 2, 0);
	int ret;

	expect_range(state, "possible CPUs", 1, 255, cpus);
	/* Values of 4 bytes lie 8 apart; the kernel zeroes what is between. */
	for (unsigned int i = 0; i < cpus; i++)
		in[i] = i + 1;
	put_elem(state, map_fd, &key, in);
	ret = lookup_u64(map_fd, &key, out);
	close(map_fd);
	expect_ok(state, "lookup in a per-CPU array", ret);
	expect_mem(state, "values of all possible CPUs", in, out, 8UL * cpus);
	expect_u64(state, "memory behind the values", 0, out[cpus]);
}

void map_lookup_elem__write_only(void **state)
{
	judge_broken(state, break_write_only);
}

static void break_lock_without_lock(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.flags = BPF_F_LOCK;
}

void map_lookup_elem__lock_without_lock(void **state)
{
	judge_broken(state, break_lock_without_lock);
}

void map_lookup_elem__null_value(void **state)
{
	judge_broken(state, break_value);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_{PROG,MAP,BTF,LINK}_GET_NEXT_ID: one walk, four kinds of object. */
#include <string.h>

#include "callers.h"
#include "catalogue.h"
#include "ids.h"
#include "objects.h"

/* The walk starts just below the object. */
static void arm(struct world *world, union argument *attr)
{
	attr->get_id.start_id = world->id - 1;
}

static void check(struct world *world, const union argument *attr, int ret)
{
	(void)ret;
	expect_u64(world->state, "next_id", world->id, attr->get_id.next_id);
	expect_u64(world->state, "start_id", world->id - 1,
		   attr->get_id.start_id);
}

const struct witness witness_prog_get_next_id = {
	.make = make_prog_id,
	.arm = arm,
	.check = check,
};
const struct witness witness_map_get_next_id = {
	.make = make_map_id,
	.arm = arm,
	.check = check,
};
const struct witness witness_btf_get_next_id = {
	.make = make_btf_id,
	.arm = arm,
	.check = check,
};
const struct witness witness_link_get_next_id = {
	.make = make_link_id,
	.arm = arm,
	.check = check,
};

/* Ids are given out in rising order, below INT_MAX. */
static void from_the_top(struct world *world, union argument *attr)
{
	(void)world;
	attr->get_id.start_id = 0x7ffffffe;
}

void prog_get_next_id__no_next(void **state)
{
	judge_broken(state, from_the_top);
}

void map_get_next_id__no_next(void **state)
{
	judge_broken(state, from_the_top);
}

void btf_get_next_id__no_next(void **state)
{
	judge_broken(state, from_the_top);
}

void link_get_next_id__no_next(void **state)
{
	judge_broken(state, from_the_top);
}

static void above_all(struct world *world, union argument *attr)
{
	(void)world;
	attr->get_id.start_id = 0x7fffffff;
}

void prog_get_next_id__start_too_large(void **state)
{
	judge_broken(state, above_all);
}

void map_get_next_id__start_too_large(void **state)
{
	judge_broken(state, above_all);
}

void btf_get_next_id__start_too_large(void **state)
{
	judge_broken(state, above_all);
}

void link_get_next_id__start_too_large(void **state)
{
	judge_broken(state, above_all);
}

void prog_get_next_id__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void map_get_next_id__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void btf_get_next_id__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void link_get_next_id__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void prog_get_next_id__read_only_attr(void **state)
{
	judge_read_only_attr(state);
}

void map_get_next_id__read_only_attr(void **state)
{
	judge_read_only_attr(state);
}

void btf_get_next_id__read_only_attr(void **state)
{
	judge_read_only_attr(state);
}

void link_get_next_id__read_only_attr(void **state)
{
	judge_read_only_attr(state);
}

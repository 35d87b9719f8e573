// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_DELETE_ELEM. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_elem.h"

static void arm(struct world *world, union argument *attr)
{
	arm_elem(world, attr, ELEM_VALUE);
	put_elem(world->state, world->map_fd, &world->keys[0],
		 &world->values[0]);
	/* The command takes no value. */
	attr->map_elem.value = 0;
}

static void check(struct world *world, const union argument *attr, int ret)
{
	uint64_t value;

	(void)attr;
	(void)ret;
	expect_error(world->state, "lookup of what was deleted", ENOENT,
		     lookup_u64(world->map_fd, &world->keys[0], &value));
}

const struct witness witness_map_delete_elem = {
	.make = make_hash,
	.arm = arm,
	.check = check,
};

void map_delete_elem__closed_fd(void **state)
{
	judge_broken(state, break_map_fd);
}

static void other_key(struct world *world, union argument *attr)
{
	(void)attr;
	world->keys[0]++;
}

void map_delete_elem__no_such_key(void **state)
{
	judge_broken(state, other_key);
}

void map_delete_elem__array(void **state)
{
	struct bpfsys_map_elem_attr attr;
	uint32_t key = 1;
	int map_fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(&key);
	ret = bpfsys_map_delete_elem(&attr);
	close(map_fd);
	expect_errno(state, ret);
}

void map_delete_elem__read_only(void **state)
{
	judge_broken(state, break_read_only);
}

void map_delete_elem__frozen(void **state)
{
	judge_broken(state, break_frozen);
}

void map_delete_elem__null_key(void **state)
{
	judge_broken(state, break_key);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_LOOKUP_AND_DELETE_ELEM: since 4.20 for queues and stacks, which every
 * supported kernel has; hash maps came in 5.14. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_elem.h"

static void make(struct world *world)
{
	world->map_fd =
		make_map(world->state, BPF_MAP_TYPE_QUEUE, 0, 8, 600, 0);
	world->zero_fd = world->map_fd;
}

/* The queue holds exactly one element before each call. */
static void arm(struct world *world, union argument *attr)
{
	struct bpfsys_map_elem_attr elem;
	uint64_t old;

	memset(&elem, 0, sizeof(elem));
	elem.map_fd = (uint32_t)world->map_fd;
	elem.value = bpfsys_ptr(&old);
	while (bpfsys_map_lookup_and_delete_elem(&elem) == 0)
		;
	world->values[0] = ELEM_VALUE;
	elem.value = bpfsys_ptr(&world->values[0]);
	need(world->state, "push", bpfsys_map_update_elem(&elem));
	world->values[0] = 0;
	attr->map_elem.map_fd = (uint32_t)world->map_fd;
	attr->map_elem.value = bpfsys_ptr(&world->values[0]);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	union argument again = *attr;

	(void)ret;
	expect_u64(world->state, "value popped", ELEM_VALUE, world->values[0]);
	expect_error(world->state, "a second pop", ENOENT,
		     bpfsys_map_lookup_and_delete_elem(&again.map_elem));
}

const struct witness witness_map_lookup_and_delete_elem = {
	.make = make,
	.arm = arm,
	.check = check,
};

void map_lookup_and_delete_elem__closed_fd(void **state)
{
	judge_broken(state, break_map_fd);
}

static void pop(struct world *world, union argument *attr)
{
	need(world->state, "pop",
	     bpfsys_map_lookup_and_delete_elem(&attr->map_elem));
}

void map_lookup_and_delete_elem__empty_queue(void **state)
{
	judge_broken(state, pop);
}

/* In the MAP_TYPE of 8-byte keys and values, the element goes with the call. */
static int take(void **state, uint32_t map_type, uint64_t *value, int *again)
{
	struct bpfsys_map_elem_attr attr;
	uint64_t key = ELEM_KEY, in = ELEM_VALUE;
	int map_fd = make_map(state, map_type, 8, 8, 4, 0);
	int ret;

	put_elem(state, map_fd, &key, &in);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(value);
	ret = bpfsys_map_lookup_and_delete_elem(&attr);
	*again = lookup_u64(map_fd, &key, &in);
	close(map_fd);
	return ret;
}

void map_lookup_and_delete_elem__array(void **state)
{
	struct bpfsys_map_elem_attr attr;
	uint64_t value;
	uint32_t key = 0;
	int map_fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0);
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(&value);
	ret = bpfsys_map_lookup_and_delete_elem(&attr);
	close(map_fd);
	expect_errno(state, ret);
}

void map_lookup_and_delete_elem__hash(void **state)
{
	uint32_t offset, size;
	uint64_t value = 0;
	bool has = kernel_member("bpf_map_ops.map_lookup_and_delete_elem",
				 &offset, &size);
	int again, ret = take(state, BPF_MAP_TYPE_HASH, &value, &again);

	if (!has && ret == -BPFSYS_ENOTSUPP)
		skip_case(state, "hash maps came in 5.14: this kernel has no "
				 "bpf_map_ops.map_lookup_and_delete_elem and "
				 "says ENOTSUPP");
	expect_ok(state, "lookup and delete in a hash", ret);
	expect_u64(state, "value taken", ELEM_VALUE, value);
	expect_error(state, "lookup of what was taken", ENOENT, again);
}

static void break_unknown_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.flags = BPF_F_LOCK;
}

void map_lookup_and_delete_elem__unknown_flag(void **state)
{
	judge_broken(state, break_unknown_flag);
}

static void break_key_of_a_queue(struct world *world, union argument *attr)
{
	attr->map_elem.key = bpfsys_ptr(&world->keys[0]);
}

void map_lookup_and_delete_elem__key_of_a_queue(void **state)
{
	judge_broken(state, break_key_of_a_queue);
}

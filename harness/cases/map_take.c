// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_LOOKUP_AND_DELETE_ELEM: who may, on what, and what is left when it
 * fails. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_elem.h"
#include "map_typed.h"

static void break_not_a_map(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.map_fd = 0;
}

void map_lookup_and_delete_elem__not_a_map(void **state)
{
	judge_broken(state, break_not_a_map);
}

/* A queue for one kind of access; what it holds does not come into it. */
static void remake(struct world *world, union argument *attr, uint32_t flags)
{
	close(world->map_fd);
	world->map_fd =
		make_map(world->state, BPF_MAP_TYPE_QUEUE, 0, 8, 4, flags);
	attr->map_elem.map_fd = (uint32_t)world->map_fd;
}

static void only_read(struct world *world, union argument *attr)
{
	remake(world, attr, BPF_F_RDONLY);
}

void map_lookup_and_delete_elem__read_only(void **state)
{
	judge_broken(state, only_read);
}

static void only_write(struct world *world, union argument *attr)
{
	remake(world, attr, BPF_F_WRONLY);
}

void map_lookup_and_delete_elem__write_only(void **state)
{
	judge_broken(state, only_write);
}

void map_lookup_and_delete_elem__frozen(void **state)
{
	judge_broken(state, break_frozen);
}

static void odd_flags(struct world *world, union argument *attr)
{
	attr->map_elem.map_fd = (uint32_t)world->map_fd;
	attr->map_elem.flags = BPF_NOEXIST;
}

void map_lookup_and_delete_elem__any_unknown_flag(void **state)
{
	judge_broken(state, odd_flags);
}

/* The kinds of hash, which came in 5.14. */
static const enum map_number hashes[] = {SHAPE_HASH, SHAPE_PERCPU_HASH,
					 SHAPE_LRU_HASH, SHAPE_LRU_PERCPU_HASH,
					 SHAPE_RHASH};

static void need_hashes(void **state)
{
	uint32_t offset, size;
	struct typed map;
	int ret;

	if (kernel_member("bpf_map_ops.map_lookup_and_delete_elem", &offset,
			  &size))
		return;
	typed_need(&map, state, SHAPE_HASH);
	ret = typed_call(&map, bpfsys_map_lookup_and_delete_elem, 1, 0, 0);
	typed_drop(&map);
	if (!kernel_has_btf() && ret != -BPFSYS_ENOTSUPP)
		return;
	expect_error(state, "a hash before 5.14", BPFSYS_ENOTSUPP, ret);
	skip_case(state, "hash maps came in 5.14: ENOTSUPP");
}

/* FLAGS and pointers of a call on each kind of hash that holds the key 7.
 * KEEPS: the element is there after the call. */
static void judge_hashes(void **state, uint64_t flags, bool no_key,
			 bool no_value, bool keeps)
{
	struct bpfsys_map_elem_attr attr;
	struct run *run = *state;
	struct typed map;
	int ret, after;

	need_hashes(state);
	for (size_t i = 0; i < COUNT_OF(hashes); i++) {
		if (!typed_make(&map, state, hashes[i]))
			continue;
		typed_put(&map, 7, 1);
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (uint32_t)map.fd;
		attr.key = no_key ? 0 : bpfsys_ptr(map.key);
		attr.value = no_value ? 0 : bpfsys_ptr(map.value);
		attr.flags = flags;
		ret = bpfsys_map_lookup_and_delete_elem(&attr);
		after = typed_call(&map, bpfsys_map_lookup_elem, 7, 0, 0);
		typed_drop(&map);
		expect_error(state, map.shape->name, run->which->err, ret);
		expect_error(state, "lookup after it", keeps ? 0 : ENOENT,
			     after);
	}
}

void map_lookup_and_delete_elem__lock_without_lock(void **state)
{
	judge_hashes(state, BPF_F_LOCK, false, false, true);
}

void map_lookup_and_delete_elem__null_key(void **state)
{
	judge_hashes(state, 0, true, false, true);
}

/* Copied out after it was deleted: map_lookup_and_delete_elem(). */
void map_lookup_and_delete_elem__null_value(void **state)
{
	judge_hashes(state, 0, false, true, false);
}

void map_lookup_and_delete_elem__no_such_key(void **state)
{
	const struct typed_try try = {bpfsys_map_lookup_and_delete_elem, 0, 0,
				      0};

	need_hashes(state);
	refuse_types(state, hashes, COUNT_OF(hashes), &try);
}

/* The value comes, once; the other element stays. */
void map_lookup_and_delete_elem__hashes(void **state)
{
	struct typed map;

	need_hashes(state);
	for (size_t i = 0; i < COUNT_OF(hashes); i++) {
		if (!typed_make(&map, state, hashes[i]))
			continue;
		typed_put(&map, 7, 70);
		typed_put(&map, 8, 80);
		expect_ok(state, map.shape->name,
			  typed_call(&map, bpfsys_map_lookup_and_delete_elem, 7,
				     0, 0));
		expect_u64(state, "value taken", 70, map.value[0]);
		expect_error(state, "lookup of what was taken", ENOENT,
			     typed_call(&map, bpfsys_map_lookup_elem, 7, 0, 0));
		expect_ok(state, "lookup of what was not taken",
			  typed_call(&map, bpfsys_map_lookup_elem, 8, 0, 0));
		expect_u64(state, "value not taken", 80, map.value[0]);
		typed_drop(&map);
	}
}

/* One element at a time, more than there is room for: what is not given back,
 * or still counted, is missed. */
static void come_and_go(struct typed *map)
{
	void **state = map->state;

	for (uint32_t key = 0; key < 32; key++) {
		expect_ok(state, "an element in a hash that is empty",
			  typed_call(map, bpfsys_map_update_elem, key, key + 1,
				     BPF_NOEXIST));
		expect_ok(state, map->shape->name,
			  typed_call(map, bpfsys_map_lookup_and_delete_elem,
				     key, 0, 0));
		expect_u64(state, "value taken", key + 1, map->value[0]);
	}
	expect_error(state, "the first key of an empty hash", ENOENT,
		     typed_call(map, bpfsys_map_get_next_key, 0, 0, 0));
}

void map_lookup_and_delete_elem__hashes_again(void **state)
{
	static const enum map_number dynamic[] = {SHAPE_HASH,
						  SHAPE_PERCPU_HASH};
	struct typed map;

	need_hashes(state);
	for (size_t i = 0; i < COUNT_OF(hashes); i++) {
		if (!typed_make(&map, state, hashes[i]))
			continue;
		come_and_go(&map);
		typed_drop(&map);
	}
	for (size_t i = 0; i < COUNT_OF(dynamic); i++) {
		typed_need(&map, state, dynamic[i]);
		typed_drop(&map);
		map.fd =
			make_map(state, dynamic[i], 4, 8, 4, BPF_F_NO_PREALLOC);
		come_and_go(&map);
		typed_drop(&map);
	}
}

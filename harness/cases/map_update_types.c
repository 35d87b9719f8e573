// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_UPDATE_ELEM on maps of every type: flags, indices, room. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "known.h"
#include "map_typed.h"

static void refuse(void **state, const enum map_number *types, size_t count,
		   uint32_t key, uint32_t value, uint64_t flags)
{
	const struct typed_try update = {bpfsys_map_update_elem, key, value,
					 flags};

	refuse_types(state, types, count, &update);
}

void map_update_elem__unsupported(void **state)
{
	static const enum map_number types[] = {SHAPE_RINGBUF,
						SHAPE_USER_RINGBUF};

	refuse(state, types, COUNT_OF(types), 0, 0, BPF_ANY);
}

void map_update_elem__arena(void **state)
{
	static const enum map_number types[] = {SHAPE_ARENA};

	close(shape_make_needed(state, SHAPE_ARENA));
	refuse(state, types, COUNT_OF(types), 0, 0, BPF_ANY);
}

void map_update_elem__stack_trace(void **state)
{
	static const enum map_number types[] = {SHAPE_STACK_TRACE};

	refuse(state, types, COUNT_OF(types), 0, 0, BPF_ANY);
	refuse(state, types, COUNT_OF(types), 0, 0, BPF_EXIST);
}

/* All of four slots but one of a CPU. */
void map_update_elem__index(void **state)
{
	static const enum map_number types[] = {
		SHAPE_ARRAY,	    SHAPE_PERCPU_ARRAY,
		SHAPE_PROG_ARRAY,   SHAPE_PERF_EVENT_ARRAY,
		SHAPE_CGROUP_ARRAY, SHAPE_ARRAY_OF_MAPS,
		SHAPE_DEVMAP,	    SHAPE_CPUMAP,
		SHAPE_XSKMAP,	    SHAPE_REUSEPORT_SOCKARRAY,
		SHAPE_INSN_ARRAY};

	refuse(state, types, COUNT_OF(types), 4, 0, BPF_ANY);
	refuse(state, types, COUNT_OF(types), UINT32_MAX, 0, BPF_ANY);
}

void map_update_elem__struct_ops_key(void **state)
{
	static const enum map_number types[] = {SHAPE_STRUCT_OPS};

	refuse(state, types, COUNT_OF(types), 1, 0, BPF_ANY);
}

void map_update_elem__slot_noexist(void **state)
{
	static const enum map_number types[] = {SHAPE_ARRAY, SHAPE_PERCPU_ARRAY,
						SHAPE_DEVMAP, SHAPE_CPUMAP,
						SHAPE_INSN_ARRAY};

	refuse(state, types, COUNT_OF(types), 0, 0, BPF_NOEXIST);
}

void map_update_elem__only_any(void **state)
{
	static const enum map_number types[] = {
		SHAPE_PROG_ARRAY, SHAPE_PERF_EVENT_ARRAY, SHAPE_CGROUP_ARRAY,
		SHAPE_ARRAY_OF_MAPS, SHAPE_BLOOM_FILTER};

	refuse(state, types, COUNT_OF(types), 0, 0, BPF_NOEXIST);
	refuse(state, types, COUNT_OF(types), 0, 0, BPF_EXIST);
}

void map_update_elem__no_noexist(void **state)
{
	static const enum map_number types[] = {SHAPE_QUEUE, SHAPE_STACK,
						SHAPE_CGROUP_STORAGE,
						SHAPE_PERCPU_CGROUP_STORAGE};

	refuse(state, types, COUNT_OF(types), 0, 0, BPF_NOEXIST);
}

void map_update_elem__type_unknown_flag(void **state)
{
	static const enum map_number types[] = {SHAPE_HASH,
						SHAPE_ARRAY,
						SHAPE_LRU_HASH,
						SHAPE_RHASH,
						SHAPE_LPM_TRIE,
						SHAPE_QUEUE,
						SHAPE_STACK,
						SHAPE_BLOOM_FILTER,
						SHAPE_DEVMAP,
						SHAPE_DEVMAP_HASH,
						SHAPE_CPUMAP,
						SHAPE_XSKMAP,
						SHAPE_PROG_ARRAY,
						SHAPE_PERF_EVENT_ARRAY,
						SHAPE_CGROUP_ARRAY,
						SHAPE_ARRAY_OF_MAPS,
						SHAPE_HASH_OF_MAPS,
						SHAPE_REUSEPORT_SOCKARRAY,
						SHAPE_STRUCT_OPS,
						SHAPE_CGROUP_STORAGE,
						SHAPE_PERCPU_CGROUP_STORAGE};
	static const enum map_number percpu[] = {
		SHAPE_PERCPU_HASH, SHAPE_PERCPU_ARRAY, SHAPE_LRU_PERCPU_HASH};
	static const uint64_t flags[] = {32, 1ULL << 31, 1ULL << 32};

	/* Where 1 is a good value, and 0 is none. */
	static const enum map_number devices[] = {
		SHAPE_DEVMAP, SHAPE_DEVMAP_HASH, SHAPE_CPUMAP};

	refuse(state, types, COUNT_OF(types), 0, 0, BPF_EXIST + 1);
	refuse(state, devices, COUNT_OF(devices), 0, 1, BPF_EXIST + 1);
	for (size_t i = 0; i < COUNT_OF(flags); i++) {
		refuse(state, types, COUNT_OF(types), 0, 0, flags[i]);
		refuse(state, devices, COUNT_OF(devices), 0, 1, flags[i]);
		refuse(state, percpu, COUNT_OF(percpu), 0, 0, flags[i]);
	}
}

void map_update_elem__percpu_both(void **state)
{
	static const enum map_number types[] = {
		SHAPE_PERCPU_HASH, SHAPE_PERCPU_ARRAY, SHAPE_LRU_PERCPU_HASH};
	struct typed map;
	int ret;

	typed_need(&map, state, SHAPE_PERCPU_HASH);
	ret = typed_call(&map, bpfsys_map_update_elem, 0, 0,
			 BPF_NOEXIST | BPF_EXIST);
	typed_drop(&map);
	if (ret == 0 && is_known(state, "success"))
		return;
	refuse(state, types, COUNT_OF(types), 0, 0, BPF_NOEXIST | BPF_EXIST);
}

static const enum map_number keyed[] = {SHAPE_HASH,	SHAPE_PERCPU_HASH,
					SHAPE_LRU_HASH, SHAPE_LRU_PERCPU_HASH,
					SHAPE_RHASH,	SHAPE_DEVMAP_HASH};

/* Storing 1, which is the loopback device for a devmap. */
void map_update_elem__type_key_exists(void **state)
{
	struct run *run = *state;
	struct typed map;
	int ret;

	for (size_t i = 0; i < COUNT_OF(keyed); i++) {
		if (!typed_make(&map, state, keyed[i]))
			continue;
		typed_put(&map, 9, 1);
		ret = typed_call(&map, bpfsys_map_update_elem, 9, 1,
				 BPF_NOEXIST);
		typed_drop(&map);
		expect_error(state, map.shape->name, run->which->err, ret);
	}
}

void map_update_elem__type_key_missing(void **state)
{
	struct run *run = *state;
	struct typed map;
	int ret;

	for (size_t i = 0; i < COUNT_OF(keyed); i++) {
		/* A devmap takes BPF_EXIST for a key that is not there. */
		if (keyed[i] == SHAPE_DEVMAP_HASH ||
		    !typed_make(&map, state, keyed[i]))
			continue;
		ret = typed_call(&map, bpfsys_map_update_elem, 9, 1, BPF_EXIST);
		typed_drop(&map);
		expect_error(state, map.shape->name, run->which->err, ret);
	}
}

/* Four elements, and one more. Flags of a full queue: BPF_EXIST drops the
 * oldest, queue_stack_map_push_elem(). */
static int fill_and_add(struct typed *map)
{
	for (uint32_t i = 0; i < 4; i++)
		typed_put(map, i, 1);
	return typed_call(map, bpfsys_map_update_elem, 4, 1, BPF_ANY);
}

void map_update_elem__type_full(void **state)
{
	static const enum map_number types[] = {SHAPE_HASH,  SHAPE_PERCPU_HASH,
						SHAPE_RHASH, SHAPE_DEVMAP_HASH,
						SHAPE_QUEUE, SHAPE_STACK};
	struct run *run = *state;
	struct typed map;
	int ret;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (!typed_make(&map, state, types[i]))
			continue;
		ret = fill_and_add(&map);
		typed_drop(&map);
		expect_error(state, map.shape->name, run->which->err, ret);
	}
}

void map_update_elem__no_prealloc_full(void **state)
{
	static const enum map_number types[] = {SHAPE_HASH, SHAPE_PERCPU_HASH};
	struct typed map;
	int ret;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		typed_need(&map, state, types[i]);
		typed_drop(&map);
		map.fd = make_map(state, types[i], 4, 8, 4, BPF_F_NO_PREALLOC);
		ret = fill_and_add(&map);
		expect_error(state, map.shape->name, E2BIG, ret);
		expect_ok(state, "an update of what a full hash holds",
			  typed_call(&map, bpfsys_map_update_elem, 0, 2,
				     BPF_EXIST));
		typed_drop(&map);
	}
}

void map_update_elem__lru_makes_room(void **state)
{
	static const enum map_number types[] = {SHAPE_LRU_HASH,
						SHAPE_LRU_PERCPU_HASH};
	struct typed map;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		typed_need(&map, state, types[i]);
		for (uint32_t key = 0; key < 100; key++)
			typed_put(&map, key, key);
		expect_ok(state, "lookup of the newest element",
			  typed_call(&map, bpfsys_map_lookup_elem, 99, 0, 0));
		expect_u64(state, "newest element", 99, map.value[0]);
		typed_drop(&map);
	}
}

/* BPF_NOEXIST on a prefix that is there, BPF_EXIST on one that is not. */
void map_update_elem__trie_flags(void **state)
{
	struct typed map;
	int there, missing;

	typed_need(&map, state, SHAPE_LPM_TRIE);
	typed_put(&map, 9, 1);
	there = typed_call(&map, bpfsys_map_update_elem, 9, 1, BPF_NOEXIST);
	missing = typed_call(&map, bpfsys_map_update_elem, 8, 1, BPF_EXIST);
	typed_drop(&map);
	if (there == 0 && missing == 0 && is_known(state, "success"))
		return;
	expect_error(state, "BPF_NOEXIST on a prefix that is there", EEXIST,
		     there);
	expect_error(state, "BPF_EXIST on a prefix that is not there", ENOENT,
		     missing);
}

void map_update_elem__trie_full(void **state)
{
	struct typed map;
	int ret;

	typed_need(&map, state, SHAPE_LPM_TRIE);
	ret = fill_and_add(&map);
	typed_drop(&map);
	expect_errno(state, ret);
}

void map_update_elem__trie_full_update(void **state)
{
	struct typed map;
	int ret;

	typed_need(&map, state, SHAPE_LPM_TRIE);
	fill_and_add(&map);
	ret = typed_call(&map, bpfsys_map_update_elem, 0, 2, BPF_ANY);
	typed_drop(&map);
	if (ret == -ENOSPC && is_known(state, "-ENOSPC"))
		return;
	expect_ok(state, "an update of what a full trie holds", ret);
}

/* FN with a prefix of 33 bits, of an address of 32. */
static int call_prefix(void **state, elem_fn *fn, uint32_t prefix)
{
	struct bpfsys_map_elem_attr attr;
	struct typed map;
	int ret;

	typed_need(&map, state, SHAPE_LPM_TRIE);
	map.key[0] = prefix;
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map.fd;
	attr.key = bpfsys_ptr(map.key);
	if (fn != bpfsys_map_delete_elem)
		attr.value = bpfsys_ptr(map.value);
	ret = fn(&attr);
	typed_drop(&map);
	return ret;
}

void map_update_elem__trie_prefix(void **state)
{
	expect_ok(state, "a prefix of all the key",
		  call_prefix(state, bpfsys_map_update_elem, 32));
	expect_ok(state, "a prefix of nothing",
		  call_prefix(state, bpfsys_map_update_elem, 0));
	expect_errno(state, call_prefix(state, bpfsys_map_update_elem, 33));
}

void map_delete_elem__trie_prefix(void **state)
{
	expect_errno(state, call_prefix(state, bpfsys_map_delete_elem, 33));
}

/* Five numbers through a queue or stack of four: the first goes. */
static void push_out(void **state, enum map_number type,
		     const uint32_t order[4])
{
	struct typed map;

	typed_need(&map, state, type);
	for (uint32_t i = 1; i <= 4; i++)
		typed_put(&map, 0, i);
	expect_ok(state, "BPF_EXIST on a full queue or stack",
		  typed_call(&map, bpfsys_map_update_elem, 0, 5, BPF_EXIST));
	for (int i = 0; i < 4; i++) {
		expect_ok(state, "peek",
			  typed_call(&map, bpfsys_map_lookup_elem, 0, 0, 0));
		expect_u64(state, "element peeked", order[i], map.value[0]);
		expect_ok(state, "pop",
			  typed_call(&map, bpfsys_map_lookup_and_delete_elem, 0,
				     0, 0));
		expect_u64(state, "element popped", order[i], map.value[0]);
	}
	expect_error(state, "pop of an empty queue or stack", ENOENT,
		     typed_call(&map, bpfsys_map_lookup_and_delete_elem, 0, 0,
				0));
	typed_drop(&map);
}

void map_update_elem__queue_replaces(void **state)
{
	static const uint32_t order[] = {2, 3, 4, 5};

	push_out(state, SHAPE_QUEUE, order);
}

void map_update_elem__stack_replaces(void **state)
{
	static const uint32_t order[] = {5, 4, 3, 2};

	push_out(state, SHAPE_STACK, order);
}

void map_update_elem__not_a_map(void **state)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.key = attr.value = bpfsys_ptr(&attr);
	expect_errno(state, bpfsys_map_update_elem(&attr));
}

void map_update_elem__lock_without_lock(void **state)
{
	static const enum map_number types[] = {SHAPE_HASH, SHAPE_ARRAY,
						SHAPE_LRU_HASH,
						SHAPE_PERCPU_ARRAY,
						SHAPE_QUEUE};

	refuse(state, types, COUNT_OF(types), 0, 0, BPF_F_LOCK);
}

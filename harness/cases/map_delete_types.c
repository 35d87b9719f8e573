// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_DELETE_ELEM, BPF_MAP_LOOKUP_AND_DELETE_ELEM and BPF_MAP_GET_NEXT_KEY
 * on maps of every type. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_typed.h"

static void refuse_delete(void **state, const enum map_number *types,
			  size_t count, uint32_t key)
{
	const struct typed_try try = {bpfsys_map_delete_elem, key, 0, 0};

	refuse_types(state, types, count, &try);
}

void map_delete_elem__not_a_map(void **state)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.key = bpfsys_ptr(&attr);
	expect_errno(state, bpfsys_map_delete_elem(&attr));
}

void map_delete_elem__no_delete(void **state)
{
	static const enum map_number types[] = {SHAPE_ARRAY,
						SHAPE_PERCPU_ARRAY,
						SHAPE_INSN_ARRAY,
						SHAPE_QUEUE,
						SHAPE_STACK,
						SHAPE_CGROUP_STORAGE,
						SHAPE_PERCPU_CGROUP_STORAGE};

	refuse_delete(state, types, COUNT_OF(types), 0);
}

void map_delete_elem__ringbuf(void **state)
{
	static const enum map_number types[] = {SHAPE_RINGBUF,
						SHAPE_USER_RINGBUF};

	refuse_delete(state, types, COUNT_OF(types), 0);
}

void map_delete_elem__unsupported(void **state)
{
	static const enum map_number types[] = {SHAPE_BLOOM_FILTER,
						SHAPE_ARENA};

	refuse_delete(state, types, COUNT_OF(types), 0);
}

void map_delete_elem__index(void **state)
{
	static const enum map_number types[] = {
		SHAPE_PROG_ARRAY,   SHAPE_PERF_EVENT_ARRAY,
		SHAPE_CGROUP_ARRAY, SHAPE_ARRAY_OF_MAPS,
		SHAPE_STACK_TRACE,  SHAPE_REUSEPORT_SOCKARRAY};

	refuse_delete(state, types, COUNT_OF(types), 4);
	refuse_delete(state, types, COUNT_OF(types), UINT32_MAX);
}

void map_delete_elem__device_index(void **state)
{
	static const enum map_number types[] = {SHAPE_DEVMAP, SHAPE_CPUMAP,
						SHAPE_XSKMAP, SHAPE_SOCKMAP};

	refuse_delete(state, types, COUNT_OF(types), 4);
	refuse_delete(state, types, COUNT_OF(types), UINT32_MAX);
}

void map_delete_elem__empty_socket_slot(void **state)
{
	static const enum map_number types[] = {SHAPE_SOCKMAP};

	refuse_delete(state, types, COUNT_OF(types), 0);
}

void map_delete_elem__empty_slot(void **state)
{
	static const enum map_number types[] = {
		SHAPE_HASH,	    SHAPE_PERCPU_HASH,
		SHAPE_LRU_HASH,	    SHAPE_LRU_PERCPU_HASH,
		SHAPE_RHASH,	    SHAPE_LPM_TRIE,
		SHAPE_HASH_OF_MAPS, SHAPE_DEVMAP_HASH,
		SHAPE_SOCKHASH,	    SHAPE_PROG_ARRAY,
		SHAPE_CGROUP_ARRAY, SHAPE_PERF_EVENT_ARRAY,
		SHAPE_STACK_TRACE,  SHAPE_ARRAY_OF_MAPS,
		SHAPE_STRUCT_OPS,   SHAPE_REUSEPORT_SOCKARRAY};

	refuse_delete(state, types, COUNT_OF(types), 0);
}

static void refuse_next(void **state, const enum map_number *types,
			size_t count, uint32_t key)
{
	const struct typed_try try = {bpfsys_map_get_next_key, key, 0, 0};

	refuse_types(state, types, count, &try);
}

void map_get_next_key__not_a_map(void **state)
{
	struct bpfsys_map_elem_attr attr;
	uint64_t next;

	memset(&attr, 0, sizeof(attr));
	attr.next_key = bpfsys_ptr(&next);
	expect_errno(state, bpfsys_map_get_next_key(&attr));
}

void map_get_next_key__empty_map(void **state)
{
	static const enum map_number types[] = {
		SHAPE_HASH,	     SHAPE_PERCPU_HASH,
		SHAPE_LRU_HASH,	     SHAPE_LRU_PERCPU_HASH,
		SHAPE_RHASH,	     SHAPE_LPM_TRIE,
		SHAPE_HASH_OF_MAPS,  SHAPE_DEVMAP_HASH,
		SHAPE_SOCKHASH,	     SHAPE_STACK_TRACE,
		SHAPE_CGROUP_STORAGE};

	refuse_next(state, types, COUNT_OF(types), 0);
}

void map_get_next_key__last_index(void **state)
{
	static const enum map_number types[] = {
		SHAPE_ARRAY,	    SHAPE_PERCPU_ARRAY,
		SHAPE_PROG_ARRAY,   SHAPE_PERF_EVENT_ARRAY,
		SHAPE_CGROUP_ARRAY, SHAPE_ARRAY_OF_MAPS,
		SHAPE_DEVMAP,	    SHAPE_SOCKMAP,
		SHAPE_XSKMAP,	    SHAPE_REUSEPORT_SOCKARRAY,
		SHAPE_INSN_ARRAY};
	static const enum map_number single[] = {SHAPE_CPUMAP,
						 SHAPE_STRUCT_OPS};

	refuse_next(state, types, COUNT_OF(types), 3);
	refuse_next(state, single, COUNT_OF(single), 0);
}

void map_get_next_key__no_walk(void **state)
{
	static const enum map_number types[] = {
		SHAPE_RINGBUF,	     SHAPE_USER_RINGBUF, SHAPE_SK_STORAGE,
		SHAPE_INODE_STORAGE, SHAPE_TASK_STORAGE, SHAPE_CGRP_STORAGE};

	refuse_next(state, types, COUNT_OF(types), 0);
}

void map_get_next_key__unsupported(void **state)
{
	static const enum map_number types[] = {SHAPE_BLOOM_FILTER,
						SHAPE_ARENA};

	refuse_next(state, types, COUNT_OF(types), 0);
}

/* Slots that are beyond the end are followed by the first. */
void map_get_next_key__beyond_restarts(void **state)
{
	static const enum map_number types[] = {
		SHAPE_ARRAY,  SHAPE_PERCPU_ARRAY, SHAPE_PROG_ARRAY,
		SHAPE_DEVMAP, SHAPE_SOCKMAP,	  SHAPE_REUSEPORT_SOCKARRAY};
	struct typed map;
	int ret;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (!typed_make(&map, state, types[i]))
			continue;
		ret = typed_call(&map, bpfsys_map_get_next_key, 4, 0, 0);
		typed_drop(&map);
		expect_ok(state, map.shape->name, ret);
		expect_u64(state, "first key", 0, map.key[0]);
	}
}

/* All types but queue, stack, hashes and stack traces. */
void map_lookup_and_delete_elem__unsupported(void **state)
{
	static const enum map_number types[] = {SHAPE_ARRAY,
						SHAPE_PERCPU_ARRAY,
						SHAPE_PROG_ARRAY,
						SHAPE_PERF_EVENT_ARRAY,
						SHAPE_CGROUP_ARRAY,
						SHAPE_ARRAY_OF_MAPS,
						SHAPE_HASH_OF_MAPS,
						SHAPE_LPM_TRIE,
						SHAPE_DEVMAP,
						SHAPE_DEVMAP_HASH,
						SHAPE_SOCKMAP,
						SHAPE_SOCKHASH,
						SHAPE_CPUMAP,
						SHAPE_XSKMAP,
						SHAPE_CGROUP_STORAGE,
						SHAPE_PERCPU_CGROUP_STORAGE,
						SHAPE_SK_STORAGE,
						SHAPE_INODE_STORAGE,
						SHAPE_TASK_STORAGE,
						SHAPE_CGRP_STORAGE,
						SHAPE_STRUCT_OPS,
						SHAPE_RINGBUF,
						SHAPE_USER_RINGBUF,
						SHAPE_BLOOM_FILTER,
						SHAPE_ARENA,
						SHAPE_INSN_ARRAY,
						SHAPE_REUSEPORT_SOCKARRAY};
	const struct typed_try try = {bpfsys_map_lookup_and_delete_elem, 0, 0,
				      0};

	refuse_types(state, types, COUNT_OF(types), &try);
}

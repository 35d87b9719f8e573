// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_LOOKUP_ELEM on maps of every type. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_typed.h"

static void refuse(void **state, const enum map_number *types, size_t count,
		   uint32_t key)
{
	const struct typed_try lookup = {bpfsys_map_lookup_elem, key, 0, 0};

	refuse_types(state, types, count, &lookup);
}

void map_lookup_elem__unsupported(void **state)
{
	static const enum map_number types[] = {SHAPE_RINGBUF,
						SHAPE_USER_RINGBUF,
						SHAPE_PERF_EVENT_ARRAY,
						SHAPE_CGROUP_ARRAY};

	refuse(state, types, COUNT_OF(types), 0);
}

void map_lookup_elem__xskmap(void **state)
{
	static const enum map_number types[] = {SHAPE_XSKMAP};

	refuse(state, types, COUNT_OF(types), 0);
}

void map_lookup_elem__arena(void **state)
{
	static const enum map_number types[] = {SHAPE_ARENA};

	close(shape_make_needed(state, SHAPE_ARENA));
	refuse(state, types, COUNT_OF(types), 0);
}

static const enum map_number arrays[] = {SHAPE_ARRAY, SHAPE_PERCPU_ARRAY,
					 SHAPE_INSN_ARRAY};

void map_lookup_elem__array_index(void **state)
{
	refuse(state, arrays, COUNT_OF(arrays), 4);
	refuse(state, arrays, COUNT_OF(arrays), UINT32_MAX);
}

/* The last element that there is. */
void map_lookup_elem__last_index(void **state)
{
	struct typed map;
	int ret;

	for (size_t i = 0; i < COUNT_OF(arrays); i++) {
		if (!typed_make(&map, state, arrays[i]))
			continue;
		ret = typed_call(&map, bpfsys_map_lookup_elem, 3, 7, 0);
		typed_drop(&map);
		expect_ok(state, map.shape->name, ret);
		expect_u64(state, "a value that nobody stored", 0,
			   map.value[0]);
	}
}

void map_lookup_elem__empty_map(void **state)
{
	static const enum map_number types[] = {SHAPE_HASH,
						SHAPE_PERCPU_HASH,
						SHAPE_LRU_HASH,
						SHAPE_LRU_PERCPU_HASH,
						SHAPE_RHASH,
						SHAPE_LPM_TRIE,
						SHAPE_QUEUE,
						SHAPE_STACK,
						SHAPE_BLOOM_FILTER,
						SHAPE_PROG_ARRAY,
						SHAPE_ARRAY_OF_MAPS,
						SHAPE_HASH_OF_MAPS,
						SHAPE_DEVMAP,
						SHAPE_DEVMAP_HASH,
						SHAPE_CPUMAP,
						SHAPE_SOCKMAP,
						SHAPE_SOCKHASH,
						SHAPE_REUSEPORT_SOCKARRAY,
						SHAPE_STACK_TRACE,
						SHAPE_CGROUP_STORAGE,
						SHAPE_PERCPU_CGROUP_STORAGE};

	refuse(state, types, COUNT_OF(types), 0);
}

/* The key of a map without keys, for FN. */
static void give_key(void **state, elem_fn *fn)
{
	static const enum map_number types[] = {
		SHAPE_QUEUE,   SHAPE_STACK,	   SHAPE_BLOOM_FILTER,
		SHAPE_RINGBUF, SHAPE_USER_RINGBUF, SHAPE_ARENA};
	struct bpfsys_map_elem_attr attr;
	struct run *run = *state;
	struct typed map;
	int ret;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (!typed_make(&map, state, types[i]))
			continue;
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (uint32_t)map.fd;
		attr.key = bpfsys_ptr(map.key);
		if (fn != bpfsys_map_delete_elem)
			attr.value = bpfsys_ptr(map.value);
		ret = fn(&attr);
		typed_drop(&map);
		expect_error(state, map.shape->name, run->which->err, ret);
	}
}

void map_lookup_elem__keyless(void **state)
{
	give_key(state, bpfsys_map_lookup_elem);
}

void map_update_elem__keyless(void **state)
{
	give_key(state, bpfsys_map_update_elem);
}

void map_delete_elem__keyless(void **state)
{
	give_key(state, bpfsys_map_delete_elem);
}

void map_lookup_and_delete_elem__keyless(void **state)
{
	give_key(state, bpfsys_map_lookup_and_delete_elem);
}

void map_lookup_elem__bloom_filter_value(void **state)
{
	struct bpfsys_map_elem_attr attr;
	int ret, fd = shape_make_needed(state, SHAPE_BLOOM_FILTER);

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	ret = bpfsys_map_lookup_elem(&attr);
	close(fd);
	expect_errno(state, ret);
}

void map_lookup_elem__no_cookie(void **state)
{
	static const enum map_number types[] = {SHAPE_SOCKMAP, SHAPE_SOCKHASH,
						SHAPE_REUSEPORT_SOCKARRAY};
	struct run *run = *state;
	struct typed map;
	int ret;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (!typed_make(&map, state, types[i]))
			continue;
		typed_drop(&map);
		map.fd = make_map(state, types[i], 4, 4, 4, 0);
		ret = typed_call(&map, bpfsys_map_lookup_elem, 0, 0, 0);
		typed_drop(&map);
		expect_error(state, map.shape->name, run->which->err, ret);
	}
}

static const enum map_number storages[] = {SHAPE_SK_STORAGE,
					   SHAPE_INODE_STORAGE,
					   SHAPE_TASK_STORAGE,
					   SHAPE_CGRP_STORAGE};

static void owner_closed(void **state, elem_fn *fn)
{
	const struct typed_try closed = {fn, CLOSED_FD, 0, 0};

	refuse_types(state, storages, COUNT_OF(storages), &closed);
}

void map_lookup_elem__storage_closed_fd(void **state)
{
	owner_closed(state, bpfsys_map_lookup_elem);
}

void map_update_elem__storage_closed_fd(void **state)
{
	owner_closed(state, bpfsys_map_update_elem);
}

void map_delete_elem__storage_closed_fd(void **state)
{
	owner_closed(state, bpfsys_map_delete_elem);
}

/* Descriptor 0 is no socket. */
static void owner_no_socket(void **state, elem_fn *fn)
{
	const struct typed_try not_socket = {fn, 0, 0, 0};

	refuse_types(state, storages, 1, &not_socket);
}

void map_lookup_elem__storage_not_a_socket(void **state)
{
	owner_no_socket(state, bpfsys_map_lookup_elem);
}

void map_update_elem__storage_not_a_socket(void **state)
{
	owner_no_socket(state, bpfsys_map_update_elem);
}

void map_delete_elem__storage_not_a_socket(void **state)
{
	owner_no_socket(state, bpfsys_map_delete_elem);
}

void map_lookup_elem__storage_task_gone(void **state)
{
	struct typed map;
	int ret, pidfd;
	pid_t child;

	typed_need(&map, state, SHAPE_TASK_STORAGE);
	child = fork();
	if (child == 0)
		_exit(0);
	need(state, "fork", child < 0 ? -errno : 0);
	pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	need(state, "pidfd_open", pidfd < 0 ? -errno : 0);
	waitpid(child, NULL, 0);
	ret = typed_call(&map, bpfsys_map_lookup_elem, (uint32_t)pidfd, 0, 0);
	close(pidfd);
	typed_drop(&map);
	expect_errno(state, ret);
}

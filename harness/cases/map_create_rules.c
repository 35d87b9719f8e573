// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_CREATE: what holds for maps of every type. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_shape.h"

/* Runs FN on every type that the kernel has. */
static void each_type(void **state,
		      void (*fn)(void **state, const struct map_shape *shape,
				 struct shaped *shaped))
{
	size_t count;
	const struct map_shape *shapes = map_shapes(&count);
	struct shaped shaped;

	for (size_t i = 0; i < count; i++) {
		if (!shape_fill(state, &shapes[i], &shaped))
			continue;
		fn(state, &shapes[i], &shaped);
		shape_drop(&shaped);
	}
}

void map_create__type_unspecified(void **state)
{
	struct shaped shaped;

	shape_need(state, SHAPE_HASH, &shaped);
	shaped.attr.map_type = BPF_MAP_TYPE_UNSPEC;
	refuse_create(state, "BPF_MAP_TYPE_UNSPEC", &shaped.attr);
}

static void add_extra(void **state, const struct map_shape *shape,
		      struct shaped *shaped)
{
	if (shape->type == SHAPE_BLOOM_FILTER || shape->type == SHAPE_ARENA ||
	    shape->type == SHAPE_RHASH)
		return;
	for (int bit = 0; bit < 64; bit += 21) {
		shaped->attr.map_extra = 1ULL << bit;
		refuse_create(state, shape->name, &shaped->attr);
	}
}

void map_create__map_extra(void **state)
{
	each_type(state, add_extra);
}

static void judge_flags(void **state, const struct map_shape *shape,
			struct shaped *shaped)
{
	uint32_t known =
		shape->must | shape->takes | shape->may | BPFABI_F_TOKEN_FD;
	char text[96];

	for (int bit = 0; bit < 32; bit++) {
		if (known & 1U << bit)
			continue;
		shaped->attr.map_flags = shape->must | 1U << bit;
		snprintf(text, sizeof(text), "%s with flag bit %d", shape->name,
			 bit);
		refuse_create(state, text, &shaped->attr);
	}
}

void map_create__unknown_flag(void **state)
{
	each_type(state, judge_flags);
}

static void take_flags(void **state, const struct map_shape *shape,
		       struct shaped *shaped)
{
	(void)shaped;
	for (int bit = 0; bit < 32; bit++) {
		struct map_change flag = {ADD_FLAGS, 1U << bit};

		if (shape->takes & 1U << bit)
			accept_each(state, (enum map_number)shape->type, &flag,
				    1);
	}
}

void map_create__flags_taken(void **state)
{
	each_type(state, take_flags);
}

static void add_prog_access(void **state, const struct map_shape *shape,
			    struct shaped *shaped)
{
	shaped->attr.map_flags |= BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;
	if (shape->takes & BPF_F_RDONLY_PROG)
		refuse_create(state, shape->name, &shaped->attr);
}

void map_create__both_prog_access_flags(void **state)
{
	each_type(state, add_prog_access);
}

/* More than the nodes that any kernel is built for, the last one, and none. */
static void misplace(void **state, const struct map_shape *shape,
		     struct shaped *shaped)
{
	static const uint32_t nodes[] = {1023, 1U << 20, INT_MAX, 1U << 31};

	if (!(shape->takes & BPF_F_NUMA_NODE))
		return;
	shaped->attr.map_flags |= BPF_F_NUMA_NODE;
	for (size_t i = 0; i < COUNT_OF(nodes); i++) {
		shaped->attr.numa_node = nodes[i];
		refuse_create(state, shape->name, &shaped->attr);
	}
}

void map_create__numa_node(void **state)
{
	each_type(state, misplace);
}

void map_create__numa_node_of_percpu(void **state)
{
	static const enum map_number types[] = {
		SHAPE_PERCPU_HASH, SHAPE_PERCPU_ARRAY, SHAPE_LRU_PERCPU_HASH};
	static const struct map_change node = {NUMA_NODE, 0};
	struct shaped shaped;

	for (size_t i = 0; i < COUNT_OF(types); i++)
		refuse_each(state, types[i], &node, 1);
	shape_need(state, SHAPE_LRU_HASH, &shaped);
	shaped.attr.map_flags = BPF_F_NO_COMMON_LRU | BPF_F_NUMA_NODE;
	refuse_create(state, "LRU hash with a list for each CPU", &shaped.attr);
}

/* A node is looked at with its flag only. */
void map_create__numa_node_ignored(void **state)
{
	struct shaped shaped;

	shape_need(state, SHAPE_HASH, &shaped);
	shaped.attr.numa_node = 1U << 20;
	expect_ok(state, "numa_node without BPF_F_NUMA_NODE",
		  try_create(&shaped.attr));
}

void map_create__no_such_device(void **state)
{
	static const struct map_change wrong[] = {{IFINDEX, 9999}};

	refuse_each(state, SHAPE_ARRAY, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_HASH, wrong, COUNT_OF(wrong));
}

/* The loopback device. */
void map_create__device_without_offload(void **state)
{
	static const struct map_change wrong[] = {{IFINDEX, 1}};

	if (access("/proc/net/dev", F_OK) != 0)
		skip_case(state, "a kernel without networking: no "
				 "/proc/net/dev");
	refuse_each(state, SHAPE_ARRAY, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_HASH, wrong, COUNT_OF(wrong));
}

void map_create__offload_of_other_map(void **state)
{
	static const struct map_change wrong[] = {{IFINDEX, 1}};

	refuse_each(state, SHAPE_PERCPU_ARRAY, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_LRU_HASH, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_QUEUE, wrong, COUNT_OF(wrong));
}

/* On each side of a limit that an errno case holds from the other. */
void map_create__limits(void **state)
{
	const uint32_t storage_key = kernel_cgroup_storage_key();
	const struct {
		enum map_number type;
		struct map_change change;
	} right[] = {
		{SHAPE_ARRAY, {MAX_ENTRIES, 1}},
		{SHAPE_ARRAY, {VALUE_SIZE, 1}},
		{SHAPE_HASH, {KEY_SIZE, 1}},
		{SHAPE_HASH, {VALUE_SIZE, 1}},
		{SHAPE_HASH, {MAX_ENTRIES, 1}},
		{SHAPE_PERCPU_ARRAY, {VALUE_SIZE, 32U << 10}},
		{SHAPE_PERCPU_ARRAY, {VALUE_SIZE, (32U << 10) - 7}},
		{SHAPE_PERCPU_HASH, {VALUE_SIZE, 32U << 10}},
		{SHAPE_REUSEPORT_SOCKARRAY, {VALUE_SIZE, 4}},
		{SHAPE_LPM_TRIE, {KEY_SIZE, 5}},
		{SHAPE_LPM_TRIE, {KEY_SIZE, 260}},
		{SHAPE_LPM_TRIE, {VALUE_SIZE, 1}},
		{SHAPE_DEVMAP, {VALUE_SIZE, 8}},
		{SHAPE_DEVMAP_HASH, {VALUE_SIZE, 8}},
		{SHAPE_CPUMAP, {VALUE_SIZE, 8}},
		{SHAPE_SOCKMAP, {VALUE_SIZE, 4}},
		{SHAPE_SOCKHASH, {VALUE_SIZE, 4}},
		{SHAPE_SOCKHASH, {KEY_SIZE, 512}},
		{SHAPE_QUEUE, {VALUE_SIZE, 1}},
		{SHAPE_QUEUE, {MAX_ENTRIES, 1}},
		{SHAPE_RINGBUF, {MAX_ENTRIES, 1U << 20}},
		{SHAPE_USER_RINGBUF, {MAX_ENTRIES, 1U << 20}},
		{SHAPE_BLOOM_FILTER, {MAP_EXTRA, 15}},
		{SHAPE_STACK_TRACE, {VALUE_SIZE, 8}},
		{SHAPE_STACK_TRACE, {VALUE_SIZE, 127 * 8}},
		{SHAPE_CGROUP_STORAGE, {KEY_SIZE, storage_key}},
		{SHAPE_PERCPU_CGROUP_STORAGE, {KEY_SIZE, storage_key}},
		{SHAPE_PERCPU_CGROUP_STORAGE, {VALUE_SIZE, 4096}},
		{SHAPE_RHASH, {MAP_EXTRA, 4}},
		{SHAPE_RHASH, {KEY_SIZE, 0xffff}},
	};

	for (size_t i = 0; i < COUNT_OF(right); i++)
		accept_each(state, right[i].type, &right[i].change, 1);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_CREATE: the shapes of maps that lead into the kernel: to devices,
 * CPUs, sockets, cgroups, tasks, memory, operations. */
#include <errno.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "known.h"
#include "map_shape.h"

void map_create__devmap_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 8},	  {VALUE_SIZE, 0},  {VALUE_SIZE, 5},
		{VALUE_SIZE, 12}, {MAX_ENTRIES, 0},
	};

	refuse_each(state, SHAPE_DEVMAP, wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_DEVMAP_HASH, wrong, COUNT_OF(wrong));
}

void map_create__devmap_hash_too_many(void **state)
{
	static const struct map_change wrong[] = {
		{MAX_ENTRIES, (1U << 31) + 1},
		{MAX_ENTRIES, UINT32_MAX},
	};

	refuse_each(state, SHAPE_DEVMAP_HASH, wrong, COUNT_OF(wrong));
}

void map_create__cpumap_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 8},	  {VALUE_SIZE, 0},  {VALUE_SIZE, 5},
		{VALUE_SIZE, 12}, {MAX_ENTRIES, 0},
	};

	refuse_each(state, SHAPE_CPUMAP, wrong, COUNT_OF(wrong));
}

/* No kernel is built for a million CPUs. */
void map_create__cpumap_too_many(void **state)
{
	static const struct map_change wrong[] = {
		{MAX_ENTRIES, 1U << 20},
		{MAX_ENTRIES, UINT32_MAX},
	};

	refuse_each(state, SHAPE_CPUMAP, wrong, COUNT_OF(wrong));
}

void map_create__xskmap_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 8},
		{VALUE_SIZE, 0},
		{VALUE_SIZE, 8},
		{MAX_ENTRIES, 0},
	};

	refuse_each(state, SHAPE_XSKMAP, wrong, COUNT_OF(wrong));
}

void map_create__sockmap_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 8},	  {VALUE_SIZE, 0},  {VALUE_SIZE, 5},
		{VALUE_SIZE, 12}, {MAX_ENTRIES, 0},
	};

	refuse_each(state, SHAPE_SOCKMAP, wrong, COUNT_OF(wrong));
}

void map_create__sockmap_too_many(void **state)
{
	static const struct map_change wrong[] = {{MAX_ENTRIES, 1U << 31}};
	struct shaped shaped;
	int ret;

	skip_before_5_11(state, SHAPE_SOCKMAP, wrong, COUNT_OF(wrong), E2BIG);
	shape_need(state, SHAPE_SOCKMAP, &shaped);
	shaped.attr.max_entries = wrong->value;
	ret = try_create(&shaped.attr);
	shape_drop(&shaped);
	if (ret != -ENOMEM || !is_known(state, "-ENOMEM"))
		expect_errno(state, ret);
}

void map_create__sockhash_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 0},	  {VALUE_SIZE, 0},  {VALUE_SIZE, 5},
		{VALUE_SIZE, 12}, {MAX_ENTRIES, 0},
	};

	refuse_each(state, SHAPE_SOCKHASH, wrong, COUNT_OF(wrong));
}

void map_create__sockhash_key_too_large(void **state)
{
	static const struct map_change wrong[] = {{KEY_SIZE, 513}};

	refuse_each(state, SHAPE_SOCKHASH, wrong, COUNT_OF(wrong));
}

void map_create__ringbuf_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 4},	      {VALUE_SIZE, 8},
		{MAX_ENTRIES, 0},     {MAX_ENTRIES, 2048},
		{MAX_ENTRIES, 65537}, {MAX_ENTRIES, 3 * 65536},
	};

	refuse_each(state, SHAPE_RINGBUF, wrong, COUNT_OF(wrong));
	if (shape_exists(state, SHAPE_USER_RINGBUF))
		refuse_each(state, SHAPE_USER_RINGBUF, wrong, COUNT_OF(wrong));
}

void map_create__user_ringbuf_overwrite(void **state)
{
	static const struct map_change wrong[] = {
		{ADD_FLAGS, BPFABI_F_RB_OVERWRITE}};

	refuse_each(state, SHAPE_USER_RINGBUF, wrong, COUNT_OF(wrong));
}

/* kernel.perf_event_max_stack is 127 where nobody changed it. */
void map_create__stack_trace_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 8},	  {VALUE_SIZE, 0},	 {VALUE_SIZE, 4},
		{VALUE_SIZE, 84}, {VALUE_SIZE, 128 * 8}, {MAX_ENTRIES, 0},
	};

	refuse_each(state, SHAPE_STACK_TRACE, wrong, COUNT_OF(wrong));
}

void map_create__stack_trace_build_id_size(void **state)
{
	static const uint32_t sizes[] = {8, 40, 128 * 32};
	struct shaped shaped;

	shape_need(state, SHAPE_STACK_TRACE, &shaped);
	shaped.attr.map_flags = BPF_F_STACK_BUILD_ID;
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		shaped.attr.value_size = sizes[i];
		refuse_create(state, "stack traces of build ids", &shaped.attr);
	}
	shaped.attr.value_size = 127 * 32;
	expect_ok(state, "stack traces of 127 build ids",
		  try_create(&shaped.attr));
}

void map_create__stack_trace_too_many(void **state)
{
	static const struct map_change wrong[] = {
		{MAX_ENTRIES, (1U << 31) + 1},
		{MAX_ENTRIES, UINT32_MAX},
	};

	refuse_each(state, SHAPE_STACK_TRACE, wrong, COUNT_OF(wrong));
}

static const enum map_number cgroup_storages[] = {SHAPE_CGROUP_STORAGE,
						  SHAPE_PERCPU_CGROUP_STORAGE};

/* 12 is what an i386 program takes the key for, and 16 what other kernels do.
 */
void map_create__cgroup_storage_shape(void **state)
{
	const uint32_t other = kernel_cgroup_storage_key() == 16 ? 12 : 16;
	const struct map_change wrong[] = {
		{KEY_SIZE, 0},	{KEY_SIZE, 4},	 {KEY_SIZE, other},
		{KEY_SIZE, 24}, {VALUE_SIZE, 0}, {MAX_ENTRIES, 1},
	};

	for (size_t i = 0; i < COUNT_OF(cgroup_storages); i++)
		refuse_each(state, cgroup_storages[i], wrong, COUNT_OF(wrong));
}

void map_create__cgroup_storage_value_too_large(void **state)
{
	static const struct map_change wrong[] = {{VALUE_SIZE, 1U << 23}};
	static const struct map_change percpu[] = {
		{VALUE_SIZE, (32U << 10) + 1}};

	for (size_t i = 0; i < COUNT_OF(cgroup_storages); i++)
		refuse_each(state, cgroup_storages[i], wrong, COUNT_OF(wrong));
	refuse_each(state, SHAPE_PERCPU_CGROUP_STORAGE, percpu,
		    COUNT_OF(percpu));
}

static const enum map_number local_storages[] = {SHAPE_SK_STORAGE,
						 SHAPE_INODE_STORAGE,
						 SHAPE_TASK_STORAGE,
						 SHAPE_CGRP_STORAGE};

/* Of every storage that the kernel has. */
static void each_storage(void **state, const struct map_change *wrong,
			 size_t count)
{
	for (size_t i = 0; i < COUNT_OF(local_storages); i++)
		if (shape_exists(state, local_storages[i]))
			refuse_each(state, local_storages[i], wrong, count);
}

void map_create__local_storage_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 8},	  {VALUE_SIZE, 0},
		{MAX_ENTRIES, 1}, {DROP_FLAGS, BPF_F_NO_PREALLOC},
		{KEY_TYPE, 0},	  {VALUE_TYPE, 0},
	};

	each_storage(state, wrong, COUNT_OF(wrong));
}

/* BPF_LOCAL_STORAGE_MAX_VALUE_SIZE. One byte less passes that check, and fails
 * where the value is compared with its type. */
void map_create__local_storage_value_too_large(void **state)
{
	uint32_t head = kernel_struct_size("bpf_local_storage_elem");
	const struct map_change wrong[] = {{VALUE_SIZE, 0xffff - head + 1},
					   {VALUE_SIZE, 0x10000}};
	struct shaped shaped;

	if (!head)
		skip_case(state, "the kernel's BTF has no struct "
				 "bpf_local_storage_elem");
	each_storage(state, wrong, COUNT_OF(wrong));
	shape_need(state, SHAPE_SK_STORAGE, &shaped);
	shaped.attr.value_size = 0xffff - head;
	expect_error(state, "the largest value, not its type's size", EINVAL,
		     try_create(&shaped.attr));
	shape_drop(&shaped);
}

void map_create__struct_ops_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 8},	  {MAX_ENTRIES, 0},
		{MAX_ENTRIES, 2}, {ADD_FLAGS, BPF_F_NO_PREALLOC},
		{VALUE_SIZE, 0},  {VALUE_SIZE, 8},
	};
	struct shaped shaped;

	refuse_each(state, SHAPE_STRUCT_OPS, wrong, COUNT_OF(wrong));
	shape_need(state, SHAPE_STRUCT_OPS, &shaped);
	shaped.attr.btf_vmlinux_value_type_id = 0;
	refuse_create(state, "struct_ops without a type", &shaped.attr);
	shape_drop(&shaped);
}

/* Type 1 is some int. */
void map_create__not_struct_ops(void **state)
{
	struct shaped shaped;

	shape_need(state, SHAPE_STRUCT_OPS, &shaped);
	shaped.attr.btf_vmlinux_value_type_id = 1;
	refuse_create(state, "struct_ops of type 1", &shaped.attr);
	shape_drop(&shaped);
}

void map_create__struct_ops_types(void **state)
{
	static const struct map_change wrong[] = {{VALUE_TYPE, 1},
						  {KEY_TYPE, 1}};

	refuse_each(state, SHAPE_STRUCT_OPS, wrong, COUNT_OF(wrong));
}

/* A struct_ops map whose type is said to be in BTF_FD. Kernels that lack the
 * field refuse the flag. */
static void struct_ops_of(void **state, int btf_fd)
{
	struct shaped shaped;
	int ret;

	shape_need(state, SHAPE_STRUCT_OPS, &shaped);
	shaped.attr.map_flags |= BPFABI_F_VTYPE_BTF_OBJ_FD;
	if (!kernel_offers(state, "bpf_attr.value_type_btf_obj_fd",
			   BPFSYS_KV(6, 9))) {
		ret = try_create(&shaped.attr);
		shape_drop(&shaped);
		expect_error(state, "BPF_F_VTYPE_BTF_OBJ_FD before 6.9", EINVAL,
			     ret);
		skip_case(state, "no value_type_btf_obj_fd: EINVAL");
	}
	shaped.attr.value_type_btf_obj_fd = btf_fd;
	refuse_create(state, "struct_ops of a module", &shaped.attr);
	shape_drop(&shaped);
}

void map_create__struct_ops_closed_btf_obj(void **state)
{
	struct_ops_of(state, CLOSED_FD);
}

void map_create__struct_ops_not_module(void **state)
{
	int btf_fd = make_btf(state);

	struct_ops_of(state, btf_fd);
	close(btf_fd);
}

void map_create__arena_shape(void **state)
{
	static const struct map_change wrong[] = {
		{KEY_SIZE, 4},	  {VALUE_SIZE, 8},
		{MAX_ENTRIES, 0}, {DROP_FLAGS, BPF_F_MMAPABLE},
		{MAP_EXTRA, 1},	  {MAP_EXTRA, 0x100000008ULL},
	};

	refuse_each(state, SHAPE_ARENA, wrong, COUNT_OF(wrong));
}

void map_create__arena_too_large(void **state)
{
	uint64_t pages = (4ULL << 30) / (uint64_t)sysconf(_SC_PAGESIZE);
	const struct map_change wrong[] = {{MAX_ENTRIES, pages + 1},
					   {MAX_ENTRIES, UINT32_MAX}};
	const struct map_change right[] = {{MAX_ENTRIES, pages}};

	refuse_each(state, SHAPE_ARENA, wrong, COUNT_OF(wrong));
	accept_each(state, SHAPE_ARENA, right, COUNT_OF(right));
}

/* Four pages: the last place that does not cross, and the first that does. */
void map_create__arena_crosses(void **state)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	const struct map_change wrong[] = {
		{MAP_EXTRA, (4ULL << 30) - 3 * page}};
	const struct map_change right[] = {{MAP_EXTRA, (4ULL << 30) - 4 * page},
					   {MAP_EXTRA, 4ULL << 30}};

	refuse_each(state, SHAPE_ARENA, wrong, COUNT_OF(wrong));
	accept_each(state, SHAPE_ARENA, right, COUNT_OF(right));
}

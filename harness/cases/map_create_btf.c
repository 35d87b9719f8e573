// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_CREATE with types of key and value. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "known.h"
#include "map_types.h"

/* A hash with types; what is then changed is refused. */
static void fill_hash(void **state, struct shaped *shaped, enum type_id value)
{
	shape_need(state, SHAPE_HASH, shaped);
	shaped->with_fd = make_types(state, false);
	type_values(&shaped->attr, shaped->with_fd, value);
	expect_ok(state, "a hash with types", try_create(&shaped->attr));
}

void map_create__not_btf(void **state)
{
	struct shaped shaped;
	int fd = shape_make(state, SHAPE_ARRAY);

	fill_hash(state, &shaped, TYPE_LONG);
	shaped.attr.btf_fd = (uint32_t)fd;
	refuse_create(state, "btf_fd is a map's", &shaped.attr);
	shaped.attr.btf_fd = 0;
	refuse_create(state, "btf_fd is 0", &shaped.attr);
	shape_drop(&shaped);
	close(fd);
}

/* The kernel's own BTF, which has an id since 5.11: the first. */
void map_create__kernel_btf(void **state)
{
	struct bpfsys_get_id_attr id;
	struct bpfsys_btf_info info;
	struct shaped shaped;
	int fd;

	/* Before another can have this id. */
	memset(&id, 0, sizeof(id));
	id.btf_id = 1;
	fd = bpfsys_btf_get_fd_by_id(&id);
	if (fd == -ENOENT)
		skip_case(state, "the kernel's BTF has no id before 5.11, and "
				 "where there is none");
	need(state, "BPF_BTF_GET_FD_BY_ID", fd);
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	expect_u64(state, "kernel_btf of BTF 1", 1, info.kernel_btf);
	fill_hash(state, &shaped, TYPE_LONG);
	shaped.attr.btf_fd = (uint32_t)fd;
	refuse_create(state, "btf_fd is the kernel's", &shaped.attr);
	close(fd);
	shape_drop(&shaped);
}

void map_create__key_type_size(void **state)
{
	static const uint32_t types[] = {TYPE_LONG, TYPE_LOCKED, 9999};
	struct shaped shaped;

	fill_hash(state, &shaped, TYPE_LONG);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		shaped.attr.btf_key_type_id = types[i];
		refuse_create(state, "a key type that is no 4 bytes",
			      &shaped.attr);
	}
	shape_drop(&shaped);
}

void map_create__value_type_size(void **state)
{
	static const uint32_t types[] = {TYPE_INT, TYPE_LOCKED, 9999};
	struct shaped shaped;

	fill_hash(state, &shaped, TYPE_LONG);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		shaped.attr.btf_value_type_id = types[i];
		refuse_create(state, "a value type that is no 8 bytes",
			      &shaped.attr);
	}
	shape_drop(&shaped);
}

void map_create__value_type_alone(void **state)
{
	static const enum map_number types[] = {
		SHAPE_HASH,  SHAPE_PERCPU_HASH, SHAPE_LRU_HASH,
		SHAPE_ARRAY, SHAPE_RHASH,	SHAPE_LPM_TRIE};
	struct run *run = *state;
	struct shaped shaped;
	int btf_fd = make_types(state, false), ret;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		if (!shape_fill(state, map_shape(types[i]), &shaped))
			continue;
		type_values(&shaped.attr, btf_fd, TYPE_LONG);
		shaped.attr.btf_key_type_id = 0;
		ret = try_create(&shaped.attr);
		shape_drop(&shaped);
		/* Of the hashes only. */
		if (ret < 0 || i > 2 || !is_known(state, "success"))
			expect_error(state, map_shape(types[i])->name,
				     run->which->err, ret);
	}
	close(btf_fd);
}

/* Each of TYPES with values of TYPE, and a key of KEY where that is one. */
static void refuse_typed(void **state, const enum map_number *types,
			 size_t count, int btf_fd, enum type_id type,
			 uint32_t key)
{
	struct shaped shaped;

	for (size_t i = 0; i < count; i++) {
		if (!shape_fill(state, map_shape(types[i]), &shaped))
			continue;
		type_values(&shaped.attr, btf_fd, type);
		if (key)
			shaped.attr.btf_key_type_id = key;
		refuse_create(state, map_shape(types[i])->name, &shaped.attr);
		shape_drop(&shaped);
	}
}

void map_create__types_unsupported(void **state)
{
	static const enum map_number types[] = {
		SHAPE_PERF_EVENT_ARRAY, SHAPE_CGROUP_ARRAY, SHAPE_ARRAY_OF_MAPS,
		SHAPE_HASH_OF_MAPS,	SHAPE_CPUMAP,	    SHAPE_DEVMAP,
		SHAPE_DEVMAP_HASH};
	static const enum map_number stacks[] = {SHAPE_STACK_TRACE};
	int btf_fd = make_types(state, false);

	refuse_typed(state, types, COUNT_OF(types), btf_fd, TYPE_INT, 0);
	refuse_typed(state, stacks, COUNT_OF(stacks), btf_fd, TYPE_LONG, 0);
	close(btf_fd);
}

/* A struct of 4 bytes is no key of an array or storage, nor 8 bytes that are no
 * struct one of a trie. */
void map_create__key_type_kind(void **state)
{
	static const enum map_number ints[] = {SHAPE_ARRAY, SHAPE_PERCPU_ARRAY,
					       SHAPE_SK_STORAGE,
					       SHAPE_TASK_STORAGE,
					       SHAPE_CGRP_STORAGE};
	static const enum map_number structs[] = {SHAPE_LPM_TRIE,
						  SHAPE_CGROUP_STORAGE};
	int btf_fd = make_types(state, false);

	refuse_typed(state, ints, COUNT_OF(ints), btf_fd, TYPE_LONG, TYPE_LOCK);
	refuse_typed(state, structs, 1, btf_fd, TYPE_LONG, TYPE_LONG);
	refuse_typed(state, structs + 1, 1, btf_fd, TYPE_LONG, TYPE_PREFIX);
	close(btf_fd);
}

void map_create__types_shown(void **state)
{
	struct bpfsys_map_info info;
	struct shaped shaped;
	uint32_t btf_id;
	int fd;

	fill_hash(state, &shaped, TYPE_LONG);
	btf_id = id_of_btf(state, shaped.with_fd);
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	expect_u64(state, "info: btf_id", btf_id, info.btf_id);
	expect_u64(state, "info: btf_key_type_id", TYPE_INT,
		   info.btf_key_type_id);
	expect_u64(state, "info: btf_value_type_id", TYPE_LONG,
		   info.btf_value_type_id);
	expect_u64(state, "info: btf_vmlinux_value_type_id", 0,
		   info.btf_vmlinux_value_type_id);
}

/* The kernel takes a struct of this NAME for more than bytes where its own BTF
 * has one; elsewhere a map of any type takes it. */
static void need_special(void **state, const char *name, int btf_fd,
			 enum type_id type)
{
	struct shaped shaped;
	int ret;

	if (kernel_struct_id(name) > 0)
		return;
	shape_need(state, SHAPE_PERCPU_HASH, &shaped);
	type_values(&shaped.attr, btf_fd, type);
	ret = try_create(&shaped.attr);
	if (!kernel_has_btf() && ret < 0)
		return;
	close(btf_fd);
	expect_ok(state, "a map with a struct that means nothing", ret);
	skip_case(state, "the kernel has no struct %s: it is data", name);
}

void map_create__lock_rdonly_prog(void **state)
{
	static const enum map_number types[] = {SHAPE_HASH, SHAPE_ARRAY};
	struct shaped shaped;
	int btf_fd = make_types(state, false);

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		shape_need(state, types[i], &shaped);
		type_values(&shaped.attr, btf_fd, TYPE_LOCKED);
		shaped.attr.map_flags |= BPF_F_RDONLY_PROG;
		refuse_create(state, map_shape(types[i])->name, &shaped.attr);
	}
	close(btf_fd);
}

/* Before the kernel had struct btf_record, 6.2, this was ENOTSUPP. */
void map_create__lock_other_type(void **state)
{
	static const enum map_number types[] = {
		SHAPE_PERCPU_HASH,     SHAPE_LRU_HASH,
		SHAPE_LRU_PERCPU_HASH, SHAPE_PERCPU_ARRAY,
		SHAPE_LPM_TRIE,	       SHAPE_PERCPU_CGROUP_STORAGE};
	int btf_fd = make_types(state, false);
	struct shaped shaped;
	int ret;

	if (kernel_struct_id("btf_record") < 0) {
		shape_need(state, SHAPE_LRU_HASH, &shaped);
		type_values(&shaped.attr, btf_fd, TYPE_LOCKED);
		ret = try_create(&shaped.attr);
		if (kernel_has_btf() || ret == -BPFSYS_ENOTSUPP) {
			close(btf_fd);
			expect_error(state, "a lock in an LRU hash before 6.2",
				     BPFSYS_ENOTSUPP, ret);
			skip_case(state, "ENOTSUPP before 6.2");
		}
	}
	refuse_typed(state, types, COUNT_OF(types), btf_fd, TYPE_LOCKED, 0);
	close(btf_fd);
}

void map_create__timer_rdonly_prog(void **state)
{
	static const struct map_change flag = {ADD_FLAGS, BPF_F_RDONLY_PROG};
	int btf_fd = make_types(state, false);
	struct shaped shaped;

	need_special(state, "bpf_timer", btf_fd, TYPE_TIMED);
	shape_need(state, SHAPE_HASH, &shaped);
	type_values(&shaped.attr, btf_fd, TYPE_TIMED);
	shape_change(&shaped.attr, &flag);
	refuse_create(state, "a timer in a hash that programs only read",
		      &shaped.attr);
	close(btf_fd);
}

void map_create__timer_other_type(void **state)
{
	static const enum map_number types[] = {
		SHAPE_PERCPU_HASH, SHAPE_LRU_PERCPU_HASH, SHAPE_PERCPU_ARRAY,
		SHAPE_LPM_TRIE,	   SHAPE_SK_STORAGE,	  SHAPE_TASK_STORAGE,
		SHAPE_CGRP_STORAGE};
	int btf_fd = make_types(state, false);

	need_special(state, "bpf_timer", btf_fd, TYPE_TIMED);
	refuse_typed(state, types, COUNT_OF(types), btf_fd, TYPE_TIMED, 0);
	close(btf_fd);
}

/* Kernel pointers carry this tag since 6.4, when struct bpf_refcount came. */
void map_create__kptr_other_type(void **state)
{
	static const enum map_number types[] = {SHAPE_LPM_TRIE,
						SHAPE_CGROUP_STORAGE};
	int btf_fd = make_types(state, true), ret;
	struct shaped shaped;

	if (kernel_struct_id("bpf_refcount") < 0) {
		shape_need(state, SHAPE_LPM_TRIE, &shaped);
		type_values(&shaped.attr, btf_fd, TYPE_POINTING);
		ret = try_create(&shaped.attr);
		if (kernel_has_btf() || ret >= 0) {
			close(btf_fd);
			expect_ok(state, "a trie of what is data before 6.4",
				  ret);
			skip_case(state,
				  "before 6.4 \"kptr_untrusted\" is data");
		}
	}
	refuse_typed(state, types, COUNT_OF(types), btf_fd, TYPE_POINTING, 0);
	close(btf_fd);
}

/* Each of TYPES that the kernel has, with values of TYPE. */
static void take_typed(void **state, const enum map_number *types, size_t count,
		       int btf_fd, enum type_id type)
{
	struct shaped shaped;

	for (size_t i = 0; i < count; i++) {
		if (!shape_fill(state, map_shape(types[i]), &shaped))
			continue;
		type_values(&shaped.attr, btf_fd, type);
		expect_ok(state, map_shape(types[i])->name,
			  try_create(&shaped.attr));
		shape_drop(&shaped);
	}
}

void map_create__special_values(void **state)
{
	static const enum map_number locks[] = {
		SHAPE_HASH,	    SHAPE_ARRAY,	SHAPE_CGROUP_STORAGE,
		SHAPE_SK_STORAGE,   SHAPE_RHASH,	SHAPE_TASK_STORAGE,
		SHAPE_CGRP_STORAGE, SHAPE_INODE_STORAGE};
	static const enum map_number timers[] = {SHAPE_HASH, SHAPE_LRU_HASH,
						 SHAPE_ARRAY, SHAPE_RHASH};
	static const enum map_number kptrs[] = {
		SHAPE_HASH,	   SHAPE_ARRAY,		  SHAPE_LRU_HASH,
		SHAPE_PERCPU_HASH, SHAPE_LRU_PERCPU_HASH, SHAPE_PERCPU_ARRAY,
		SHAPE_SK_STORAGE,  SHAPE_TASK_STORAGE,	  SHAPE_CGRP_STORAGE};
	bool tags = kernel_struct_id("bpf_refcount") > 0;
	int btf_fd = make_types(state, tags);

	take_typed(state, locks, COUNT_OF(locks), btf_fd, TYPE_LOCKED);
	take_typed(state, timers, COUNT_OF(timers), btf_fd, TYPE_TIMED);
	if (tags)
		take_typed(state, kptrs, COUNT_OF(kptrs), btf_fd,
			   TYPE_POINTING);
	close(btf_fd);
}

/* A hash, or a mappable array, of timers. */
static int make_timed(void **state, enum map_number type, uint32_t flags)
{
	struct shaped shaped;
	int fd, btf_fd = make_types(state, false);

	need_special(state, "bpf_timer", btf_fd, TYPE_TIMED);
	shape_need(state, type, &shaped);
	type_values(&shaped.attr, btf_fd, TYPE_TIMED);
	shaped.attr.map_flags |= flags;
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	close(btf_fd);
	return fd;
}

void map_freeze__special_values(void **state)
{
	struct bpfsys_map_elem_attr attr;
	int ret, fd = make_timed(state, SHAPE_HASH, 0);

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	ret = bpfsys_map_freeze(&attr);
	close(fd);
	expect_errno(state, ret);
}

void map_create__mmap_special_values(void **state)
{
	int fd = make_timed(state, SHAPE_ARRAY, BPF_F_MMAPABLE);
	void *memory = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ,
			    MAP_SHARED, fd, 0);
	int err = memory == MAP_FAILED ? errno : 0;

	close(fd);
	expect_error(state, "mmap of an array of timers", BPFSYS_ENOTSUPP,
		     -err);
}

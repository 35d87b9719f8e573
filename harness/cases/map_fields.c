// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Values with a field that is the kernel's: which types of map take which. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_fields.h"

#define BIT(type) (1ULL << SHAPE_##type)
#define STORAGES                                                    \
	(BIT(SK_STORAGE) | BIT(INODE_STORAGE) | BIT(TASK_STORAGE) | \
	 BIT(CGRP_STORAGE))
#define PLAIN	 (BIT(HASH) | BIT(LRU_HASH) | BIT(ARRAY))
#define PERCPU	 (BIT(PERCPU_HASH) | BIT(LRU_PERCPU_HASH) | BIT(PERCPU_ARRAY))
#define POINTERS (PLAIN | PERCPU | STORAGES | BIT(RHASH))

/* Kernel structs, as opaque as the UAPI has them. */
static void add_opaque(struct btf *btf, const char *name, uint32_t size)
{
	btf__add_struct(btf, name, size);
	for (uint32_t at = 0; at < size; at += size % 8 ? 4 : 8)
		btf__add_field(btf, "", size % 8 ? TYPE_INT : TYPE_LONG, at * 8,
			       0);
}

static void add_timer(struct btf *btf)
{
	add_opaque(btf, "bpf_timer", 16);
}

static void add_workqueue(struct btf *btf)
{
	add_opaque(btf, "bpf_wq", 16);
}

/* What lists and trees hold: an item with a node. */
static void add_item(struct btf *btf, const char *node_name)
{
	uint32_t size = kernel_struct_size(node_name);
	int node = (int)btf__type_cnt(btf);

	add_opaque(btf, node_name, size);
	btf__add_struct(btf, "item", 8 + size);
	btf__add_field(btf, "data", TYPE_LONG, 0, 0);
	btf__add_field(btf, "node", node, 64, 0);
}

static void add_list(struct btf *btf)
{
	add_item(btf, "bpf_list_node");
	add_opaque(btf, "bpf_list_head", 16);
}

static void add_tree(struct btf *btf)
{
	add_item(btf, "bpf_rb_node");
	add_opaque(btf, "bpf_rb_root", 16);
}

static void add_refcount(struct btf *btf)
{
	add_opaque(btf, "bpf_refcount", 4);
}

static void add_pointer(struct btf *btf, const char *tag, const char *name)
{
	btf__add_struct(btf, name, 8);
	btf__add_field(btf, "data", TYPE_LONG, 0, 0);
	btf__add_type_tag(btf, tag, (int)btf__type_cnt(btf) - 1);
	btf__add_ptr(btf, (int)btf__type_cnt(btf) - 1);
}

static void add_task(struct btf *btf)
{
	add_pointer(btf, "kptr", "task_struct");
}

/* With a function, for the program that makes the object: TYPE_OWN_FUNC. */
static void add_own(struct btf *btf)
{
	btf__add_func_proto(btf, TYPE_INT);
	btf__add_func(btf, "set", BTF_FUNC_GLOBAL, TYPE_OWN_PROTO);
	add_pointer(btf, "kptr", "bpfabi_object");
}

static void add_percpu(struct btf *btf)
{
	add_pointer(btf, "percpu_kptr", "bpfabi_object");
}

static void add_user(struct btf *btf)
{
	add_pointer(btf, "uptr", "bpfabi_memory");
}

static void add_res_lock(struct btf *btf)
{
	add_opaque(btf, "bpf_res_spin_lock",
		   kernel_struct_size("bpf_res_spin_lock"));
}

static void add_task_work(struct btf *btf)
{
	add_opaque(btf, "bpf_task_work", 8);
}

/* kernel/bpf/syscall.c, map_check_btf(). Lists and trees want a lock, which an
 * LRU hash does not take. */
static const struct field_type types[] = {
	[FIELD_TIMER] = {"BPF_TIMER", "a timer", add_timer, PLAIN | BIT(RHASH)},
	[FIELD_WORKQUEUE] = {"BPF_WORKQUEUE", "a work queue", add_workqueue,
			     PLAIN | BIT(RHASH)},
	[FIELD_LIST] = {"BPF_LIST_HEAD", "a list", add_list,
			BIT(HASH) | BIT(ARRAY)},
	[FIELD_TREE] = {"BPF_RB_ROOT", "a tree", add_tree,
			BIT(HASH) | BIT(ARRAY)},
	[FIELD_REFCOUNT] = {"BPF_REFCOUNT", "a reference count", add_refcount,
			    POINTERS},
	[FIELD_TASK] = {"BPF_KPTR_REF", "a reference to a task", add_task,
			POINTERS},
	[FIELD_OWN] = {"BPF_KPTR_REF", "a reference to an object", add_own,
		       POINTERS},
	[FIELD_PERCPU] = {"BPF_KPTR_PERCPU", "a reference to a per-CPU object",
			  add_percpu, POINTERS},
	[FIELD_USER] = {"BPF_UPTR", "a pointer to the user's memory", add_user,
			BIT(TASK_STORAGE)},
	[FIELD_RES_LOCK] = {"BPF_RES_SPIN_LOCK", "a resilient lock",
			    add_res_lock,
			    BIT(HASH) | BIT(ARRAY) | BIT(CGROUP_STORAGE) |
				    STORAGES | BIT(RHASH)},
	[FIELD_TASK_WORK] = {"BPF_TASK_WORK", "task work", add_task_work,
			     PLAIN | BIT(RHASH)},
};

const struct field_type *field_type(enum field_kind kind)
{
	return &types[kind];
}

/* The enum has its name since 6.4. */
static void need_kind(void **state, enum field_kind kind)
{
	if (!kernel_has_enumerator("btf_field_type", types[kind].enumerator))
		skip_case(state, "the kernel's enum btf_field_type has no %s",
			  types[kind].enumerator);
}

static bool is_root(enum field_kind kind)
{
	return kind == FIELD_LIST || kind == FIELD_TREE;
}

int make_field(void **state, enum field_kind kind, uint32_t *type,
	       uint32_t *size)
{
	struct btf *btf = btf__new_empty();
	int field, value;

	need_kind(state, kind);
	add_map_types(btf);
	types[kind].add(btf);
	field = (int)btf__type_cnt(btf) - 1;
	*size = FIELD_AT +
		((uint32_t)btf__resolve_size(btf, (uint32_t)field) + 7) / 8 * 8;
	value = btf__add_struct(btf, "value", *size);
	if (is_root(kind)) {
		btf__add_field(btf, "number", TYPE_INT, 0, 0);
		btf__add_field(btf, "lock", TYPE_LOCK, 32, 0);
	} else {
		btf__add_field(btf, "number", TYPE_INT, 0, 0);
		btf__add_field(btf, "other", TYPE_INT, 32, 0);
	}
	btf__add_field(btf, "field", field, FIELD_AT * 8, 0);
	if (is_root(kind))
		btf__add_decl_tag(btf, "contains:item:node", value, 2);
	*type = (uint32_t)value;
	return load_map_types(state, btf);
}

void field_values(struct bpfsys_map_create_attr *attr, int btf_fd,
		  uint32_t type, uint32_t size)
{
	type_values(attr, btf_fd, TYPE_LONG);
	attr->btf_value_type_id = type;
	attr->value_size = size;
}

int make_field_map(void **state, enum map_number type, enum field_kind kind)
{
	struct shaped shaped;
	uint32_t value, size;
	int fd, btf_fd = make_field(state, kind, &value, &size);

	shape_need(state, type, &shaped);
	field_values(&shaped.attr, btf_fd, value, size);
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	close(btf_fd);
	return fd;
}

static const enum map_number typed[] = {
	SHAPE_HASH,	      SHAPE_ARRAY,
	SHAPE_LRU_HASH,	      SHAPE_PERCPU_HASH,
	SHAPE_PERCPU_ARRAY,   SHAPE_LRU_PERCPU_HASH,
	SHAPE_LPM_TRIE,	      SHAPE_SK_STORAGE,
	SHAPE_INODE_STORAGE,  SHAPE_TASK_STORAGE,
	SHAPE_CGRP_STORAGE,   SHAPE_RHASH,
	SHAPE_CGROUP_STORAGE, SHAPE_PERCPU_CGROUP_STORAGE,
};

/* Types of map that do not take the field refuse it as the case's row says,
 * the others make a map. */
static void judge_kind(void **state, enum field_kind kind)
{
	uint32_t type, size;
	int btf_fd = make_field(state, kind, &type, &size);

	for (size_t i = 0; i < COUNT_OF(typed); i++) {
		struct shaped shaped;
		char what[128];

		if (!shape_fill(state, map_shape(typed[i]), &shaped))
			continue;
		field_values(&shaped.attr, btf_fd, type, size);
		snprintf(what, sizeof(what), "%s with %s",
			 map_shape(typed[i])->name, types[kind].name);
		if (types[kind].takers & 1ULL << typed[i])
			expect_ok(state, what, try_create(&shaped.attr));
		else
			refuse_create(state, what, &shaped.attr);
		shape_drop(&shaped);
	}
	close(btf_fd);
}

void map_create__workqueue_other_type(void **state)
{
	judge_kind(state, FIELD_WORKQUEUE);
}

void map_create__list_other_type(void **state)
{
	judge_kind(state, FIELD_LIST);
}

void map_create__tree_other_type(void **state)
{
	judge_kind(state, FIELD_TREE);
}

void map_create__refcount_other_type(void **state)
{
	judge_kind(state, FIELD_REFCOUNT);
}

void map_create__reference_other_type(void **state)
{
	judge_kind(state, FIELD_TASK);
	judge_kind(state, FIELD_OWN);
}

void map_create__percpu_pointer_other_type(void **state)
{
	judge_kind(state, FIELD_PERCPU);
}

void map_create__user_pointer_other_type(void **state)
{
	judge_kind(state, FIELD_USER);
}

void map_create__res_lock_other_type(void **state)
{
	judge_kind(state, FIELD_RES_LOCK);
}

void map_create__task_work_other_type(void **state)
{
	judge_kind(state, FIELD_TASK_WORK);
}

/* Programs that may not write, or not read, cannot use a field. */
void map_create__field_prog_access(void **state)
{
	const enum field_kind kinds[] = {FIELD_TIMER, FIELD_LIST,
					 FIELD_REFCOUNT, FIELD_TASK};
	const uint32_t flags[] = {BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG};

	for (size_t i = 0; i < 2 * COUNT_OF(kinds); i++) {
		struct shaped shaped;
		uint32_t type, size;
		int btf_fd = make_field(state, kinds[i / 2], &type, &size);

		shape_need(state, SHAPE_HASH, &shaped);
		field_values(&shaped.attr, btf_fd, type, size);
		shaped.attr.map_flags |= flags[i % 2];
		refuse_create(state, types[kinds[i / 2]].name, &shaped.attr);
		shape_drop(&shaped);
		close(btf_fd);
	}
}

/* A value with the memory of a user, of SIZE bytes. */
static void judge_user_memory(void **state, uint32_t size)
{
	struct btf *btf = btf__new_empty();
	struct shaped shaped;
	int memory, value, btf_fd;

	need_kind(state, FIELD_USER);
	shape_need(state, SHAPE_TASK_STORAGE, &shaped);
	add_map_types(btf);
	memory = btf__add_struct(btf, "bpfabi_memory", size);
	btf__add_type_tag(btf, "uptr", memory);
	btf__add_ptr(btf, memory + 1);
	value = btf__add_struct(btf, "value", 8);
	btf__add_field(btf, "field", memory + 2, 0, 0);
	btf_fd = load_map_types(state, btf);
	field_values(&shaped.attr, btf_fd, (uint32_t)value, 8);
	if (size == 4096)
		expect_ok(state, "a page of the user's memory",
			  try_create(&shaped.attr));
	else
		refuse_create(state, "the user's memory", &shaped.attr);
	close(btf_fd);
	shape_drop(&shaped);
}

void map_create__user_memory_empty(void **state)
{
	judge_user_memory(state, 4096);
	judge_user_memory(state, 0);
}

void map_create__user_memory_too_large(void **state)
{
	judge_user_memory(state, 4097);
}

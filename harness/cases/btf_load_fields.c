// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_BTF_LOAD of structs whose fields are the kernel's, and do not fit
 * together. */
#include <unistd.h>

#include <bpf/btf.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_types.h"

/* The kernel's types, behind those of add_map_types(). */
enum { HEAD = TYPE_PREFIX + 1, NODE, LEAF, OUTER };

static struct btf *begin(void **state)
{
	static const char *const names[] = {"bpf_list_head", "bpf_list_node",
					    "bpf_rb_node"};
	struct btf *btf;

	if (!kernel_has_enumerator("btf_field_type", "BPF_REFCOUNT"))
		skip_case(state, "the kernel's enum btf_field_type has no "
				 "BPF_REFCOUNT");
	btf = btf__new_empty();
	add_map_types(btf);
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		uint32_t size = kernel_struct_size(names[i]);

		btf__add_struct(btf, names[i], size);
		for (uint32_t at = 0; at < size; at += 8)
			btf__add_field(btf, "", TYPE_LONG, at * 8, 0);
	}
	return btf;
}

static void judge(void **state, struct btf *btf)
{
	int ret = try_map_types(btf);

	close_if_fd(ret);
	expect_errno(state, ret);
}

/* A struct with a list of what the tag says, and a lock; and the item. */
static void add_list(struct btf *btf, int lock, const char *tag)
{
	uint32_t size = kernel_struct_size("bpf_list_node");

	btf__add_struct(btf, "outer", 24);
	btf__add_field(btf, "lock", lock, 0, 0);
	btf__add_field(btf, "head", HEAD, 64, 0);
	if (tag)
		btf__add_decl_tag(btf, tag, OUTER, 1);
	btf__add_struct(btf, "item", 8 + size);
	btf__add_field(btf, "data", TYPE_LONG, 0, 0);
	btf__add_field(btf, "node", NODE, 64, 0);
}

/* The witness of the others. */
static void judge_list(void **state, int lock, const char *tag)
{
	struct btf *btf = begin(state);

	add_list(btf, TYPE_LOCK, "contains:item:node");
	close(load_map_types(state, btf));
	btf = begin(state);
	add_list(btf, lock, tag);
	judge(state, btf);
}

void btf_load__list_without_lock(void **state)
{
	judge_list(state, TYPE_INT, "contains:item:node");
}

void btf_load__list_of_what(void **state)
{
	judge_list(state, TYPE_LOCK, NULL);
	judge_list(state, TYPE_LOCK, "contains:item");
	judge_list(state, TYPE_LOCK, "contains:item:");
	judge_list(state, TYPE_LOCK, "contains:item:data");
}

void btf_load__list_of_nothing(void **state)
{
	judge_list(state, TYPE_LOCK, "contains:nothing:node");
	judge_list(state, TYPE_LOCK, "contains:item:nothing");
}

void btf_load__two_locks(void **state)
{
	struct btf *btf = begin(state);

	btf__add_struct(btf, "outer", 8);
	btf__add_field(btf, "first", TYPE_LOCK, 0, 0);
	btf__add_field(btf, "second", TYPE_LOCK, 32, 0);
	judge(state, btf);
}

void btf_load__list_of_itself(void **state)
{
	uint32_t size = kernel_struct_size("bpf_list_node");
	struct btf *btf = begin(state);

	btf__add_struct(btf, "outer", 24 + size);
	btf__add_field(btf, "lock", TYPE_LOCK, 0, 0);
	btf__add_field(btf, "head", HEAD, 64, 0);
	btf__add_field(btf, "node", NODE, 192, 0);
	btf__add_decl_tag(btf, "contains:outer:node", OUTER, 1);
	judge(state, btf);
}

/* What is in a list and in a tree has two owners, who must be counted. */
void btf_load__two_nodes(void **state)
{
	uint32_t size = kernel_struct_size("bpf_list_node");
	struct btf *btf = begin(state);

	btf__add_struct(btf, "outer", size + kernel_struct_size("bpf_rb_node"));
	btf__add_field(btf, "node", NODE, 0, 0);
	btf__add_field(btf, "leaf", LEAF, size * 8, 0);
	judge(state, btf);
}

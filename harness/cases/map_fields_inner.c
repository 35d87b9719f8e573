// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Maps in maps whose values have fields of the kernel's. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_fields.h"

/* A hash of values of 40 bytes, with a timer at each place that is not 0. */
static int make_timers(void **state, const uint32_t places[2])
{
	struct btf *btf = btf__new_empty();
	struct shaped shaped;
	int value, fd;

	add_map_types(btf);
	value = btf__add_struct(btf, "value", 40);
	btf__add_field(btf, "data", TYPE_LONG, 0, 0);
	for (int i = 0; i < 2; i++)
		if (places[i])
			btf__add_field(btf, i ? "second" : "first", TYPE_TIMER,
				       places[i] * 8, 0);
	shape_need(state, SHAPE_HASH, &shaped);
	shaped.with_fd = load_map_types(state, btf);
	field_values(&shaped.attr, shaped.with_fd, (uint32_t)value, 40);
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	return fd;
}

static int make_outer(void **state, uint32_t type, int inner_fd)
{
	struct bpfsys_map_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 2;
	attr.inner_map_fd = (uint32_t)inner_fd;
	return need(state, "BPF_MAP_CREATE of a map of maps",
		    bpfsys_map_create(&attr));
}

static int store_inner(int outer_fd, int inner_fd)
{
	struct bpfsys_map_elem_attr attr;
	uint32_t key = 1, value = (uint32_t)inner_fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)outer_fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(&value);
	return bpfsys_map_update_elem(&attr);
}

static void need_timers(void **state)
{
	if (kernel_struct_id("bpf_timer") <= 0)
		skip_case(state, "the kernel's BTF has no struct bpf_timer");
}

/* Stores INNER in a map of maps that was made like MODEL; closes both. */
static int store_like(void **state, int model, int inner)
{
	static const uint32_t types[] = {BPF_MAP_TYPE_ARRAY_OF_MAPS,
					 BPF_MAP_TYPE_HASH_OF_MAPS};
	int first = 0;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		int outer = make_outer(state, types[i], model);
		int ret = store_inner(outer, inner);

		close(outer);
		if (i)
			expect_u64(state, "the same in a hash of maps",
				   (uint64_t)first, (uint64_t)ret);
		first = ret;
	}
	close(model);
	close(inner);
	return first;
}

void map_update_elem__inner_fields(void **state)
{
	static const uint32_t place[2] = {8, 0};
	const enum field_kind kinds[] = {FIELD_TASK, FIELD_OWN, FIELD_LIST,
					 FIELD_TREE, FIELD_REFCOUNT};
	int ret;

	need_timers(state);
	ret = store_like(state, make_timers(state, place),
			 make_timers(state, place));
	expect_ok(state, "timers at the same place", ret);
	if (!kernel_has_enumerator("btf_field_type", "BPF_REFCOUNT"))
		return;
	for (size_t i = 0; i < COUNT_OF(kinds); i++) {
		int model = make_field_map(state, SHAPE_HASH, kinds[i]);
		int same = need(state, "dup", dup(model));

		expect_ok(state, field_type(kinds[i])->name,
			  store_like(state, model, same));
	}
}

void map_update_elem__inner_fields_differ(void **state)
{
	static const uint32_t one[2] = {8, 0}, other[2] = {16, 0};
	static const uint32_t none[2] = {0, 0};

	need_timers(state);
	expect_errno(state, store_like(state, make_timers(state, one),
				       make_timers(state, other)));
	expect_errno(state, store_like(state, make_timers(state, one),
				       make_timers(state, none)));
	expect_errno(state, store_like(state, make_timers(state, none),
				       make_timers(state, one)));
}

/* Of the same size: one reference, and two. */
void map_update_elem__inner_fields_more(void **state)
{
	int fds[2];

	if (!kernel_has_enumerator("btf_field_type", "BPF_KPTR_REF"))
		skip_case(state, "the kernel's enum btf_field_type has no "
				 "BPF_KPTR_REF");
	for (int i = 0; i < 2; i++) {
		struct btf *btf = btf__new_empty();
		struct shaped shaped;
		int task, value;

		add_map_types(btf);
		task = btf__add_struct(btf, "task_struct", 8);
		btf__add_type_tag(btf, "kptr", task);
		btf__add_ptr(btf, task + 1);
		value = btf__add_struct(btf, "value", 16);
		btf__add_field(btf, "first", task + 2, 0, 0);
		btf__add_field(btf, "second", i ? task + 2 : TYPE_LONG, 64, 0);
		shape_need(state, SHAPE_HASH, &shaped);
		shaped.with_fd = load_map_types(state, btf);
		field_values(&shaped.attr, shaped.with_fd, (uint32_t)value, 16);
		fds[i] = need(state, "BPF_MAP_CREATE",
			      bpfsys_map_create(&shaped.attr));
		shape_drop(&shaped);
	}
	expect_errno(state, store_like(state, fds[0], fds[1]));
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_UPDATE_ELEM of struct_ops maps: the value is a TCP congestion control
 * that is registered by it, or not. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "known.h"
#include "struct_ops.h"

#define VALUE "bpf_struct_ops_tcp_congestion_ops"

enum { NAME_MAX_BYTES = 16 }; /* TCP_CA_NAME_MAX */

/* A map without BPF_F_LINK, which every kernel with struct_ops has, and what a
 * good update stores in it. */
struct registration {
	void **state;
	int map_fd;
	uint32_t key;
	struct struct_ops ops;
	struct bpfsys_map_elem_attr attr;
};

static void begin(struct registration *reg, void **state)
{
	memset(reg, 0, sizeof(*reg));
	reg->state = state;
	fill_struct_ops(&reg->ops, state, "bpfabi_u");
	reg->map_fd = make_struct_ops_map_with(state, 0);
	reg->attr.map_fd = (uint32_t)reg->map_fd;
	reg->attr.key = bpfsys_ptr(&reg->key);
	reg->attr.value = bpfsys_ptr(reg->ops.value);
}

static int unregister(struct registration *reg)
{
	struct bpfsys_map_elem_attr attr = reg->attr;

	attr.value = 0;
	attr.flags = 0;
	return bpfsys_map_delete_elem(&attr);
}

static void end(struct registration *reg)
{
	close(reg->map_fd);
	drop_struct_ops(&reg->ops);
}

static void judge_update(struct registration *reg)
{
	int ret = bpfsys_map_update_elem(&reg->attr);

	if (ret >= 0)
		unregister(reg);
	end(reg);
	expect_errno(reg->state, ret);
}

static void set(struct registration *reg, uint32_t at, uint64_t to, size_t size)
{
	uint64_t number = to;
	uint32_t half = (uint32_t)to;

	memcpy(reg->ops.value + at,
	       size == sizeof(half) ? (void *)&half : (void *)&number, size);
}

static void set_member(struct registration *reg, const char *member,
		       uint64_t to, size_t size)
{
	set(reg, struct_ops_offset(reg->state, member), to, size);
}

/* Registered, its programs shown as ids, it cannot be changed; deleted, its map
 * stays as it is. */
void map_update_elem__struct_ops_registered(void **state)
{
	struct registration reg;
	int first, ret;

	begin(&reg, state);
	first = bpfsys_map_update_elem(&reg.attr);
	ret = bpfsys_map_update_elem(&reg.attr);
	unregister(&reg);
	end(&reg);
	expect_u64(state, "the first update", 0, (uint64_t)first);
	expect_errno(state, ret);
}

void map_update_elem__struct_ops_flags(void **state)
{
	static const uint64_t flags[] = {BPF_NOEXIST, BPF_EXIST};

	for (size_t i = 0; i < COUNT_OF(flags); i++) {
		struct registration reg;

		begin(&reg, state);
		reg.attr.flags = flags[i];
		judge_update(&reg);
	}
}

/* The last byte before the struct, which no member has. */
static uint32_t need_hole(void **state)
{
	uint32_t data, size;

	if (!kernel_member(VALUE ".data", &data, &size))
		skip_case(state, "the kernel's BTF has no " VALUE ".data");
	expect_range(state, "start of data: on a cache line of its own", 16,
		     4096, data);
	return data - 1;
}

/* Between the map's own fields and the struct; and behind the last member. */
void map_update_elem__struct_ops_padding(void **state)
{
	struct registration reg;
	uint32_t hole;

	begin(&reg, state);
	hole = need_hole(state);
	reg.ops.value[hole] = 1;
	judge_update(&reg);
	begin(&reg, state);
	hole = kernel_struct_size(VALUE) - 1;
	expect_true(state, "the struct is padded behind its pointers",
		    hole >= struct_ops_offset(state, "owner") + 16 &&
			    hole >= struct_ops_offset(state, "release") + 16);
	reg.ops.value[hole] = 1;
	judge_update(&reg);
}

/* refcnt and state of the value are the kernel's. */
void map_update_elem__struct_ops_state(void **state)
{
	for (uint32_t at = 0; at < 8; at += 4) {
		struct registration reg;

		begin(&reg, state);
		set(&reg, at, 1, 4);
		judge_update(&reg);
	}
}

void map_update_elem__struct_ops_data(void **state)
{
	struct registration reg;

	begin(&reg, state);
	set_member(&reg, "list", 1, 8);
	judge_update(&reg);
	begin(&reg, state);
	set_member(&reg, "key", 1, 4);
	judge_update(&reg);
}

/* The struct's module is the kernel's to set. What was said of the member
 * before it is the answer. */
void map_update_elem__struct_ops_owner(void **state)
{
	struct registration reg;
	int ret, again;

	begin(&reg, state);
	set_member(&reg, "owner", 1, 8);
	ret = bpfsys_map_update_elem(&reg.attr);
	set_member(&reg, "owner", 0, 8);
	again = bpfsys_map_update_elem(&reg.attr);
	unregister(&reg);
	end(&reg);
	expect_u64(state, "an update behind it: nothing was registered", 0,
		   (uint64_t)again);
	if (ret == 1 && is_known(state, "1"))
		return;
	expect_error(state, "an update with an owner", EINVAL, ret);
}

static void set_name(struct registration *reg, const char *name)
{
	uint8_t *at = reg->ops.value + struct_ops_offset(reg->state, "name");

	memset(at, 0, NAME_MAX_BYTES);
	memcpy(at, name, strlen(name));
}

void map_update_elem__struct_ops_name(void **state)
{
	static const char *const names[] = {"", "bpfabi-u", "bpfabi_678901234"};

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		struct registration reg;

		begin(&reg, state);
		set_name(&reg, names[i]);
		judge_update(&reg);
	}
}

/* TCP_CONG_MASK is a few of the lowest bits. */
void map_update_elem__struct_ops_ca_flags(void **state)
{
	struct registration reg;

	begin(&reg, state);
	set_member(&reg, "flags", 1u << 31, 4);
	judge_update(&reg);
}

void map_update_elem__struct_ops_closed_prog(void **state)
{
	struct registration reg;

	begin(&reg, state);
	set_member(&reg, "ssthresh", CLOSED_FD, 8);
	judge_update(&reg);
}

static void judge_prog(void **state, int prog_fd)
{
	struct registration reg;

	begin(&reg, state);
	set_member(&reg, "ssthresh", (uint64_t)prog_fd, 8);
	judge_update(&reg);
	close(prog_fd);
}

/* A map; a program of another type; one for another member. */
void map_update_elem__struct_ops_other_prog(void **state)
{
	judge_prog(state, make_counters(state));
	judge_prog(state,
		   make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0));
	judge_prog(state, make_struct_ops_prog(state, "undo_cwnd"));
}

void map_update_elem__struct_ops_incomplete(void **state)
{
	static const char *const members[] = {"ssthresh", "cong_avoid",
					      "undo_cwnd"};

	for (size_t i = 0; i < COUNT_OF(members); i++) {
		struct registration reg;

		begin(&reg, state);
		set_member(&reg, members[i], 0, 8);
		judge_update(&reg);
	}
}

/* Every kernel with TCP has Reno. */
void map_update_elem__struct_ops_name_taken(void **state)
{
	struct registration reg;

	begin(&reg, state);
	set_name(&reg, "reno");
	judge_update(&reg);
}

static void judge_delete(struct registration *reg)
{
	int ret = unregister(reg);

	end(reg);
	expect_errno(reg->state, ret);
}

void map_delete_elem__struct_ops_empty(void **state)
{
	struct registration reg;

	begin(&reg, state);
	judge_delete(&reg);
}

/* A map is registered once. */
void map_delete_elem__struct_ops_deleted(void **state)
{
	struct registration reg;

	begin(&reg, state);
	need(state, "BPF_MAP_UPDATE_ELEM", bpfsys_map_update_elem(&reg.attr));
	need(state, "BPF_MAP_DELETE_ELEM", unregister(&reg));
	judge_delete(&reg);
}

/* What is registered by links goes with them. */
void map_delete_elem__struct_ops_of_links(void **state)
{
	struct registration reg;

	need_struct_ops_links(state);
	begin(&reg, state);
	close(reg.map_fd);
	reg.map_fd = make_ready_struct_ops(state, "bpfabi_u");
	reg.attr.map_fd = (uint32_t)reg.map_fd;
	judge_delete(&reg);
}

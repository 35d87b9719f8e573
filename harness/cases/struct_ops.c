// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* TCP congestion control made of programs. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "lacking.h"
#include "struct_ops.h"

#define OPS   "tcp_congestion_ops"
#define VALUE "bpf_struct_ops_" OPS

void need_struct_ops_links(void **state)
{
	if (!kernel_offers(state, "bpf_attr.link_create.map_fd",
			   BPFSYS_KV(6, 4)))
		skip_link(state, "struct_ops",
			  make_trivial_prog(state, BPF_PROG_TYPE_SOCKET_FILTER,
					    0, 0),
			  44 /* BPF_STRUCT_OPS */);
}

int make_struct_ops_prog(void **state, const char *member)
{
	static const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 2),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;
	int index = kernel_member_index(OPS, member);

	if (index < 0)
		skip_case(state, "the kernel's BTF has no %s.%s", OPS, member);
	fill_prog(&attr, BPF_PROG_TYPE_STRUCT_OPS, insns, COUNT_OF(insns));
	attr.attach_btf_id = need_struct_id(state, OPS);
	attr.expected_attach_type = (uint32_t)index;
	return load_prog(state, &attr);
}

int make_struct_ops_map_with(void **state, uint32_t flags)
{
	struct bpfsys_map_create_attr attr;
	int btf_fd, fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_STRUCT_OPS;
	attr.key_size = 4;
	attr.btf_vmlinux_value_type_id = need_struct_id(state, VALUE);
	attr.value_size = kernel_struct_size(VALUE);
	attr.max_entries = 1;
	attr.map_flags = flags;
	/* Any BTF will do; there must be one: map_create(). */
	btf_fd = make_btf(state);
	attr.btf_fd = (uint32_t)btf_fd;
	fd = need(state, "BPF_MAP_CREATE of a struct_ops map",
		  bpfsys_map_create(&attr));
	close(btf_fd);
	return fd;
}

int make_struct_ops_map(void **state)
{
	return make_struct_ops_map_with(state, BPFABI_F_LINK);
}

uint32_t struct_ops_offset(void **state, const char *member)
{
	uint32_t data, field, size;
	char path[64];

	snprintf(path, sizeof(path), OPS ".%s", member);
	if (!kernel_member(VALUE ".data", &data, &size) ||
	    !kernel_member(path, &field, &size))
		skip_case(state, "the kernel's BTF has no %s", path);
	return data + field;
}

void fill_struct_ops(struct struct_ops *ops, void **state, const char *name)
{
	static const char *const members[STRUCT_OPS_PROGS] = {
		"ssthresh", "cong_avoid", "undo_cwnd"};

	memset(ops, 0, sizeof(*ops));
	for (size_t i = 0; i < COUNT_OF(members); i++) {
		uint64_t slot;

		ops->progs[i] = make_struct_ops_prog(state, members[i]);
		slot = (uint64_t)ops->progs[i];
		memcpy(ops->value + struct_ops_offset(state, members[i]), &slot,
		       sizeof(slot));
	}
	memcpy(ops->value + struct_ops_offset(state, "name"), name,
	       strlen(name));
}

void drop_struct_ops(struct struct_ops *ops)
{
	for (size_t i = 0; i < COUNT_OF(ops->progs); i++)
		close(ops->progs[i]);
}

int make_ready_struct_ops(void **state, const char *name)
{
	int fd = make_struct_ops_map(state);
	struct struct_ops ops;
	uint32_t key = 0;

	fill_struct_ops(&ops, state, name);
	put_elem(state, fd, &key, ops.value);
	drop_struct_ops(&ops);
	return fd;
}

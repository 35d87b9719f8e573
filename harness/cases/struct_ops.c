// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* TCP congestion control made of programs. */
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

int make_struct_ops_map(void **state)
{
	struct bpfsys_map_create_attr attr;
	int btf_fd, fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_STRUCT_OPS;
	attr.key_size = 4;
	attr.btf_vmlinux_value_type_id = need_struct_id(state, VALUE);
	attr.value_size = kernel_struct_size(VALUE);
	attr.max_entries = 1;
	attr.map_flags = BPFABI_F_LINK;
	/* Any BTF will do; there must be one: map_create(). */
	btf_fd = make_btf(state);
	attr.btf_fd = (uint32_t)btf_fd;
	fd = need(state, "BPF_MAP_CREATE of a struct_ops map",
		  bpfsys_map_create(&attr));
	close(btf_fd);
	return fd;
}

/* Where the field PATH of struct tcp_congestion_ops is in the map's value. */
static uint32_t offset_of(void **state, const char *path)
{
	uint32_t data, field, size;

	if (!kernel_member(VALUE ".data", &data, &size) ||
	    !kernel_member(path, &field, &size))
		skip_case(state, "the kernel's BTF has no %s", path);
	return data + field;
}

int make_ready_struct_ops(void **state, const char *name)
{
	static const struct {
		const char *name, *path;
	} members[] = {
		{"ssthresh", OPS ".ssthresh"},
		{"cong_avoid", OPS ".cong_avoid"},
		{"undo_cwnd", OPS ".undo_cwnd"},
	};
	uint8_t value[4096] = {0};
	int fd = make_struct_ops_map(state);
	uint32_t key = 0;
	int progs[COUNT_OF(members)];

	for (size_t i = 0; i < COUNT_OF(members); i++) {
		uint64_t slot;

		progs[i] = make_struct_ops_prog(state, members[i].name);
		slot = (uint64_t)progs[i];
		memcpy(value + offset_of(state, members[i].path), &slot,
		       sizeof(slot));
	}
	memcpy(value + offset_of(state, OPS ".name"), name, strlen(name));
	put_elem(state, fd, &key, value);
	for (size_t i = 0; i < COUNT_OF(members); i++)
		close(progs[i]);
	return fd;
}

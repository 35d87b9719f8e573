// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Programs of every type, loaded and run. */
#include "recipes.h"

enum ctx_kind { NO_RUN, BY_PACKET, BY_CTX, BY_NOTHING };

/* What each type loads as, in its simplest form. */
struct form {
	uint8_t type, attach_type;
	uint8_t result;
	uint8_t run;	       /* enum ctx_kind: what TEST_RUN wants */
	uint8_t ctx;	       /* bytes of it, with BY_CTX */
	const char *attach_to; /* in the kernel's BTF */
};

/* clang-format off */
static const struct form forms[] = {
	{BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_KPROBE, 0, 0, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_SCHED_CLS, 0, 0, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_SCHED_ACT, 0, 0, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_TRACEPOINT, 0, 0, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_XDP, BPF_XDP, 2, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_XDP, BPF_XDP_DEVMAP, 2, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_XDP, BPF_XDP_CPUMAP, 2, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_PERF_EVENT, 0, 0, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS, 1, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, 1, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET6_POST_BIND, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_LWT_IN, 0, 0, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_LWT_OUT, 0, 0, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_LWT_XMIT, 0, 0, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_LWT_SEG6LOCAL, 0, 0, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_STREAM_PARSER, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_STREAM_VERDICT, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_VERDICT, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_SK_MSG, BPF_SK_MSG_VERDICT, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, BY_CTX, 16, NULL},
	{BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, 0, 0, BY_CTX, 16, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_BIND, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_CONNECT, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UNIX_CONNECT, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_SENDMSG, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UNIX_SENDMSG, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_RECVMSG, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP6_RECVMSG, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UNIX_RECVMSG, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_GETPEERNAME, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_GETPEERNAME, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_GETSOCKNAME, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET6_GETSOCKNAME, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_LIRC_MODE2, BPF_LIRC_MODE2, 0, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT_OR_MIGRATE, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_FLOW_DISSECTOR, 0, BY_PACKET, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT, 1, NO_RUN, 0, NULL},
	{BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, 0, BY_NOTHING, 0, "bpf_fentry_test1"},
	{BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, 0, BY_NOTHING, 0, "bpf_fentry_test2"},
	{BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, 0, BY_NOTHING, 0, "bpf_modify_return_test"},
	{BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, 0, BY_CTX, 16, "btf_trace_task_newtask"},
	{BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, 0, NO_RUN, 0, "bpf_iter_bpf_map"},
	{BPF_PROG_TYPE_LSM, BPF_LSM_MAC, 0, NO_RUN, 0, "bpf_lsm_file_open"},
	{BPF_PROG_TYPE_LSM, BPF_LSM_CGROUP, 1, NO_RUN, 0, "bpf_lsm_socket_bind"},
	{BPF_PROG_TYPE_STRUCT_OPS, 0, 2, NO_RUN, 0, "tcp_congestion_ops"},
	{BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, 1, BY_CTX, 56, NULL},
	{BPF_PROG_TYPE_SYSCALL, 0, 0, BY_CTX, 16, NULL},
	{BPF_PROG_TYPE_NETFILTER, BPF_NETFILTER, 1, BY_PACKET, 0, NULL},
};
/* clang-format on */

static const struct form *any_form(struct make *m)
{
	return &forms[any(m, COUNT_OF(forms))];
}

/* Something that programs of all types may do, or nothing. */
static void any_body(struct make *m, struct code *c)
{
	static const int32_t helpers[] = {5, 7, 8, 42, 125, 160};

	if (one_in(m, 2))
		return;
	/* Reads the context, where it has 4 bytes to read. */
	if (one_in(m, 3))
		load(c, W, R6, R1, (int)any(m, 4) * 4);
	if (one_in(m, 2))
		helper(c, helpers[any(m, COUNT_OF(helpers))]);
	if (one_in(m, 2)) {
		store_imm(c, DW, R10, -8 * (1 + (int)any(m, 4)), 1);
		mov(c, R7, (int32_t)any(m, 100));
		alu(c, OP_MUL, R7, 3);
	}
}

static unsigned int load_form(struct make *m, const struct form *form,
			      bool body)
{
	struct code c;
	unsigned int prog;

	code_clear(&c);
	if (body)
		any_body(m, &c);
	ret(&c, form->result);
	prog = load_code(m, &c, form->type, form->attach_type);
	if (form->attach_to)
		put_name(m, "attach_btf_id", form->attach_to);
	return prog;
}

unsigned int make_prog(struct make *m, unsigned int type,
		       unsigned int attach_type)
{
	const struct form *found = NULL;
	struct form form;

	for (size_t i = 0; i < COUNT_OF(forms); i++)
		if (forms[i].type == type &&
		    (!found || forms[i].attach_type == attach_type))
			found = &forms[i];
	form = found ? *found : forms[0];
	form.type = (uint8_t)type;
	form.attach_type = (uint8_t)attach_type;
	return load_form(m, &form, false);
}

void recipe_prog_types(struct make *m)
{
	const struct form *form = any_form(m);
	unsigned int prog = load_form(m, form, true);
	static const uint8_t flags[] = {0, 0, 0, 1, 2, 4, 8, 16, 32, 128};

	put(m, "prog_flags", flags[any(m, COUNT_OF(flags))]);
	if (one_in(m, 3)) {
		const struct bpfsys_field *name = field_of(m, "prog_name");

		attr_put(m->call, name->offset, 0x7a7a7566, 4);
	}
	info_full(m, prog, "prog", "");
	if (one_in(m, 2))
		info_full(m, get_by_id(m, BPFSYS_PROG_GET_FD_BY_ID, prog),
			  "prog", "");
	op_fd(m, one_in(m, 2) ? SEQ_CLOSE : SEQ_DUP, 0, prog);
	any_event(m);
}

/* TEST_RUN of PROG as FORM has it. */
static void run_form(struct make *m, const struct form *form, unsigned int prog)
{
	static const uint8_t
		packet[] =
			{
				2,    0,    0, 0,  0,	1,  2, 0, 0,
				0,    0,    2, 8,  0, /* Ethernet
						       */
				0x45, 0,    0, 46, 0,	1,  0, 0, 64,
				17,   0,    0,			  /* IPv4 */
				127,  0,    0, 1,  127, 0,  0, 1, /* addresses
								   */
				0x30, 0x39, 0, 9,  0,	26, 0, 0, 1,
				2,    3,    4, 5,  6,	7,  8,
			};
	uint8_t ctx[192] = {0};

	bpf(m, BPFSYS_PROG_TEST_RUN);
	put_fd(m, "prog_fd", prog);
	if (form->run == BY_CTX) {
		ctx[0] = form->type == BPF_PROG_TYPE_SK_LOOKUP ? 0 : 1;
		put(m, "ctx_size_in", form->ctx);
		put_buf(m, "ctx_in", ctx, 0, form->ctx);
		if (form->type == BPF_PROG_TYPE_SK_LOOKUP) {
			/* family AF_INET, protocol TCP, and a port */
			put_le(ctx + 8, 2, 4);
			put_le(ctx + 12, 6, 4);
			put_buf(m, "ctx_in", ctx, 16, form->ctx);
		}
		return;
	}
	if (form->run != BY_PACKET)
		return;
	put(m, "data_size_in", 64);
	put_buf(m, "data_in", packet, sizeof(packet), 64);
	if (one_in(m, 2)) {
		put(m, "data_size_out", 64 + any(m, 3) * 64);
		put_buf(m, "data_out", NULL, 0, 256);
	}
	if (one_in(m, 3))
		put(m, "repeat", 1 + any(m, 8));
	if (form->type == BPF_PROG_TYPE_SCHED_CLS && one_in(m, 2)) {
		put_le(ctx + 8, 5, 4); /* mark */
		put(m, "ctx_size_in", 192);
		put_buf(m, "ctx_in", ctx, 12, 192);
		put(m, "ctx_size_out", 192);
		put_buf(m, "ctx_out", NULL, 0, 192);
	}
	if (form->type == BPF_PROG_TYPE_XDP && one_in(m, 2)) {
		put_le(ctx + 4, 64, 4); /* data_end */
		put(m, "ctx_size_in", 24);
		put_buf(m, "ctx_in", ctx, 8, 24);
		put(m, "flags", one_in(m, 2) ? 2 : 0); /* live frames */
	}
}

void recipe_prog_run(struct make *m)
{
	const struct form *form = any_form(m);
	unsigned int prog;

	while (form->run == NO_RUN)
		form = any_form(m);
	prog = load_form(m, form, true);
	run_form(m, form, prog);
	if (one_in(m, 2))
		run_form(m, form, prog);
	if (one_in(m, 4) && form->run == BY_CTX) {
		put(m, "flags", 1); /* on a CPU */
		put(m, "cpu", 0);
	}
}

void recipe_prog_maps(struct make *m)
{
	static const uint8_t types[] = {
		BPF_MAP_TYPE_HASH,	   BPF_MAP_TYPE_ARRAY,
		BPF_MAP_TYPE_LRU_HASH,	   BPF_MAP_TYPE_PERCPU_HASH,
		BPF_MAP_TYPE_PERCPU_ARRAY,
	};
	const struct shape *shape = shape_of(types[any(m, COUNT_OF(types))]);
	unsigned int map = make_map(m, shape, 0), prog, bound;
	struct code c;

	bound = make_array(m, 8, 1);
	code_clear(&c);
	mov_reg(&c, R6, R1);
	if (one_in(m, 2)) {
		store_imm(&c, DW, R10, -16, 5);
		store_imm(&c, W, R10, -4, 1);
		load_map(&c, R1, map);
		mov_reg(&c, R2, R10);
		alu(&c, OP_ADD, R2, -4);
		mov_reg(&c, R3, R10);
		alu(&c, OP_ADD, R3, -16);
		mov(&c, R4, 0);
		helper(&c, 2); /* bpf_map_update_elem */
	}
	lookup(&c, map, 1);
	store_imm(&c, DW, R0, 0, 77);
	if (one_in(m, 2)) {
		load_map_value(&c, R7, bound, 0);
		store_imm(&c, W, R7, 4, 3);
	}
	ret(&c, 0);
	prog = load_code(m, &c, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	run_form(m, &forms[0], prog);
	elem(m, BPFSYS_MAP_LOOKUP_ELEM, map, shape, 1, 0, 0);
	bpf(m, BPFSYS_PROG_BIND_MAP);
	put_fd(m, "prog_fd", prog);
	put_fd(m, "map_fd", bound);
	info_full(m, prog, "prog", "");
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Programs that make calls, take the place of others, or look into packets. */
#include "recipes.h"

/* Calls CMD with SIZE bytes from R10 - 128 on. */
static void sys_bpf(struct code *c, unsigned int cmd, int32_t size)
{
	mov(c, R1, (int32_t)cmd);
	mov_reg(c, R2, R10);
	alu(c, OP_ADD, R2, -128);
	mov(c, R3, size);
	helper(c, 166); /* bpf_sys_bpf */
}

static void stack_pointer(struct code *c, int at, int to)
{
	mov_reg(c, R1, R10);
	alu(c, OP_ADD, R1, to);
	store(c, DW, R10, at, R1);
}

void recipe_prog_syscall(struct make *m)
{
	const struct shape *shape = shape_of(BPF_MAP_TYPE_HASH);
	unsigned int map = make_map(m, shape, 0), prog, what = any(m, 5);
	struct code c;

	code_clear(&c);
	for (int i = 0; i < 16; i++)
		store_imm(&c, DW, R10, -8 - 8 * i, 0);
	if (what == 0) {
		/* An array of 4 with keys of 4 and values of 8 bytes. */
		store_imm(&c, W, R10, -128, BPF_MAP_TYPE_ARRAY);
		store_imm(&c, W, R10, -124, 4);
		store_imm(&c, W, R10, -120, 8);
		store_imm(&c, W, R10, -116, 4);
		sys_bpf(&c, BPFSYS_MAP_CREATE, 72);
		mov_reg(&c, R1, R0);
		helper(&c, 168); /* bpf_sys_close */
	} else if (what < 4) {
		static const uint8_t cmds[] = {0, BPFSYS_MAP_UPDATE_ELEM,
					       BPFSYS_MAP_DELETE_ELEM,
					       BPFSYS_MAP_FREEZE};

		/* The descriptor is the context's first word. */
		load(&c, W, R6, R1, 0);
		store(&c, W, R10, -128, R6);
		if (what < 3)
			stack_pointer(&c, -120, -16);
		if (what == 1)
			stack_pointer(&c, -112, -24);
		sys_bpf(&c, cmds[what], 32);
	} else {
		store_imm(&c, DW, R10, -128, 0x5f667062); /* "bpf_" */
		mov_reg(&c, R1, R10);
		alu(&c, OP_ADD, R1, -128);
		mov(&c, R2, 8);
		mov(&c, R3, KIND_STRUCT);
		mov(&c, R4, 0);
		helper(&c, 167); /* bpf_btf_find_by_name_kind */
	}
	ret(&c, 0);
	prog = load_code(m, &c, BPF_PROG_TYPE_SYSCALL, 0);
	run_syscall(m, prog);
	put(m, "ctx_size_in", 16);
	in_fd(m, put_buf(m, "ctx_in", NULL, 0, 16), 0, map, 4);
	elem(m, BPFSYS_MAP_LOOKUP_ELEM, map, shape, 0, 0, 0);
}

void recipe_prog_ext(struct make *m)
{
	static const uint8_t traces[] = {BPF_TRACE_FENTRY, BPF_TRACE_FEXIT};
	unsigned int btf = load_plain_types(m), target, prog, link;
	const bool trace = one_in(m, 3);
	struct code c;

	code_clear(&c);
	ret(&c, 0);
	target = load_cls(m, &c);
	put_funcs(m, btf, 0, 0);
	code_clear(&c);
	ret(&c, trace ? 0 : 5);
	prog = load_code(m, &c,
			 trace ? BPF_PROG_TYPE_TRACING : BPF_PROG_TYPE_EXT,
			 trace ? traces[any(m, 2)] : 0);
	if (!trace)
		put_funcs(m, btf, 0, 0);
	put_fd(m, "attach_prog_fd", target);
	put(m, "attach_btf_id", PLAIN_MAIN);
	if (one_in(m, 2)) {
		link = bpf(m, BPFSYS_RAW_TRACEPOINT_OPEN);
		put_fd(m, "prog_fd", prog);
	} else {
		link = link_begin(m, prog,
				  trace ? BPF_TRACE_FENTRY
					: BPF_CGROUP_INET_INGRESS);
		if (!trace || one_in(m, 4)) {
			put_fd(m, "target_fd", target);
			put(m, "target_btf_id", PLAIN_MAIN);
		}
	}
	run_packet(m, target);
	use_link(m, link, prog);
	if (!trace) {
		link_begin(m, prog, 0);
		put_fd(m, "target_fd", target);
		put(m, "target_btf_id", PLAIN_MAIN);
	}
	info(m, prog, 232);
}

void recipe_prog_packet(struct make *m)
{
	const bool xdp = one_in(m, 2);
	unsigned int prog, out;
	struct code c;

	code_clear(&c);
	load(&c, W, R2, R1, xdp ? 0 : 76);
	load(&c, W, R3, R1, xdp ? 4 : 80);
	load(&c, W, R5, R1, xdp ? 12 : 8);
	alu(&c, OP_AND, R5, 7);
	alu_reg(&c, OP_ADD, R2, R5);
	mov_reg(&c, R4, R2);
	alu(&c, OP_ADD, R4, 14 + (int32_t)any(m, 20));
	out = jump_reg(&c, J_GT, R4, R3, 0);
	load(&c, B, R5, R2, (int)any(m, 14));
	store_imm(&c, B, R2, (int)any(m, 14), 1);
	code_here(&c, out);
	ret(&c, xdp ? 2 : 0);
	prog = load_code(m, &c,
			 xdp ? BPF_PROG_TYPE_XDP : BPF_PROG_TYPE_SCHED_CLS,
			 xdp ? BPF_XDP : 0);
	run_packet(m, prog);
	put(m, "data_size_out", 64);
	put_buf(m, "data_out", NULL, 0, 64);
}

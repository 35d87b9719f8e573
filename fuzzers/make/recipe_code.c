// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Programs that call: other programs, their own functions, the kernel's. */
#include <string.h>

#include "recipes.h"

enum {
	LOAD_FUNC = 4, /* source register of LD_IMM64 of a function */
	STEP = 8,      /* bytes of a record of functions */
};

void run_packet(struct make *m, unsigned int prog)
{
	bpf(m, BPFSYS_PROG_TEST_RUN);
	put_fd(m, "prog_fd", prog);
	put(m, "data_size_in", 64);
	put_buf(m, "data_in", NULL, 0, 64);
}

void run_syscall(struct make *m, unsigned int prog)
{
	bpf(m, BPFSYS_PROG_TEST_RUN);
	put_fd(m, "prog_fd", prog);
}

unsigned int load_cls(struct make *m, const struct code *c)
{
	return load_code(m, c, BPF_PROG_TYPE_SCHED_CLS, 0);
}

/* The functions of the program being loaded: main, and SUB of type TYPE at
 * instruction AT unless that is 0. */
void put_funcs(struct make *m, unsigned int btf, unsigned int at,
	       unsigned int type)
{
	uint8_t records[2 * STEP] = {0};

	put_le(records + 4, PLAIN_MAIN, 4);
	put_le(records + 8, at, 4);
	put_le(records + 12, type, 4);
	put_fd(m, "prog_btf_fd", btf);
	put(m, "func_info_rec_size", STEP);
	put(m, "func_info_cnt", at ? 2 : 1);
	put_buf(m, "func_info", records, at ? 2 * STEP : STEP,
		at ? 2 * STEP : STEP);
}

static void put_lines(struct make *m, unsigned int at)
{
	uint8_t records[32] = {0};

	put_le(records + 16, at, 4);
	put_le(records + 12, 1 << 10, 4);
	put_le(records + 28, 2 << 10, 4);
	/* Offsets of names: any that are no end of a string. */
	for (unsigned int i = 0; i < 2; i++) {
		put_le(records + 16 * i + 4, 1, 4);
		put_le(records + 16 * i + 8, 1, 4);
	}
	put(m, "line_info_rec_size", 16);
	put(m, "line_info_cnt", at ? 2 : 1);
	put_buf(m, "line_info", records, at ? 32 : 16, at ? 32 : 16);
}

void recipe_prog_tails(struct make *m)
{
	const struct shape *shape = shape_of(BPF_MAP_TYPE_PROG_ARRAY);
	unsigned int map = make_map(m, shape, 0), prog;
	struct code c;

	code_clear(&c);
	load_map(&c, R2, map);
	mov(&c, R3, (int32_t)any(m, 2));
	helper(&c, 12); /* bpf_tail_call */
	ret(&c, 1);
	prog = load_cls(m, &c);
	elem(m, BPFSYS_MAP_UPDATE_ELEM, map, shape, 0, 0, prog);
	if (one_in(m, 2))
		elem(m, BPFSYS_MAP_UPDATE_ELEM, map, shape, 1, 0,
		     make_prog(m, BPF_PROG_TYPE_SCHED_CLS, 0));
	run_packet(m, prog);
	elem(m, BPFSYS_MAP_LOOKUP_ELEM, map, shape, 0, 0, 0);
	info(m, map, 80);
	elem(m, BPFSYS_MAP_DELETE_ELEM, map, shape, 0, 0, 0);
}

void recipe_prog_funcs(struct make *m)
{
	unsigned int btf = load_plain_types(m), call, prog;
	const bool global = one_in(m, 2);
	struct code c;

	code_clear(&c);
	mov_reg(&c, R6, R1);
	call = call_sub(&c, 0);
	alu(&c, OP_ADD, R0, 1);
	finish(&c);
	c.insns[call].imm = (int32_t)(c.n - call - 1);
	mov(&c, R0, 3);
	finish(&c);
	prog = load_cls(m, &c);
	put_funcs(m, btf, 4, global ? PLAIN_GLOBAL : PLAIN_SUB);
	if (one_in(m, 2))
		put_lines(m, 4);
	run_packet(m, prog);
	info_full(m, prog, "prog", "");
}

static unsigned int callback_loop(struct make *m, struct code *c)
{
	unsigned int ref;

	mov(c, R1, (int32_t)any(m, 20));
	ref = emit(c, C_LD | DW, R2, LOAD_FUNC, 0, 0);
	emit(c, 0, 0, 0, 0, 0);
	mov(c, R3, 0);
	mov(c, R4, 0);
	helper(c, 181); /* bpf_loop */
	ret(c, 0);
	c->insns[ref].imm = (int32_t)(c->n - ref - 1);
	ret(c, 0);
	return c->n - 2;
}

void recipe_prog_loops(struct make *m)
{
	unsigned int btf = load_plain_types(m), prog, at = 0;
	struct code c;

	code_clear(&c);
	if (one_in(m, 2)) {
		at = callback_loop(m, &c);
	} else {
		mov(&c, R0, 0);
		mov(&c, R6, 0);
		alu(&c, OP_ADD, R6, 1);
		jump(&c, J_LT, R6, 1 + (int32_t)any(m, 60), -2);
		finish(&c);
	}
	prog = load_cls(m, &c);
	put_funcs(m, btf, at, PLAIN_SUB);
	run_packet(m, prog);
}

static void use_iterator(struct code *c)
{
	unsigned int out;

	mov_reg(c, R1, R10);
	alu(c, OP_ADD, R1, -8);
	mov(c, R2, 0);
	mov(c, R3, 5);
	kfunc(c, "bpf_iter_num_new");
	mov_reg(c, R1, R10);
	alu(c, OP_ADD, R1, -8);
	kfunc(c, "bpf_iter_num_next");
	out = jump(c, J_EQ, R0, 0, 0);
	load(c, W, R6, R0, 0);
	jump(c, J_A, 0, 0, -6);
	code_here(c, out);
	mov_reg(c, R1, R10);
	alu(c, OP_ADD, R1, -8);
	kfunc(c, "bpf_iter_num_destroy");
}

void recipe_prog_kfuncs(struct make *m)
{
	unsigned int btf = load_plain_types(m), prog;
	const unsigned int what = any(m, 5);
	struct code c;

	code_clear(&c);
	if (what == 0) {
		kfunc(&c, "bpf_rcu_read_lock");
		kfunc(&c, "bpf_rcu_read_unlock");
	} else if (what == 1) {
		use_iterator(&c);
	} else if (what == 2) {
		helper(&c, 158); /* bpf_get_current_task_btf */
		mov_reg(&c, R1, R0);
		kfunc(&c, "bpf_task_acquire");
		jump(&c, J_EQ, R0, 0, 2);
		mov_reg(&c, R1, R0);
		kfunc(&c, "bpf_task_release");
	} else if (what == 3) {
		mov(&c, R1, PLAIN_STRUCT);
		mov(&c, R2, 0);
		kfunc(&c, "bpf_obj_new_impl");
		jump(&c, J_EQ, R0, 0, 4);
		store_imm(&c, W, R0, 4, 1);
		mov_reg(&c, R1, R0);
		mov(&c, R2, 0);
		kfunc(&c, "bpf_obj_drop_impl");
	} else {
		kfunc(&c, "bpf_cast_to_kern_ctx");
		load(&c, W, R6, R0, 0);
	}
	ret(&c, 0);
	/* Those of tasks are not for packets. */
	if (what == 2) {
		run_syscall(m, load_code(m, &c, BPF_PROG_TYPE_SYSCALL, 0));
		return;
	}
	prog = load_cls(m, &c);
	put_funcs(m, btf, 0, 0);
	run_packet(m, prog);
}

static void use_ring(struct make *m, struct code *c, unsigned int map)
{
	load_map(c, R1, map);
	mov(c, R2, 8 + (int32_t)any(m, 3) * 8);
	mov(c, R3, 0);
	if (one_in(m, 2)) {
		helper(c, 131); /* bpf_ringbuf_reserve */
		jump(c, J_EQ, R0, 0, 4);
		store_imm(c, DW, R0, 0, 1);
		mov_reg(c, R1, R0);
		mov(c, R2, 0);
		helper(c, 132 + (int32_t)any(m, 2)); /* submit or discard */
		return;
	}
	mov_reg(c, R4, R10);
	alu(c, OP_ADD, R4, -16);
	helper(c, 198); /* bpf_ringbuf_reserve_dynptr */
	store_imm(c, DW, R10, -24, 5);
	mov_reg(c, R1, R10);
	alu(c, OP_ADD, R1, -16);
	mov(c, R2, 0);
	mov_reg(c, R3, R10);
	alu(c, OP_ADD, R3, -24);
	mov(c, R4, 8);
	mov(c, R5, 0);
	helper(c, 202); /* bpf_dynptr_write */
	mov_reg(c, R1, R10);
	alu(c, OP_ADD, R1, -16);
	mov(c, R2, 0);
	helper(c, 199 + (int32_t)any(m, 2)); /* submit or discard */
}

void recipe_prog_ringbuf(struct make *m)
{
	const struct shape *shape = shape_of(BPF_MAP_TYPE_RINGBUF);
	unsigned int map = make_map(m, shape, 0), prog;
	struct code c;

	code_clear(&c);
	use_ring(m, &c, map);
	ret(&c, 0);
	prog = load_cls(m, &c);
	run_packet(m, prog);
	op_fd(m, SEQ_MMAP, one_in(m, 2) ? 1 : 3, map);
	info(m, map, 80);
}

void recipe_prog_log(struct make *m)
{
	static const uint16_t sizes[] = {128, 256, 4096, 65535};
	uint32_t size = sizes[any(m, COUNT_OF(sizes))];
	struct code c;

	code_clear(&c);
	mov(&c, R6, (int32_t)any(m, 9));
	if (one_in(m, 2))
		load(&c, W, R6, R1, 4 * (int)any(m, 60));
	mov_reg(&c, R0, one_in(m, 3) ? R7 : R6);
	finish(&c);
	load_code(m, &c, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	put(m, "log_level", 1 + any(m, 7));
	put(m, "log_size", size);
	put_buf(m, "log_buf", NULL, 0, size);
}

void recipe_prog_core(struct make *m)
{
	/* What is relocated, and what it is here: where member pid is, its
	 * size, that it exists, that the type does. */
	static const struct {
		uint8_t kind, value;
		const char *access;
	} relos[] = {{0, 0, "0:0"}, {1, 4, "0:0"}, {2, 1, "0:0"}, {8, 1, "0"}};
	const unsigned int nr = any(m, COUNT_OF(relos));
	static struct types t;
	uint8_t relo[16] = {0};
	uint32_t word, type, at;
	unsigned int btf;
	struct code c;

	types_clear(&t);
	word = types_int(&t, "int", 4, INT_SIGNED);
	type = types_add(&t, "task_struct", KIND_STRUCT, 1, 4);
	types_member(&t, "pid", word, 0);
	at = types_str(&t, relos[nr].access);
	types_add(&t, "", KIND_FUNC_PROTO, 0, word);
	types_add(&t, "main", KIND_FUNC, 0, type + 1);
	btf = load_types(m, &t);
	code_clear(&c);
	ret(&c, relos[nr].value);
	load_code(m, &c, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	put_funcs(m, btf, 0, 0);
	put_le(relo + 4, type + 2, 4);
	put_buf(m, "func_info", relo, 8, 8);
	put_le(relo + 4, type, 4);
	put_le(relo + 8, at, 4);
	put_le(relo + 12, relos[nr].kind, 4);
	put(m, "core_relo_cnt", 1);
	put(m, "core_relo_rec_size", 16);
	put_buf(m, "core_relos", relo, 16, 16);
}

void recipe_prog_stream(struct make *m)
{
	unsigned int prog = make_prog(m, BPF_PROG_TYPE_SYSCALL, 0), map;

	run_syscall(m, prog);
	bpf(m, BPFSYS_PROG_STREAM_READ_BY_FD);
	put_fd(m, "prog_fd", prog);
	put(m, "stream_id", 1 + any(m, 2));
	put(m, "stream_buf_len", 64);
	put_buf(m, "stream_buf", NULL, 0, 64);
	map = make_map(m, shape_of(BPF_MAP_TYPE_STRUCT_OPS), BPF_F_LINK);
	bpf(m, BPFSYS_PROG_ASSOC_STRUCT_OPS);
	put_fd(m, "prog_fd", prog);
	put_fd(m, "map_fd", map);
}

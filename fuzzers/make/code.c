// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Instructions one by one. */
#include <string.h>

#include "code.h"

enum {
	PSEUDO_MAP_FD = 1,
	PSEUDO_MAP_VALUE = 2,
	PSEUDO_CALL = 1,
	PSEUDO_KFUNC = 2
};

void code_clear(struct code *c)
{
	c->n = c->n_refs = 0;
}

unsigned int emit(struct code *c, unsigned int code, unsigned int dst,
		  unsigned int src, int off, int32_t imm)
{
	struct insn *insn = &c->insns[c->n < CODE_MOST ? c->n : CODE_MOST - 1];

	insn->code = (uint8_t)code;
	insn->regs = (uint8_t)(dst | src << 4);
	insn->off = (int16_t)off;
	insn->imm = imm;
	return c->n < CODE_MOST ? c->n++ : CODE_MOST - 1;
}

unsigned int mov(struct code *c, unsigned int dst, int32_t imm)
{
	return alu(c, OP_MOV, dst, imm);
}

unsigned int mov_reg(struct code *c, unsigned int dst, unsigned int src)
{
	return alu_reg(c, OP_MOV, dst, src);
}

unsigned int alu(struct code *c, unsigned int what, unsigned int dst,
		 int32_t imm)
{
	return emit(c, C_ALU64 | what, dst, 0, 0, imm);
}

unsigned int alu_reg(struct code *c, unsigned int what, unsigned int dst,
		     unsigned int src)
{
	return emit(c, C_ALU64 | what | X, dst, src, 0, 0);
}

unsigned int load(struct code *c, unsigned int size, unsigned int dst,
		  unsigned int src, int off)
{
	return emit(c, C_LDX | M_MEM | size, dst, src, off, 0);
}

unsigned int store(struct code *c, unsigned int size, unsigned int dst, int off,
		   unsigned int src)
{
	return emit(c, C_STX | M_MEM | size, dst, src, off, 0);
}

unsigned int store_imm(struct code *c, unsigned int size, unsigned int dst,
		       int off, int32_t imm)
{
	return emit(c, C_ST | M_MEM | size, dst, 0, off, imm);
}

unsigned int jump(struct code *c, unsigned int cond, unsigned int dst,
		  int32_t imm, int off)
{
	return emit(c, C_JMP | cond, dst, 0, off, imm);
}

unsigned int jump_reg(struct code *c, unsigned int cond, unsigned int dst,
		      unsigned int src, int off)
{
	return emit(c, C_JMP | cond | X, dst, src, off, 0);
}

void code_here(struct code *c, unsigned int at)
{
	c->insns[at].off = (int16_t)(c->n - at - 1);
}

static void refer(struct code *c, unsigned int insn, enum seq_ref_kind kind,
		  unsigned int which)
{
	struct code_ref *ref = &c->refs[c->n_refs];

	if (c->n_refs == CODE_REFS)
		return;
	c->n_refs++;
	ref->insn = (uint16_t)insn;
	ref->kind = (uint8_t)kind;
	ref->which = (uint8_t)which;
}

unsigned int helper(struct code *c, int32_t nr)
{
	return emit(c, C_JMP | J_CALL, 0, 0, 0, nr);
}

unsigned int kfunc(struct code *c, const char *name)
{
	unsigned int at = emit(c, C_JMP | J_CALL, 0, PSEUDO_KFUNC, 0, 0);

	refer(c, at, SEQ_REF_BTF, name_nr(name));
	return at;
}

unsigned int call_sub(struct code *c, int32_t off)
{
	return emit(c, C_JMP | J_CALL, 0, PSEUDO_CALL, 0, off);
}

unsigned int finish(struct code *c)
{
	return emit(c, C_JMP | J_EXIT, 0, 0, 0, 0);
}

void ret(struct code *c, int32_t value)
{
	mov(c, R0, value);
	finish(c);
}

static unsigned int wide(struct code *c, unsigned int dst, unsigned int src,
			 uint32_t low, uint32_t high)
{
	unsigned int at = emit(c, C_LD | DW, dst, src, 0, (int32_t)low);

	emit(c, 0, 0, 0, 0, (int32_t)high);
	return at;
}

void load64(struct code *c, unsigned int dst, uint64_t value)
{
	wide(c, dst, 0, (uint32_t)value, (uint32_t)(value >> 32));
}

void load_map(struct code *c, unsigned int dst, unsigned int map)
{
	refer(c, wide(c, dst, PSEUDO_MAP_FD, 0, 0), SEQ_REF_FD, map);
}

void load_map_value(struct code *c, unsigned int dst, unsigned int map,
		    int32_t off)
{
	refer(c, wide(c, dst, PSEUDO_MAP_VALUE, 0, (uint32_t)off), SEQ_REF_FD,
	      map);
}

void lookup(struct code *c, unsigned int map, int32_t key)
{
	store_imm(c, W, R10, -4, key);
	load_map(c, R1, map);
	mov_reg(c, R2, R10);
	alu(c, OP_ADD, R2, -4);
	helper(c, 1);
	jump(c, J_NE, R0, 0, 1);
	finish(c);
}

void put_code(struct make *m, const struct code *c)
{
	uint8_t bytes[CODE_MOST * 8];
	unsigned int buf;

	for (unsigned int i = 0; i < c->n; i++) {
		const struct insn *insn = &c->insns[i];

		bytes[8 * i] = insn->code;
		bytes[8 * i + 1] = insn->regs;
		put_le(bytes + 8 * i + 2, (uint16_t)insn->off, 2);
		put_le(bytes + 8 * i + 4, (uint32_t)insn->imm, 4);
	}
	put(m, "insn_cnt", c->n);
	buf = put_buf(m, "insns", bytes, 8 * c->n, 8 * c->n);
	buf_is(m, buf, SEQ_INSNS);
	for (unsigned int r = 0; r < c->n_refs; r++)
		in_ref(m, buf, 8u * c->refs[r].insn + 4,
		       (enum seq_ref_kind)c->refs[r].kind, c->refs[r].which, 4);
}

unsigned int load_code(struct make *m, const struct code *c, unsigned int type,
		       unsigned int attach_type)
{
	unsigned int prog = bpf(m, BPFSYS_PROG_LOAD);

	put(m, "prog_type", type);
	put(m, "expected_attach_type", attach_type);
	put_code(m, c);
	/* No other is allowed. */
	if (type == BPF_PROG_TYPE_SYSCALL)
		put(m, "prog_flags", BPF_F_SLEEPABLE);
	put_text(m, "license", "GPL");
	return prog;
}

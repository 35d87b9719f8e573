/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* An assembler for programs that recipes load. */
#ifndef BPFSYS_MAKE_CODE_H
#define BPFSYS_MAKE_CODE_H

#include "build.h"

enum { CODE_MOST = 512, CODE_REFS = 12 };

/* Registers; the program's argument comes in R1, the frame is R10. */
enum { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10 };

/* Opcodes: class, size or operation, mode or source. */
enum {
	C_LD = 0,
	C_LDX = 1,
	C_ST = 2,
	C_STX = 3,
	C_ALU = 4,
	C_JMP = 5,
	C_JMP32 = 6,
	C_ALU64 = 7,
	W = 0x00, /* 4 bytes */
	H = 0x08,
	B = 0x10,
	DW = 0x18,
	M_MEM = 0x60,
	M_MEMSX = 0x80,
	M_ATOMIC = 0xc0,
	X = 0x08, /* the source is a register */
	OP_ADD = 0x00,
	OP_SUB = 0x10,
	OP_MUL = 0x20,
	OP_DIV = 0x30,
	OP_OR = 0x40,
	OP_AND = 0x50,
	OP_LSH = 0x60,
	OP_RSH = 0x70,
	OP_NEG = 0x80,
	OP_MOD = 0x90,
	OP_XOR = 0xa0,
	OP_MOV = 0xb0,
	OP_ARSH = 0xc0,
	OP_END = 0xd0,
	J_A = 0x00,
	J_EQ = 0x10,
	J_GT = 0x20,
	J_GE = 0x30,
	J_SET = 0x40,
	J_NE = 0x50,
	J_SGT = 0x60,
	J_SGE = 0x70,
	J_CALL = 0x80,
	J_EXIT = 0x90,
	J_LT = 0xa0,
	J_LE = 0xb0,
	J_SLT = 0xc0,
	J_SLE = 0xd0,
};

/* struct bpf_insn, with the registers apart. */
struct insn {
	uint8_t code, regs; /* destination low, source high */
	int16_t off;
	int32_t imm;
};

struct code_ref {
	uint16_t insn;
	uint8_t kind, which;
};

struct code {
	unsigned int n, n_refs;
	struct insn insns[CODE_MOST];
	struct code_ref refs[CODE_REFS];
};

void code_clear(struct code *c);
/* The number of the instruction. */
unsigned int emit(struct code *c, unsigned int code, unsigned int dst,
		  unsigned int src, int off, int32_t imm);
unsigned int mov(struct code *c, unsigned int dst, int32_t imm);
unsigned int mov_reg(struct code *c, unsigned int dst, unsigned int src);
unsigned int alu(struct code *c, unsigned int op, unsigned int dst,
		 int32_t imm);
unsigned int alu_reg(struct code *c, unsigned int op, unsigned int dst,
		     unsigned int src);
unsigned int load(struct code *c, unsigned int size, unsigned int dst,
		  unsigned int src, int off);
unsigned int store(struct code *c, unsigned int size, unsigned int dst, int off,
		   unsigned int src);
unsigned int store_imm(struct code *c, unsigned int size, unsigned int dst,
		       int off, int32_t imm);
/* A jump OFF instructions on; code_here() makes it land behind the last. */
unsigned int jump(struct code *c, unsigned int cond, unsigned int dst,
		  int32_t imm, int off);
unsigned int jump_reg(struct code *c, unsigned int cond, unsigned int dst,
		      unsigned int src, int off);
void code_here(struct code *c, unsigned int jump);
unsigned int helper(struct code *c, int32_t nr);
unsigned int kfunc(struct code *c, const char *name);
unsigned int call_sub(struct code *c, int32_t off);
unsigned int finish(struct code *c); /* exit */
void ret(struct code *c, int32_t value);
void load64(struct code *c, unsigned int dst, uint64_t value);
/* The map of call MAP. */
void load_map(struct code *c, unsigned int dst, unsigned int map);
void load_map_value(struct code *c, unsigned int dst, unsigned int map,
		    int32_t off);
/* R0 = the map's value of the 4 byte KEY, checked: where there is none the
 * program returns 0. Uses the stack below -4 - DEPTH, and R1 to R5. */
void lookup(struct code *c, unsigned int map, int32_t key);

/* Begins PROG_LOAD of it. */
unsigned int load_code(struct make *m, const struct code *c, unsigned int type,
		       unsigned int attach_type);
/* Puts it into the field insns of the call. */
void put_code(struct make *m, const struct code *c);

#endif

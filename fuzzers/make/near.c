// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Programs near the border of what the verifier lets pass: numbers from the
 * packet go through arithmetic whose bounds are tracked here as the verifier
 * does, and become an offset into a map's value. Where the verifier believes in
 * tighter bounds than are true, an access beyond the value is let through, and
 * is seen when it is made. */
#include "field.h"
#include "near.h"
#include "range.h"

enum {
	PACKET = -40, /* on the stack, 32 bytes */
	SPILL = -48,
	CELL = -56, /* for atomics */
	VALUE = R7, /* pointer to the map's value */
	CTX = R6,
	EXITS = 32,
	PAST = 64,
};

/* Registers that hold numbers. */
static const uint8_t numbers[] = {R1, R2, R3, R4, R5, R8, R9};

struct near {
	struct make *m;
	struct code *c;
	uint32_t size;	      /* of the value */
	struct range at[R10]; /* what a register can be */
	uint64_t past[PAST];  /* limits that were true at some time */
	unsigned int n_past;
	unsigned int exits[EXITS]; /* jumps to the end */
	unsigned int n_exits;
};

static unsigned int any_reg(struct near *n)
{
	return numbers[any(n->m, COUNT_OF(numbers))];
}

static void remember(struct near *n, unsigned int reg)
{
	if (n->at[reg].hi < n->size && n->n_past < PAST)
		n->past[n->n_past++] = n->at[reg].hi;
}

static void set(struct near *n, unsigned int reg, uint64_t lo, uint64_t hi)
{
	n->at[reg].lo = lo <= hi ? lo : 0;
	n->at[reg].hi = lo <= hi ? hi : ~0ull;
	remember(n, reg);
}

static void leave(struct near *n, unsigned int jump)
{
	if (n->n_exits < EXITS)
		n->exits[n->n_exits++] = jump;
}

/* A number from outside. */
static void take(struct near *n, unsigned int reg)
{
	static const struct {
		uint8_t code;
		uint64_t hi;
	} loads[] = {
		{C_LDX | M_MEM | B, 0xff},	 {C_LDX | M_MEM | H, 0xffff},
		{C_LDX | M_MEM | W, 0xffffffff}, {C_LDX | M_MEM | DW, ~0ull},
		{C_LDX | M_MEMSX | B, ~0ull},	 {C_LDX | M_MEMSX | W, ~0ull},
	};
	const unsigned int how = any(n->m, COUNT_OF(loads));

	if (one_in(n->m, 4))
		emit(n->c, loads[how].code, reg, VALUE,
		     8 * (int)any(n->m, n->size / 8), 0);
	else
		emit(n->c, loads[how].code, reg, R10,
		     PACKET + 8 * (int)any(n->m, 4), 0);
	set(n, reg, 0, loads[how].hi);
}

static int32_t any_operand(struct near *n, unsigned int op)
{
	static const int32_t masks[] = {1,    3,	  7,   15,     31,
					63,   127,	  255, 0xffff, -1,
					-256, 0x7fffffff, 6,   40,     -8};

	switch (op) {
	case OP_LSH:
	case OP_RSH:
	case OP_ARSH:
		return (int32_t)any(n->m, 32);
	case OP_AND:
	case OP_OR:
	case OP_XOR:
		return masks[any(n->m, COUNT_OF(masks))];
	case OP_DIV:
	case OP_MOD:
		return 1 + (int32_t)any(n->m, n->size);
	}
	return one_in(n->m, 6) ? (int32_t)any_number(n->m)
			       : (int32_t)any(n->m, n->size);
}

static void arithmetic(struct near *n)
{
	static const uint8_t ops[] = {OP_ADD, OP_ADD, OP_SUB, OP_SUB, OP_MUL,
				      OP_DIV, OP_OR,  OP_AND, OP_AND, OP_LSH,
				      OP_RSH, OP_MOD, OP_XOR, OP_MOV, OP_ARSH};
	const unsigned int op = ops[any(n->m, COUNT_OF(ops))];
	const unsigned int dst = any_reg(n), src = any_reg(n);
	const unsigned int class = one_in(n->m, 3) ? C_ALU : C_ALU64;
	struct range a = n->at[dst], b;

	if (one_in(n->m, 3)) {
		b = n->at[src];
		emit(n->c, class | op | X, dst, src, 0, 0);
	} else {
		int32_t imm = any_operand(n, op);

		b.lo = b.hi =
			class == C_ALU ? (uint32_t)imm : (uint64_t)(int64_t)imm;
		emit(n->c, class | op, dst, 0, 0, imm);
	}
	a = range_after(op, a, b);
	if (class == C_ALU && (a.hi > 0xffffffff || b.hi > 0xffffffff))
		a = (struct range){0, 0xffffffff};
	set(n, dst, a.lo, a.hi);
}

/* Sign extension, byte order, negation. */
static void conversion(struct near *n)
{
	static const uint8_t widths[] = {8, 16, 32}, orders[] = {16, 32, 64};
	const unsigned int dst = any_reg(n), src = any_reg(n);
	unsigned int width;

	switch (any(n->m, 4)) {
	case 0:
		width = widths[any(n->m, 3)];
		emit(n->c, C_ALU64 | OP_MOV | X, dst, src, (int)width, 0);
		if (n->at[src].hi < 1ull << (width - 1))
			set(n, dst, n->at[src].lo, n->at[src].hi);
		else
			set(n, dst, 0, ~0ull);
		return;
	case 1:
		width = orders[any(n->m, 3)];
		emit(n->c, C_ALU | OP_END | (one_in(n->m, 2) ? X : 0), dst, 0,
		     0, (int32_t)width);
		set(n, dst, 0, width == 64 ? ~0ull : (1ull << width) - 1);
		return;
	case 2:
		emit(n->c, C_ALU64 | OP_NEG, dst, 0, 0, 0);
		set(n, dst, 0, ~0ull);
		return;
	default:
		emit(n->c, C_ALU | OP_MOV | X, dst, src, 0, 0);
		set(n, dst, n->at[src].hi <= 0xffffffff ? n->at[src].lo : 0,
		    n->at[src].hi <= 0xffffffff ? n->at[src].hi : 0xffffffff);
	}
}

/* Goes on only where a register is in bounds. */
static void bound(struct near *n)
{
	const unsigned int reg = any_reg(n), other = any_reg(n);
	const unsigned int class = one_in(n->m, 4) ? C_JMP32 : C_JMP;
	const uint32_t limit = any(n->m, n->size);
	struct range *a = &n->at[reg];

	switch (any(n->m, 6)) {
	case 0:
		leave(n, emit(n->c, class | J_SGT, reg, 0, 0, (int32_t)limit));
		if (class == C_JMP && one_in(n->m, 2)) {
			leave(n, jump(n->c, J_SLT, reg, 0, 0));
			set(n, reg, 0, a->hi < limit ? a->hi : limit);
		}
		return;
	case 1:
		leave(n, emit(n->c, class | J_LT, reg, 0, 0, (int32_t)limit));
		if (class == C_JMP)
			set(n, reg, a->lo > limit ? a->lo : limit, a->hi);
		return;
	case 2:
		leave(n, emit(n->c, class | J_NE | X, reg, other, 0, 0));
		return;
	case 3:
		leave(n, emit(n->c, class | J_SET, reg, 0, 0, -(int32_t)64));
		if (class == C_JMP)
			set(n, reg, 0, a->hi < 63 ? a->hi : 63);
		return;
	default:
		leave(n, emit(n->c, class | J_GT, reg, 0, 0, (int32_t)limit));
		if (class == C_JMP || a->hi <= 0xffffffff)
			set(n, reg, a->lo <= limit ? a->lo : 0,
			    a->hi < limit ? a->hi : limit);
	}
}

/* By way of memory. */
static void memory(struct near *n)
{
	const unsigned int dst = any_reg(n), src = any_reg(n);
	static const int32_t atomics[] = {0x01, 0x41, 0x51, 0xa1, 0xe1};

	if (one_in(n->m, 3)) {
		emit(n->c, C_STX | M_ATOMIC | (one_in(n->m, 2) ? DW : W), R10,
		     src, CELL, atomics[any(n->m, COUNT_OF(atomics))]);
		set(n, src, 0, ~0ull);
		return;
	}
	store(n->c, DW, R10, SPILL, src);
	if (one_in(n->m, 3)) {
		load(n->c, W, dst, R10, SPILL);
		set(n, dst, 0,
		    n->at[src].hi < 0xffffffff ? n->at[src].hi : 0xffffffff);
	} else {
		load(n->c, DW, dst, R10, SPILL);
		set(n, dst, n->at[src].lo, n->at[src].hi);
	}
}

/* A step of the value that the verifier has to follow several times. */
static void loop(struct near *n)
{
	const unsigned int times = 2 + any(n->m, 6), by = any(n->m, 3);

	mov(n->c, R8, 0);
	mov(n->c, R9, 0);
	alu(n->c, OP_ADD, R8, 1);
	alu(n->c, OP_ADD, R9, (int32_t)by);
	jump(n->c, J_LT, R8, (int32_t)times, -3);
	set(n, R8, times, times);
	set(n, R9, (uint64_t)by * times, (uint64_t)by * times);
}

/* A register with some bound, where one has. */
static unsigned int bounded_reg(struct near *n)
{
	unsigned int reg = any_reg(n);

	for (unsigned int i = 0; i < 12 && n->at[reg].hi >= n->size; i++)
		reg = any_reg(n);
	return reg;
}

/* Reads or writes VALUE + register + offset, where the register is believed to
 * be HI at most: just inside. */
static void touch(struct near *n, unsigned int reg, uint64_t hi)
{
	static const uint8_t sizes[] = {B, H, W, DW};
	static const uint8_t bytes[] = {1, 2, 4, 8};
	unsigned int how = any(n->m, 4);
	int off;

	while (how && hi + bytes[how] > n->size)
		how--;
	off = (int)n->size - (int)hi - bytes[how];
	if (one_in(n->m, 6))
		off += (int)any(n->m, 3) - 1;
	mov_reg(n->c, R0, VALUE);
	if (one_in(n->m, 16)) {
		/* The other way, from the end back, is none that it allows. */
		alu(n->c, OP_ADD, R0, (int32_t)hi);
		alu_reg(n->c, OP_SUB, R0, reg);
	} else {
		alu_reg(n->c, OP_ADD, R0, reg);
	}
	if (one_in(n->m, 3))
		load(n->c, sizes[how], any_reg(n), R0, off);
	else
		store_imm(n->c, sizes[how], R0, off, 0x41);
	for (unsigned int i = 0; i < COUNT_OF(numbers); i++)
		if ((n->c->insns[n->c->n - 1].regs & 15) == numbers[i] &&
		    n->c->insns[n->c->n - 1].code !=
			    (C_ST | M_MEM | sizes[how]))
			set(n, numbers[i], 0, ~0ull);
}

/* By what is true now or was true before. */
static void reach(struct near *n)
{
	const unsigned int reg = bounded_reg(n);
	uint64_t hi = n->at[reg].hi;

	if (hi >= n->size) {
		alu(n->c, OP_AND, reg, 15);
		hi = 15;
		set(n, reg, 0, 15);
	}
	if (n->n_past && one_in(n->m, 3))
		hi = n->past[any(n->m, n->n_past)];
	touch(n, reg, hi);
}

/* A small number, by a mask or by a branch. */
static uint64_t confine(struct near *n, unsigned int reg)
{
	const uint64_t hi = (2ull << any(n->m, 4)) - 1;

	if (one_in(n->m, 2))
		alu(n->c, OP_AND, reg, (int32_t)hi);
	else
		leave(n, jump(n->c, J_GT, reg, (int32_t)hi, 0));
	set(n, reg, 0, hi);
	return hi;
}

/* One step away from a bound, then what was right before the step: none but a
 * verifier that has missed the step lets that pass. */
static void stretch(struct near *n)
{
	/* Shifts by a register, remainders and quotients are anything to it. */
	static const uint8_t ops[] = {OP_LSH, OP_RSH, OP_ARSH, OP_ADD, OP_SUB,
				      OP_MUL, OP_OR,  OP_XOR,  OP_AND};
	enum { SHIFTS = 3 };
	const unsigned int which = any(n->m, COUNT_OF(ops)), op = ops[which];
	const unsigned int class = one_in(n->m, 3) ? C_ALU : C_ALU64;
	const unsigned int reg = any_reg(n), by = any_reg(n);
	const uint64_t hi = confine(n, reg);
	struct range b;

	if (which >= SHIFTS && by != reg && one_in(n->m, 3)) {
		b = (struct range){0, confine(n, by)};
		emit(n->c, class | op | X, reg, by, 0, 0);
	} else {
		b.lo = b.hi = 1 + any(n->m, 6);
		emit(n->c, class | op, reg, 0, 0, (int32_t)b.lo);
	}
	b = range_after(op, (struct range){0, hi}, b);
	set(n, reg, b.lo, class == C_ALU && b.hi > ~0u ? ~0u : b.hi);
	touch(n, reg, hi < n->size ? hi : n->size - 1);
}

static void begin(struct near *n, unsigned int map)
{
	mov_reg(n->c, CTX, R1);
	lookup(n->c, map, 0);
	mov_reg(n->c, VALUE, R0);
	store_imm(n->c, DW, R10, SPILL, 0);
	store_imm(n->c, DW, R10, CELL, 1);
	mov_reg(n->c, R1, CTX);
	mov(n->c, R2, (int32_t)any(n->m, 16));
	mov_reg(n->c, R3, R10);
	alu(n->c, OP_ADD, R3, PACKET);
	mov(n->c, R4, 32);
	helper(n->c, 26); /* bpf_skb_load_bytes */
	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		take(n, numbers[i]);
}

static void end(struct near *n)
{
	mov_reg(n->c, R0, any_reg(n));
	alu_reg(n->c, OP_XOR, R0, any_reg(n));
	finish(n->c);
	for (unsigned int i = 0; i < n->n_exits; i++)
		code_here(n->c, n->exits[i]);
	/* Nothing may be there that nothing leads to. */
	if (n->n_exits)
		ret(n->c, 1);
}

void near_code(struct make *m, struct code *c, unsigned int map, uint32_t size)
{
	struct near n = {.m = m, .c = c, .size = size};
	unsigned int steps = 3 + any(m, 16);

	code_clear(c);
	begin(&n, map);
	while (steps--) {
		switch (any(m, 12)) {
		case 0:
		case 1:
			bound(&n);
			break;
		case 2:
			conversion(&n);
			break;
		case 3:
			memory(&n);
			break;
		case 4:
			reach(&n);
			break;
		case 5:
			if (one_in(m, 3))
				loop(&n);
			else
				take(&n, any_reg(&n));
			break;
		default:
			arithmetic(&n);
		}
	}
	if (one_in(m, 2))
		stretch(&n);
	else
		reach(&n);
	end(&n);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Follows addresses, and what was never written, through a program. A
 * privileged program may make numbers of them, which differ from one run to the
 * next; such a program is no twin. */
#include <string.h>

#include "frame.h"
#include "near.h"

enum {
	STEP = 8,
	MOST = 1024,
	ROUNDS = 64,
	STACK = 11,    /* bit: an address was stored on the stack */
	REACHED = 12,  /* bit: the instruction is reached */
	CTX_DATA = 76, /* of struct __sk_buff */
	CTX_DATA_END = 80,
	CTX_DATA_META = 140,
};

struct state {
	uint16_t regs; /* bits: which may hold an address; STACK, REACHED */
	struct frame frame;
};

struct flow {
	const uint8_t *insns;
	uint32_t n;
	struct state at[MOST + 1]; /* before the instruction */
	bool told, changed;
};

static bool has(uint16_t state, unsigned int bit)
{
	return state >> bit & 1;
}

static uint16_t with(uint16_t state, unsigned int bit, bool on)
{
	return (uint16_t)(on ? state | 1 << bit : state & ~(1 << bit));
}

static void arithmetic(uint16_t *state, const uint8_t *insn)
{
	const unsigned int dst = insn[1] & 15, src = insn[1] >> 4;
	const bool from = (insn[0] & X) && has(*state, src);
	const unsigned int what = insn[0] & 0xf0;

	/* The source bit of a byte swap says which. */
	if (what == OP_END)
		return;
	*state = with(*state, dst,
		      what == OP_MOV ? from : from || has(*state, dst));
}

/* From the context come addresses, too. */
static void loaded(uint16_t *state, const uint8_t *insn)
{
	const unsigned int dst = insn[1] & 15, src = insn[1] >> 4;
	const unsigned int off = (unsigned int)get_le(insn + 2, 2);
	const bool data =
		off == CTX_DATA || off == CTX_DATA_END || off == CTX_DATA_META;

	*state = with(*state, dst, src == R10 ? has(*state, STACK) : data);
}

static void stored(struct flow *f, uint16_t *state, const uint8_t *insn)
{
	const unsigned int dst = insn[1] & 15, src = insn[1] >> 4;
	const bool atomic = (insn[0] & 0xe0) == M_ATOMIC;

	if (has(*state, src)) {
		if (dst != R10)
			f->told = true;
		*state = with(*state, STACK, true);
	}
	/* What was there comes back. */
	if (atomic && dst == R10 && has(*state, STACK))
		f->told = true;
}

static void called(struct flow *f, uint16_t *state, const uint8_t *insn)
{
	const uint32_t nr = (uint32_t)get_le(insn + 4, 4);

	if (nr == HELPER_SKB_LOAD_BYTES && has(*state, STACK))
		f->told = true;
	*state = (uint16_t)(*state & ~0x3f);
	*state = with(*state, R0, nr == HELPER_MAP_LOOKUP);
}

/* An address compared with a number, other than with 0, tells of it. */
static void compared(struct flow *f, uint16_t state, const uint8_t *insn)
{
	const unsigned int dst = insn[1] & 15, src = insn[1] >> 4;
	const unsigned int what = insn[0] & 0xf0;

	if (insn[0] & X)
		f->told |= has(state, dst) != has(state, src);
	else if (has(state, dst))
		f->told |= get_le(insn + 4, 4) != 0 ||
			   (what != J_EQ && what != J_NE);
}

/* Where the register is known to be 0, as the branch says. */
static uint16_t equal(uint16_t state, const uint8_t *insn,
		      unsigned int compared_by)
{
	if ((insn[0] & 0xf0) == compared_by && !(insn[0] & X) &&
	    (insn[0] & 7) == C_JMP && !get_le(insn + 4, 4))
		return with(state, insn[1] & 15, false);
	return state;
}

static void reach(struct flow *f, int64_t at, const struct state *from,
		  uint16_t regs)
{
	struct state *to;

	if (at < 0 || at >= f->n) {
		f->told = true;
		return;
	}
	to = &f->at[at];
	if (!has(to->regs, REACHED)) {
		to->frame = from->frame;
		f->changed = true;
	} else {
		f->changed |= frame_meet(&to->frame, &from->frame);
	}
	f->changed |= (regs & ~to->regs) != 0;
	to->regs |= (uint16_t)(regs | 1 << REACHED);
}

static void jumped(struct flow *f, uint32_t i, const struct state *state)
{
	const uint8_t *insn = f->insns + (size_t)i * STEP;
	const unsigned int what = insn[0] & 0xf0;
	int64_t by = (int16_t)get_le(insn + 2, 2);
	uint16_t regs = state->regs;

	if (what == J_EXIT) {
		f->told |= has(regs, R0);
		return;
	}
	if (what == J_CALL) {
		called(f, &regs, insn);
		reach(f, (int64_t)i + 1, state, regs);
		return;
	}
	if (what == J_A && (insn[0] & 7) == C_JMP32)
		by = (int32_t)get_le(insn + 4, 4);
	if (what == J_A) {
		reach(f, (int64_t)i + 1 + by, state, regs);
		return;
	}
	compared(f, regs, insn);
	reach(f, (int64_t)i + 1, state, equal(regs, insn, J_NE));
	reach(f, (int64_t)i + 1 + by, state, equal(regs, insn, J_EQ));
}

static void flow(struct flow *f, uint32_t i)
{
	const uint8_t *insn = f->insns + (size_t)i * STEP;
	struct state state = f->at[i];

	if ((insn[1] & 15) > R10 || insn[1] >> 4 > R10 ||
	    !frame_step(&state.frame, insn)) {
		f->told = true;
		return;
	}
	switch (insn[0] & 7) {
	case C_ALU:
	case C_ALU64:
		arithmetic(&state.regs, insn);
		break;
	case C_LDX:
		loaded(&state.regs, insn);
		break;
	case C_ST:
		break;
	case C_STX:
		stored(f, &state.regs, insn);
		break;
	case C_LD:
		if (insn[0] != (C_LD | DW)) {
			f->told = true;
			return;
		}
		state.regs = with(state.regs, insn[1] & 15, insn[1] >> 4 != 0);
		reach(f, (int64_t)i + 2, &state, state.regs);
		return;
	default:
		jumped(f, i, &state);
		return;
	}
	reach(f, (int64_t)i + 1, &state, state.regs);
}

bool tells_no_address(const uint8_t *insns, uint32_t len)
{
	static uint8_t whole[MOST * STEP];
	static struct flow f;

	if (len > sizeof(whole))
		return false;
	/* Encoding leaves out the zeros at the end. */
	memset(whole, 0, sizeof(whole));
	memcpy(whole, insns, len);
	memset(&f, 0, sizeof(f));
	f.insns = whole;
	f.n = (len + STEP - 1) / STEP;
	f.at[0].regs = 1 << REACHED | 1 << R1 | 1 << R10;
	frame_begin(&f.at[0].frame);
	for (unsigned int round = 0; round < ROUNDS; round++) {
		f.changed = false;
		for (uint32_t i = 0; i < f.n && !f.told; i++)
			if (has(f.at[i].regs, REACHED))
				flow(&f, i);
		if (f.told)
			return false;
		if (!f.changed)
			return true;
	}
	return false;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Follows pointers to the stack frame, and what is written there. */
#include <string.h>

#include "code.h"
#include "frame.h"

enum { CLASS = 7, KIND = 0xe0, WIDTH = 0x18, WHAT = 0xf0 };

static unsigned int dst_of(const uint8_t *insn)
{
	return insn[1] & 15;
}

static unsigned int src_of(const uint8_t *insn)
{
	return insn[1] >> 4;
}

static int32_t off_of(const uint8_t *insn)
{
	return (int16_t)get_le(insn + 2, 2);
}

static int32_t imm_of(const uint8_t *insn)
{
	return (int32_t)get_le(insn + 4, 4);
}

static uint32_t width_of(const uint8_t *insn)
{
	switch (insn[0] & WIDTH) {
	case W:
		return 4;
	case H:
		return 2;
	case B:
		return 1;
	default:
		return 8;
	}
}

static bool may_point(const struct frame *frame, unsigned int reg)
{
	return frame->may_point >> reg & 1;
}

static void set(struct frame *frame, unsigned int reg, enum frame_value kind,
		int32_t value, bool points)
{
	frame->kind[reg] = kind;
	frame->value[reg] = kind == FRAME_UNKNOWN ? 0 : value;
	frame->may_point = (uint16_t)(frame->may_point & ~(1 << reg));
	if (points)
		frame->may_point = (uint16_t)(frame->may_point | 1 << reg);
}

void frame_begin(struct frame *frame)
{
	memset(frame, 0, sizeof(*frame));
	set(frame, R10, FRAME_OFFSET, 0, true);
}

/* What is known of a register on both ways. */
static bool meet_reg(struct frame *frame, const struct frame *from,
		     unsigned int reg)
{
	const bool points = may_point(frame, reg) || may_point(from, reg);
	const bool same = frame->kind[reg] == from->kind[reg] &&
			  frame->value[reg] == from->value[reg];
	const bool changed = points != may_point(frame, reg) ||
			     (!same && frame->kind[reg] != FRAME_UNKNOWN);

	set(frame, reg, same ? frame->kind[reg] : FRAME_UNKNOWN,
	    frame->value[reg], points);
	return changed;
}

bool frame_meet(struct frame *frame, const struct frame *from)
{
	bool changed = from->holds && !frame->holds;

	frame->holds |= from->holds;
	for (unsigned int reg = 0; reg < FRAME_REGS; reg++)
		changed |= meet_reg(frame, from, reg);
	for (unsigned int i = 0; i < FRAME_SIZE / 64; i++) {
		changed |= (frame->written[i] & ~from->written[i]) != 0;
		frame->written[i] &= from->written[i];
	}
	return changed;
}

/* LEN bytes at OFF from R10. */
static bool is_inside(int64_t off, int64_t len)
{
	return off >= -FRAME_SIZE && len >= 0 && off + len <= 0;
}

static void write_at(struct frame *frame, int64_t off, int64_t len)
{
	if (!is_inside(off, len))
		return;
	for (int64_t at = off + FRAME_SIZE; len; at++, len--)
		frame->written[at / 64] |= 1ULL << at % 64;
}

static bool is_written(const struct frame *frame, int64_t off, int64_t len)
{
	if (!is_inside(off, len))
		return false;
	for (int64_t at = off + FRAME_SIZE; len; at++, len--)
		if (!(frame->written[at / 64] >> at % 64 & 1))
			return false;
	return true;
}

/* Of LEN bytes OFF behind where REG points, if that is the frame at all. */
static bool may_read(const struct frame *frame, unsigned int reg, int64_t off,
		     int64_t len)
{
	if (frame->kind[reg] == FRAME_OFFSET)
		return is_written(frame, frame->value[reg] + off, len);
	return !may_point(frame, reg);
}

/* Numbers are small ones: nothing overflows. */
static bool is_sum(int64_t sum)
{
	return sum > -(1 << 20) && sum < 1 << 20;
}

static void compute(struct frame *frame, const uint8_t *insn)
{
	const unsigned int dst = dst_of(insn), src = src_of(insn);
	const unsigned int what = insn[0] & WHAT;
	const bool from_reg = insn[0] & X;
	const bool points = what == OP_MOV ? from_reg && may_point(frame, src)
					   : (from_reg && what != OP_END &&
					      may_point(frame, src)) ||
						     may_point(frame, dst);
	const int64_t sum = (int64_t)frame->value[dst] + imm_of(insn);

	if ((insn[0] & CLASS) == C_ALU64 && what == OP_MOV && from_reg &&
	    !off_of(insn))
		set(frame, dst, frame->kind[src], frame->value[src], points);
	else if (what == OP_MOV && !from_reg && imm_of(insn) >= 0)
		set(frame, dst, FRAME_NUMBER, imm_of(insn), false);
	else if ((insn[0] & CLASS) == C_ALU64 && what == OP_ADD && !from_reg &&
		 frame->kind[dst] != FRAME_UNKNOWN && is_sum(sum))
		set(frame, dst, frame->kind[dst], (int32_t)sum, points);
	else
		set(frame, dst, FRAME_UNKNOWN, 0, points);
}

static bool load_insn(struct frame *frame, const uint8_t *insn)
{
	const unsigned int src = src_of(insn);
	const bool known = may_read(frame, src, off_of(insn), width_of(insn));

	set(frame, dst_of(insn), FRAME_UNKNOWN, 0,
	    frame->holds && may_point(frame, src));
	return known;
}

static bool store_insn(struct frame *frame, const uint8_t *insn)
{
	const unsigned int dst = dst_of(insn);
	const bool atomic =
		(insn[0] & CLASS) == C_STX && (insn[0] & KIND) == M_ATOMIC;

	if (atomic) {
		/* What stood there may come into a register: R0, the source. */
		if (!may_read(frame, dst, off_of(insn), width_of(insn)))
			return false;
		set(frame, R0, FRAME_UNKNOWN, 0,
		    may_point(frame, dst) || may_point(frame, R0));
		set(frame, src_of(insn), FRAME_UNKNOWN, 0,
		    may_point(frame, dst) || may_point(frame, src_of(insn)));
		return true;
	}
	if (frame->kind[dst] == FRAME_OFFSET)
		write_at(frame, frame->value[dst] + off_of(insn),
			 width_of(insn));
	return true;
}

/* Memory at PTR, of as many bytes as SIZE says. */
static bool may_pass(const struct frame *frame, unsigned int ptr,
		     unsigned int size)
{
	if (!may_point(frame, ptr))
		return true;
	return frame->kind[size] == FRAME_NUMBER &&
	       may_read(frame, ptr, 0, frame->value[size]);
}

static bool call_insn(struct frame *frame, const uint8_t *insn)
{
	bool known = false;

	/* Subprograms have frames of their own. */
	switch (src_of(insn) ? 0 : imm_of(insn)) {
	case HELPER_MAP_LOOKUP:
		/* Keys of any size: all up to the frame's end. */
		known = may_read(frame, R2, 0, -(int64_t)frame->value[R2]);
		break;
	case HELPER_SKB_LOAD_BYTES:
		/* Zeros if it fails. */
		known = true;
		if (frame->kind[R3] == FRAME_OFFSET &&
		    frame->kind[R4] == FRAME_NUMBER)
			write_at(frame, frame->value[R3], frame->value[R4]);
		break;
	case HELPER_CSUM_DIFF:
		known = may_pass(frame, R1, R2) && may_pass(frame, R3, R4);
		break;
	}
	for (unsigned int reg = R0; reg <= R5; reg++)
		set(frame, reg, FRAME_UNKNOWN, 0, false);
	return known;
}

bool frame_step(struct frame *frame, const uint8_t *insn)
{
	switch (insn[0] & CLASS) {
	case C_LD:
		set(frame, dst_of(insn), FRAME_UNKNOWN, 0, false);
		return true;
	case C_LDX:
		return load_insn(frame, insn);
	case C_ST:
	case C_STX:
		return store_insn(frame, insn);
	case C_ALU:
	case C_ALU64:
		compute(frame, insn);
		return true;
	default:
		return (insn[0] & WHAT) != J_CALL ||
		       (insn[0] & CLASS) != C_JMP || call_insn(frame, insn);
	}
}

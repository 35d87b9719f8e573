// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Changes to a program: jumps and calls keep their targets. */
#include "change.h"
#include "code.h"

enum { STEP = 8, INSN_CNT = 4, PSEUDO_FUNC = 4, MOST = 4096 };

static int32_t imm_of(const uint8_t *insn)
{
	return (int32_t)get_le(insn + 4, 4);
}

static int16_t off_of(const uint8_t *insn)
{
	return (int16_t)get_le(insn + 2, 2);
}

/* Whether its target stands in imm; or in off; or it has none: 0. */
static int target_in(const uint8_t *insn)
{
	const unsigned int class = insn[0] & 7, what = insn[0] & 0xf0;

	if (insn[0] == (C_LD | DW) && insn[1] >> 4 == PSEUDO_FUNC)
		return 4;
	if (class != C_JMP && class != C_JMP32)
		return 0;
	if (what == J_CALL)
		return insn[1] >> 4 == 1 ? 4 : 0;
	if (what == J_EXIT)
		return 0;
	return class == C_JMP32 && what == J_A ? 4 : 2;
}

/* Where instruction X is when OLD of them at AT have become NEW. */
static int64_t after(int64_t x, int64_t at, int64_t old, int64_t new)
{
	if (x < at)
		return x;
	return x < at + old ? at : x - old + new;
}

static void retarget(uint8_t *p, uint32_t n, uint32_t at, uint32_t old,
		     uint32_t new)
{
	for (uint32_t i = 0; i < n; i++) {
		uint8_t *insn = p + (size_t)i * STEP;
		int where = target_in(insn);
		int64_t by = where == 4 ? imm_of(insn) : off_of(insn), to;

		if (!where)
			continue;
		to = after(i + 1 + by, at, old, new);
		by = to - after(i, at, old, new) - 1;
		if (where == 4)
			put_le(insn + 4, (uint32_t)by, 4);
		else
			put_le(insn + 2, (uint16_t)by, 2);
	}
}

/* OLD instructions at AT become NEW, of zeros. */
static uint8_t *replace(struct make *m, struct seq_call *call, unsigned int buf,
			uint32_t at, uint32_t old, uint32_t new)
{
	uint32_t n = call->bufs[buf].given / STEP;
	const bool counted = call->cmd == BPFSYS_PROG_LOAD &&
			     attr_get(call, INSN_CNT, 4) == n;
	uint8_t *p;

	if (at + old > n || n - old + new > MOST || n - old + new == 0)
		return NULL;
	p = buf_data(m, &call->bufs[buf]);
	retarget(p, n, at, old, new);
	if (!buf_splice(m, call, buf, at * STEP, old * STEP, new *STEP))
		return NULL;
	n = n - old + new;
	if (counted)
		attr_put(call, INSN_CNT, n, 4);
	return buf_data(m, &call->bufs[buf]) + (size_t)at * STEP;
}

void change_insn_drop(struct make *m, struct seq_call *call, unsigned int buf,
		      uint32_t nr)
{
	replace(m, call, buf, nr, 1, 0);
}

static uint8_t any_opcode(struct make *m, uint8_t old)
{
	switch (old & 7) {
	case C_ALU:
	case C_ALU64:
		if (one_in(m, 5))
			return old ^ (C_ALU ^ C_ALU64);
		if (one_in(m, 5))
			return old ^ X;
		return (uint8_t)((old & 0x0f) | any(m, 14) << 4);
	case C_JMP:
	case C_JMP32:
		if ((old & 0xf0) == J_CALL || (old & 0xf0) == J_EXIT)
			return old;
		if (one_in(m, 5))
			return old ^ (C_JMP ^ C_JMP32);
		if (one_in(m, 5))
			return old ^ X;
		return (uint8_t)((old & 0x0f) | (1 + any(m, 13)) << 4);
	default:
		if (one_in(m, 6))
			return (uint8_t)((old & 0x1f) | any(m, 8) << 5);
		return (uint8_t)((old & 0xe7) | any(m, 4) << 3);
	}
}

static void change_one(struct make *m, uint8_t *insn)
{
	switch (any(m, 6)) {
	case 0:
		insn[0] = any_opcode(m, insn[0]);
		break;
	case 1:
		insn[1] = (uint8_t)((insn[1] & 0xf0) | any(m, 11));
		break;
	case 2:
		insn[1] = (uint8_t)((insn[1] & 0x0f) | any(m, 11) << 4);
		break;
	case 3:
		put_le(insn + 2,
		       near_number(m, (uint64_t)(int64_t)off_of(insn), 2), 2);
		break;
	case 4:
		/* Which helper, of those that there are. */
		if (insn[0] == (C_JMP | J_CALL) && insn[1] == 0) {
			put_le(insn + 4, 1 + any(m, 211), 4);
			break;
		}
		/* fallthrough */
	default:
		put_le(insn + 4,
		       near_number(m, (uint64_t)(int64_t)imm_of(insn), 4), 4);
	}
}

/* What programs are made of, to be put in between. */
static void any_idiom(struct make *m, struct code *c)
{
	static const uint8_t sizes[] = {B, H, W, DW};
	const unsigned int reg = any(m, 10), other = any(m, 10);
	const unsigned int size = sizes[any(m, 4)];

	switch (any(m, 9)) {
	case 0:
		mov(c, reg, (int32_t)any_number(m));
		break;
	case 1:
		alu(c, any(m, 13) << 4, reg, (int32_t)any(m, 64));
		break;
	case 2:
		alu_reg(c, any(m, 13) << 4, reg, other);
		break;
	case 3:
		load(c, size, reg, R1, 4 * (int)any(m, 24));
		break;
	case 4:
		store_imm(c, size, R10, -8 * (1 + (int)any(m, 8)), 1);
		load(c, size, reg, R10, -8 * (1 + (int)any(m, 8)));
		break;
	case 5:
		jump(c, (1 + any(m, 13)) << 4, reg, (int32_t)any_number(m),
		     (int)any(m, 3));
		break;
	case 6:
		helper(c, 1 + (int32_t)any(m, 211));
		break;
	case 7:
		emit(c, C_STX | M_ATOMIC | (one_in(m, 2) ? DW : W), R10, reg,
		     -8, (int32_t)(any(m, 6) << 4 | any(m, 2)));
		break;
	default:
		mov_reg(c, reg, other);
	}
}

static void add_idiom(struct make *m, struct seq_call *call, unsigned int buf,
		      uint32_t at)
{
	struct code c;
	uint8_t *p;

	code_clear(&c);
	any_idiom(m, &c);
	p = replace(m, call, buf, at, 0, c.n);
	for (unsigned int i = 0; p && i < c.n; i++, p += STEP) {
		p[0] = c.insns[i].code;
		p[1] = c.insns[i].regs;
		put_le(p + 2, (uint16_t)c.insns[i].off, 2);
		put_le(p + 4, (uint32_t)c.insns[i].imm, 4);
	}
}

static void swap(uint8_t *a, uint8_t *b)
{
	for (unsigned int i = 0; i < STEP; i++) {
		uint8_t byte = a[i];

		a[i] = b[i];
		b[i] = byte;
	}
}

void change_insns(struct make *m, struct seq_call *call, unsigned int buf)
{
	uint8_t *p = buf_whole(m, &call->bufs[buf]), *to;
	uint32_t n = call->bufs[buf].given / STEP, at = any(m, n);

	if (!p || !n)
		return;
	switch (any(m, 9)) {
	case 0:
		replace(m, call, buf, at, 1, 0);
		return;
	case 1:
		if (at + 1 < n)
			swap(p + (size_t)at * STEP,
			     p + (size_t)(at + 1) * STEP);
		return;
	case 2:
		/* Once more. */
		to = replace(m, call, buf, at, 0, 1);
		if (to)
			for (unsigned int i = 0; i < STEP; i++)
				to[i] = to[i + STEP];
		return;
	case 3:
	case 4:
		add_idiom(m, call, buf, at);
		return;
	default:
		change_one(m, p + (size_t)at * STEP);
	}
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What arithmetic makes of unsigned ranges. */
#include "code.h"
#include "range.h"

/* The smallest mask of low bits with all of X in it. */
static uint64_t mask_of(uint64_t x)
{
	for (unsigned int by = 1; by < 64; by *= 2)
		x |= x >> by;
	return x;
}

/* Whether the sum, difference, product stays what it is. */
static bool wraps(unsigned int op, const struct range *a, const struct range *b)
{
	uint64_t unused;

	if (op == OP_ADD)
		return __builtin_add_overflow(a->hi, b->hi, &unused);
	if (op == OP_SUB)
		return a->lo < b->hi;
	return __builtin_mul_overflow(a->hi, b->hi, &unused);
}

static void shifted(struct range *a, unsigned int op, unsigned int by)
{
	if (op == OP_LSH && mask_of(a->hi) << by >> by == mask_of(a->hi)) {
		a->lo <<= by;
		a->hi <<= by;
	} else if (op == OP_RSH || (op == OP_ARSH && a->hi < 1ull << 63)) {
		a->lo >>= by;
		a->hi >>= by;
	} else {
		*a = (struct range){0, ~0ull};
	}
}

struct range range_after(unsigned int op, struct range a, struct range b)
{
	const struct range all = {0, ~0ull};

	switch (op) {
	case OP_ADD:
	case OP_SUB:
	case OP_MUL:
		if (wraps(op, &a, &b))
			return all;
		if (op == OP_ADD)
			return (struct range){a.lo + b.lo, a.hi + b.hi};
		if (op == OP_SUB)
			return (struct range){a.lo - b.hi, a.hi - b.lo};
		return (struct range){a.lo * b.lo, a.hi * b.hi};
	case OP_AND:
		return (struct range){0, a.hi < b.hi ? a.hi : b.hi};
	case OP_OR:
	case OP_XOR:
		return (struct range){0, mask_of(a.hi | b.hi)};
	case OP_DIV:
		return (struct range){0, b.lo ? a.hi / b.lo : a.hi};
	case OP_MOD:
		return (struct range){0, b.lo && b.hi - 1 < a.hi ? b.hi - 1
								 : a.hi};
	case OP_MOV:
		return b;
	case OP_LSH:
	case OP_RSH:
	case OP_ARSH:
		if (b.lo == b.hi && b.lo < 64)
			shifted(&a, op, (unsigned int)b.lo);
		else
			a = all;
		return a;
	}
	return all;
}

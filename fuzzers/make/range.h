/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What a number can be, from and to. */
#ifndef BPFSYS_MAKE_RANGE_H
#define BPFSYS_MAKE_RANGE_H

#include <stdint.h>

struct range {
	uint64_t lo, hi;
};

/* What A is after operation OP (code.h) with a B. */
struct range range_after(unsigned int op, struct range a, struct range b);

#endif

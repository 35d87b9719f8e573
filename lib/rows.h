/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* HINT and ANY rows of the table, for what explains errnos; not for users. */
#ifndef BPFSYS_ROWS_H
#define BPFSYS_ROWS_H

#include <bpfsys/abi.h>

/* What follows for the cause when the test holds, or does not. */
enum says {
	SAYS_NEEDS,  /* it must hold; points to the cause */
	SAYS_UNLESS, /* it must not hold; points to nothing */
	SAYS_PROVES, /* where it holds, this is the cause */
};

enum test {
	TEST_IS,
	TEST_NOT,
	TEST_ABOVE,
	TEST_BELOW,
	TEST_HAS,     /* all bits of the value */
	TEST_LACKS,   /* one bit of the value or more */
	TEST_OUTSIDE, /* bits other than the value's */
	TEST_ONE_OF,  /* the value has the bit of this number */
};

struct hint {
	uint16_t row; /* of all ERR rows */
	uint16_t offset, size;
	enum says says;
	enum test test;
	uint64_t value;
};

/* An errno that any command may return. */
struct any_row {
	int err;
	const char *condition;
};

/* The hints of ROW, which is one of the table's, in *COUNT. */
const struct hint *bpfsys_row_hints(const struct bpfsys_errno_row *row,
				    size_t *count)
	__attribute__((visibility("hidden")));

const struct any_row *bpfsys_any_rows(size_t *count)
	__attribute__((visibility("hidden")));

#endif

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What given descriptors are called. */
#include "seq.h"

static const char *const names[] = {
#define GIVEN(name, what) #name,
#include "given.def"
#undef GIVEN
};

const char *seq_given_name(unsigned int given)
{
	return given < SEQ_GIVENS ? names[given] : NULL;
}

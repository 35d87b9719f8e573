// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What is given. */
#include "seq.h"

static const char *const names[] = {
#define GIVEN(name, what) #name,
#include "given.def"
#undef GIVEN
};

bool seq_is_descriptor(const struct seq_ref *ref)
{
	return ref->kind == SEQ_REF_FD ||
	       (ref->kind == SEQ_REF_GIVEN && ref->which != SEQ_GIVEN_PID);
}

const char *seq_given_name(unsigned int given)
{
	return given < SEQ_GIVENS ? names[given] : NULL;
}

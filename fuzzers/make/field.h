/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Values by what the ABI table says of a field, and references by what a call
 * makes and a field wants. */
#ifndef BPFSYS_MAKE_FIELD_H
#define BPFSYS_MAKE_FIELD_H

#include "work.h"

/* What a descriptor or ID can be of. */
enum thing {
	NOTHING,
	A_MAP,
	A_PROG,
	A_LINK,
	A_BTF,
	AN_ITER,
	A_TOKEN,
	ANYTHING, /* by the field; of a call: who knows */
};

enum thing thing_made(const struct make *m, unsigned int call);
enum thing thing_wanted(const char *field);
/* A call before BEFORE that makes WHAT; SEQ_CALLS: there is none. */
unsigned int call_making(struct make *m, unsigned int before, enum thing what);

/* A number near a border, or any. */
uint64_t any_number(struct make *m);
/* VALUE, changed a little. */
uint64_t near_number(struct make *m, uint64_t value, unsigned int width);

/* Gives FIELD of call NR a value of its kind. */
void fill_field(struct make *m, unsigned int nr,
		const struct bpfsys_field *field);
/* Gives most of its fields one; it is empty. */
void fill_call(struct make *m, unsigned int nr);
/* Makes the common attr of CALL. */
void make_common(struct make *m, struct seq_call *call);
/* Points a reference at something else of its kind. */
void change_ref(struct make *m, unsigned int nr, struct seq_ref *ref);

#endif

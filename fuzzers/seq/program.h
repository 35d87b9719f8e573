/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* C programs of sequences: what program.c and program_call.c share. */
#ifndef BPFSYS_SEQ_PROGRAM_H
#define BPFSYS_SEQ_PROGRAM_H

#include "seq.h"
#include "text.h"

/* WORDS inside of a comment. */
void program_comment(struct text *text, const char *words);

/* "MAP_CREATE", "close" */
void program_call_name(struct text *text, const struct seq_call *call);

/* The function that makes call I of SEQ. */
void program_call(struct text *text, const struct seq *seq, unsigned int i);

/* Does a later call refer to what call I has left in its attr? */
bool program_keeps(const struct seq *seq, unsigned int i);

#endif

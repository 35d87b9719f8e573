/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Pieces of the text form, for print.c, print_buf.c and program.c. */
#ifndef BPFSYS_SEQ_PRINT_H
#define BPFSYS_SEQ_PRINT_H

#include "seq.h"
#include "text.h"

/* "r3", "id(r3)", "r3@8", "given(CGROUP)", "btf(func tcp_slow_start)" */
void seq_print_ref(struct text *text, const struct seq_ref *ref);

/* "&b1", or "&unmapped" */
void seq_print_pointer(struct text *text, const struct seq_call *call,
		       unsigned int buf);

/* What stands in buffer I of CALL, in lines of its own. */
void seq_print_buf(struct text *text, const struct seq *seq,
		   const struct seq_call *call, unsigned int i);

/* BTF, as far as it makes sense, in lines of a type each. */
void seq_print_btf(struct text *text, const uint8_t *bytes, size_t len);

void seq_print_hex(struct text *text, const uint8_t *bytes, size_t len);
void seq_print_string(struct text *text, const uint8_t *bytes, size_t len);

/* Call I of SEQ in a line, without its buffers and without the newline. */
void seq_print_call(struct text *text, const struct seq *seq, unsigned int i);

#endif

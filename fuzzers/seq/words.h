/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The words of the text form, for print.c and parse*.c. */
#ifndef BPFSYS_SEQ_WORDS_H
#define BPFSYS_SEQ_WORDS_H

#include <stddef.h>

/* By enum seq_op ("close"; "" for bpf(2), whose word is its command), seq_place
 * ("guarded"; "" where it is plain), seq_kind ("insns"), seq_run ("packet"),
 * what SEQ_MMAP maps for ("read"), and what SEQ_JIT sets ("on"). NULL beyond
 * the last. */
const char *seq_op_word(unsigned int op);
const char *seq_place_word(unsigned int place);
const char *seq_kind_word(unsigned int kind);
const char *seq_run_word(unsigned int run);
const char *seq_mmap_word(unsigned int mode);
const char *seq_jit_word(unsigned int on);

/* The number whose word in WORD_OF is the LEN bytes at TEXT, or -1. */
int seq_find_word(const char *(*word_of)(unsigned int), const char *text,
		  size_t len);

#endif

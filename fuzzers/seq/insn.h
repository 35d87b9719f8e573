/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A BPF instruction in words, as the verifier's log has it. */
#ifndef BPFSYS_SEQ_INSN_H
#define BPFSYS_SEQ_INSN_H

#include <stddef.h>
#include <stdint.h>

enum { INSN_WORDS = 64 };

/* Of the 8 bytes at INSN; IMM stands for its immediate where that is a
 * reference, else NULL. */
void seq_insn_words(const uint8_t *insn, const char *imm,
		    char words[INSN_WORDS]);

#endif

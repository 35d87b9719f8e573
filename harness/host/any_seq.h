/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Sequences of people: encoded, or their text. */
#ifndef BPFABI_ANY_SEQ_H
#define BPFABI_ANY_SEQ_H

#include "seq/seq.h"

/* A text is longer than what it stands for. */
enum { ANY_SEQ_MOST = 1 << 20 };

/* Encodes what LEN bytes at DATA are, with a NUL behind them, into BYTES of
 * SEQ_MOST. How many, or 0, and why in a line. */
size_t any_seq_encode(const char *data, size_t len, uint8_t *bytes, char *why,
		      size_t why_size);

#endif

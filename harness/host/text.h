/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Text from a guest, made fit for people: what a kernel under test sends may
 * hold anything, terminal escapes included. */
#ifndef BPFABI_TEXT_H
#define BPFABI_TEXT_H

#include <stddef.h>

/* TEXT of LEN bytes as one line of printable ASCII in OUT of SIZE bytes:
 * "\n", "\x1b" for what is not. Ends in "..." where it did not fit. */
void text_clean(char *out, size_t size, const char *text, size_t len);

/* The same, of a string. */
void text_clean_str(char *out, size_t size, const char *text);

#endif

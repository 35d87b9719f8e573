/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the kernel compared, on its way from the process that runs inputs to the
 * one that mutates them; with AFL++ these are two. */
#ifndef BPFSYS_HINTS_H
#define BPFSYS_HINTS_H

#include "../exec.h"

struct hints;

/* NULL: errno says why. */
struct hints *hints_open(const char *path);
void hints_close(struct hints *hints);

/* N comparisons of one run, which a guest may be changing. Returns how many of
 * them say something. */
unsigned int hints_put(struct hints *hints, const struct exec_cmp *cmps,
		       uint32_t n);

/* Hands what came since the last call to make_hint(). */
void hints_take(struct hints *hints);

#endif

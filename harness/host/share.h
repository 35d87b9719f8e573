/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Work that is shared out to threads. */
#ifndef BPFABI_SHARE_H
#define BPFABI_SHARE_H

#include <stdbool.h>
#include <stddef.h>

/* Does piece AT of the work; false: no more is to be begun. */
typedef bool (*share_fn)(void *ctx, size_t at);

/* Calls WORK for 0 to N - 1, begun in this order, JOBS at a time at most;
 * returns when all have returned. */
void share_out(unsigned int jobs, size_t n, share_fn work, void *ctx);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The fewest inputs that reach what a corpus reaches. */
#ifndef BPFABI_FUZZ_MERGE_H
#define BPFABI_FUZZ_MERGE_H

#include "fuzz_options.h"

/* An exit status, and a line. */
int merge_run(const struct fuzz_options *options);

/* Of N inputs, each with PCs in SETS[i] of COUNTS[i] numbers below UNIVERSE,
 * and bytes: which to keep, greedily: the one that brings most first, of those
 * the smallest. How many, or -ENOMEM. */
long merge_choose(uint32_t *const *sets, const uint32_t *counts,
		  const size_t *bytes, size_t n, uint32_t universe, bool *keep);

#endif

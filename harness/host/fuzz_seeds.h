/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What engines begin with, and what they leave. */
#ifndef BPFABI_FUZZ_SEEDS_H
#define BPFABI_FUZZ_SEEDS_H

#include "fuzz_options.h"

/* Makes WORK/corpus and what the engine wants beside it; where there are no
 * inputs at all, a few are made. An exit status, and a line. */
int seeds_prepare(const struct fuzz_options *options);

/* What AFL++ has found goes into WORK/corpus. An exit status, and a line. */
int seeds_collect(const struct fuzz_options *options);

/* Files below DIR: how many. */
unsigned long seeds_count(const char *dir);
/* Inputs that the campaign has of its own. */
unsigned long seeds_found(const struct fuzz_options *options);

#endif

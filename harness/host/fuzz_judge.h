/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The judge of finds, a process beside those that find. */
#ifndef BPFABI_FUZZ_JUDGE_H
#define BPFABI_FUZZ_JUDGE_H

#include <sys/types.h>

#include "fuzz_options.h"

struct fuzz_judge {
	const struct fuzz_options *options;
	pid_t pid; /* 0: none */
};

/* Judges what there is, unless that is being done. */
void fuzz_judge_start(struct fuzz_judge *judge);
/* Whether it is still at work. */
bool fuzz_judge_runs(struct fuzz_judge *judge);
void fuzz_judge_stop(struct fuzz_judge *judge);

#endif

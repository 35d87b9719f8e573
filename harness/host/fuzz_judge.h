/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The judge of finds, a process beside those that find. */
#ifndef BPFABI_FUZZ_JUDGE_H
#define BPFABI_FUZZ_JUDGE_H

#include <sys/types.h>

#include "fuzz_options.h"

struct fuzz_judge {
	const struct fuzz_options *options;
	pid_t pid;	  /* 0: none */
	double not_until; /* monotonic seconds: then it may start again, */
	double pause;	  /* which is longer each time it fails */
	bool failed;	  /* the last time */
	bool told;
};

/* Judges what there is, unless that is being done, or was not long ago and not
 * AT_ONCE. */
void fuzz_judge_start(struct fuzz_judge *judge, bool at_once);
/* A line, the first time that it has failed; true: there is one to come. */
bool fuzz_judge_has_news(const struct fuzz_judge *judge);
void fuzz_judge_tell(struct fuzz_judge *judge);
/* Whether it is still at work. */
bool fuzz_judge_runs(struct fuzz_judge *judge);
void fuzz_judge_stop(struct fuzz_judge *judge);

#endif

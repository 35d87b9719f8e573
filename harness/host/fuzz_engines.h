/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The processes of a campaign: engines, and the judge of finds. */
#ifndef BPFABI_FUZZ_ENGINES_H
#define BPFABI_FUZZ_ENGINES_H

#include <sys/types.h>

#include "fuzz_options.h"
#include "host/stats.h"

enum { ENGINES_MOST = 64, RESTARTS_MOST = 20 };

struct engine {
	pid_t pid; /* 0: it does not run */
	unsigned int restarts;
	const struct stats *stats; /* NULL: not there yet */
};

struct engines {
	const struct fuzz_options *options;
	struct engine engine[ENGINES_MOST];
	unsigned int n;
	pid_t judge; /* of finds; 0: none */
};

/* Starts them all, with inputs to begin from. An exit status, and a line if it
 * is not 0. */
int engines_start(struct engines *engines, const struct fuzz_options *options);

/* Starts those again that have died; false: it makes no sense to go on, and why
 * has been said. */
bool engines_keep(struct engines *engines);

/* The sum of what they did. */
void engines_stats(struct engines *engines, struct stats *sum);

/* Judges finds in a process of its own, unless one does so already. */
void engines_judge(struct engines *engines);

/* Ends all; the judge may finish if WAIT. */
void engines_stop(struct engines *engines);
/* Whether the judge of finds is still at work. */
bool engines_judging(struct engines *engines);
void engines_stop_judge(struct engines *engines);

#endif

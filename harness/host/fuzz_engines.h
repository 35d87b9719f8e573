/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The engines of a campaign. */
#ifndef BPFABI_FUZZ_ENGINES_H
#define BPFABI_FUZZ_ENGINES_H

#include <sys/types.h>

#include "fuzz_options.h"
#include "host/stats.h"

enum { ENGINES_MOST = 64, RESTARTS_MOST = 20 };

struct engine {
	pid_t pid; /* 0: it does not run */
	unsigned int restarts;
	bool ending;		   /* its stats say so */
	const struct stats *stats; /* NULL: not there yet */
};

struct engines {
	const struct fuzz_options *options;
	struct engine engine[ENGINES_MOST];
	unsigned int n;
	struct stats others; /* what jobs did that do not run now */
};

/* Starts them all, with inputs to begin from, unless a campaign runs in the
 * same work directory. An exit status, and a line if it is not 0. */
int engines_start(struct engines *engines, const struct fuzz_options *options);

/* Starts those again that have died; false: it makes no sense to go on, and why
 * has been said. */
bool engines_keep(struct engines *engines);

/* The sum of what they did, and other jobs before in the same directory. */
void engines_stats(struct engines *engines, struct stats *sum);

void engines_stop(struct engines *engines);

#endif

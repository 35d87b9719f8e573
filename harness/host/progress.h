/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Tells, on standard error, how far a run is: one line rewritten on a
 * terminal, now and then a line elsewhere. */
#ifndef BPFABI_PROGRESS_H
#define BPFABI_PROGRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* What the runs that go on at once in a progress have done together. */
struct progress_sum {
	size_t done, total;
	bool up; /* one of their kernels is */
};

struct progress {
	bool quiet; /* say nothing; notes are still printed */
	bool tty;
	bool shown;  /* a line stands on the terminal */
	double last; /* monotonic seconds: when a line was written */
	/* Of a run among others: told through that, as a part of the sum. */
	struct progress *outer;
	struct progress_sum *sum; /* outer->lock is its lock */
	size_t mine;		  /* of sum->done */
	pthread_mutex_t lock;
};

/* Monotonic seconds. */
double monotonic_s(void);

void progress_init(struct progress *progress, bool quiet);

/* The progress of one of several runs that go on at once in OUTER; SUM is all
 * theirs, and says how many cases they have together. */
void progress_inner(struct progress *progress, struct progress *outer,
		    struct progress_sum *sum);

/* The VM of SPEC starts. */
void progress_boot(struct progress *progress, const char *spec);

/* Its kernel runs the suite, after SECONDS. */
void progress_up(struct progress *progress, const char *spec,
		 const char *release, double seconds);

/* DONE of TOTAL cases have a result, case NAME runs. */
void progress_case(struct progress *progress, const char *spec, size_t done,
		   size_t total, const char *name);

/* A line that stays: "bpfabi: SPEC: ...". */
void progress_note(struct progress *progress, const char *spec,
		   const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Takes the rewritten line off the terminal. */
void progress_clear(struct progress *progress);

#endif

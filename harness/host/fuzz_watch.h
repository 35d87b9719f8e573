/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* How far a campaign is: on the terminal, and in WORK/coverage.csv. */
#ifndef BPFABI_FUZZ_WATCH_H
#define BPFABI_FUZZ_WATCH_H

#include "fuzz_engines.h"

struct watch {
	const struct fuzz_options *options;
	double began;	     /* monotonic seconds, of this run */
	double before;	     /* seconds that earlier runs took */
	double shown, noted; /* when the line, the row was written last */
	bool tty, line;	     /* a line stands on the terminal */
	struct stats first;  /* what earlier runs did */
	struct stats last;   /* when the line was written */
	unsigned long pcs;   /* of all engines together */
	unsigned long names; /* of finds */
	double rate;
	bool failed; /* something could not be written, which has been said */
};

/* Of engines that have just started. */
void watch_init(struct watch *watch, struct engines *engines);
/* Often: shows and notes what is due; false: that cannot be kept. */
bool watch_look(struct watch *watch, struct engines *engines);
/* The last row, the plot, and a summary on standard output. */
void watch_finish(struct watch *watch, struct engines *engines);
/* Whether any input has run, one that killed the kernel included. */
bool watch_has_run(const struct watch *watch);
void watch_clear(struct watch *watch);

/* Names of finds that were kept, and whether some that are whole have not been
 * judged. */
unsigned long finds_names(const char *work, bool *unjudged);

/* Draws CSV files into the HTML page OUT. An exit status, and a line. */
int plot_write(const char *out, char *const *csv, size_t n);

#endif

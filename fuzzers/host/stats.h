/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What an engine has done, in a mapped file that bpfabi reads while it runs. */
#ifndef BPFSYS_STATS_H
#define BPFSYS_STATS_H

#include <stdint.h>

#define STATS_MAGIC 0x31415453u /* "STA1" */

/* How an engine ended, for who started it. */
enum stats_end {
	STATS_RUNS,    /* or was killed */
	STATS_STOPPED, /* as it was asked to */
	STATS_NO_VM,   /* none can be had, or no find be kept: see why */
};

/* Numbers are of all runs in this work directory. */
struct stats {
	uint32_t magic, end; /* enum stats_end */
	uint64_t execs;	     /* inputs that ran */
	uint64_t calls;	     /* that they made */
	uint64_t rejected;   /* that are no sequences */
	uint64_t pcs;	     /* different ones */
	uint64_t finds;	     /* inputs with one, the same again included */
	uint64_t restarts;   /* VMs after the first */
	uint64_t cmp_runs;   /* further runs, for comparisons, */
	uint64_t hints;	     /* that told something */
	uint64_t checks;     /* further runs, of oracles */
	uint64_t guest_ns;   /* that the calls took, by the guest's clock */
	uint64_t lost_pcs;   /* for which there was no room */
	uint32_t kcov;	     /* 0: blind */
	char why[256];	     /* STATS_NO_VM */
};

#endif

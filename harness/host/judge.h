/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Runs the selected cases on one kernel until each has a result, in as many
 * VMs as the kernel takes down, and finds who took it down. */
#ifndef BPFABI_JUDGE_H
#define BPFABI_JUDGE_H

#include <bpfvm/bpfvm.h>

#include "progress.h"
#include "result.h"

/* A kernel that dies more often than this is not asked further; where its cases
 * are shared out over VMs, not for what is left of that VM's share. */
#define DEATHS_MAX 16

struct judge_options {
	const char *guest;  /* path of bpfabi-guest */
	const char *arch;   /* of the kernel; NULL: the host's */
	const char *append; /* more kernel command line, or NULL */
	const char *qemu;   /* NULL: libbpfvm's choice */
	unsigned int timeout_s;
	enum bpfvm_accel accel;
	unsigned int deaths_max; /* VMs that may die; 0: DEATHS_MAX */
	bool isolate;		 /* judge_split(): start from clones */
	unsigned int jobs;	 /* judge_split(): VMs at once; 0: one */
	unsigned int piece_min;	 /* judge_split(); 0: PIECE_MIN */
	bool verbose; /* print what the suite writes to standard error */
};

/* Fills K, fresh from kernel_run_init(). 0, or -ENOMEM with nothing run. */
int judge_kernel(struct kernel_run *k, const struct judge_options *options,
		 struct progress *progress);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* One VM of a run: boots it, and takes down what it says. */
#ifndef BPFABI_ATTEMPT_H
#define BPFABI_ATTEMPT_H

#include <bpfvm/bpfvm.h>

#include "judge.h"
#include "records.h"
#include "ring.h"

struct attempt {
	const struct judge_options *options;
	struct progress *progress;
	struct kernel_run *k;
	struct records records;
	struct ring err; /* the suite's standard error */
	struct bpfvm_result vm;
	bool up, enough; /* enough: nothing more is wanted of the guest */
	double began;
	size_t done; /* results that earlier VMs gave */
};

/* Runs the cases of K from START on in a VM. 0 or -ENOMEM. */
int attempt_run(struct attempt *attempt, struct kernel_run *k, size_t start,
		unsigned int timeout_s);

/* How the VM ended, in clean words: "panic: ...", "hang: ...". */
void attempt_ending(const struct attempt *attempt, char *buf, size_t size);

#endif

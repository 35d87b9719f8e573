/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Gives every case a kernel of its own: a clone, thrown away after it. */
#ifndef BPFABI_ISOLATE_H
#define BPFABI_ISOLATE_H

#include "judge.h"

/* As judge_kernel(), with a VM for each case and options->jobs at once. */
int judge_isolated(struct kernel_run *k, const struct judge_options *options,
		   struct progress *progress);

#endif

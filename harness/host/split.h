/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Shares the cases of one kernel out over VMs: a shard for each VM that runs at
 * once, or, isolated, every case for a clone of its own that is thrown away
 * after it. */
#ifndef BPFABI_SPLIT_H
#define BPFABI_SPLIT_H

#include "judge.h"

/* Cases that are worth the boot of another VM: what a boot costs, 3 to 4 s, is
 * what a hundred of them take. */
#define PIECE_MIN 200

/* As judge_kernel(), with options->jobs VMs at once where that pays. */
int judge_split(struct kernel_run *k, const struct judge_options *options,
		struct progress *progress);

#endif

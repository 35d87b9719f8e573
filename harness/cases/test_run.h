/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What cases of BPF_PROG_TEST_RUN share: runs that are
 * refused, and how long a run may say it took. */
#ifndef BPFABI_TEST_RUN_H
#define BPFABI_TEST_RUN_H

#include "witness.h"

/* CLOCK_MONOTONIC, the clock of the kernel's side, in nanoseconds. */
uint64_t test_run_now_ns(void);

/* All runs together took no longer than the time since BEFORE. */
void test_run_check_duration(void **state,
			     const struct bpfsys_prog_test_run_attr *attr,
			     uint64_t before);

/* Runs ATTR on PROG_FD, closes it, and judges by the case's row. */
void judge_run(void **state, int prog_fd,
	       struct bpfsys_prog_test_run_attr *attr);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A run of the fake VM, set up and judged, for the tests of judging. */
#ifndef BPFABI_HOST_BENCH_H
#define BPFABI_HOST_BENCH_H

#include "host/judge.h"

struct bench {
	struct selection sel;
	struct kernel_run k;
	unsigned int deaths_max; /* as in struct judge_options */
};

/* Of cmocka; *state is a struct bench with all cases selected. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* Selects anew, N globs, and forgets all results. */
void bench_select(struct bench *bench, char *const *globs, size_t n);

/* Runs it; every case has a result then. */
void judge(struct bench *bench);

void expect_status(const struct bench *bench, enum status status);

/* Case AT has MARK, and DETAIL (NULL: anything) in its detail. */
void expect_mark(const struct bench *bench, size_t at, enum mark mark,
		 const char *detail);

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

#endif

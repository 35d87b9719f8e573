// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What the tests of judging share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host_bench.h"
#include "host_fake.h"

static void select_for(struct bench *bench, char *const *globs, size_t n)
{
	assert_int_equal(select_cases(&bench->sel, globs, n, NULL), 0);
	assert_int_equal(kernel_run_init(&bench->k, "debian:1", &bench->sel),
			 0);
}

static void unselect(struct bench *bench)
{
	kernel_run_free(&bench->k);
	select_free(&bench->sel);
}

int bench_setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	fake_reset();
	select_for(bench, NULL, 0);
	*state = bench;
	return 0;
}

int bench_teardown(void **state)
{
	unselect(*state);
	free(*state);
	return 0;
}

void bench_select(struct bench *bench, char *const *globs, size_t n)
{
	unselect(bench);
	select_for(bench, globs, n);
}

void judge(struct bench *bench)
{
	const struct judge_options options = {
		.guest = "/guest",
		.timeout_s = 100,
		.deaths_max = bench->deaths_max,
	};
	struct progress progress = {.quiet = true};

	assert_int_equal(judge_kernel(&bench->k, &options, &progress), 0);
	for (size_t i = 0; i < bench->sel.n; i++)
		assert_int_not_equal(bench->k.results[i].mark, MARK_NONE);
}

void expect_status(const struct bench *bench, enum status status)
{
	assert_int_equal(kernel_run_status(&bench->k, false), status);
}

void expect_mark(const struct bench *bench, size_t at, enum mark mark,
		 const char *detail)
{
	const struct result *result = &bench->k.results[at];

	assert_string_equal(mark_name(result->mark), mark_name(mark));
	if (detail && !strstr(result->detail, detail))
		fail_msg("\"%s\" is not in \"%s\"", detail, result->detail);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Kernels that fail, die and hang: who is blamed, what goes on, what it means
 * for the exit status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host_bench.h"
#include "host_fake.h"

static char freeze_filter[] = "map_freeze";
static char load_filter[] = "prog_load/l*";
static char *const filters[] = {freeze_filter, load_filter};

static void all_pass(void **state)
{
	struct bench *bench = *state;

	judge(bench);
	expect_status(bench, STATUS_HOLDS);
	assert_int_equal(fake.boots, 1);
	assert_string_equal(fake.argv[0], "");
	assert_string_equal(bench->k.release, "6.12.1");
	assert_int_equal(kernel_run_totals(&bench->k).passed, FAKE_CASES);
	assert_memory_equal(&bench->k.odd, &(struct oddities){0},
			    sizeof(bench->k.odd));
}

static void all_verdicts(void **state)
{
	struct bench *bench = *state;
	struct totals t;

	fake.acts[1] = FAKE_ABSENT;
	fake.acts[2] = FAKE_SKIP;
	fake.acts[3] = FAKE_KNOWN;
	judge(bench);
	expect_status(bench, STATUS_HOLDS);
	assert_int_equal(kernel_run_status(&bench->k, true), STATUS_BROKEN);
	expect_mark(bench, 1, MARK_ABSENT, NULL);
	expect_mark(bench, 2, MARK_SKIP, "no\\nBTF");
	expect_mark(bench, 3, MARK_KNOWN, "see syscall.c");
	t = kernel_run_count(&bench->k, bpfsys_abi_find("map_create"));
	assert_int_equal(t.cases, 3);
	assert_int_equal(t.absent + t.skipped + t.known, 3);
	assert_int_equal(kernel_run_count(&bench->k, NULL).passed, 1);
}

/* The kernel broke, though every case passed. */
static void a_kernel_report(void **state)
{
	struct bench *bench = *state;

	fake.report = "BUG: KASAN: use-after-free in a+0x1/0x2";
	fake.report_kind = BPFVM_REPORT_KASAN;
	judge(bench);
	expect_status(bench, STATUS_CRASHED);
	assert_int_equal(bench->k.reports.count, 1);
}

static void a_kernel_warning(void **state)
{
	struct bench *bench = *state;

	fake.report = "at a.c:1 a+0x1/0x2";
	fake.report_kind = BPFVM_REPORT_WARNING;
	judge(bench);
	expect_status(bench, STATUS_HOLDS);
	assert_int_equal(bench->k.reports.count, 1);
}

static void a_failure(void **state)
{
	struct bench *bench = *state;

	fake.acts[3] = FAKE_FAIL;
	judge(bench);
	expect_status(bench, STATUS_BROKEN);
	expect_mark(bench, 3, MARK_FAIL, "a\\x1bb\\nc\\xc3\\xa9");
	assert_int_equal(bench->k.results[3].ms, 2);
}

static void panic_is_blamed_and_run_goes_on(void **state)
{
	struct bench *bench = *state;

	fake.acts[2] = FAKE_END;
	fake.outcome = BPFVM_PANIC;
	judge(bench);
	expect_status(bench, STATUS_CRASHED);
	expect_mark(bench, 2, MARK_CRASH, "panic: Oops:\\x1b[2J x");
	expect_mark(bench, 2, MARK_CRASH, "(2 of 2)");
	expect_mark(bench, 2, MARK_CRASH, "/tmp/x.console");
	assert_int_equal(fake.boots, 3);
	assert_int_equal(bench->k.vms, 3);
	assert_string_equal(fake.argv[1], "--filter map_create/size_short");
	assert_string_equal(fake.argv[2], "--start 3");
	assert_int_equal(kernel_run_totals(&bench->k).passed, FAKE_CASES - 1);
	assert_int_equal(bench->k.crashes, 1);
	assert_int_equal(bench->k.outcome, BPFVM_PANIC);
	assert_false(bench->k.lost);
}

static void panic_only_once(void **state)
{
	struct bench *bench = *state;

	fake.acts[2] = FAKE_END_ONCE;
	fake.outcome = BPFVM_PANIC;
	judge(bench);
	expect_status(bench, STATUS_CRASHED);
	expect_mark(bench, 2, MARK_CRASH, "it did not: pass (1 of 2)");
	assert_int_equal(fake.boots, 3);
}

static void panic_after_a_result(void **state)
{
	struct bench *bench = *state;

	fake.acts[FAKE_CASES - 1] = FAKE_END_AFTER;
	fake.outcome = BPFVM_PANIC;
	judge(bench);
	expect_status(bench, STATUS_CRASHED);
	expect_mark(bench, FAKE_CASES - 1, MARK_CRASH, "had ended");
	assert_int_equal(fake.boots, 2);
}

static void hang_in_a_case(void **state)
{
	struct bench *bench = *state;

	fake.acts[0] = FAKE_END;
	fake.outcome = BPFVM_TIMEOUT;
	judge(bench);
	expect_status(bench, STATUS_CRASHED);
	expect_mark(bench, 0, MARK_CRASH, "hang");
	expect_mark(bench, 0, MARK_CRASH, "(2 of 2)");
	expect_mark(bench, 1, MARK_PASS, NULL);
}

#define BOTH "--filter map_freeze --filter prog_load/l*"

/* Filters stay as they were, and --start counts among what they select. */
static void resume_under_a_filter(void **state)
{
	struct bench *bench = *state;

	bench_select(bench, filters, 2);
	fake.acts[4] = FAKE_END;
	fake.outcome = BPFVM_PANIC;
	judge(bench);
	assert_int_equal(bench->sel.n, 3);
	expect_mark(bench, 0, MARK_CRASH, NULL);
	expect_mark(bench, 1, MARK_PASS, NULL);
	assert_string_equal(fake.argv[0], BOTH);
	assert_string_equal(fake.argv[1], "--filter map_freeze/frozen");
	assert_string_equal(fake.argv[2], BOTH " --start 1");
}

/* Cases beyond the last VM are named, none is lost. */
static void too_many_deaths(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < FAKE_CASES; i++)
		fake.acts[i] = FAKE_END;
	fake.outcome = BPFVM_PANIC;
	bench->deaths_max = 3;
	judge(bench);
	expect_status(bench, STATUS_CRASHED);
	expect_mark(bench, 2, MARK_CRASH, NULL);
	expect_mark(bench, 3, MARK_FAIL, "not run: the VM died 3 times");
	assert_int_equal(bench->k.crashes, 3);
	assert_int_equal(fake.boots, 6);
}

static void every_case_dies(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < FAKE_CASES; i++)
		fake.acts[i] = FAKE_END;
	fake.outcome = BPFVM_PANIC;
	judge(bench);
	assert_int_equal(bench->k.crashes, FAKE_CASES);
	assert_int_equal(fake.boots, 2 * FAKE_CASES);
}

static void panic_before_any_case(void **state)
{
	struct bench *bench = *state;

	fake.no_boot = "Oops";
	fake.outcome = BPFVM_PANIC;
	judge(bench);
	expect_status(bench, STATUS_CRASHED);
	assert_int_equal(fake.boots, 1);
	expect_mark(bench, 7, MARK_FAIL, "not run: panic: Oops");
}

static void status_order(void **state)
{
	static const enum status order[] = {STATUS_HOLDS, STATUS_NO_VERDICT,
					    STATUS_BROKEN, STATUS_CRASHED};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < 4; j++)
			assert_int_equal(status_worse(order[i], order[j]),
					 order[i > j ? i : j]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(all_pass),
		TEST(all_verdicts),
		TEST(a_kernel_report),
		TEST(a_kernel_warning),
		TEST(a_failure),
		TEST(panic_is_blamed_and_run_goes_on),
		TEST(panic_only_once),
		TEST(panic_after_a_result),
		TEST(hang_in_a_case),
		TEST(resume_under_a_filter),
		TEST(too_many_deaths),
		TEST(every_case_dies),
		TEST(panic_before_any_case),
		TEST(status_order),
	};

	return cmocka_run_group_tests_name("host_judge", tests, NULL, NULL);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A VM for each case: what it costs, and when it is given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host/isolate.h"
#include "host_bench.h"
#include "host_fake.h"

static void isolate(struct bench *bench)
{
	const struct judge_options options = {
		.guest = "/guest",
		.timeout_s = 100,
		.deaths_max = bench->deaths_max,
		.isolate = true,
		.jobs = 1, /* the fake knows no threads */
	};
	struct progress progress = {.quiet = true};

	assert_int_equal(judge_isolated(&bench->k, &options, &progress), 0);
	for (size_t i = 0; i < bench->sel.n; i++)
		assert_int_not_equal(bench->k.results[i].mark, MARK_NONE);
}

static void same_verdicts(void **state)
{
	struct bench *bench = *state;

	fake.acts[1] = FAKE_ABSENT;
	fake.acts[3] = FAKE_FAIL;
	fake.acts[4] = FAKE_SKIP;
	fake.acts[7] = FAKE_KNOWN;
	isolate(bench);
	expect_status(bench, STATUS_BROKEN);
	expect_mark(bench, 0, MARK_PASS, NULL);
	expect_mark(bench, 1, MARK_ABSENT, NULL);
	expect_mark(bench, 3, MARK_FAIL, "a\\x1bb");
	expect_mark(bench, 4, MARK_SKIP, NULL);
	expect_mark(bench, 7, MARK_KNOWN, NULL);
	assert_int_equal(fake.boots, FAKE_CASES);
	assert_int_equal(bench->k.vms, FAKE_CASES);
	assert_string_equal(bench->k.release, "6.12.1");
	assert_string_equal(fake.argv[2], "--filter map_create/size_short");
	assert_int_equal(bench->k.odd.count, 0);
	assert_false(bench->k.lost);
}

/* One and the same from every VM is one report, and breaks the kernel. */
static void kernel_reports_add_up(void **state)
{
	struct bench *bench = *state;
	const struct kernel_reports *reports = &bench->k.reports;

	fake.report = "BUG: KASAN: use-after-free in a+0x1/0x2";
	fake.report_kind = BPFVM_REPORT_KASAN;
	isolate(bench);
	expect_status(bench, STATUS_CRASHED);
	assert_int_equal(reports->n, 1);
	assert_int_equal(reports->count, FAKE_CASES);
	assert_int_equal(reports->broken, FAKE_CASES);
	assert_string_equal(reports->all[0].during, "any/bad_command");
}

static void panic_costs_its_own_vms(void **state)
{
	struct bench *bench = *state;

	fake.acts[2] = FAKE_END;
	fake.outcome = BPFVM_PANIC;
	isolate(bench);
	expect_status(bench, STATUS_CRASHED);
	expect_mark(bench, 2, MARK_CRASH, "(2 of 2)");
	assert_int_equal(fake.boots, FAKE_CASES + 1);
	assert_int_equal(kernel_run_totals(&bench->k).passed, FAKE_CASES - 1);
	assert_int_equal(bench->k.crashes, 1);
	assert_int_equal(bench->k.outcome, BPFVM_PANIC);
}

static void hangs_are_bounded(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < FAKE_CASES; i++)
		fake.acts[i] = FAKE_END;
	fake.outcome = BPFVM_TIMEOUT;
	bench->deaths_max = 3;
	isolate(bench);
	expect_status(bench, STATUS_CRASHED);
	expect_mark(bench, 2, MARK_CRASH, "hang");
	expect_mark(bench, 3, MARK_FAIL, "not run: the VM hung 3 times");
	assert_int_equal(fake.boots, 6);
}

static void no_boot_ends_it(void **state)
{
	struct bench *bench = *state;

	fake.no_boot = "no QEMU";
	fake.outcome = BPFVM_ERROR;
	isolate(bench);
	expect_status(bench, STATUS_NO_VERDICT);
	assert_int_equal(fake.boots, 1);
	expect_mark(bench, 0, MARK_FAIL, "not run: no QEMU");
	expect_mark(bench, 7, MARK_FAIL, "not run: no QEMU");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(same_verdicts),	       TEST(kernel_reports_add_up),
		TEST(panic_costs_its_own_vms), TEST(hangs_are_bounded),
		TEST(no_boot_ends_it),
	};

	return cmocka_run_group_tests_name("host_isolate", tests, NULL, NULL);
}

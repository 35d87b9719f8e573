// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A kernel's cases in several VMs, a shard or a single case each: what that
 * costs, what becomes of the results, and when it is given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "host/split.h"
#include "host_bench.h"
#include "host_fake.h"

static void judge_with(struct bench *bench, struct judge_options *options)
{
	struct progress progress = {.quiet = true};

	options->guest = "/guest";
	options->timeout_s = 100;
	options->deaths_max = bench->deaths_max;
	assert_int_equal(judge_split(&bench->k, options, &progress), 0);
	for (size_t i = 0; i < bench->sel.n; i++)
		assert_int_not_equal(bench->k.results[i].mark, MARK_NONE);
}

static void isolate(struct bench *bench)
{
	struct judge_options options = {
		.isolate = true,
		.jobs = 1, /* what fake.argv has is in order then */
	};

	judge_with(bench, &options);
}

/* Any number of cases is worth a VM. */
static void shard(struct bench *bench, unsigned int jobs)
{
	struct judge_options options = {.jobs = jobs, .piece_min = 1};

	judge_with(bench, &options);
}

/* Whether one of the VMs was started with just these WORDS. */
static bool was_told(const char *words)
{
	for (unsigned int i = 0; i < fake.boots; i++)
		if (strcmp(fake.argv[i], words) == 0)
			return true;
	return false;
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

static void shards_merge(void **state)
{
	struct bench *bench = *state;

	fake.acts[1] = FAKE_ABSENT;
	fake.acts[3] = FAKE_FAIL;
	fake.acts[4] = FAKE_SKIP;
	fake.acts[7] = FAKE_KNOWN;
	fake.report = "BUG: KASAN: use-after-free in a+0x1/0x2";
	fake.report_kind = BPFVM_REPORT_KASAN;
	fake.meet = 3; /* they run at once */
	shard(bench, 3);
	expect_mark(bench, 0, MARK_PASS, NULL);
	expect_mark(bench, 1, MARK_ABSENT, NULL);
	expect_mark(bench, 2, MARK_PASS, NULL);
	expect_mark(bench, 3, MARK_FAIL, "a\\x1bb");
	expect_mark(bench, 4, MARK_SKIP, NULL);
	expect_mark(bench, 5, MARK_PASS, NULL);
	expect_mark(bench, 6, MARK_PASS, NULL);
	expect_mark(bench, 7, MARK_KNOWN, NULL);
	assert_int_equal(bench->k.vms, 3);
	assert_true(was_told("--shard 1/3"));
	assert_true(was_told("--shard 2/3"));
	assert_true(was_told("--shard 3/3"));
	assert_int_equal(bench->k.odd.count + bench->k.odd.unknown, 0);
	assert_string_equal(bench->k.release, "6.12.1");
	assert_int_equal(bench->k.reports.n, 1);
	assert_int_equal(bench->k.reports.count, 3);
	assert_null(bench->k.reports.all[0].during);
	assert_false(bench->k.lost);
}

/* The user's shard 2/2, which is cases 1, 3, 5 and 7. */
static void shards_of_a_shard(void **state)
{
	const struct shard second = {1, 2};
	struct bench *bench = *state;
	struct selection all = bench->sel;

	kernel_run_free(&bench->k);
	assert_int_equal(select_shard(&bench->sel, &all, second), 0);
	select_free(&all);
	assert_int_equal(kernel_run_init(&bench->k, "debian:1", &bench->sel),
			 0);
	fake.acts[3] = FAKE_FAIL;
	fake.acts[7] = FAKE_KNOWN;
	shard(bench, 2);
	assert_int_equal(bench->sel.n, 4);
	expect_mark(bench, 0, MARK_PASS, NULL);
	expect_mark(bench, 1, MARK_FAIL, NULL);
	expect_mark(bench, 2, MARK_PASS, NULL);
	expect_mark(bench, 3, MARK_KNOWN, NULL);
	assert_true(was_told("--shard 2/4"));
	assert_true(was_told("--shard 4/4"));
	assert_int_equal(bench->k.odd.count + bench->k.odd.unknown, 0);
}

/* It is confirmed, the shard goes on, and the other does not notice. */
static void death_in_a_shard(void **state)
{
	struct bench *bench = *state;

	fake.acts[2] = FAKE_END;
	fake.outcome = BPFVM_PANIC;
	shard(bench, 2);
	expect_status(bench, STATUS_CRASHED);
	expect_mark(bench, 2, MARK_CRASH, "(2 of 2)");
	assert_int_equal(kernel_run_totals(&bench->k).passed, FAKE_CASES - 1);
	assert_int_equal(bench->k.vms, 4);
	assert_int_equal(bench->k.crashes, 1);
	assert_int_equal(bench->k.outcome, BPFVM_PANIC);
	assert_true(was_told("--filter map_create/size_short"));
	assert_true(was_told("--shard 1/2 --start 2"));
}

static void a_shard_without_vm(void **state)
{
	struct bench *bench = *state;

	fake.no_boot = "no memory";
	fake.outcome = BPFVM_ERROR;
	fake.boots_up = 1;
	shard(bench, 2);
	expect_status(bench, STATUS_NO_VERDICT);
	assert_int_equal(fake.boots, 2);
	assert_int_equal(kernel_run_totals(&bench->k).passed, FAKE_CASES / 2);
	assert_int_equal(kernel_run_totals(&bench->k).not_run, FAKE_CASES / 2);
	assert_string_equal(bench->k.why, "no memory");
}

/* Where a boot would cost more than it saves, or one VM was asked for. */
static void one_vm_for_all(void **state)
{
	struct judge_options few = {.jobs = 8};
	struct bench *bench = *state;

	judge_with(bench, &few);
	assert_int_equal(fake.boots, 1);
	assert_string_equal(fake.argv[0], "");
	bench_select(bench, NULL, 0);
	shard(bench, 1);
	assert_int_equal(fake.boots, 2);
	assert_string_equal(fake.argv[1], "");
}

static void shards_are_worth_it(void **state)
{
	struct judge_options options = {.jobs = 8, .piece_min = 3};

	judge_with(*state, &options);
	assert_int_equal(fake.boots, 2);
	assert_true(was_told("--shard 2/2"));
}

/* A case that is run once more, alone, takes nothing away. */
static void progress_adds_up(void **state)
{
	struct progress_sum sum = {.total = 9};
	struct progress all, one, other;

	(void)state;
	progress_init(&all, true);
	progress_inner(&one, &all, &sum);
	progress_inner(&other, &all, &sum);
	progress_case(&one, "a", 2, 5, "x/y");
	progress_case(&other, "a", 1, 4, "x/z");
	assert_int_equal(sum.done, 3);
	progress_case(&one, "a", 0, 1, "x/y");
	assert_int_equal(sum.done, 3);
	progress_case(&one, "a", 5, 5, "x/y");
	progress_case(&other, "a", 4, 4, "x/z");
	assert_int_equal(sum.done, 9);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(same_verdicts),	       TEST(kernel_reports_add_up),
		TEST(panic_costs_its_own_vms), TEST(hangs_are_bounded),
		TEST(no_boot_ends_it),	       TEST(shards_merge),
		TEST(shards_of_a_shard),       TEST(death_in_a_shard),
		TEST(a_shard_without_vm),      TEST(one_vm_for_all),
		TEST(shards_are_worth_it),     TEST(progress_adds_up),
	};

	return cmocka_run_group_tests_name("host_split", tests, NULL, NULL);
}

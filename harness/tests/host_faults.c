// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What goes wrong around a kernel: no VM, a QEMU or a suite that dies, a guest
 * that lies. None of it may pass for a verdict on bpf(2), or be lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host_bench.h"
#include "host_fake.h"

static void no_boot(void **state)
{
	struct bench *bench = *state;

	fake.no_boot = "no init\033[2J";
	fake.outcome = BPFVM_NO_BOOT;
	judge(bench);
	expect_status(bench, STATUS_NO_VERDICT);
	assert_int_equal(fake.boots, 1);
	assert_true(kernel_run_empty(&bench->k));
	assert_string_equal(bench->k.why, "no boot: no init\\x1b[2J");
	expect_mark(bench, 0, MARK_FAIL, "not run: no boot");
}

static void no_vm(void **state)
{
	static const enum bpfvm_outcome outcomes[] = {BPFVM_ERROR,
						      BPFVM_VMM_DIED};

	for (size_t i = 0; i < 2; i++) {
		struct bench *bench = *state;

		fake_reset();
		fake.no_boot = "no QEMU";
		fake.outcome = outcomes[i];
		bench_select(bench, NULL, 0);
		judge(bench);
		expect_status(bench, STATUS_NO_VERDICT);
	}
}

static void suite_cannot_start(void **state)
{
	struct bench *bench = *state;

	fake.raw = "";
	fake.outcome = BPFVM_EXITED;
	fake.status = 127;
	judge(bench);
	expect_status(bench, STATUS_NO_VERDICT);
	assert_int_equal(fake.boots, 1);
	expect_mark(bench, 0, MARK_FAIL, "exited with status 127");
}

static void suite_killed(void **state)
{
	struct bench *bench = *state;

	fake.acts[3] = FAKE_END;
	fake.outcome = BPFVM_SIGNALED;
	fake.status = 9;
	judge(bench);
	expect_status(bench, STATUS_BROKEN);
	expect_mark(bench, 3, MARK_FAIL,
		    "no result from the guest: the suite "
		    "was killed by signal 9");
	assert_int_equal(kernel_run_totals(&bench->k).passed, FAKE_CASES - 1);
	assert_string_equal(fake.argv[1], "--start 4");
}

static void case_without_result(void **state)
{
	struct bench *bench = *state;

	fake.acts[3] = FAKE_MUTE;
	judge(bench);
	expect_status(bench, STATUS_BROKEN);
	assert_int_equal(fake.boots, 1);
	expect_mark(bench, 3, MARK_FAIL, "no result from the guest");
	assert_false(bench->k.results[3].not_run);
	assert_int_equal(bench->k.odd.disorder, 1);
}

/* All results, but no end record: said, and no verdict on the kernel. */
static void end_missing(void **state)
{
	char text[4096] = "{\"suite\": 1, \"cases\": 8}\n", line[256];
	struct bench *bench = *state;

	for (size_t i = 0; i < bench->sel.n; i++) {
		snprintf(line, sizeof(line),
			 "{\"start\": \"%s\"}\n{\"case\": \"%s\", "
			 "\"verdict\": \"pass\"}\n",
			 bench->sel.cases[i]->name, bench->sel.cases[i]->name);
		strcat(text, line);
	}
	fake.raw = text;
	fake.raw_len = strlen(text);
	fake.outcome = BPFVM_EXITED;
	judge(bench);
	expect_status(bench, STATUS_HOLDS);
	assert_int_equal(bench->k.odd.no_end, 1);
	assert_int_equal(fake.boots, 1);
}

static void flooding_guest(void **state)
{
	static char text[1 << 20];
	struct bench *bench = *state;

	memset(text, 'x', sizeof(text));
	fake.raw = text;
	fake.raw_len = sizeof(text);
	fake.outcome = BPFVM_STOPPED;
	judge(bench);
	expect_status(bench, STATUS_NO_VERDICT);
	expect_mark(bench, 0, MARK_FAIL, "MiB of output");
}

/* A guest that always begins with the same case does not get on. */
static void stuck_guest(void **state)
{
	static const char text[] = "{\"start\": \"map_freeze/frozen\"}\n";
	struct bench *bench = *state;

	fake.raw = text;
	fake.raw_len = sizeof(text) - 1;
	fake.outcome = BPFVM_PANIC;
	judge(bench);
	expect_status(bench, STATUS_CRASHED);
	expect_mark(bench, 4, MARK_CRASH, NULL);
	expect_mark(bench, 3, MARK_FAIL, "no result from the guest");
	expect_mark(bench, 5, MARK_FAIL, "not run: panic");
	assert_int_equal(fake.boots, 3);
}

/* QEMU that dies for reasons of its own is no verdict on the kernel. */
static void qemu_dies_once(void **state)
{
	struct bench *bench = *state;

	fake.acts[2] = FAKE_END_ONCE;
	fake.outcome = BPFVM_VMM_DIED;
	judge(bench);
	expect_status(bench, STATUS_HOLDS);
	expect_mark(bench, 2, MARK_PASS, NULL);
}

/* Nor is one that dies and cannot be had again. */
static void qemu_dies_for_good(void **state)
{
	struct bench *bench = *state;

	fake.acts[2] = FAKE_END;
	fake.outcome = BPFVM_VMM_DIED;
	fake.no_boot = "no memory";
	fake.boots_up = 1;
	judge(bench);
	expect_status(bench, STATUS_NO_VERDICT);
	expect_mark(bench, 1, MARK_PASS, NULL);
	expect_mark(bench, 2, MARK_FAIL, "not run: qemu died");
	expect_mark(bench, 3, MARK_FAIL, "not run: qemu died: no memory");
}

static void qemu_dies_of_the_kernel(void **state)
{
	struct bench *bench = *state;

	fake.acts[2] = FAKE_END;
	fake.outcome = BPFVM_VMM_DIED;
	judge(bench);
	expect_status(bench, STATUS_CRASHED);
	expect_mark(bench, 2, MARK_CRASH, "qemu died");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(no_boot),
		TEST(no_vm),
		TEST(suite_cannot_start),
		TEST(suite_killed),
		TEST(case_without_result),
		TEST(end_missing),
		TEST(flooding_guest),
		TEST(stuck_guest),
		TEST(qemu_dies_once),
		TEST(qemu_dies_for_good),
		TEST(qemu_dies_of_the_kernel),
	};

	return cmocka_run_group_tests_name("host_faults", tests, NULL, NULL);
}

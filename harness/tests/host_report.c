// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The reports: KTAP that a parser takes, JSON that says the same, XML and
 * terminals that no guest can reach into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <jansson.h>

#include "host/bpfabi.h"
#include "host_cli.h"
#include "host_fake.h"
#include "host_ktap.h"

#define RUN(...) \
	SPEAK(cmd_run, "bpfabi run", "--guest", "/bin/true", __VA_ARGS__)

static int setup(void **state)
{
	(void)state;
	fake_reset();
	return 0;
}

/* One of each. */
static void every_mark(void)
{
	fake.acts[1] = FAKE_FAIL;
	fake.acts[2] = FAKE_ABSENT;
	fake.acts[3] = FAKE_SKIP;
	fake.acts[4] = FAKE_KNOWN;
	fake.acts[5] = FAKE_END;
	fake.outcome = BPFVM_PANIC;
}

static void expect_text(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* Nothing but lines of printable ASCII. */
static void expect_clean(const char *text)
{
	for (; *text; text++)
		assert_true(*text == '\n' || (*text >= ' ' && *text < 0x7f));
}

static void ktap_flat(void **state)
{
	struct ktap_seen seen;
	struct spoken spoken;

	(void)state;
	every_mark();
	spoken = RUN("--ktap");
	ktap_check(spoken.out, &seen);
	expect_clean(spoken.out);
	assert_int_equal(spoken.status, STATUS_CRASHED);
	assert_int_equal(seen.tests, FAKE_CASES);
	assert_int_equal(seen.not_ok, 2);
	assert_int_equal(seen.skips, 2);
	assert_int_equal(seen.xfails, 1);
	expect_text(spoken.out, "\nok 1 any/bad_command\n");
	expect_text(spoken.out,
		    "# map_create/created: want -EINVAL, got 0 (kernel "
		    "6.12.1)\n# rule: it makes a map\n# call: bpf(<&>)\n"
		    "# detail: a\\x1bb\\nc\\xc3\\xa9\n"
		    "not ok 2 map_create/created\n");
	expect_text(spoken.out, "\nok 3 map_create/size_short # SKIP absent "
				"(EINVAL asserted)\n");
	expect_text(spoken.out, "\nok 4 map_create/zero_key # SKIP no\\nBTF\n");
	expect_text(spoken.out,
		    "\nok 5 map_freeze/frozen # XFAIL known: see syscall.c\n");
	expect_text(spoken.out, "\nnot ok 6 map_freeze/twice # CRASH panic");
	spoken_free(&spoken);
}

/* Standard output is no terminal here. */
static void ktap_is_the_default(void **state)
{
	struct spoken spoken = RUN("-q");
	struct ktap_seen seen;

	(void)state;
	ktap_check(spoken.out, &seen);
	assert_int_equal(seen.tests, FAKE_CASES);
	assert_string_equal(spoken.err, "");
	spoken_free(&spoken);
}

static void ktap_strict(void **state)
{
	struct ktap_seen seen;
	struct spoken spoken;

	(void)state;
	fake.acts[4] = FAKE_KNOWN;
	spoken = RUN("--strict");
	ktap_check(spoken.out, &seen);
	assert_int_equal(spoken.status, STATUS_BROKEN);
	assert_int_equal(seen.not_ok, 1);
	assert_int_equal(seen.xfails, 0);
	spoken_free(&spoken);
}

static void ktap_nested(void **state)
{
	struct ktap_seen seen;
	struct spoken spoken;

	(void)state;
	fake.acts[0] = FAKE_FAIL;
	spoken = RUN("-k", "debian:6.1", "--kernel", "a#b\n", "--ktap");
	ktap_check(spoken.out, &seen);
	expect_clean(spoken.out);
	assert_int_equal(spoken.status, STATUS_BROKEN);
	assert_int_equal(seen.subtests, 2);
	assert_int_equal(seen.tests, 2 * FAKE_CASES + 2);
	assert_int_equal(seen.not_ok, 4);
	expect_text(spoken.out, "KTAP version 1\n1..2\n  KTAP version 1\n"
				"  # Subtest: debian:6.1\n  1..8\n");
	expect_text(spoken.out, "\nnot ok 2 a\\#b\\n\n");
	spoken_free(&spoken);
}

static void ktap_no_verdict(void **state)
{
	struct ktap_seen seen;
	struct spoken spoken;

	(void)state;
	fake.no_boot = "no\033 init";
	fake.outcome = BPFVM_NO_BOOT;
	spoken = RUN("-q");
	ktap_check(spoken.out, &seen);
	assert_int_equal(seen.tests, 0);
	assert_int_equal(spoken.status, STATUS_NO_VERDICT);
	assert_string_equal(spoken.err, "bpfabi: debian:6.12: no verdict: no "
					"boot: no\\x1b init\n");
	spoken_free(&spoken);
	spoken = RUN("-q", "-k", "a", "-k", "b");
	ktap_check(spoken.out, &seen);
	assert_int_equal(seen.tests, 2);
	assert_int_equal(seen.not_ok, 2);
	spoken_free(&spoken);
}

static const char *text_at(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	assert_non_null(text);
	return text;
}

static json_int_t number_at(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static void check_cases(const json_t *kernel)
{
	static const char *const verdicts[] = {"pass", "fail",	"absent",
					       "skip", "known", "crash",
					       "pass", "pass"};
	const json_t *cases = json_object_get(kernel, "cases"), *one;

	assert_int_equal(json_array_size(cases), FAKE_CASES);
	for (size_t i = 0; i < FAKE_CASES; i++)
		assert_string_equal(text_at(json_array_get(cases, i),
					    "verdict"),
				    verdicts[i]);
	one = json_array_get(cases, 1);
	assert_string_equal(text_at(one, "name"), "map_create/created");
	assert_string_equal(text_at(one, "command"), "map_create");
	assert_string_equal(text_at(one, "kind"), "contract");
	assert_string_equal(text_at(one, "rule"), "it makes a map");
	assert_true(json_is_null(json_object_get(one, "errno")));
	assert_string_equal(text_at(one, "expected"), "-EINVAL");
	assert_string_equal(text_at(one, "got"), "0");
	assert_string_equal(text_at(one, "call"), "bpf(<&>)");
	assert_string_equal(text_at(one, "detail"), "a\\x1bb\\nc\\xc3\\xa9");
	assert_int_equal(number_at(one, "ms"), 2);
	one = json_array_get(cases, 5);
	assert_string_equal(text_at(one, "errno"), "EPERM");
	assert_string_equal(text_at(json_array_get(cases, 0), "command"),
			    "any");
}

static void json_says_it_all(void **state)
{
	struct spoken spoken;
	const json_t *kernel, *command;
	json_t *all;

	(void)state;
	every_mark();
	spoken = RUN("--json", "-", "-k", "debian:6.1");
	all = json_loads(spoken.out, 0, NULL);
	assert_non_null(all);
	assert_int_equal(number_at(all, "version"), 1);
	assert_int_equal(number_at(all, "status"), spoken.status);
	assert_int_equal(json_array_size(json_object_get(all, "kernels")), 1);
	kernel = json_array_get(json_object_get(all, "kernels"), 0);
	assert_string_equal(text_at(kernel, "spec"), "debian:6.1");
	assert_string_equal(text_at(kernel, "release"), "6.12.1");
	assert_string_equal(text_at(kernel, "machine"), "x86_64");
	assert_string_equal(text_at(kernel, "accel"), "tcg");
	assert_string_equal(text_at(kernel, "verdict"), "crashed");
	assert_string_equal(text_at(kernel, "outcome"), "panic");
	assert_int_equal(number_at(kernel, "vms"), 3);
	assert_int_equal(number_at(json_object_get(kernel, "totals"), "cases"),
			 FAKE_CASES);
	assert_int_equal(json_array_size(json_object_get(kernel, "commands")),
			 4);
	command = json_array_get(json_object_get(kernel, "commands"), 0);
	assert_string_equal(text_at(command, "name"), "map_create");
	assert_int_equal(number_at(command, "failed"), 1);
	check_cases(kernel);
	json_decref(all);
	spoken_free(&spoken);
}

static void junit_escapes(void **state)
{
	struct spoken spoken;

	(void)state;
	every_mark();
	fake.acts[3] = FAKE_FAIL;
	spoken = RUN("--junit", "-", "-k", "a&b");
	expect_clean(spoken.out);
	expect_text(spoken.out, "<testsuite name=\"a&amp;b\" tests=\"8\" "
				"failures=\"2\" errors=\"1\" skipped=\"2\"");
	expect_text(spoken.out, "<failure message=\"want -EINVAL, got 0\">"
				"rule: no key &lt;&amp;&quot;&gt;\n");
	expect_text(spoken.out, "call: bpf(&lt;&amp;&gt;)\n");
	expect_text(spoken.out, "<error message=\"panic: ");
	spoken_free(&spoken);
}

static void summary_for_people(void **state)
{
	struct spoken spoken;

	(void)state;
	every_mark();
	spoken = RUN("--summary");
	expect_clean(spoken.out);
	expect_text(spoken.out, "Linux 6.12.1 (debian:6.12), tcg, 3 commands, "
				"8 cases\n");
	expect_text(spoken.out,
		    "\n  0  map_create                          -        1"
		    "        1        1        -\n");
	expect_text(spoken.out,
		    "\n 22  map_freeze                          -        1"
		    "        -        -        1\n");
	expect_text(spoken.out,
		    "\n  -  any                                 1        -"
		    "        -        -        -\n");
	/* 39 commands, no one's cases, the head */
	expect_text(spoken.out, "\n 38  ");
	expect_text(spoken.out,
		    "\nFAIL map_create/created\n  rule      it makes a map\n"
		    "  expected  -EINVAL\n  got       0\n"
		    "  call      bpf(<&>)\n  detail    a\\x1bb");
	expect_text(spoken.out, "\nCRASH map_freeze/twice\n");
	expect_text(spoken.out, "\nKnown deviations of Linux 6.12.1:\n"
				"  map_freeze/frozen: see syscall.c\n");
	expect_text(spoken.out,
		    "\nSkipped:\n  map_create/zero_key: no\\nBTF\n");
	expect_text(spoken.out,
		    "\nThe kernel crashed or hung: 3 passed, 2 failed (crashes "
		    "among them), 1 absent, 1 skipped, 1 known; tcg, ");
	spoken_free(&spoken);
}

static void odd_output_is_told(void **state)
{
	static const char text[] = "boo\n{\"suite\": 1, \"cases\": 8}\n"
				   "{\"start\": \"any/bad_command\"}\n"
				   "{\"case\": \"any/bad_command\", "
				   "\"verdict\": \"pass\"}\n{\"end\": 1}\n";
	struct spoken spoken;

	(void)state;
	fake.raw = text;
	fake.raw_len = sizeof(text) - 1;
	spoken = RUN("--summary");
	assert_int_equal(spoken.status, STATUS_BROKEN);
	expect_text(spoken.out, "Note: odd output of the guest: lines that "
				"are no record: 1\n");
	expect_text(spoken.out, "  detail    no result from the guest\n");
	spoken_free(&spoken);
}

/* A report of the kernel stands in every form of ours. */
static void kernel_reports_are_told(void **state)
{
	static const char warning[] = "WARNING: at a.c:1 <a>+0x1/0x2";
	struct spoken spoken;
	json_t *all, *one;

	(void)state;
	fake.report = "at a.c:1 <a>+0x1/0x2";
	fake.report_kind = BPFVM_REPORT_WARNING;
	fake.trace = "WARNING: <a>\n";
	spoken = RUN("--summary");
	assert_int_equal(spoken.status, STATUS_HOLDS);
	expect_text(spoken.out, "\nThe kernel reported:\n  ");
	expect_text(spoken.out, warning);
	spoken_free(&spoken);
	spoken = RUN("--ktap", "--filter", "map_freeze/frozen");
	expect_text(spoken.out, "# kernel report: ");
	expect_text(spoken.out, "<a>+0x1/0x2 (in map_freeze/frozen)\n");
	spoken_free(&spoken);
	spoken = RUN("--junit", "-");
	expect_text(spoken.out, "<system-err>kernel report: WARNING: at "
				"a.c:1 &lt;a&gt;+0x1/0x2\n"
				"WARNING: &lt;a&gt;\n</system-err>");
	spoken_free(&spoken);
	spoken = RUN("--json", "-");
	all = json_loads(spoken.out, 0, NULL);
	one = json_array_get(json_object_get(all, "kernels"), 0);
	one = json_array_get(json_object_get(one, "kernel_reports"), 0);
	assert_string_equal(text_at(one, "kind"), "WARNING");
	assert_string_equal(text_at(one, "trace"), fake.trace);
	assert_int_equal(number_at(one, "count"), 1);
	json_decref(all);
	spoken_free(&spoken);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(ktap_flat),	  TEST(ktap_is_the_default),
		TEST(ktap_strict),	  TEST(ktap_nested),
		TEST(ktap_no_verdict),	  TEST(json_says_it_all),
		TEST(junit_escapes),	  TEST(summary_for_people),
		TEST(odd_output_is_told), TEST(kernel_reports_are_told),
	};

	return cmocka_run_group_tests_name("host_report", tests, NULL, NULL);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi run with the suite of 32 bits, and on several kernels at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/bpfabi.h"
#include "host_cli.h"
#include "host_fake.h"
#include "host_ktap.h"

static char narrow[32]; /* what looks like a program of 32 bits */

static int setup(void **state)
{
	static const char ident[16] = "\177ELF\1\1\1";
	int fd;

	(void)state;
	fake_reset();
	unsetenv("BPFABI_GUEST");
	strcpy(narrow, "/tmp/bpfabi-test.XXXXXX");
	fd = mkstemp(narrow);
	if (fd < 0 || fchmod(fd, 0755) != 0 ||
	    write(fd, ident, sizeof(ident)) != (ssize_t)sizeof(ident))
		return -1;
	return close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(narrow);
}

static void expect_told(struct spoken *spoken, const char *part)
{
	assert_int_equal(spoken->status, STATUS_HOLDS);
	if (!strstr(spoken->out, part))
		fail_msg("\"%s\" is not in: %s", part, spoken->out);
	spoken_free(spoken);
}

/* The suite's file says how wide it is, whoever named it. */
static void reports_say_compat32(void **state)
{
	struct spoken spoken;

	(void)state;
#define SUITE(...) SPEAK(cmd_run, "bpfabi run", "-q", "--guest", __VA_ARGS__)
	spoken = SUITE(narrow, "--compat32");
	expect_told(&spoken, "holds for 32-bit programs (compat32): 8 passed");
	spoken = SUITE(narrow, "--junit", "-");
	expect_told(&spoken, "\"debian:6.12 compat32\"");
	spoken = SUITE(narrow, "--json", "-");
	expect_told(&spoken, "\"compat32\": true");
	spoken = SUITE(narrow, "-k", "a", "-k", "b");
	expect_told(&spoken, "\nok 2 b compat32\n");
	spoken = SUITE(narrow, "--summary");
	expect_told(&spoken, "(debian:6.12 compat32), tcg");
	spoken = SUITE("/bin/true", "--json", "-");
	expect_told(&spoken, "\"compat32\": false");
}

static void expect_no_verdict(struct spoken *spoken, const char *part)
{
	assert_int_equal(spoken->status, STATUS_NO_VERDICT);
	assert_string_equal(spoken->out, "");
	assert_int_equal(count_lines(spoken->err), 1);
	if (!strstr(spoken->err, part))
		fail_msg("\"%s\" is not in: %s", part, spoken->err);
	spoken_free(spoken);
}

static void no_such_suite(void **state)
{
	struct spoken spoken = SUITE("/bin/true", "--compat32");

	(void)state;
	expect_no_verdict(&spoken, "--compat32 wants a suite of 32 bits, and "
				   "/bin/true is none; `make setup-cross "
				   "CROSS=i386` builds one");
	spoken = SPEAK(cmd_run, "bpfabi run", "--compat32");
	expect_no_verdict(&spoken,
			  "/bpfabi-guest-i386 cannot be used: No such file or "
			  "directory; `make setup-cross CROSS=i386` builds it");
}

static void only_for_the_hosts_kernels(void **state)
{
	struct spoken spoken = SUITE(narrow, "--compat32", "--arch", "foreign");

	(void)state;
	assert_int_equal(spoken.status, STATUS_USAGE);
	assert_non_null(strstr(spoken.err, "--compat32 is for x86-64 kernels"));
	spoken_free(&spoken);
	spoken = SUITE(narrow, "--compat32", "--arch", "native");
	expect_told(&spoken, "compat32");
	/* A suite of 32 bits on a kernel of 32 is nothing special. */
	spoken = SUITE(narrow, "--arch", "foreign", "--json", "-");
	expect_told(&spoken, "\"compat32\": false");
}

static void kernels_at_once(void **state)
{
	struct spoken spoken;
	struct ktap_seen seen;

	(void)state;
	fake.meet = 2;
	spoken = SUITE("/bin/true", "--ktap", "-j", "2", "-k", "a", "-k", "b");
	assert_int_equal(spoken.status, STATUS_HOLDS);
	ktap_check(spoken.out, &seen);
	assert_int_equal(seen.tests, 2 * FAKE_CASES + 2);
	assert_true(strstr(spoken.out, "\nok 1 a\n") <
		    strstr(spoken.out, "\nok 2 b\n"));
	spoken_free(&spoken);
	spoken = SUITE("/bin/true", "--ktap", "-j", "1", "-k", "a", "-k", "b");
	assert_int_equal(spoken.status, STATUS_NO_VERDICT);
	spoken_free(&spoken);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reports_say_compat32),
		TEST(no_such_suite),
		TEST(only_for_the_hosts_kernels),
		TEST(kernels_at_once),
	};

	return cmocka_run_group_tests_name("host_widths", tests, NULL, NULL);
}

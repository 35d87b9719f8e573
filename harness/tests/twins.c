// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The suite's own expectations, each with its twin: what holds passes, what
 * does not fails the case and says what was expected and what came. Linked with
 * --wrap=_fail and --wrap=_skip, so that a failing case ends here and not this
 * test. */
#include <errno.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "call.h"
#include "suite.h"

static jmp_buf case_ended;

void __wrap__fail(const char *file, int line);
void __wrap__skip(const char *file, int line);

void __wrap__fail(const char *file, int line)
{
	(void)file;
	(void)line;
	longjmp(case_ended, 1);
}

void __wrap__skip(const char *file, int line)
{
	__wrap__fail(file, line);
}

/* In place of the kernel: every call says EINVAL. */
int __real_bpfsys(unsigned int cmd, void *attr, unsigned int size)
{
	(void)cmd;
	(void)attr;
	(void)size;
	return -EINVAL;
}

int __real_bpfsys_common(unsigned int cmd, void *attr, unsigned int size,
			 struct bpfsys_common_attr *common,
			 unsigned int common_size)
{
	(void)common;
	(void)common_size;
	return __real_bpfsys(cmd, attr, size);
}

static const struct suite_case which = {.name = "map_freeze/twin",
					.err = EBADF};
static struct run run;

/* Runs STATEMENT as the body of a case; whether it failed. */
#define FAILS(statement)                                   \
	(memset(&run, 0, sizeof(run)), run.which = &which, \
	 setjmp(case_ended) ? run.verdict == VERDICT_FAIL  \
			    : ((statement), false))

static void **const state_of = (void *[]){&run};

static void errno_of_the_row(void **state)
{
	(void)state;
	assert_false(FAILS(expect_errno(state_of, -EBADF)));
	assert_true(FAILS(expect_errno(state_of, -EINVAL)));
	assert_non_null(strstr(run.expected, "-EBADF"));
	assert_string_equal(run.got, "-EINVAL");
	assert_true(FAILS(expect_errno(state_of, 0)));
	assert_string_equal(run.got, "0");
	assert_true(FAILS(expect_errno(state_of, EBADF)));
}

static void another_errno(void **state)
{
	(void)state;
	assert_false(
		FAILS(expect_error(state_of, "it", BPFSYS_ENOTSUPP, -524)));
	assert_true(FAILS(expect_error(state_of, "it", BPFSYS_ENOTSUPP, -95)));
	assert_string_equal(run.expected, "it: -ENOTSUPP");
	assert_string_equal(run.got, "-EOPNOTSUPP");
	assert_true(FAILS(expect_error(state_of, "it", EINVAL, 3)));
}

static void success(void **state)
{
	(void)state;
	assert_false(FAILS(expect_ok(state_of, "it", 0)));
	assert_false(FAILS(expect_ok(state_of, "it", 17)));
	assert_true(FAILS(expect_ok(state_of, "it", -EPERM)));
	assert_string_equal(run.got, "-EPERM");
}

static void numbers(void **state)
{
	(void)state;
	assert_false(FAILS(expect_u64(state_of, "n", 5, 5)));
	assert_true(FAILS(expect_u64(state_of, "n", 5, 6)));
	assert_string_equal(run.expected, "n = 5");
	assert_true(FAILS(expect_u64(state_of, "n", 0, 1ULL << 32)));
	assert_false(FAILS(expect_range(state_of, "n", 2, 4, 2)));
	assert_false(FAILS(expect_range(state_of, "n", 2, 4, 4)));
	assert_true(FAILS(expect_range(state_of, "n", 2, 4, 1)));
	assert_true(FAILS(expect_range(state_of, "n", 2, 4, 5)));
}

static void memory(void **state)
{
	(void)state;
	assert_false(FAILS(expect_mem(state_of, "m", "abc", "abc", 3)));
	assert_false(FAILS(expect_mem(state_of, "m", "abc", "abd", 2)));
	assert_true(FAILS(expect_mem(state_of, "m", "abc", "abd", 3)));
	assert_non_null(strstr(run.expected, "byte 2"));
}

static void conditions(void **state)
{
	(void)state;
	assert_false(FAILS(expect_true(state_of, "it holds", true)));
	assert_true(FAILS(expect_true(state_of, "it holds", false)));
	assert_string_equal(run.expected, "it holds");
}

static void preparation(void **state)
{
	(void)state;
	assert_false(FAILS(need(state_of, "a map", 3)));
	assert_true(FAILS(need(state_of, "a map", -EPERM)));
	assert_non_null(strstr(run.expected, "a map"));
}

static void skips_are_no_failures(void **state)
{
	(void)state;
	assert_false(FAILS(skip_case(state_of, "no %s", "BTF")));
	assert_int_equal(run.verdict, VERDICT_SKIP);
	assert_string_equal(run.detail, "no BTF");
}

/* The judged call is the newest with its return value; its fields come from the
 * table. */
static void the_call_is_shown(void **state)
{
	struct bpfsys_map_create_attr attr;

	(void)state;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = 1;
	attr.value_size = 8;
	memcpy(attr.map_name, "a_map", 6);
	assert_int_equal(__wrap_bpfsys(BPFSYS_MAP_CREATE, &attr, 92), -EINVAL);
	assert_true(FAILS(expect_errno(state_of, -EINVAL)));
	assert_string_equal(run.call, "bpf(BPF_MAP_CREATE, {map_type=1, "
				      "value_size=8, map_name=\"a_map\"}, 92) "
				      "= -1 EINVAL");
	assert_int_equal(__wrap_bpfsys(BPFSYS_MAP_FREEZE, NULL, 32), -EINVAL);
	assert_true(FAILS(expect_errno(state_of, -EINVAL)));
	assert_string_equal(run.call,
			    "bpf(BPF_MAP_FREEZE, (nil), 32) = -1 EINVAL");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errno_of_the_row),
		cmocka_unit_test(another_errno),
		cmocka_unit_test(success),
		cmocka_unit_test(numbers),
		cmocka_unit_test(memory),
		cmocka_unit_test(conditions),
		cmocka_unit_test(preparation),
		cmocka_unit_test(skips_are_no_failures),
		cmocka_unit_test(the_call_is_shown),
	};

	return cmocka_run_group_tests_name("harness twins", tests, NULL, NULL);
}

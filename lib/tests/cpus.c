// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* How CPUs are counted and where their slots are; no kernel needed. */
#include <errno.h>
#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpfsys/helpers.h>

static void lists(void **state)
{
	static const struct {
		const char *list;
		int count;
	} rows[] = {
		{"0\n", 1},
		{"0-3\n", 4},
		{"0-3,8\n", 5},
		{"0-3,8-11,16-16", 9},
		{"0-8191\n", 8192},
		{"", -EINVAL},
		{"\n", -EINVAL},
		{"a", -EINVAL},
		{"-1", -EINVAL},
		{"3-1", -EINVAL},
		{"0-", -EINVAL},
		{"0,", -EINVAL},
		{"0,,1", -EINVAL},
		{" 1", -EINVAL},
		{"0-3 ", -EINVAL},
		{"0-3\n\n", -EINVAL},
		{"0-1-2", -EINVAL},
		{"0-99999999999999999999", -EINVAL},
		{"0-4294967296", -EINVAL},
		{"0-1000000000,0-1000000000,0-1000000000", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int count = bpfsys_count_cpus(rows[i].list);

		if (count != rows[i].count)
			fail_msg("\"%s\": %d, want %d", rows[i].list, count,
				 rows[i].count);
	}
}

static void slots(void **state)
{
	char values[64];

	(void)state;
	assert_int_equal(bpfsys_percpu_stride(1), 8);
	assert_int_equal(bpfsys_percpu_stride(8), 8);
	assert_int_equal(bpfsys_percpu_stride(9), 16);
	assert_ptr_equal(bpfsys_percpu_slot(values, 12, 0), values);
	assert_ptr_equal(bpfsys_percpu_slot(values, 12, 3), values + 48);
}

static void here(void **state)
{
	int cpus = bpfsys_possible_cpus();

	(void)state;
	assert_true(cpus >= 1);
	assert_int_equal(bpfsys_possible_cpus(), cpus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(slots),
		cmocka_unit_test(here),
	};

	return cmocka_run_group_tests_name("lib cpus", tests, NULL, NULL);
}

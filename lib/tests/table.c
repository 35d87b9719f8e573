// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The table holds together: what the compiler cannot see of its rows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpfsys/abi.h>

#define KV(major, minor) BPFSYS_KV(major, minor)

/* The newest kernel that the table describes. */
#define NEWEST KV(7, 3)
#define N_CMDS 39u

static const struct bpfsys_command *command(unsigned int nr)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(nr);

	assert_non_null(cmd);
	return cmd;
}

static void every_command_once(void **state)
{
	(void)state;
	assert_int_equal(bpfsys_abi_commands(), N_CMDS);
	for (unsigned int nr = 0; nr < N_CMDS; nr++) {
		const struct bpfsys_command *cmd = command(nr);
		char name[64];

		assert_int_equal(cmd->nr, nr);
		snprintf(name, sizeof(name), "BPF_%s", cmd->name);
		assert_ptr_equal(bpfsys_abi_find(name), cmd);
		assert_ptr_equal(bpfsys_abi_find(cmd->name), cmd);
		assert_ptr_equal(bpfsys_abi_find(cmd->id), cmd);
	}
	assert_null(bpfsys_abi_command(N_CMDS));
	assert_null(bpfsys_abi_find("BPF_NO_SUCH_COMMAND"));
}

/* Counted straight from the rows; the slices must find them all, which they do
 * only where a command's rows stand together. */
static void rows_stand_together(void **state)
{
	(void)state;
	static const char *const owners[] = {
#define FIELD(cmd, ...)	  #cmd,
#define LAST(cmd, ...)	  #cmd,
#define ERR(cmd, ...)	  #cmd,
#define NO_CASE(cmd, ...) #cmd,
#include "abi/all.def"
	};

	for (unsigned int nr = 0; nr < N_CMDS; nr++) {
		size_t fields, lasts, errs, rows = 0;

		bpfsys_abi_fields(command(nr), &fields);
		bpfsys_abi_lasts(command(nr), &lasts);
		bpfsys_abi_errnos(command(nr), &errs);
		for (size_t i = 0; i < sizeof(owners) / sizeof(owners[0]); i++)
			rows += strcmp(owners[i], command(nr)->id) == 0;
		assert_int_equal(fields + lasts + errs, rows);
		assert_true(fields > 0 && lasts > 0 && errs > 0);
	}
}

static void fields_fit_their_group(void **state)
{
	(void)state;
	for (unsigned int nr = 0; nr < N_CMDS; nr++) {
		const struct bpfsys_command *cmd = command(nr);
		size_t count;
		const struct bpfsys_field *f = bpfsys_abi_fields(cmd, &count);

		for (size_t i = 0; i < count; i++) {
			assert_true(f[i].offset + f[i].size <= cmd->group_end);
			assert_true(f[i].offset % (f[i].size == 8 ? 8 : 4) ==
				    0);
			assert_true(f[i].since >= cmd->since ||
				    f[i].since >= KV(3, 18));
			assert_true(f[i].since <= NEWEST);
			assert_ptr_equal(bpfsys_abi_field(cmd, f[i].name),
					 &f[i]);
		}
	}
}

static void pointers_say_their_length(void **state)
{
	(void)state;
	for (unsigned int nr = 0; nr < N_CMDS; nr++) {
		size_t count;
		const struct bpfsys_field *f =
			bpfsys_abi_fields(command(nr), &count);

		for (size_t i = 0; i < count; i++) {
			if (f[i].kind < BPFSYS_KIND_PTR_IN)
				continue;
			assert_int_equal(f[i].size, 8);
			assert_int_not_equal(f[i].detail[0], '\0');
		}
	}
}

/* Each step of a last field's history is longer and newer than the one before,
 * and only the first needs no gate. */
static void last_fields_grow(void **state)
{
	(void)state;
	for (unsigned int nr = 0; nr < N_CMDS; nr++) {
		const struct bpfsys_command *cmd = command(nr);
		size_t count;
		const struct bpfsys_last *last = bpfsys_abi_lasts(cmd, &count);

		assert_string_equal(last[0].gate, "");
		for (size_t i = 0; i < count; i++) {
			assert_true(last[i].end <= cmd->group_end);
			assert_true(i == 0 || last[i].end > last[i - 1].end);
			assert_true(i == 0 ||
				    last[i].since > last[i - 1].since);
			assert_true(i == 0 || strchr(last[i].gate, '.'));
			assert_non_null(bpfsys_abi_field(cmd, last[i].field));
		}
	}
}

static void errnos_are_named(void **state)
{
	(void)state;
	for (unsigned int nr = 0; nr < N_CMDS; nr++) {
		size_t count;
		const struct bpfsys_errno_row *row =
			bpfsys_abi_errnos(command(nr), &count);

		for (size_t i = 0; i < count; i++) {
			assert_true(row[i].err > 0);
			assert_non_null(bpfsys_errno_name(row[i].err));
			assert_true(strlen(row[i].condition) > 8);
			assert_true(!row[i].no_case ||
				    strlen(row[i].no_case) > 16);
			for (size_t k = 0; k < i; k++)
				assert_string_not_equal(row[i].name,
							row[k].name);
		}
	}
	assert_string_equal(bpfsys_errno_name(524), "ENOTSUPP");
	assert_string_equal(bpfsys_errno_name(EINVAL), "EINVAL");
	assert_null(bpfsys_errno_name(0));
	assert_null(bpfsys_errno_name(99999));
}

static void info_structs_are_covered(void **state)
{
	size_t n_infos, count;
	const struct bpfsys_info_struct *infos = bpfsys_abi_infos(&n_infos);

	(void)state;
	assert_int_equal(n_infos, 4);
	for (size_t i = 0; i < n_infos; i++) {
		const struct bpfsys_field *f =
			bpfsys_abi_info_fields(&infos[i], &count);
		unsigned int end = 0;

		assert_true(count > 0);
		for (size_t k = 0; k < count; k++)
			if (f[k].offset + f[k].size > (int)end)
				end = f[k].offset + f[k].size;
		assert_int_equal(end, infos[i].end);
	}
	bpfsys_abi_common(&count);
	assert_int_equal(count, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_once),
		cmocka_unit_test(rows_stand_together),
		cmocka_unit_test(fields_fit_their_group),
		cmocka_unit_test(pointers_say_their_length),
		cmocka_unit_test(last_fields_grow),
		cmocka_unit_test(errnos_are_named),
		cmocka_unit_test(info_structs_are_covered),
	};

	return cmocka_run_group_tests_name("lib table", tests, NULL, NULL);
}

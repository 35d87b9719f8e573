// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Programs of sequences build with a compiler alone, and without a warning:
 * each operation and each given descriptor by itself, then some at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "seq_random.h"

enum { PROGRAM_MOST = 2 << 20, RANDOM = 6 };

static uint8_t pool[SEQ_POOL], bytes[SEQ_MOST];
static struct seq seq;
static char program[PROGRAM_MOST], dir[] = "/tmp/seq_program-XXXXXX";

static void build(const char *title)
{
	char path[64], command[256];
	size_t len = seq_program(&seq, title, program, sizeof(program));
	FILE *file;

	assert_in_range(len, 1, sizeof(program) - 1);
	assert_int_equal(strlen(program), len);
	snprintf(path, sizeof(path), "%s/program.c", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(program, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	for (int i = 0; i < 2; i++) {
		snprintf(command, sizeof(command),
			 "%s -Wall -Werror -O1 -c -o %s/program.o %s",
			 i ? "clang" : "cc", dir, path);
		if (system(command))
			fail_msg("does not build: %s", title);
	}
}

static void build_text(const char *text)
{
	char why[200] = "";

	if (seq_parse(&seq, text, pool, sizeof(pool), why, sizeof(why)))
		fail_msg("%s: %s", text, why);
	build(text);
}

static void each_operation_builds(void **state)
{
	static const char *const texts[] = {
		"r0 = close(r0)",
		"r0 = read(r0)",
		"r0 = mmap(r0, both)",
		"r0 = fork()",
		"r0 = jit(on)",
		"r0 = run(syscall)",
		"r0 = run(packet)",
		"r0 = run(tcp)",
		"r0 = run(fork)",
		"r0 = run(open)",
		"r0 = run(sysctl)",
		"r0 = run(sockopt)",
		"r0 = MAP_FREEZE(size=4, null)",
		"r0 = MAP_FREEZE(size=4, readonly) map_fd=id(r0)",
		"r0 = MAP_FREEZE(size=4, common=24) common+21=01",
		"r0 = MAP_FREEZE(size=4) map_fd=r0@4",
		"r0 = CMD_99(size=4) +8/8=btf(typedef btf_trace_sys_enter)",
		"r0 = MAP_GET_NEXT_ID()\nr1 = MAP_GET_FD_BY_ID() map_id=r0@4",
		"r0 = OBJ_PIN() pathname=&b0\nb0: 9 text = \"a\\x22?\?/1\\x00\"",
		"r0 = MAP_CREATE() map_name=\"*/ /* \\x5c\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		build_text(texts[i]);
}

static void each_given_builds(void **state)
{
	char text[64];

	(void)state;
	for (unsigned int i = 0; i < SEQ_GIVEN_PID; i++) {
		snprintf(text, sizeof(text), "r0 = dup(given(%s))",
			 seq_given_name(i));
		build_text(text);
	}
	build_text("r0 = TASK_FD_QUERY() pid=given(PID)");
}

static void sequences_build(void **state)
{
	char title[32];
	size_t len;

	(void)state;
	random_pool(1, pool);
	for (unsigned int i = 0; i < RANDOM; i++) {
		random_seq(i, &seq, pool);
		len = seq_encode(&seq, bytes, sizeof(bytes));
		assert_int_equal(seq_decode(&seq, bytes, len), 0);
		snprintf(title, sizeof(title), "*/ /* %u \\", i);
		build(title);
	}
}

static void programs_stop_where_their_room_ends(void **state)
{
	char small[64], why[200];
	size_t len;

	(void)state;
	assert_int_equal(seq_parse(&seq, "r0 = fork()", pool, sizeof(pool), why,
				   sizeof(why)),
			 0);
	len = seq_program(&seq, "t", program, sizeof(program));
	memset(small, 'x', sizeof(small));
	assert_int_equal(seq_program(&seq, "t", small, 40), len);
	assert_int_equal(strlen(small), 39);
	assert_int_equal(small[40], 'x');
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	static const char *const files[] = {"program.c", "program.o"};
	char path[64];

	(void)state;
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_builds),
		cmocka_unit_test(each_given_builds),
		cmocka_unit_test(sequences_build),
		cmocka_unit_test(programs_stop_where_their_room_ends),
	};

	return cmocka_run_group_tests_name("seq_program", tests, make_dir,
					   remove_dir);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The lines of a replay: what is told, what is masked, and guests that lie. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/corpus.h"

#define HASH                                                   \
	"r0 = MAP_CREATE(size=72) map_type=BPF_MAP_TYPE_HASH " \
	"key_size=4 value_size=8 max_entries=4\n"
#define ARRAY                                                   \
	"r0 = MAP_CREATE(size=72) map_type=BPF_MAP_TYPE_ARRAY " \
	"key_size=4 value_size=8 max_entries=4\n"
#define NEXT_KEY                                                  \
	"r1 = MAP_GET_NEXT_KEY(size=24) map_fd=r0 next_key=&b0\n" \
	"  b0: 4 bytes\n"
/* A packet filter of one call of a helper, and of one that says 0. */
#define CALLS "    8500000007000000  # call 7\n"
#define ZERO  "    b700000000000000  # r0 = 0\n"
#define FILTER(insn)                                                   \
	"r0 = PROG_LOAD(size=48) "                                     \
	"prog_type=BPF_PROG_TYPE_SOCKET_FILTER insn_cnt=2 insns=&b0 "  \
	"license=&b1\n"                                                \
	"  b0: 16 bytes insns\n" insn "    9500000000000000  # exit\n" \
	"  b1: 4 bytes text = \"GPL\"\n"
#define TEST_RUN                                  \
	"r1 = PROG_TEST_RUN(size=80) prog_fd=r0 " \
	"data_size_in=14 data_in=&b0\n"           \
	"  b0: 14 bytes\n"

static struct seq seq;
static struct fuzzvm_result res;
static uint8_t pool[SEQ_POOL], bytes[EXEC_BYTES_MOST], *records;

/* TEXT ran, and every call returned 0. */
static void ran(const char *text)
{
	char why[200];

	memset(&res, 0, sizeof(res));
	if (seq_parse(&seq, text, pool, sizeof(pool), why, sizeof(why)))
		fail_msg("%s", why);
	res.page.n_calls = seq.n;
	records = bytes;
	res.bytes = bytes;
}

/* CALL, of which none after it has written yet, wrote LEN bytes at AT of IN. */
static void wrote(unsigned int call, unsigned int in, uint32_t at,
		  const void *what, uint16_t len)
{
	const struct exec_bytes head = {(uint8_t)call, (uint8_t)in, len, at};
	const uint32_t padded = (len + 3U) / 4 * 4;

	memcpy(records, &head, sizeof(head));
	memcpy(records + sizeof(head), what, len);
	records += sizeof(head) + padded;
	res.page.calls[call].written += (uint32_t)sizeof(head) + padded;
}

static void assert_line(const char *expected)
{
	char *line = NULL;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	assert_non_null(out);
	corpus_line(out, &seq, &res);
	fclose(out);
	assert_string_equal(line, expected);
	free(line);
}

static void returns_are_told(void **state)
{
	(void)state;
	ran(ARRAY "r1 = MAP_FREEZE(size=4) map_fd=r0\n"
		  "r2 = dup(r0)\n"
		  "r3 = read(r0)\n");
	res.page.calls[0].ret = 7;
	res.page.calls[1].ret = -EBUSY;
	res.page.calls[2].ret = 8;
	res.page.calls[3].ret = 100;
	assert_line("MAP_CREATE = fd; MAP_FREEZE = EBUSY; dup = fd; "
		    "read = some\n");
	res.page.calls[0].ret = -EPERM;
	res.page.n_calls = 2;
	assert_line("MAP_CREATE = EPERM; MAP_FREEZE = EBUSY; "
		    "the rest was not made\n");
}

static void handshakes_may_last(void **state)
{
	(void)state;
	for (int ret = 0; ret >= -EINPROGRESS; ret -= EINPROGRESS) {
		ran("r0 = run(tcp)\n");
		res.page.calls[0].ret = ret;
		assert_line("run = 0 or EINPROGRESS\n");
	}
	res.page.calls[0].ret = -EPERM;
	assert_line("run = EPERM\n");
}

static void written_bytes_are_told(void **state)
{
	(void)state;
	ran(ARRAY NEXT_KEY);
	wrote(1, SEQ_IN_BUF, 0, "\1\2\0\4", 4);
	assert_line("MAP_CREATE = fd; MAP_GET_NEXT_KEY = 0 "
		    "next_key@0:4=01020004\n");
}

/* One byte of it may happen to be what stood there. */
static void pieces_are_joined(void **state)
{
	(void)state;
	ran(ARRAY NEXT_KEY);
	wrote(1, SEQ_IN_BUF, 0, "\1", 1);
	wrote(1, SEQ_IN_BUF, 1, "\2", 1);
	wrote(1, SEQ_IN_BUF, 3, "\3", 1);
	assert_line("MAP_CREATE = fd; MAP_GET_NEXT_KEY = 0 "
		    "next_key@0:2=0102 next_key@3:1=03\n");
}

static void many_bytes_are_a_sum(void **state)
{
	const char *const lookup =
		"r0 = MAP_LOOKUP_ELEM(size=32) map_fd=given(MAP_ARRAY) "
		"key=&b0 value=&b1\n"
		"  b0: 4 bytes\n"
		"  b1: 100 bytes\n";
	static uint8_t value[100];

	(void)state;
	ran(lookup);
	memset(value, 7, sizeof(value));
	wrote(0, SEQ_IN_BUF + 1, 0, value, 64);
	wrote(0, SEQ_IN_BUF + 1, 64, value, 36);
	assert_line("MAP_LOOKUP_ELEM = 0 value@0:100=#807f2321\n");
	value[99] = 8;
	ran(lookup);
	wrote(0, SEQ_IN_BUF + 1, 0, value, 100);
	assert_line("MAP_LOOKUP_ELEM = 0 value@0:100=#797f181c\n");
}

static void order_of_a_hash_is_masked(void **state)
{
	(void)state;
	ran(HASH NEXT_KEY);
	wrote(1, SEQ_IN_BUF, 0, "\1\2\0\4", 4);
	assert_line("MAP_CREATE = fd; MAP_GET_NEXT_KEY = "
		    "0 or ENOENT or ENOSPC\n");
	res.page.calls[1].ret = -EFAULT;
	res.page.calls[1].written = 0;
	assert_line("MAP_CREATE = fd; MAP_GET_NEXT_KEY = EFAULT\n");
}

static void ids_are_masked(void **state)
{
	(void)state;
	ran("r0 = PROG_GET_NEXT_ID(size=12) start_id=1\n");
	/* Two bytes of the number were other ones before. */
	wrote(0, SEQ_IN_ATTR, 4, "\2\1", 2);
	assert_line("PROG_GET_NEXT_ID = 0 attr@4:4=id\n");
}

static void fields_of_info_are_masked(void **state)
{
	const uint32_t type_and_id[] = {2, 1234, 4, 8};

	(void)state;
	ran(ARRAY "r1 = OBJ_GET_INFO_BY_FD(size=16) bpf_fd=r0 info_len=16 "
		  "info=&b0\n"
		  "  b0: 16 bytes\n");
	wrote(1, SEQ_IN_BUF, 0, type_and_id, sizeof(type_and_id));
	assert_line("MAP_CREATE = fd; OBJ_GET_INFO_BY_FD = 0 "
		    "info@0:4=02000000 info@4:4=id "
		    "info@8:8=0400000008000000\n");
}

static void what_helpers_say_is_masked(void **state)
{
	(void)state;
	ran(FILTER(ZERO) TEST_RUN);
	wrote(1, SEQ_IN_ATTR, 4, "\1\2\3\4", 4);
	assert_line("PROG_LOAD = fd; PROG_TEST_RUN = 0 attr@4:4=01020304\n");
	ran(FILTER(CALLS) TEST_RUN);
	wrote(1, SEQ_IN_ATTR, 4, "\1\2\3\4", 4);
	assert_line("PROG_LOAD = fd; PROG_TEST_RUN = 0\n");
}

/* The verifier's log with times, of the attr's and of the common attr's. */
static void times_are_masked(void **state)
{
	const char *const load =
		"r0 = PROG_LOAD(size=40, common=20) common.log_level=%u "
		"common.log_size=8 common.log_buf=&b0\n"
		"  b0: 8 bytes\n";
	char text[200];

	(void)state;
	for (unsigned int level = 2; level <= 6; level += 4) {
		snprintf(text, sizeof(text), load, level);
		ran(text);
		wrote(0, SEQ_IN_COMMON, 16, "\7", 1);
		wrote(0, SEQ_IN_BUF, 0, "took", 4);
		assert_line(level == 2 ? "PROG_LOAD = fd common@16:1=07 "
					 "buf0@0:4=746f6f6b\n"
				       : "PROG_LOAD = fd common@16:4=size\n");
	}
}

static void other_processes_are_masked(void **state)
{
	const char *const query = "r0 = TASK_FD_QUERY(size=48) "
				  "pid=%s "
				  "fd=given(CGROUP)\n";
	char text[200];

	(void)state;
	snprintf(text, sizeof(text), query, "12");
	ran(text);
	assert_line("TASK_FD_QUERY = 0 or an errno\n");
	snprintf(text, sizeof(text), query, "given(PID)");
	ran(text);
	res.page.calls[0].ret = -EBADF;
	assert_line("TASK_FD_QUERY = EBADF\n");
}

static void lies_are_cut_off(void **state)
{
	static const struct {
		unsigned int in;
		uint32_t at;
		uint16_t len;
	} lies[] = {
		{SEQ_IN_BUF, 1, 4},	     /* past the buffer's end */
		{SEQ_IN_BUF, UINT32_MAX, 4}, /* which wraps */
		{SEQ_IN_BUF + 1, 0, 4},	     /* no such buffer */
		{UINT8_MAX, 0, 4},	     /* nor such a place */
		{UINT8_MAX, 0, 0},	     /* nor anything in it */
		{SEQ_IN_COMMON, 0, 1},	     /* no common attr was given */
		{SEQ_IN_ATTR, 24, 1},	     /* past the attr's end */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		ran(ARRAY NEXT_KEY);
		wrote(1, SEQ_IN_BUF, 0, "\1", 1);
		wrote(1, lies[i].in, lies[i].at, "abcd", lies[i].len);
		assert_line("MAP_CREATE = fd; MAP_GET_NEXT_KEY = 0 "
			    "next_key@0:1=01\n");
	}
	/* A record longer than all that was written. */
	ran(ARRAY NEXT_KEY);
	wrote(1, SEQ_IN_BUF, 0, "\1\2\3\4", 4);
	res.page.calls[1].written -= 1;
	assert_line("MAP_CREATE = fd; MAP_GET_NEXT_KEY = 0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns_are_told),
		cmocka_unit_test(handshakes_may_last),
		cmocka_unit_test(written_bytes_are_told),
		cmocka_unit_test(pieces_are_joined),
		cmocka_unit_test(many_bytes_are_a_sum),
		cmocka_unit_test(order_of_a_hash_is_masked),
		cmocka_unit_test(ids_are_masked),
		cmocka_unit_test(fields_of_info_are_masked),
		cmocka_unit_test(what_helpers_say_is_masked),
		cmocka_unit_test(times_are_masked),
		cmocka_unit_test(other_processes_are_masked),
		cmocka_unit_test(lies_are_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Text of sequences: what is printed reads back as it was, and what people
 * write wrong is told with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seq_random.h"

enum { TEXT_MOST = 2 << 20, RANDOM = 10000 };

static uint8_t pool[SEQ_POOL], read_pool[SEQ_POOL];
static uint8_t bytes[SEQ_MOST], again[SEQ_MOST];
static struct seq seq, read_back;
static char text[TEXT_MOST], why[200];

static int parse(const char *from)
{
	return seq_parse(&read_back, from, read_pool, sizeof(read_pool), why,
			 sizeof(why));
}

/* What FROM is printed as. */
static const char *printed(const char *from)
{
	size_t len;

	if (parse(from))
		fail_msg("%s", why);
	len = seq_encode(&read_back, bytes, sizeof(bytes));
	assert_int_equal(seq_decode(&seq, bytes, len), 0);
	len = seq_print(&seq, text, sizeof(text));
	assert_int_equal(strlen(text), len);
	return text;
}

/* One of everything, as it is printed. */
static const char *const tour[] = {
	"r0 = MAP_CREATE(size=92) map_type=BPF_MAP_TYPE_HASH key_size=4 "
	"value_size=8 max_entries=16 map_flags=0x1 map_name=\"a\\x22b\"\n",
	"r1 = MAP_UPDATE_ELEM(size=32, readonly) map_fd=r0 key=&b0 value=&b1 "
	"flags=0x1\n"
	"  b0: 4 bytes = 01000000\n"
	"  b1: 64 bytes guarded = 0102\n",
	"r2 = PROG_LOAD(size=168, odd) prog_type=BPF_PROG_TYPE_LSM insn_cnt=4 "
	"insns=&b0 license=&b1 attach_btf_id=btf(func bpf_lsm_file_open)\n"
	"  b0: 32 bytes insns\n"
	"    1811000000000000 imm=r0  # r1 = r0 ll, pseudo 1\n"
	"    0000000000000000  # ...\n"
	"    b701000005000000  # r1 = 5\n"
	"    9500000000000000  # exit\n"
	"  b1: 4 bytes text = \"GPL\"\n",
	"r3 = OBJ_GET_INFO_BY_FD(size=16, guarded) bpf_fd=given(PROG_XDP) "
	"info_len=40 info=&b0\n"
	"  b0: 40 bytes readonly +8/8=r1@24 +32=id(r9) +16=&b1\n"
	"  b1: 0 bytes odd\n",
	"r4 = LINK_CREATE(size=64) prog_fd=r2 "
	"attach_type=BPF_TRACE_KPROBE_MULTI kprobe_multi.cnt=1 "
	"kprobe_multi.syms=&b0\n"
	"  b0: 8 bytes +0=&unmapped\n",
	"r5 = BTF_LOAD(size=40, common=20) btf=&b0 btf_size=46 "
	"common.log_buf=&b1 common.log_size=7 common+20=ff\n"
	"  b0: 46 bytes btf\n"
	"    9feb010018000000000000001000000010000000050000"
	"00  # header\n"
	"    01000000000000010400000020000001  # [1] INT int: vlen 0, 4\n"
	"    00696e74  # strings\n"
	"  b1: 7 bytes\n",
	"r6 = CMD_99(size=65535) +0=0102 +8/8=given(CGROUP) +16=r5 "
	"+24=&unmapped\n",
	"r7 = MAP_FREEZE(size=4, null)\n",
	"r8 = MAP_FREEZE(size=0, unmapped)\n",
	"r9 = dup(r0)\n",
	"r10 = close(r9)\n",
	"r11 = mmap(given(MAP_ARRAY), both)\n",
	"r12 = read(r4)\n",
	"r13 = run(packet)\n",
	"r14 = fork()\n",
	"r15 = jit(off)\n",
};

static void everything_reads_as_it_is_printed(void **state)
{
	static char whole[8192];

	(void)state;
	*whole = '\0';
	for (size_t i = 0; i < sizeof(tour) / sizeof(*tour); i++)
		strcat(whole, tour[i]);
	assert_string_equal(printed(whole), whole);
	assert_int_equal(seq.n, 16);
	assert_int_equal(seq.calls[5].op, SEQ_BPF_COMMON);
}

static void people_write_freely(void **state)
{
	(void)state;
	assert_string_equal(
		printed("# a find\n\n"
			"r7 = BPF_MAP_CREATE() map_type=1 map_flags=3 # a map\n"
			"  r20=map_lookup_elem( size = 0x20 ) key=&b5 map_fd=r7"
			"\r\n"
			"\tb5: 8 = 01 02\n"
			"      0304  # more\n"
			"r3 = mmap(r20, 3)\n"
			"r4 = jit(1)"),
		"r0 = MAP_CREATE(size=92) map_type=BPF_MAP_TYPE_HASH "
		"map_flags=0x3\n"
		"r1 = MAP_LOOKUP_ELEM(size=32) map_fd=r0 key=&b0\n"
		"  b0: 8 bytes = 0102030400000000\n"
		"r2 = mmap(r1, both)\n"
		"r3 = jit(on)\n");
}

static void mistakes_are_told(void **state)
{
	static const char *const mistakes[][2] = {
		{"", "line 1: there is no call"},
		{"r0 = FOO()", "line 1: FOO is no command"},
		{"\nr0 = MAP_FREEZE(sise=1)", "line 2: want size= or common="},
		{"r0 = MAP_FREEZE(size=70000)", "line 1: want a number up to"},
		{"r0 = MAP_FREEZE(soft)", "line 1: want size=, common= or"},
		{"r0 = MAP_FREEZE() foo=1", "no field foo"},
		{"r0 = MAP_FREEZE() map_fd=x", "map_fd: want a number"},
		{"r0 = MAP_FREEZE() map_fd=4294967296", "a number up to"},
		{"r0 = MAP_FREEZE() map_fd=r1", "there is no call r1"},
		{"r0 = fork()\nr1 = fork()", "line 2: a sequence forks once"},
		{"r0 = fork()\nr0 = fork()", "line 2: r0 is there already"},
		{"r0 = close(given(CGROUP))", "what is given is not closed"},
		{"r0 = dup(5)", "line 1: want a descriptor"},
		{"r0 = mmap(r0, 0)", "want read, write or both"},
		{"r0 = run(away)", "line 1: want syscall, packet"},
		{"r0 = dup(given(X))", "X is no given descriptor"},
		{"r0 = MAP_FREEZE() +0=btf(func x)", "no name known here"},
		{"r0 = MAP_FREEZE() +300=01", "there are 256 bytes at most"},
		{"r0 = MAP_FREEZE() +255=0102", "there is room for 1 bytes"},
		{"r0 = MAP_FREEZE() +0=012", "want two digits"},
		{"r0 = MAP_FREEZE() +0=r0 +2=r0", "there are two things at 2"},
		{"r0 = MAP_FREEZE() +254=r0", "4 bytes at 254 are not there"},
		{"r0 = MAP_FREEZE() common+0=1", "want (common=SIZE) before"},
		{"r0 = OBJ_GET() pathname=&b0", "no line before this one says"},
		{"r0 = OBJ_GET()\nb0: 1", "line 2: nothing points to b0"},
		{"r0 = OBJ_GET() pathname=&b0\nb0: 1\nb0: 1", "b0 is there"},
		{"r0 = OBJ_GET() pathname=&b0\nb0: 1 = 0102", "room for 1"},
		{"r0 = OBJ_GET() pathname=&b0\nb0: 2 text = \"a", "no end"},
		{"r0 = OBJ_GET() pathname=&b0\nb0: 9 +4=&b1", "are not there"},
		{"r0 = OBJ_GET() pathname=&b0 +8=&b0", "two things point to"},
		{"r0 = OBJ_GET() pathname=&b0\nb0: 2000000", "up to 1048576"},
		{"r0 = OBJ_GET() pathname=&b0\nb0: 9 soft", "not soft"},
		{"0102", "line 1: want a call"},
		{"r0 = OBJ_GET() pathname=&b0\nb0: 9\nxyz", "line 3: want a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		if (!parse(mistakes[i][0]))
			fail_msg("accepted: %s", mistakes[i][0]);
		if (strncmp(why, "line ", 5) != 0 ||
		    !strstr(why, mistakes[i][1]))
			fail_msg("%s: %s", mistakes[i][0], why);
	}
}

static void sequences_come_back_from_text(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RANDOM; i++) {
		size_t len;

		random_seq(i, &seq, pool);
		len = seq_encode(&seq, bytes, sizeof(bytes));
		assert_int_equal(seq_decode(&seq, bytes, len), 0);
		assert_in_range(seq_print(&seq, text, sizeof(text)), 1,
				sizeof(text) - 1);
		if (parse(text))
			fail_msg("sequence %u: %s", i, why);
		assert_int_equal(seq_encode(&read_back, again, sizeof(again)),
				 len);
		assert_memory_equal(bytes, again, len);
	}
}

static void text_stops_where_its_room_ends(void **state)
{
	static char small[64];
	size_t len;

	(void)state;
	random_seq(3, &seq, pool);
	len = seq_encode(&seq, bytes, sizeof(bytes));
	assert_int_equal(seq_decode(&seq, bytes, len), 0);
	len = seq_print(&seq, text, sizeof(text));
	memset(small, 'x', sizeof(small));
	assert_int_equal(seq_print(&seq, small, 40), len);
	assert_int_equal(strlen(small), 39);
	assert_int_equal(small[40], 'x');
	assert_memory_equal(small, text, 39);
	assert_int_equal(seq_print(&seq, NULL, 0), len);
}

static int fill_pool(void **state)
{
	(void)state;
	random_pool(1, pool);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_reads_as_it_is_printed),
		cmocka_unit_test(people_write_freely),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(sequences_come_back_from_text),
		cmocka_unit_test(text_stops_where_its_room_ends),
	};

	return cmocka_run_group_tests_name("seq_text", tests, fill_pool, NULL);
}

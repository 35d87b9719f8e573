// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What engines do around a VM, with a fake one: coverage, the last inputs,
 * names of finds, triage, leaks, oracles, and deaths in a row. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_vm.h"
#include "fuzz_work.h"
#include "host/campaign.h"
#include "host/leaks.h"
#include "host/oracle.h"
#include "host/stats.h"

static void counters_count(void **state)
{
	static uint8_t counters[COVER_COUNTERS];
	const uint32_t pcs[] = {7, 0xfffffff0, 7, 7, 0};
	uint32_t many[300];
	struct cover *cover = cover_open(in_dir("pcs"));

	(void)state;
	assert_non_null(cover);
	assert_int_equal(cover_fold(cover, pcs, 5, counters), 3);
	assert_int_equal(cover_fold(cover, pcs, 5, NULL), 0);
	assert_int_equal(counters[0], 3);
	assert_int_equal(counters[1], 1);
	assert_int_equal(counters[2], 1);
	assert_int_equal(counters[3], 0);
	for (unsigned int i = 0; i < 300; i++)
		many[i] = 7;
	cover_fold(cover, many, 300, counters);
	assert_int_equal(counters[0], 255);
	cover_close(cover);
	/* Numbers stay, as engines have corpora by them. */
	cover = cover_open(in_dir("pcs"));
	assert_int_equal(cover_count(cover), 3);
	assert_int_equal(cover_number(cover, 0xfffffff0), 1);
	assert_int_equal(cover_number(cover, 9), 3);
	cover_close(cover);
}

/* Another engine may have filled the same file. */
static void more_pcs_than_there_is_room_for(void **state)
{
	const size_t size = (2 + (size_t)COVER_PCS) * sizeof(uint32_t);
	struct cover *cover = cover_open(in_dir("pcs"));
	uint32_t *file = file_map(in_dir("pcs"), size), pc = 7;

	(void)state;
	assert_non_null(file);
	file[1] = COVER_PCS + 1024;
	assert_int_equal(cover_fold(cover, &pc, 1, NULL), 0);
	assert_int_equal(cover_count(cover), COVER_PCS + 1024);
	cover_close(cover);
	munmap(file, size);
}

static void pcs_are_exported(void **state)
{
	const uint32_t a[] = {0x30, 0x10}, b[] = {0x20, 0x10};
	char *paths[] = {(char *)in_dir("a"), (char *)in_dir("b"),
			 (char *)in_dir("none")};
	struct cover *cover = cover_open(paths[0]);

	(void)state;
	cover_fold(cover, a, 2, NULL);
	cover_close(cover);
	cover = cover_open(paths[1]);
	cover_fold(cover, b, 2, NULL);
	cover_close(cover);
	assert_int_equal(cover_export(paths, 3, in_dir("out")), 3);
	assert_in_file("out", "10\n20\n30\n");
}

static void last_inputs_stay(void **state)
{
	static uint8_t big[SEQ_MOST];
	struct recent *recent = recent_open(in_dir("current"));
	const uint8_t *got;
	size_t len;

	(void)state;
	assert_null(recent_get(recent, 0, &len));
	for (unsigned int i = 0; i < 1000; i++) {
		memset(big, (int)i, sizeof(big));
		recent_put(recent, big, 40000 + i);
	}
	recent_close(recent);
	recent = recent_open(in_dir("current"));
	for (unsigned int back = 0; back < 100; back++) {
		got = recent_get(recent, back, &len);
		assert_non_null(got);
		assert_int_equal(len, 40999 - back);
		assert_int_equal(got[0], (uint8_t)(999 - back));
		assert_int_equal(got[len - 1], (uint8_t)(999 - back));
	}
	/* Others lie there now. */
	assert_null(recent_get(recent, 300, &len));
	recent_close(recent);
}

static void frames_tell(void **state)
{
	char frames[2][64];
	const char *trace =
		"BUG: KASAN: use-after-free in foo+0x1/0x2\n"
		"Call Trace:\n <TASK>\n dump_stack_lvl+0x1/0x2\n"
		" ? stale+0x1/0x2\n map_free.isra.0+0x1/0x2 (a.c:1)\n"
		" __sys_bpf+0x1/0x2\n do_syscall_64+0x1/0x2\n </TASK>\n"
		"Freed by task 1:\n other+0x1/0x2\n";

	(void)state;
	assert_int_equal(find_frames(trace, frames, 2), 2);
	assert_string_equal(frames[0], "map_free");
	assert_string_equal(frames[1], "__sys_bpf");
	assert_int_equal(find_frames("RIP: 0010:run+0x1/0x2\n"
				     "Call Trace:\n <TASK>\n </TASK>\n"
				     " late+0x1/0x2\n",
				     frames, 2),
			 1);
	assert_string_equal(frames[0], "run");
	assert_int_equal(find_frames("+0x\n", frames, 2), 0);
}

static void bugs_have_places(void **state)
{
	static struct bpfvm_result vm;
	const struct fuzzvm_result res = {.end = FUZZVM_DIED, .vm = &vm};
	static struct find find;

	(void)state;
	vm.n_reports = 1;
	vm.reports[0].kind = BPFVM_REPORT_BUG;
	strcpy(vm.reports[0].title, "kernel BUG at kernel/bpf/syscall.c:20!");
	strcpy(vm.reports[0].trace, "RIP: 0010:__sys_bpf+0x1/0x2\n");
	find_of_vm(&find, &res, NULL, 0);
	assert_string_equal(find.name, "bug-syscall-c-20-__sys_bpf");
}

static void finds_are_made_small(void **state)
{
	const unsigned int cmds[] = {0, 1, FAKE_DIES, 7};
	static struct seq seq;
	uint8_t *input;
	size_t len;

	(void)state;
	strcpy(fake_vm.console, in_dir("log"));
	keep_raw(NULL, 0, cmds, 4);
	keep_raw(NULL, 0, cmds, 4);
	assert_int_equal(logs_left(), 0);
	judge(1);
	assert_in_file("finds/" DIES_NAME "/report.txt",
		       "confirmed: 3 of 3 times");
	assert_in_file("finds/" DIES_NAME "/report.txt", "6.12.0-fake");
	assert_in_file("finds/" DIES_NAME "/report.txt", "(syscall.c:1)");
	assert_in_file("finds/" DIES_NAME "/count", "2\n");
	assert_in_file("finds/" DIES_NAME "/console.log", "the console");
	assert_in_file("finds/" DIES_NAME "/sequence.txt", "");
	assert_in_file("finds/" DIES_NAME "/reproduce.c", "");
	input = file_read(in_dir("finds/" DIES_NAME "/input.bin"), SEQ_MOST,
			  &len);
	assert_non_null(input);
	assert_int_equal(seq_decode(&seq, input, len), 0);
	assert_int_equal(seq.n, 1);
	assert_int_equal(seq.calls[0].cmd, FAKE_DIES);
	free(input);
	assert_int_equal(logs_left(), 0);
	/* What was judged is not judged again, but counted. */
	keep_raw(NULL, 0, cmds, 4);
	judge(0);
	assert_in_file("finds/" DIES_NAME "/count", "3\n");
}

static void finds_may_need_a_past(void **state)
{
	const unsigned int before[] = {0, 1, FAKE_MARKS, 7, 8, 9, 10};
	const unsigned int cmds[] = {0, FAKE_DIES_MARKED};
	struct suspect suspect = {.n = 0};

	(void)state;
	keep_raw(before, 7, cmds, 2);
	judge(1);
	assert_in_file("finds/" MARKED_NAME "/report.txt",
		       "confirmed: 3 of 3 times");
	suspect_read_before(&suspect,
			    in_dir("finds/" MARKED_NAME "/before.bin"));
	/* What came before the mark is gone. */
	assert_true(suspect.n >= 1 && suspect.n <= 5);
	suspect_free(&suspect);
}

static void hangs_are_finds(void **state)
{
	const unsigned int cmds[] = {FAKE_HANGS};

	(void)state;
	keep_raw(NULL, 0, cmds, 1);
	judge(1);
	assert_in_file("finds/hang-map_delete_elem/report.txt",
		       "no answer within 10 s");
}

static void some_finds_stay_unconfirmed(void **state)
{
	const unsigned int cmds[] = {FAKE_DIES_MARKED};

	(void)state;
	fake_vm.marked = true;
	keep_raw(NULL, 0, cmds, 1);
	judge(1);
	assert_in_file("finds/" MARKED_NAME "/report.txt",
		       "confirmed: 0 of 3 times");
	assert_in_file("finds/" MARKED_NAME "/report.txt", "(syscall.c:1)");
}

static void no_vm_judges_nothing(void **state)
{
	const unsigned int cmds[] = {FAKE_DIES};
	const struct triage triage = {.vm = &work_vm, .work = work_dir};

	(void)state;
	keep_raw(NULL, 0, cmds, 1);
	fake_vm.lost = true;
	assert_true(triage_all(&triage) < 0);
	fake_vm.lost = false;
	judge(1);
}

static void leaks_are_singled_out(void **state)
{
	enum { N = 37, BAD = 23 };
	static uint8_t data[N][256];
	const uint8_t *inputs[N];
	size_t lens[N];
	static struct find find;
	struct fuzzvm *vm = fuzzvm_open(&work_vm);

	(void)state;
	for (unsigned int i = 0; i < N; i++) {
		const unsigned int cmd = i == BAD ? FAKE_LEAKS : 7 + i % 20;

		lens[i] = fake_input(data[i], &cmd, 1);
		inputs[i] = data[i];
	}
	assert_int_equal(leaks_search(vm, inputs, lens, N, false, &find), BAD);
	assert_string_equal(find.name, "leak-objects");
	assert_int_equal(leaks_search(vm, inputs, lens, BAD, false, &find), -1);
	fuzzvm_close(vm);
}

/* A suspicion with what ran in that VM. */
static void suspect_leak(const char *name, unsigned int leaky)
{
	static uint8_t data[SEQ_MOST];
	struct recent *recent = recent_open(in_dir("current"));
	static struct find find;
	size_t len = 0;

	memset(&find, 0, sizeof(find));
	strcpy(find.name, name);
	for (unsigned int i = 0; i < 20; i++) {
		const unsigned int cmds[] = {7 + i, i == 11 ? leaky : 1};

		len = fake_input(data, cmds, 2);
		recent_put(recent, data, len);
	}
	assert_int_equal(find_keep(in_dir("finds/raw"), &find, data, len,
				   &(struct past){recent, 0, 20}),
			 0);
	recent_close(recent);
}

static void leaks_are_proven(void **state)
{
	static struct seq seq;
	uint8_t *input;
	size_t len;

	(void)state;
	suspect_leak("leak-objects-0-0", FAKE_LEAKS);
	suspect_leak("leak-objects-0-1", 1);
	judge(1);
	assert_in_file("finds/leak-objects-obj_pin/report.txt",
		       "confirmed: 1 of 1");
	assert_in_file("finds/leak-objects-obj_pin/report.txt",
		       "run 201 times, it leaves 201 objects");
	input = file_read(in_dir("finds/leak-objects-obj_pin/input.bin"),
			  SEQ_MOST, &len);
	assert_non_null(input);
	assert_int_equal(seq_decode(&seq, input, len), 0);
	free(input);
	assert_int_equal(seq.n, 1);
	/* What is not proven is no find. */
	assert_int_equal(access(in_dir("finds/raw/.leak-objects-0-1"), F_OK),
			 0);
	judge(0);
}

static bool stopped(void *ctx)
{
	(void)ctx;
	return true;
}

/* Ctrl-C is no verdict on a suspicion. */
static void interrupted_leaks_wait(void **state)
{
	const struct triage triage = {
		.vm = &work_vm, .work = work_dir, .stop = stopped};

	(void)state;
	suspect_leak("leak-objects-0-0", FAKE_LEAKS);
	fake_vm.lost = true;
	assert_true(triage_all(&triage) < 0);
	fake_vm.lost = false;
	assert_int_equal(access(in_dir("finds/raw/leak-objects-0-0"), F_OK), 0);
	judge(1);
}

static void growth_is_seen(void **state)
{
	struct leaks leaks = {.n = 0};
	struct exec_page page;
	static struct find find;

	(void)state;
	memset(&page, 0, sizeof(page));
	page.n_progs = 5;
	assert_int_equal(leaks_look(&leaks, &page, 10, &find), 0);
	page.n_progs += LEAKS_OBJECTS - 1;
	assert_int_equal(leaks_look(&leaks, &page, 20, &find), 0);
	page.n_links = 1;
	assert_int_equal(leaks_look(&leaks, &page, 50, &find), 40);
	assert_string_equal(find.name, "leak-objects");
	page.n_progs = page.n_links = 0;
	page.slab = LEAKS_SLAB_KIB;
	assert_int_equal(leaks_look(&leaks, &page, 60, &find), 10);
	assert_string_equal(find.name, "leak-memory");
}

/* The shortest way back to a count with a few objects less. */
static void who_left_the_last_few_is_suspected(void **state)
{
	struct leaks leaks = {.n = 0};
	struct exec_page page;
	static struct find find;
	uint64_t inputs = 7;

	(void)state;
	memset(&page, 0, sizeof(page));
	assert_int_equal(leaks_look(&leaks, &page, inputs, &find), 0);
	for (unsigned int i = 0; i < 3 * LEAKS_COUNTS; i++)
		assert_int_equal(
			leaks_look(&leaks, &page, inputs += 100, &find), 0);
	for (unsigned int i = 1; i < LEAKS_OBJECTS; i++) {
		page.n_maps++;
		assert_int_equal(
			leaks_look(&leaks, &page, inputs += 100, &find), 0);
	}
	page.n_maps++;
	assert_int_equal(leaks_look(&leaks, &page, inputs + 100, &find),
			 LEAKS_PART_OBJECTS * 100);
	page.n_maps += 10;
	assert_int_equal(leaks_look(&leaks, &page, inputs + 101, &find), 1);
}

static void verdicts_must_hold(void **state)
{
	const unsigned int load = 5;
	static uint8_t data[SEQ_MOST];
	static struct fuzzvm_result res;
	static struct find find;
	size_t len = fake_input(data, &load, 1);

	(void)state;
	assert_false(oracle_look(NULL, data, len, &res, &find));
	fake_vm.odd = true;
	assert_true(oracle_look(NULL, data, len, &res, &find));
	assert_string_equal(find.name, "oracle-verdict-twice");
}

/* A twin of the generator's, and results that agree. */
static void make_twin(struct seq *seq, struct make_twin *twin,
		      struct fuzzvm_result *res, uint8_t *bytes)
{
	static uint8_t data[SEQ_MOST];
	const struct exec_bytes where = {0, SEQ_IN_ATTR, 4, 4};
	size_t len;

	for (uint64_t seed = 1; seed < 10000; seed++) {
		len = make_new(MAKE_PROG, seed, data, sizeof(data));
		if (seq_decode(seq, data, len) == 0 && make_is_twin(seq, twin))
			break;
	}
	assert_true(make_is_twin(seq, twin));
	memset(res, 0, sizeof(*res));
	res->bytes = bytes;
	res->page.n_calls = seq->n;
	for (unsigned int i = 0; i < 3; i++) {
		res->page.calls[twin->runs[i]].written = 12;
		memcpy(bytes + i * 12, &where, sizeof(where));
		memset(bytes + i * 12 + 8, 0x11, 4);
	}
}

static void twins_must_agree(void **state)
{
	static uint8_t bytes[EXEC_BYTES_MOST];
	static struct fuzzvm_result res;
	static struct find find;
	static struct seq seq;
	struct make_twin twin;

	(void)state;
	make_twin(&seq, &twin, &res, bytes);
	assert_false(oracle_twin(&seq, &res, &find));
	bytes[2 * 12 + 8] = 0x12;
	assert_true(oracle_twin(&seq, &res, &find));
	assert_string_equal(find.name, "oracle-jit-result");
	assert_non_null(strstr(find.got, "0x11111112"));
	/* A kernel without the interpreter. */
	res.page.calls[twin.loads[1]].ret = -524;
	assert_false(oracle_twin(&seq, &res, &find));
	res.page.calls[twin.loads[1]].ret = -13;
	assert_true(oracle_twin(&seq, &res, &find));
	assert_string_equal(find.name, "oracle-jit-verdict");
	bytes[1 * 12 + 8] = 0x13;
	assert_true(oracle_twin(&seq, &res, &find));
	assert_string_equal(find.name, "oracle-result-twice");
	/* Lengths that cannot be are no result. */
	bytes[1 * 12 + 2] = 0xff;
	oracle_twin(&seq, &res, &find);
}

/* 100 deaths, each of another input, in a process of its own: campaigns are one
 * a process. */
static int die_often(void)
{
	static uint8_t counters[COVER_COUNTERS], data[SEQ_MOST];
	unsigned int cmds[2] = {0, FAKE_DIES}, fds;
	size_t len;

	setenv("BPFSYS_WORK", work_dir, 1);
	setenv("BPFSYS_EXECUTOR", "/bin/true", 1);
	strcpy(fake_vm.console, in_dir("log"));
	campaign_open(MAKE_CALLS, counters);
	fds = entries("/proc/self/fd");
	for (unsigned int i = 0; i < 200; i++) {
		cmds[0] = 7 + i / 2 % 30;
		len = fake_input(data, cmds, i % 2 ? 2 : 1);
		data[len] = 0;
		campaign_run(data, len);
	}
	/* A second time they are the same inputs. */
	if (entries("/proc/self/fd") != fds || !counters[0])
		return 1;
	raise(SIGTERM);
	campaign_run(data, len);
	return 2; /* it did not stop */
}

static void deaths_cost_nothing(void **state)
{
	struct stats *stats;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		_exit(freopen("/dev/null", "w", stderr) ? die_often() : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	stats = file_map(in_dir("job-0/stats"), sizeof(*stats));
	assert_int_equal(stats->finds, 100);
	assert_int_equal(stats->execs, 100);
	assert_int_equal(stats->restarts, 99);
	assert_int_equal(stats->end, STATS_STOPPED);
	assert_int_equal(entries(in_dir("finds/raw")), 1);
	/* 30 inputs, a log, and all that belongs to the first ones. */
	assert_int_equal(entries(in_dir("finds/raw/" DIES_NAME)),
			 30 + 1 + 3 * FINDS_WHOLE);
	assert_int_equal(logs_left(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, work_setup, work_teardown)
		TEST(counters_count),
		TEST(more_pcs_than_there_is_room_for),
		TEST(pcs_are_exported),
		TEST(last_inputs_stay),
		TEST(frames_tell),
		TEST(bugs_have_places),
		TEST(finds_are_made_small),
		TEST(finds_may_need_a_past),
		TEST(hangs_are_finds),
		TEST(some_finds_stay_unconfirmed),
		TEST(no_vm_judges_nothing),
		TEST(leaks_are_singled_out),
		TEST(leaks_are_proven),
		TEST(interrupted_leaks_wait),
		TEST(who_left_the_last_few_is_suspected),
		TEST(growth_is_seen),
		TEST(verdicts_must_hold),
		TEST(twins_must_agree),
		TEST(deaths_cost_nothing),
	};

	int failed =
		cmocka_run_group_tests_name("fuzz_host", tests, NULL, NULL);

	return (failed | fuzz_finds()) != 0;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What is kept and told of finds when things go wrong, with a fake VM. */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_vm.h"
#include "fuzz_work.h"
#include "host/campaign.h"
#include "host/stats.h"

/* No file can grow: a full disk, nearly. */
static void fill_disk(void)
{
	const struct rlimit none = {0, 0};

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &none);
}

/* A campaign, in a process of its own as they are one a process, which runs
 * inputs of one command each. Its exit status. */
static int campaign_of(const unsigned int *cmds, unsigned int n, bool full)
{
	static uint8_t counters[COVER_COUNTERS], data[SEQ_MOST];
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(9);
		setenv("BPFSYS_WORK", work_dir, 1);
		setenv("BPFSYS_EXECUTOR", "/bin/true", 1);
		campaign_open(MAKE_CALLS, counters);
		if (full)
			fill_disk();
		for (unsigned int i = 0; i < n; i++)
			campaign_run(data, fake_input(data, &cmds[i], 1));
		campaign_close();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Path without suffix of the one find of NAME that was kept; free() it. */
static char *stem_of(const char *name)
{
	char pattern[FILES_PATH];
	glob_t found;
	char *stem;

	assert_int_equal(path_make(pattern, "%s/finds/raw/%s/*.input", work_dir,
				   name),
			 0);
	assert_int_equal(glob(pattern, 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	stem = strndup(found.gl_pathv[0],
		       strlen(found.gl_pathv[0]) - strlen(".input"));
	assert_non_null(stem);
	globfree(&found);
	return stem;
}

/* As the campaign kept it, with what came before. */
static void read_kept(const char *name, struct suspect *suspect)
{
	char *stem = stem_of(name);

	assert_true(suspect_read(suspect, stem));
	free(stem);
}

static unsigned int command_of(const struct suspect *suspect, size_t input)
{
	static struct seq seq;

	assert_int_equal(seq_decode(&seq, suspect->inputs[input],
				    suspect->lens[input]),
			 0);
	return seq.calls[0].cmd;
}

/* An input that is new runs more than once, which is no other input. */
static void only_inputs_of_its_vm_are_kept(void **state)
{
	const unsigned int cmds[] = {7, FAKE_DIES, 8, FAKE_MARKS,
				     FAKE_DIES_MARKED};
	struct suspect suspect;

	(void)state;
	assert_int_equal(campaign_of(cmds, 5, false), 0);
	read_kept(DIES_NAME, &suspect);
	assert_int_equal(suspect.n, 2);
	suspect_free(&suspect);
	read_kept(MARKED_NAME, &suspect);
	assert_int_equal(suspect.n, 3);
	assert_int_equal(command_of(&suspect, 0), 8);
	assert_int_equal(command_of(&suspect, 1), FAKE_MARKS);
	suspect_free(&suspect);
}

/* As an engine keeps it that saw the death under another name. */
static void keep_as(const char *name, unsigned int cmd)
{
	static uint8_t data[SEQ_MOST];
	static struct find find;
	size_t len = fake_input(data, &cmd, 1);

	memset(&find, 0, sizeof(find));
	strcpy(find.name, name);
	assert_int_equal(find_keep(in_dir("finds/raw"), &find, data, len, NULL),
			 0);
}

static void what_is_told_stays(void **state)
{
	const unsigned int cmds[] = {FAKE_DIES};

	(void)state;
	keep_raw(NULL, 0, cmds, 1);
	keep_raw(NULL, 0, cmds, 1);
	keep_as("warning-of-the-same", FAKE_DIES);
	judge(2);
	assert_in_file("finds/" DIES_NAME "/count", "2\n");
	assert_in_file("finds/" DIES_NAME "/report.txt", "seen:      2 times");
}

static void more_confirmations_are_told(void **state)
{
	const unsigned int cmds[] = {FAKE_DIES};

	(void)state;
	assert_int_equal(dir_make(in_dir("finds/" DIES_NAME)), 0);
	file_write(in_dir("finds/" DIES_NAME "/report.txt"),
		   "title\n\nconfirmed: 2 of 3 times\n", 32);
	file_write(in_dir("finds/" DIES_NAME "/before.bin"), "old", 3);
	keep_raw(NULL, 0, cmds, 1);
	judge(1);
	assert_in_file("finds/" DIES_NAME "/report.txt", "confirmed: 3 of 3");
	/* It takes one input now. */
	assert_int_not_equal(
		access(in_dir("finds/" DIES_NAME "/before.bin"), F_OK), 0);
}

static void a_full_disk_ends_it(void **state)
{
	const unsigned int cmds[] = {7, FAKE_DIES, 8};
	struct stats *stats;

	(void)state;
	assert_int_equal(campaign_of(cmds, 3, true), 3);
	stats = file_map(in_dir("job-0/stats"), sizeof(*stats));
	assert_int_equal(stats->end, STATS_NO_VM);
	assert_int_equal(stats->execs, 1);
	if (!strstr(stats->why, "File too large") ||
	    !strstr(stats->why, DIES_NAME))
		fail_msg("%s", stats->why);
	munmap(stats, sizeof(*stats));
}

static int keep_one(const char *console)
{
	static struct find find;

	memset(&find, 0, sizeof(find));
	strcpy(find.name, "one");
	strcpy(find.console, console);
	return find_keep(in_dir("finds/raw"), &find, (const uint8_t *)"input",
			 5, NULL);
}

/* An occurrence that is not counted is an error, and the input is kept. */
static void what_is_not_written_is_said(void **state)
{
	(void)state;
	assert_int_equal(dir_make(in_dir("finds/raw/one/log")), 0);
	assert_int_equal(keep_one(""), -EISDIR);
	assert_int_equal(access(in_dir("finds/raw/one/1ebbae8f5810b65b.input"),
				F_OK),
			 0);
}

/* The cache keeps so many logs. */
static void a_log_may_be_pruned(void **state)
{
	(void)state;
	assert_int_equal(keep_one("/nowhere/log"), 0);
}

/* The judge comes while the engine still writes. */
static void what_is_not_whole_yet_is_judged_later(void **state)
{
	const unsigned int cmds[] = {FAKE_DIES};
	char path[FILES_PATH], *stem;

	(void)state;
	keep_raw(NULL, 0, cmds, 1);
	stem = stem_of(DIES_NAME);
	path_make(path, "%s.input", stem);
	assert_int_equal(rename(path, in_dir("input")), 0);
	judge(0);
	assert_int_equal(rename(in_dir("input"), path), 0);
	assert_true(triage_is_due(in_dir("finds/raw/" DIES_NAME)));
	judge(1);
	free(stem);
}

static void a_name_has_more_than_one_chance(void **state)
{
	const unsigned int marks = FAKE_MARKS;
	unsigned int cmds[] = {0, FAKE_DIES_MARKED};

	(void)state;
	fake_vm.marked = true;
	keep_raw(NULL, 0, cmds, 2);
	judge(1);
	assert_in_file("finds/" MARKED_NAME "/report.txt",
		       "confirmed: 0 of 3 times");
	assert_false(triage_is_due(in_dir("finds/raw/" MARKED_NAME)));
	judge(0);
	cmds[0] = 1;
	keep_raw(&marks, 1, cmds, 2);
	assert_true(triage_is_due(in_dir("finds/raw/" MARKED_NAME)));
	judge(1);
	assert_in_file("finds/" MARKED_NAME "/report.txt",
		       "confirmed: 3 of 3 times");
	/* That is enough. */
	cmds[0] = 7;
	keep_raw(&marks, 1, cmds, 2);
	assert_false(triage_is_due(in_dir("finds/raw/" MARKED_NAME)));
	judge(0);
	assert_in_file("finds/" MARKED_NAME "/count", "3\n");
}

/* A campaign that goes on has suspicions of its own. */
static void suspicions_have_names_of_their_own(void **state)
{
	const unsigned int cmds[] = {7, FAKE_LEAKS};

	(void)state;
	assert_int_equal(campaign_of(cmds, 2, false), 0);
	assert_int_equal(entries(in_dir("finds/raw")), 1);
	/* What it reaches is to be new again. */
	assert_int_equal(unlink(in_dir("job-0/pcs")), 0);
	assert_int_equal(campaign_of(cmds, 2, false), 0);
	assert_int_equal(entries(in_dir("finds/raw")), 2);
}

static void suspicions_are_hidden_side_by_side(void **state)
{
	(void)state;
	assert_int_equal(dir_make(in_dir("finds/raw/.leak-objects-0-1/old")),
			 0);
	keep_as("leak-objects-0-1", 7);
	keep_as("warning-behind-it", FAKE_HANGS);
	judge(1);
	assert_int_equal(access(in_dir("finds/raw/.leak-objects-0-1.2"), F_OK),
			 0);
	assert_in_file("finds/hang-map_delete_elem/report.txt", "3 of 3");
}

static void hear(void *ctx, const char *line)
{
	if (strstr(line, "cannot be judged"))
		strcpy(ctx, line);
}

static void one_name_does_not_stop_others(void **state)
{
	const unsigned int cmds[] = {FAKE_DIES};
	char line[512] = "";
	const struct triage triage = {
		.vm = &work_vm, .work = work_dir, .say = hear, .ctx = line};

	(void)state;
	keep_raw(NULL, 0, cmds, 1);
	keep_as("warning-behind-it", FAKE_HANGS);
	file_write(in_dir("finds/" DIES_NAME), "a file", 6);
	assert_int_equal(triage_all(&triage), -ENOTDIR);
	assert_non_null(strstr(line, DIES_NAME));
	assert_in_file("finds/hang-map_delete_elem/report.txt", "3 of 3");
	assert_int_equal(unlink(in_dir("finds/" DIES_NAME)), 0);
	judge(1);
}

/* Who reads the name knows that QEMU went, and why. */
static void deaths_of_qemu_are_named(void **state)
{
	const unsigned int cmds[] = {FAKE_HANGS};
	static struct bpfvm_result ended;
	static struct fuzzvm_result res;
	static uint8_t data[SEQ_MOST];
	static struct find find;
	size_t len = fake_input(data, cmds, 1);

	(void)state;
	ended.outcome = BPFVM_VMM_DIED;
	res.end = FUZZVM_DIED;
	res.vm = &ended;
	strcpy(res.why, "QEMU was killed by signal 6");
	find_of_vm(&find, &res, data, len);
	assert_string_equal(find.name, "vmm-death-map_delete_elem");
	assert_non_null(strstr(find.got, "signal 6"));
}

/* The input that finds its VM dead has not run. */
static void the_input_before_is_blamed(void **state)
{
	const unsigned int cmds[] = {8, FAKE_DIES_LATER, 9};
	struct suspect suspect;
	struct stats *stats;

	(void)state;
	/* What is new runs again, and meets the death itself. */
	assert_int_equal(campaign_of(cmds, 3, false), 0);
	assert_int_equal(rename(in_dir("finds"), in_dir("new")), 0);
	assert_int_equal(campaign_of(cmds, 3, false), 0);
	read_kept(LATER_NAME, &suspect);
	assert_int_equal(suspect.n, 2);
	assert_int_equal(command_of(&suspect, 0), 8);
	assert_int_equal(command_of(&suspect, 1), FAKE_DIES_LATER);
	suspect_free(&suspect);
	stats = file_map(in_dir("job-0/stats"), sizeof(*stats));
	assert_int_equal(stats->execs, 6);
	munmap(stats, sizeof(*stats));
}

/* Keeps an input of the last of CMDS as NAME, with those before it. */
static void keep_list(const char *name, const unsigned int *cmds,
		      unsigned int n)
{
	struct recent *recent = recent_open(in_dir("current"));
	static uint8_t data[SEQ_MOST];
	static struct find find;
	size_t len = 0;

	memset(&find, 0, sizeof(find));
	strcpy(find.name, name);
	for (unsigned int i = 0; i < n; i++) {
		len = fake_input(data, &cmds[i], 1);
		recent_put(recent, data, len);
	}
	assert_int_equal(find_keep(in_dir("finds/raw"), &find, data, len,
				   &(struct past){recent, 0, n - 1}),
			 0);
	recent_close(recent);
}

static void assert_told_input(const char *path, unsigned int cmd)
{
	static struct seq seq;
	size_t len;
	uint8_t *input = file_read(in_dir(path), SEQ_MOST, &len);

	assert_non_null(input);
	assert_int_equal(seq_decode(&seq, input, len), 0);
	assert_int_equal(seq.calls[seq.n - 1].cmd, cmd);
	free(input);
}

static void what_never_ran_is_cut(void **state)
{
	const unsigned int cmds[] = {FAKE_MARKS, FAKE_DIES_MARKED, 10, 9};
	const unsigned int later[] = {7, FAKE_DIES_LATER, 10, 9};
	struct suspect suspect = {.n = 0};

	(void)state;
	keep_list(MARKED_NAME, cmds, 4);
	keep_list(LATER_NAME, later, 4);
	judge(2);
	assert_told_input("finds/" MARKED_NAME "/input.bin", FAKE_DIES_MARKED);
	assert_told_input("finds/" LATER_NAME "/input.bin", FAKE_DIES_LATER);
	suspect_read_before(&suspect,
			    in_dir("finds/" MARKED_NAME "/before.bin"));
	assert_int_equal(suspect.n, 1);
	suspect_free(&suspect);
}

/* Smaller is no better where it takes luck. */
static void certain_finds_stay_so(void **state)
{
	const unsigned int cmds[] = {0, FAKE_DIES_AT_TIMES};

	(void)state;
	strcpy(fake_vm.console, in_dir("log"));
	keep_raw(NULL, 0, cmds, 2);
	judge(1);
	assert_in_file("finds/" DIES_NAME "/report.txt", "3 of 3 times");
	assert_int_equal(logs_left(), 0);
}

/* Without another input that meets the death. */
static void later_deaths_are_confirmed(void **state)
{
	const unsigned int cmds[] = {8, FAKE_DIES_LATER};

	(void)state;
	keep_list(LATER_NAME, cmds, 2);
	judge(1);
	assert_in_file("finds/" LATER_NAME "/report.txt", "3 of 3 times");
	assert_int_not_equal(
		access(in_dir("finds/" LATER_NAME "/before.bin"), F_OK), 0);
}

int fuzz_finds(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, work_setup, work_teardown)
		TEST(only_inputs_of_its_vm_are_kept),
		TEST(what_is_told_stays),
		TEST(more_confirmations_are_told),
		TEST(a_full_disk_ends_it),
		TEST(what_is_not_written_is_said),
		TEST(a_log_may_be_pruned),
		TEST(what_is_not_whole_yet_is_judged_later),
		TEST(a_name_has_more_than_one_chance),
		TEST(suspicions_have_names_of_their_own),
		TEST(suspicions_are_hidden_side_by_side),
		TEST(one_name_does_not_stop_others),
		TEST(deaths_of_qemu_are_named),
		TEST(the_input_before_is_blamed),
		TEST(what_never_ran_is_cut),
		TEST(certain_finds_stay_so),
		TEST(later_deaths_are_confirmed),
	};

	return cmocka_run_group_tests_name("fuzz_finds", tests, NULL, NULL);
}

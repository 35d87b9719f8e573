// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Whole campaigns without a VM. A copy of this test is bpfabi there, and under
 * other names the engine, which does what ENGINE says. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/bpfabi.h"
#include "host/cover.h"
#include "host/files.h"
#include "host/fuzz_engines.h"
#include "host/fuzz_watch.h"
#include "host/stats.h"
#include "host_cli.h"

static char dir[64];

static int run_bpfabi(int argc, char **argv)
{
	(void)argc;
	execv("./bpfabi", argv);
	return 127;
}

#define CAMPAIGN(...)                                                 \
	SPEAK(run_bpfabi, "bpfabi", "fuzz", "calls", "--kernel", "k", \
	      "--work", "w", "--quiet", __VA_ARGS__)

static void put(const char *name, const char *text)
{
	assert_int_equal(file_write(name, text, strlen(text)), 0);
}

static int setup(void **state)
{
	char self[FILES_PATH];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)state;
	strcpy(dir, "/tmp/bpfabi-campaign.XXXXXX");
	if (len < 0 || !mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	self[len] = '\0';
	put("bpfsys-exec", "");
	setenv("XDG_CACHE_HOME", dir, 1);
	unsetenv("ENGINE");
	unsetenv("JUDGE");
	return file_copy(self, "bpfabi", 64 << 20) < 0 ||
			       chmod("bpfabi", 0755) < 0 ||
			       mkdir("fuzz", 0755) < 0 ||
			       link("bpfabi", "fuzz/calls") < 0
		       ? -1
		       : 0;
}

static pid_t background; /* 0: none */

static int teardown(void **state)
{
	char command[96];

	(void)state;
	if (background > 0)
		kill(background, SIGKILL);
	background = 0;
	snprintf(command, sizeof(command), "cd / && rm -r %s", dir);
	return system(command);
}

static void expect(struct spoken spoken, int status, const char *says)
{
	if (spoken.status != status || !strstr(spoken.err, says))
		fail_msg("want %d, %s; got %d: %s%s", status, says,
			 spoken.status, spoken.err, spoken.out);
	spoken_free(&spoken);
}

/* What an engine does when a kernel dies. */
static void keep_find(struct stats *stats)
{
	assert_int_equal(dir_make("w/finds/raw/death"), 0);
	put("w/finds/raw/death/1.report", "death\n");
	put("w/finds/raw/death/1.input", "x");
	stats->finds++;
}

/* The engine: in a campaign's work directory, as its job. */
static int be_engine(void)
{
	const char *does = getenv("ENGINE");
	char path[FILES_PATH];
	struct stats *stats;

	path_make(path, "w/job-%s", getenv("BPFSYS_JOB"));
	dir_make(path);
	path_make(path, "w/job-%s/stats", getenv("BPFSYS_JOB"));
	/* Busy machines. */
	if (does && strcmp(does, "slow") == 0)
		usleep(600000);
	stats = file_map(path, sizeof(*stats));
	if (!stats || !does)
		return 3;
	stats->magic = STATS_MAGIC;
	stats->end = STATS_RUNS;
	/* What there was when the campaign began is of others before. */
	while (access("w/coverage.csv", F_OK) < 0)
		usleep(10000);
	if (strcmp(does, "no VM") == 0) {
		strcpy(stats->why, "no VM today");
		stats->end = STATS_NO_VM;
	}
	if (strcmp(does, "finds") == 0)
		keep_find(stats);
	if (strcmp(does, "finds, dies") == 0) {
		keep_find(stats);
		return 1;
	}
	for (;;)
		pause();
}

/* A kernel that dies of whatever it is given is no kernel that is not there. */
static void each_input_is_a_find(void **state)
{
	(void)state;
	setenv("ENGINE", "finds", 1);
	expect(CAMPAIGN("--no-triage", "--time", "3"), STATUS_BROKEN, "");
	setenv("ENGINE", "nothing", 1);
	expect(CAMPAIGN("--no-triage", "--time", "1"), STATUS_NO_VERDICT,
	       "no input has run");
}

static void who_found_something_may_start_again(void **state)
{
	char *log;
	size_t len;

	(void)state;
	setenv("ENGINE", "finds, dies", 1);
	expect(CAMPAIGN("--no-triage", "--time", "20"), STATUS_NO_VERDICT,
	       "ended by itself");
	log = (char *)file_read("w/job-0/stats", 1 << 20, &len);
	assert_non_null(log);
	assert_int_equal(((struct stats *)log)->finds, RESTARTS_MOST + 1);
	free(log);
}

static unsigned int lines_of(const char *path)
{
	size_t len;
	char *text = (char *)file_read(path, 1 << 20, &len);
	unsigned int n = text ? count_lines(text) : 0;

	free(text);
	return n;
}

/* bpfabi fuzz --triage: what JUDGE says. */
static int be_judge(const char *does)
{
	FILE *runs = fopen("w/judge-runs", "ae");

	if (!runs || fputs("run\n", runs) < 0 || fclose(runs) != 0)
		return 127;
	if (strcmp(does, "judges") == 0)
		put("w/finds/raw/death/judged", "");
	return strcmp(does, "fails") == 0 ? STATUS_NO_VERDICT : STATUS_BROKEN;
}

/* Not ten times a second, and not in silence. */
static void a_judge_that_fails_is_told(void **state)
{
	struct spoken spoken;
	const char *said;

	(void)state;
	setenv("ENGINE", "finds", 1);
	setenv("JUDGE", "fails", 1);
	spoken = CAMPAIGN("--time", "3");
	said = strstr(spoken.err, "w/log.triage");
	assert_non_null(said);
	assert_null(strstr(said + 1, "w/log.triage"));
	assert_in_range(lines_of("w/judge-runs"), 2, 4);
	expect(spoken, STATUS_BROKEN, "finds are left to judge");
}

/* One that ends well, but leaves something. */
static void what_is_left_to_judge_is_told(void **state)
{
	(void)state;
	setenv("ENGINE", "finds", 1);
	setenv("JUDGE", "does nothing", 1);
	expect(CAMPAIGN("--time", "3"), STATUS_BROKEN,
	       "finds are left to judge");
	assert_in_range(lines_of("w/judge-runs"), 2, 5);
}

/* nice() returns what a process is now, which may be below 0. */
static void a_judge_is_nice_from_anywhere(void **state)
{
	const int was = getpriority(PRIO_PROCESS, 0);
	struct spoken spoken;

	(void)state;
	if (setpriority(PRIO_PROCESS, 0, -15) < 0)
		skip();
	setenv("ENGINE", "finds", 1);
	setenv("JUDGE", "judges", 1);
	spoken = CAMPAIGN("--time", "3");
	setpriority(PRIO_PROCESS, 0, was);
	assert_int_equal(access("w/finds/raw/death/judged", F_OK), 0);
	assert_null(strstr(spoken.err, "left to judge"));
	expect(spoken, STATUS_BROKEN, "");
}

/* A campaign that goes on until it is killed, once it runs. */
static pid_t begin(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("./bpfabi", "bpfabi", "fuzz", "calls", "--kernel", "k",
		      "--work", "w", "--quiet", "--no-triage", NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	background = pid;
	for (int i = 0; i < 1000 && access("w/coverage.csv", F_OK) < 0; i++)
		usleep(10000);
	return pid;
}

/* Two in one directory would write the same files. */
static void one_campaign_at_a_time(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	setenv("ENGINE", "nothing", 1);
	pid = begin();
	expect(CAMPAIGN("--no-triage", "--time", "1"), STATUS_NO_VERDICT,
	       "another campaign runs in w");
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	background = 0;
	expect(CAMPAIGN("--no-triage", "--time", "1"), STATUS_NO_VERDICT,
	       "no input has run");
}

/* A find is an input or a report, not the room for one. */
static void an_empty_directory_is_no_find(void **state)
{
	bool unjudged;

	(void)state;
	assert_int_equal(dir_make("w/finds/raw/death"), 0);
	put("w/finds/raw/death/log", "1 0\n");
	assert_int_equal(finds_names("w", &unjudged), 0);
	assert_false(unjudged);
	/* The input comes last, and is what is judged. */
	put("w/finds/raw/death/1.report", "death\n");
	assert_int_equal(finds_names("w", &unjudged), 1);
	assert_false(unjudged);
	put("w/finds/raw/death/1.input", "x");
	assert_int_equal(finds_names("w", &unjudged), 1);
	assert_true(unjudged);
	put("w/finds/raw/death/judged", "");
	assert_int_equal(finds_names("w", &unjudged), 1);
	assert_false(unjudged);
}

/* /dev/full is a full disk that needs none. */
static void a_full_disk_ends_it(void **state)
{
	struct spoken spoken;

	(void)state;
	assert_int_equal(dir_make("w"), 0);
	assert_int_equal(symlink("/dev/full", "w/coverage.csv"), 0);
	setenv("ENGINE", "finds", 1);
	spoken = CAMPAIGN("--no-triage", "--time", "20");
	assert_int_equal(count_lines(spoken.err), 1);
	expect(spoken, STATUS_NO_VERDICT,
	       "w/coverage.csv: No space left on device");
	assert_int_equal(unlink("w/coverage.csv"), 0);
	assert_int_equal(unlink("w/pcs") < 0 && errno != ENOENT, 0);
	assert_int_equal(dir_make("w/pcs/x"), 0);
	spoken = CAMPAIGN("--no-triage", "--time", "20");
	assert_int_equal(count_lines(spoken.err), 1);
	expect(spoken, STATUS_NO_VERDICT, "w/pcs: ");
}

/* What a job of a campaign with more of them has left. */
static void leave_job(const char *job, uint32_t pc, uint64_t execs)
{
	char path[FILES_PATH];
	struct stats *stats;
	struct cover *cover;

	path_make(path, "w/job-%s", job);
	assert_int_equal(dir_make(path), 0);
	path_make(path, "w/job-%s/pcs", job);
	cover = cover_open(path);
	assert_non_null(cover);
	cover_fold(cover, &pc, 1, NULL);
	cover_close(cover);
	path_make(path, "w/job-%s/stats", job);
	stats = file_map(path, sizeof(*stats));
	assert_non_null(stats);
	stats->magic = STATS_MAGIC;
	stats->execs = execs;
}

/* Four jobs, then one: what three of them reached is still reached. */
static void other_jobs_are_not_forgotten(void **state)
{
	char *text;
	size_t len;

	(void)state;
	leave_job("0", 0x10, 1000);
	leave_job("3", 0x20, 500);
	leave_job("by-hand", 0x30, 50);
	setenv("ENGINE", "finds", 1);
	expect(CAMPAIGN("--no-triage", "--time", "3"), STATUS_BROKEN, "");
	text = (char *)file_read("w/pcs", 1 << 20, &len);
	assert_non_null(text);
	assert_string_equal(text, "10\n20\n30\n");
	free(text);
	text = (char *)file_read("w/coverage.csv", 1 << 20, &len);
	assert_non_null(text);
	assert_non_null(strstr(text, ",1550,3\n"));
	free(text);
}

static void use_afl(void)
{
	assert_int_equal(mkdir("afl", 0755), 0);
	assert_int_equal(link("bpfabi", "afl/calls"), 0);
	assert_int_equal(link("bpfabi", "afl-fuzz"), 0);
	setenv("PATH", ".:/usr/bin:/bin", 1);
}

/* afl-fuzz goes on with targets that end at once. */
static void what_an_engine_wants_ended_ends(void **state)
{
	(void)state;
	use_afl();
	setenv("ENGINE", "no VM", 1);
	expect(CAMPAIGN("--no-triage", "--time", "20", "--engine", "afl"),
	       STATUS_NO_VERDICT, "no VM today");
	/* That is no reason not to try again. */
	setenv("ENGINE", "slow", 1);
	expect(CAMPAIGN("--no-triage", "--time", "1", "--engine", "afl"),
	       STATUS_NO_VERDICT, "no input has run");
}

static const char *base_name(const char *path)
{
	return strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(each_input_is_a_find),
		TEST(who_found_something_may_start_again),
		TEST(a_judge_that_fails_is_told),
		TEST(what_is_left_to_judge_is_told),
		TEST(a_judge_is_nice_from_anywhere),
		TEST(one_campaign_at_a_time),
		TEST(an_empty_directory_is_no_find),
		TEST(a_full_disk_ends_it),
		TEST(other_jobs_are_not_forgotten),
		TEST(what_an_engine_wants_ended_ends),
	};
	const char *name = base_name(argv[0]), *judge = getenv("JUDGE");

	if (judge && argc > 3 && strcmp(argv[3], "--triage") == 0)
		return be_judge(judge);
	if (strcmp(name, "bpfabi") == 0 && argc > 1)
		return cmd_fuzz(argc - 1, argv + 1);
	if (strcmp(name, "calls") == 0 || strcmp(name, "afl-fuzz") == 0)
		return be_engine();
	return cmocka_run_group_tests_name("host_campaign", tests, NULL, NULL);
}

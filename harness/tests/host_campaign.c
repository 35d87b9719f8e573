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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/bpfabi.h"
#include "host/files.h"
#include "host/fuzz_engines.h"
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

static int teardown(void **state)
{
	char command[96];

	(void)state;
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
	stats = file_map(path, sizeof(*stats));
	if (!stats || !does)
		return 3;
	stats->magic = STATS_MAGIC;
	stats->end = STATS_RUNS;
	/* What there was when the campaign began is of others before. */
	while (access("w/coverage.csv", F_OK) < 0)
		usleep(10000);
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
	expect(CAMPAIGN("--no-triage", "--time", "1"), STATUS_BROKEN, "");
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
	};
	const char *name = base_name(argv[0]);

	if (strcmp(name, "bpfabi") == 0 && argc > 1)
		return cmd_fuzz(argc - 1, argv + 1);
	if (strcmp(name, "calls") == 0)
		return be_engine();
	return cmocka_run_group_tests_name("host_campaign", tests, NULL, NULL);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi as scripts see it: exit statuses, one-line complaints, files that are
 * whole or absent. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <jansson.h>

#include <bpfsys/abi.h>

#include "cases/filter.h"
#include "host/bpfabi.h"
#include "host/output.h"
#include "host_cli.h"
#include "host_fake.h"
#include "host_ktap.h"

#define RUN(...) \
	SPEAK(cmd_run, "bpfabi run", "--guest", "/bin/true", __VA_ARGS__)
#define LIST(...) SPEAK(cmd_list, "bpfabi list", __VA_ARGS__)

static char dir[64];

static int setup(void **state)
{
	(void)state;
	fake_reset();
	unsetenv("BPFABI_GUEST");
	strcpy(dir, "/tmp/bpfabi-test.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static unsigned int files_in_dir(void)
{
	DIR *stream = opendir(dir);
	unsigned int n = 0;

	assert_non_null(stream);
	while (readdir(stream))
		n++;
	closedir(stream);
	return n - 2;
}

static int teardown(void **state)
{
	(void)state;
	unlink(in_dir("r.json"));
	unlink(in_dir("r.xml"));
	return rmdir(dir);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

/* STATUS, and one line on standard error that holds PART. */
static void expect_line(struct spoken *spoken, int status, const char *part)
{
	assert_int_equal(spoken->status, status);
	assert_int_equal(count_lines(spoken->err), 1);
	assert_int_equal(strncmp(spoken->err, "bpfabi: ", 8), 0);
	if (!strstr(spoken->err, part))
		fail_msg("\"%s\" is not in: %s", part, spoken->err);
	spoken_free(spoken);
}

/* Of LINES, those of rows without a case. */
static unsigned int count_without_case(const char *lines)
{
	unsigned int n = 0;

	for (; lines && *lines; lines = strchr(lines, '\n'), lines += !!lines)
		n += *lines == '#';
	return n;
}

static unsigned int rows_without_case(void)
{
	unsigned int n = 0;

	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		size_t count;
		const struct bpfsys_errno_row *row =
			bpfsys_abi_errnos(bpfsys_abi_command(nr), &count);

		for (size_t i = 0; i < count; i++)
			n += row[i].no_case != NULL;
	}
	return n;
}

static void list_shows_rows_without_case(void **state)
{
	struct spoken list = LIST("--filter", "*");

	(void)state;
	assert_true(rows_without_case() > 0);
	assert_int_equal(count_without_case(list.out), rows_without_case());
	assert_non_null(strstr(list.out, "# token_create/no_access EACCES has "
					 "no case: path_permission()"));
	spoken_free(&list);
}

static void list_is_the_plan(void **state)
{
	static const char *const filters[] = {"*", "map_create", "*/size_*",
					      "map_*"};
	static const unsigned int want[] = {8, 3, 1, 5};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct spoken list = LIST("--filter", filters[i]);
		struct spoken ktap = RUN("--filter", filters[i]);
		struct ktap_seen seen;

		ktap_check(ktap.out, &seen);
		assert_int_equal(count_lines(list.out) -
					 count_without_case(list.out),
				 want[i]);
		assert_int_equal(seen.tests, want[i]);
		spoken_free(&list);
		spoken_free(&ktap);
	}
}

static void list_has_columns(void **state)
{
	struct spoken list = LIST("-f", "map_freeze", "-f", "any");

	(void)state;
	assert_int_equal(list.status, STATUS_HOLDS);
	assert_string_equal(list.out,
			    "any/bad_command\tEINVAL\tno such command\n"
			    "map_freeze/frozen\t-\tit freezes\n"
			    "map_freeze/twice\tEPERM\talready frozen\n"
			    "# map_freeze/frozen_meanwhile EBUSY has no case: "
			    "a race of a few instructions; without it, "
			    "frozen_twice (the map was frozen between the look "
			    "at the descriptor's mode and the lock)\n");
	spoken_free(&list);
}

static void list_as_json(void **state)
{
	struct spoken list = LIST("--json");
	json_t *all = json_loads(list.out, 0, NULL);
	json_t *one = json_array_get(all, 5);

	(void)state;
	assert_int_equal(json_array_size(all),
			 FAKE_CASES + rows_without_case());
	assert_string_equal(json_string_value(json_object_get(one, "name")),
			    "map_freeze/twice");
	assert_string_equal(json_string_value(json_object_get(one, "errno")),
			    "EPERM");
	json_decref(all);
	spoken_free(&list);
}

/* As many as a VM is given, and one more. */
static void filters_have_a_limit(void **state)
{
	const char *argv[2 * FILTERS_MOST + 6] = {"bpfabi run", "--guest",
						  "/bin/true"};
	struct spoken spoken;

	(void)state;
	for (size_t i = 0; i < FILTERS_MOST; i++) {
		argv[3 + 2 * i] = "--filter";
		argv[4 + 2 * i] = "nothing";
	}
	spoken = speak(cmd_run, argv);
	expect_line(&spoken, STATUS_USAGE, "'nothing' matches no case");
	argv[3 + 2 * FILTERS_MOST] = "--filter";
	argv[4 + 2 * FILTERS_MOST] = "map_freeze";
	spoken = speak(cmd_run, argv);
	assert_int_equal(spoken.status, STATUS_USAGE);
	assert_non_null(strstr(spoken.err, "more than 256 filters"));
	spoken_free(&spoken);
}

static void usage(void **state)
{
	struct spoken spoken;

	(void)state;
	spoken = RUN("--filter", "map_*", "--filter", "nothing*");
	expect_line(&spoken, STATUS_USAGE, "'nothing*' matches no case");
	spoken = LIST("--filter", "nothing");
	expect_line(&spoken, STATUS_USAGE, "'nothing' matches no case");
	spoken = RUN("--filter", "map_freeze", "--shard", "3/3");
	expect_line(&spoken, STATUS_USAGE,
		    "--shard 3/3: the filters leave no more than 2 cases");
#define EXPECT_USAGE(...)                                      \
	do {                                                   \
		spoken = RUN(__VA_ARGS__);                     \
		assert_int_equal(spoken.status, STATUS_USAGE); \
		assert_string_equal(spoken.out, "");           \
		assert_true(count_lines(spoken.err) > 0);      \
		spoken_free(&spoken);                          \
	} while (0)
	EXPECT_USAGE("--nonsense");
	EXPECT_USAGE("operand");
	EXPECT_USAGE("--timeout", "0");
	EXPECT_USAGE("--timeout", "-1");
	EXPECT_USAGE("--timeout", "10x");
	EXPECT_USAGE("--timeout", "99999999999999999999");
	EXPECT_USAGE("--timeout", "5000000000");
	EXPECT_USAGE("--shard", "0/4");
	EXPECT_USAGE("--shard", "5/4");
	EXPECT_USAGE("--shard", "4");
	EXPECT_USAGE("--shard", "1/");
	EXPECT_USAGE("--shard", "/4");
	EXPECT_USAGE("--shard", "+1/4");
	EXPECT_USAGE("--shard", "1/ 4");
	EXPECT_USAGE("--shard", "1/4/4");
	EXPECT_USAGE("--shard", "1/4x");
	EXPECT_USAGE("--shard", "1/1000001");
	EXPECT_USAGE("--shard", "1/99999999999999999999");
	EXPECT_USAGE("--shard", "");
	EXPECT_USAGE("--accel", "fast");
	EXPECT_USAGE("--corpus", "a", "--corpus", "b");
	EXPECT_USAGE("--arch", "vax");
	EXPECT_USAGE("--ktap", "--summary");
	EXPECT_USAGE("--ktap", "--json", "-");
	EXPECT_USAGE("--junit", "-", "--json", "-");
}

/* Each case that the filters leave is one shard's, by what host and guest
 * make of the shard alike: else the guest's numbers were odd. */
static void shards_are_all(void **state)
{
	static const char *const names[] = {
		"map_create/created", "map_create/size_short",
		"map_create/zero_key", "map_freeze/frozen", "map_freeze/twice"};
	static const char *const shards[] = {"1/3", "2/3", "3/3"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct spoken spoken = RUN("-q", "--ktap", "--filter", "map_*",
					   "--shard", shards[i]);
		struct ktap_seen seen;

		assert_int_equal(spoken.status, STATUS_HOLDS);
		ktap_check(spoken.out, &seen);
		assert_int_equal(seen.tests, i < 2 ? 2 : 1);
		for (size_t n = 0; n < 5; n++)
			assert_int_equal(!!strstr(spoken.out, names[n]),
					 n % 3 == i);
		assert_null(strstr(spoken.out, "wrong numbers of cases"));
		assert_null(strstr(spoken.out, "unknown cases"));
		spoken_free(&spoken);
	}
}

static void statuses(void **state)
{
	static const struct {
		enum fake_act act;
		enum bpfvm_outcome outcome;
		const char *no_boot;
		int status;
	} rows[] = {
		{FAKE_PASS, BPFVM_EXITED, NULL, 0},
		{FAKE_ABSENT, BPFVM_EXITED, NULL, 0},
		{FAKE_SKIP, BPFVM_EXITED, NULL, 0},
		{FAKE_KNOWN, BPFVM_EXITED, NULL, 0},
		{FAKE_FAIL, BPFVM_EXITED, NULL, 1},
		{FAKE_END, BPFVM_SIGNALED, NULL, 1},
		{FAKE_PASS, BPFVM_NO_BOOT, "x", 3},
		{FAKE_PASS, BPFVM_ERROR, "x", 3},
		{FAKE_END, BPFVM_PANIC, NULL, 4},
		{FAKE_END, BPFVM_TIMEOUT, NULL, 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spoken spoken;

		fake.acts[3] = rows[i].act;
		fake.outcome = rows[i].outcome;
		fake.no_boot = rows[i].no_boot;
		spoken = RUN("--quiet");
		assert_int_equal(spoken.status, rows[i].status);
		spoken_free(&spoken);
	}
}

static void no_guest(void **state)
{
	struct spoken spoken =
		SPEAK(cmd_run, "bpfabi run", "--guest", in_dir("none"));

	(void)state;
	expect_line(&spoken, STATUS_NO_VERDICT, "No such file");
	spoken = SPEAK(cmd_run, "bpfabi run");
	expect_line(&spoken, STATUS_NO_VERDICT, "/bpfabi-guest cannot be used");
	spoken = SPEAK(cmd_run, "bpfabi run", "--arch", "foreign");
	expect_line(&spoken, STATUS_NO_VERDICT,
		    "/bpfabi-guest-foreign cannot be used: No such file or "
		    "directory; `make setup-cross` builds it");
}

/* The architecture is libbpfvm's business, but it has to get there. */
static void arch_is_passed_on(void **state)
{
	struct spoken spoken;

	(void)state;
	fake.notes = true;
	spoken = RUN("--arch", "foreign");
	assert_int_equal(spoken.status, STATUS_HOLDS);
	assert_non_null(strstr(spoken.err, "arch foreign, 600 s"));
	spoken_free(&spoken);
	spoken = RUN("--arch", "native", "--timeout", "9");
	assert_non_null(strstr(spoken.err, "arch of the host, 9 s"));
	spoken_free(&spoken);
	spoken = RUN("--summary");
	assert_non_null(strstr(spoken.err, "arch of the host, 300 s"));
	spoken_free(&spoken);
}

static void files_are_replaced(void **state)
{
	struct spoken spoken;
	json_t *all;

	(void)state;
	write_file(in_dir("r.json"), "old");
	spoken = RUN("--ktap", "--json", in_dir("r.json"));
	assert_int_equal(spoken.status, STATUS_HOLDS);
	assert_int_equal(count_lines(spoken.out), FAKE_CASES + 3);
	assert_int_equal(files_in_dir(), 1);
	all = json_load_file(in_dir("r.json"), 0, NULL);
	assert_true(json_is_object(all));
	json_decref(all);
	spoken_free(&spoken);
	spoken = RUN("--junit", in_dir("r.xml"));
	assert_int_equal(access(in_dir("r.xml"), R_OK), 0);
	assert_int_equal(files_in_dir(), 2);
	spoken_free(&spoken);
}

/* The report on standard output is there all the same. */
static void disk_full(void **state)
{
	struct spoken spoken = RUN("-q", "--ktap", "--json", "/dev/full");

	(void)state;
	assert_int_equal(count_lines(spoken.out), FAKE_CASES + 3);
	expect_line(&spoken, STATUS_NO_VERDICT,
		    "writing /dev/full: No space left on device");
}

static int run_to_full(int argc, char **argv)
{
	return freopen("/dev/full", "we", stdout) ? cmd_run(argc, argv) : -1;
}

static int list_to_full(int argc, char **argv)
{
	return freopen("/dev/full", "we", stdout) ? cmd_list(argc, argv) : -1;
}

static void stdout_full(void **state)
{
	struct spoken spoken =
		SPEAK(run_to_full, "bpfabi run", "-q", "--guest", "/bin/true");

	(void)state;
	expect_line(&spoken, STATUS_NO_VERDICT, "standard output");
	spoken = SPEAK(list_to_full, "bpfabi list");
	expect_line(&spoken, STATUS_NO_VERDICT, "standard output");
}

static int write_half(FILE *out, const void *data)
{
	(void)data;
	fputs("half of it", out);
	return -ENOSPC;
}

static int output_half(int argc, char **argv)
{
	return (int)output_write(argv[argc - 1], write_half, NULL);
}

/* What was there before stays, and nothing is left beside it. */
static void half_a_file(void **state)
{
	struct spoken spoken;
	char text[8] = "";
	FILE *file;

	(void)state;
	write_file(in_dir("r.json"), "old");
	spoken = SPEAK(output_half, "output", in_dir("r.json"));
	expect_line(&spoken, STATUS_NO_VERDICT, "No space left on device");
	assert_int_equal(files_in_dir(), 1);
	file = fopen(in_dir("r.json"), "re");
	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof(text), file), 3);
	fclose(file);
	assert_string_equal(text, "old");
}

static void no_such_directory(void **state)
{
	struct spoken spoken = RUN("--json", in_dir("none/r.json"));

	(void)state;
	assert_string_equal(spoken.out, "");
	expect_line(&spoken, STATUS_NO_VERDICT, "cannot be written");
}

static void interrupted(void **state)
{
	struct spoken spoken;
	struct ktap_seen seen;

	(void)state;
	/* Shells have what they start in the background ignore it. */
	signal(SIGINT, SIG_DFL);
	fake.acts[3] = FAKE_SIGNAL;
	spoken = RUN("--ktap", "-q", "-j", "1", "-k", "a", "-k", "b");
	assert_int_equal(spoken.status, 130);
	ktap_check(spoken.out, &seen);
	assert_int_equal(seen.tests, FAKE_CASES + 2);
	assert_non_null(strstr(spoken.out, "\n  ok 3 map_create/size_short\n"));
	assert_non_null(strstr(spoken.out, "\n  not ok 4 map_create/zero_key # "
					   "ERROR not run: interrupted\n"));
	assert_non_null(strstr(spoken.out, "  # Interrupted. No verdict: 3 "
					   "passed, 0 failed, 0 absent, 0 "
					   "skipped, 0 known, 5 not run; "));
	assert_string_equal(spoken.err, "bpfabi: interrupted\n");
	spoken_free(&spoken);
}

static void progress_lines(void **state)
{
	struct spoken spoken = RUN("-k", "debian:6.1");

	(void)state;
	assert_int_equal(strncmp(spoken.err,
				 "booting debian:6.1\n"
				 "debian:6.1: Linux 6.12.1 is up after ",
				 56),
			 0);
	assert_int_equal(count_lines(spoken.err), 2);
	spoken_free(&spoken);
}

static void stderr_of_the_suite(void **state)
{
	struct spoken spoken;

	(void)state;
	fake.err = "argh\033\n";
	spoken = RUN("-q");
	assert_string_equal(spoken.err, "");
	spoken_free(&spoken);
	spoken = RUN("-q", "--verbose");
	assert_non_null(strstr(spoken.err, "    argh\\x1b\n"));
	spoken_free(&spoken);
	fake.acts[0] = FAKE_END;
	fake.outcome = BPFVM_SIGNALED;
	spoken = RUN("-q");
	assert_non_null(strstr(spoken.err, "    argh\\x1b\n"));
	spoken_free(&spoken);
	spoken = RUN("-q", "-v"); /* two VMs, one line each */
	assert_int_equal(count_lines(spoken.err), 4);
	spoken_free(&spoken);
}

static void kernels_fetch(void **state)
{
	struct spoken spoken = SPEAK(cmd_kernels, "bpfabi kernels", "fetch",
				     "debian:6.1", "x");

	(void)state;
	assert_int_equal(spoken.status, STATUS_HOLDS);
	assert_string_equal(spoken.out, "debian:6.1\t/cache/debian:6.1\n"
					"x\t/cache/x\n");
	spoken_free(&spoken);
	spoken = SPEAK(cmd_kernels, "bpfabi kernels", "fetch", "--arch",
		       "foreign", "x");
	assert_string_equal(spoken.out, "x\t/cache-foreign/x\n");
	spoken_free(&spoken);
	spoken = SPEAK(cmd_kernels, "bpfabi kernels", "fetch", "debian:0");
	expect_line(&spoken, STATUS_NO_VERDICT, "no such\\x1b kernel");
	spoken = SPEAK(cmd_kernels, "bpfabi kernels", "fetch");
	assert_int_equal(spoken.status, STATUS_USAGE);
	spoken_free(&spoken);
}

static void kernels_listed(void **state)
{
	struct spoken spoken = SPEAK(cmd_kernels, "bpfabi kernels");

	(void)state;
	assert_int_equal(spoken.status, STATUS_HOLDS);
	assert_string_equal(spoken.out, "debian:6.1\t/cache/6.1\n"
					"debian:6.12\t/cache/6.12\n");
	spoken_free(&spoken);
	spoken = SPEAK(cmd_kernels, "bpfabi kernels", "--arch", "foreign");
	expect_line(&spoken, STATUS_NO_VERDICT, "no\\x1b cache");
	spoken = SPEAK(cmd_kernels, "bpfabi kernels", "bogus");
	assert_int_equal(spoken.status, STATUS_USAGE);
	spoken_free(&spoken);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#define EXPLAIN(...) SPEAK(cmd_explain, "bpfabi explain", __VA_ARGS__)

/* Names in any case, numbers of any sign: the same. */
static void explain_names(void **state)
{
	static const char *const ways[][2] = {
		{"LINK_UPDATE", "ENOLINK"},	{"BPF_LINK_UPDATE", "enolink"},
		{"link_update", "67"},		{"bpf_link_update", "0067"},
		{"Bpf_Link_Update", "ENoLink"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct spoken spoken = EXPLAIN(ways[i][0], ways[i][1]);

		assert_int_equal(spoken.status, STATUS_HOLDS);
		assert_string_equal(spoken.out,
				    "ENOLINK: the link was detached; since "
				    "5.9\n"
				    "ENOLINK: the link is of a struct_ops map, "
				    "and was detached; since 6.10\n");
		spoken_free(&spoken);
	}
}

/* Without an errno all that the command has, each once. */
static void explain_all(void **state)
{
	struct spoken spoken = EXPLAIN("map_freeze");

	(void)state;
	assert_int_equal(spoken.status, STATUS_HOLDS);
	assert_true(count_lines(spoken.out) >= 7);
	assert_non_null(strstr(spoken.out, "EBADF: map_fd is not open\n"));
	assert_non_null(strstr(spoken.out, "ENOTSUPP: "));
	assert_null(strstr(strstr(spoken.out, "EBADF: ") + 1, "EBADF: "));
	spoken_free(&spoken);
	spoken = EXPLAIN("map_freeze", "524");
	assert_int_equal(spoken.status, STATUS_HOLDS);
	assert_int_equal(strncmp(spoken.out, "ENOTSUPP: ", 10), 0);
	spoken_free(&spoken);
	spoken = EXPLAIN("map_freeze", "EXDEV");
	expect_line(&spoken, STATUS_USAGE, "no errno EXDEV");
}

static void explain_usage(void **state)
{
	struct spoken spoken = EXPLAIN("map_melt");

	(void)state;
	expect_line(&spoken, STATUS_USAGE, "no command map_melt");
	spoken = EXPLAIN("map_freeze", "EFREEZE");
	expect_line(&spoken, STATUS_USAGE, "no errno EFREEZE");
	spoken = EXPLAIN("map_freeze", "0");
	expect_line(&spoken, STATUS_USAGE, "no errno 0");
	spoken = EXPLAIN("map_freeze", "99999999999999999999");
	expect_line(&spoken, STATUS_USAGE, "no errno 9");
	spoken = EXPLAIN("map_freeze", "EBUSY", "more");
	assert_int_equal(spoken.status, STATUS_USAGE);
	spoken_free(&spoken);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(list_is_the_plan),
		TEST(list_has_columns),
		TEST(list_as_json),
		TEST(list_shows_rows_without_case),
		TEST(usage),
		TEST(filters_have_a_limit),
		TEST(shards_are_all),
		TEST(statuses),
		TEST(no_guest),
		TEST(files_are_replaced),
		TEST(disk_full),
		TEST(stdout_full),
		TEST(half_a_file),
		TEST(no_such_directory),
		TEST(interrupted),
		TEST(progress_lines),
		TEST(stderr_of_the_suite),
		TEST(kernels_fetch),
		TEST(kernels_listed),
		TEST(explain_names),
		TEST(explain_all),
		TEST(explain_usage),
		TEST(arch_is_passed_on),
	};

	return cmocka_run_group_tests_name("host_cli", tests, NULL, NULL);
}

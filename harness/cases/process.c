// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The processes that cases run in, each case under cmocka, and the records that
 * say how they went. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include <setjmp.h>
#include <cmocka.h>

#include "harvest.h"
#include "kernel.h"
#include "leaks.h"
#include "process.h"
#include "witness.h"

/* Longer than any case takes on a slow emulated machine; a case that takes
 * this long hangs. */
#define CASE_SECONDS 30

static FILE *records;

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void write_record(json_t *record)
{
	if (!record ||
	    json_dumpf(record, records,
		       JSON_COMPACT | JSON_REAL_PRECISION(6)) != 0 ||
	    fputc('\n', records) == EOF)
		_exit(EXIT_FAILURE);
	json_decref(record);
}

void flush_records(void)
{
	if (fflush(records) != 0)
		_exit(EXIT_FAILURE);
}

static const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_PASS] = "pass",     [VERDICT_FAIL] = "fail",
		[VERDICT_ABSENT] = "absent", [VERDICT_SKIP] = "skip",
		[VERDICT_KNOWN] = "known",
	};

	return names[verdict];
}

/* What is empty is left out: the records go through a serial port. */
static void write_result(const struct run *run, double ms)
{
	const struct {
		const char *key, *text;
	} texts[] = {
		{"expected", run->expected},
		{"got", run->got},
		{"call", run->call},
		{"detail", run->detail},
	};
	json_t *record = json_pack("{s:s, s:s, s:f}", "case", run->which->name,
				   "verdict", verdict_name(run->verdict), "ms",
				   round(ms * 10) / 10);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (*texts[i].text)
			json_object_set_new(record, texts[i].key,
					    json_string(texts[i].text));
	write_record(record);
}

/* The descriptors that are open, of those that a case can get. */
static size_t count_fds(void)
{
	size_t count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The kernel lacks the command: whatever the case wanted to see, a call with a
 * good-sized argument must say EINVAL. */
static void assert_absent(void **state)
{
	struct run *run = *state;
	uint8_t attr[256] = {0};
	int ret = bpfsys(run->which->command->nr, attr,
			 run->which->command->group_end);

	expect_error(state, "a command that the kernel lacks", EINVAL, ret);
	snprintf(run->expected, sizeof(run->expected), "-EINVAL");
	snprintf(run->got, sizeof(run->got), "-EINVAL");
	run->verdict = VERDICT_ABSENT;
}

/* FDS: how many descriptors were open before the case. */
static void expect_nothing_left(void **state, size_t fds)
{
	struct run *run = *state;
	bool left = leaks_end(run->got, sizeof(run->got));

	if (left) {
		snprintf(run->expected, sizeof(run->expected),
			 "the case leaves nothing behind");
		fail_case(state);
	}
	expect_u64(state, "descriptors open after the case", fds, count_fds());
}

static void run_case(void **state)
{
	struct run *run = *state;
	const struct bpfsys_command *cmd = run->which->command;
	size_t fds = count_fds();

	if (cmd && !kernel_has_command(cmd)) {
		assert_absent(state);
		return;
	}
	if (run->which->spoils)
		leaks_forget();
	else
		need(state, "a look at what there is",
		     leaks_begin(cmd && witness_of(cmd)->for_good));
	harvest_begin(run->which->name);
	run->which->fn(state);
	if (run->verdict == VERDICT_PASS && !run->which->spoils)
		expect_nothing_left(state, fds);
}

/* Under cmocka, which says whether the case held. */
static void judge(struct run *run)
{
	struct CMUnitTest test = {run->which->name, run_case, NULL, NULL, run};
	int failed =
		_cmocka_run_group_tests(run->which->name, &test, 1, NULL, NULL);

	if (failed && run->verdict != VERDICT_FAIL) {
		run->verdict = VERDICT_FAIL;
		snprintf(run->expected, sizeof(run->expected),
			 "the case runs to its end");
		snprintf(run->got, sizeof(run->got),
			 "cmocka counted a failure");
	}
}

struct progress *progress;

void judge_cases(const struct suite_case *const *cases, size_t n)
{
	enum verdict verdict = VERDICT_PASS;

	for (size_t i = 0; i < n; i++) {
		struct run run = {.which = cases[i]};
		double start = now_ms();

		if (verdict != VERDICT_PASS && verdict != VERDICT_KNOWN)
			break;
		write_record(json_pack("{s:s}", "start", run.which->name));
		flush_records();
		judge(&run);
		harvest_end();
		write_result(&run, now_ms() - start);
		verdict = run.verdict;
		progress->done++;
	}
	flush_records();
}

/* Waits for CHILD, SECONDS at most for each case. 0: it ended well. */
static int await_child(pid_t child, int seconds, char *why, size_t size)
{
	int fd = (int)syscall(SYS_pidfd_open, child, 0);
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	size_t done;
	int ret, status;

	do {
		done = progress->done;
		ret = fd < 0 ? 1 : poll(&pfd, 1, seconds * 1000);
	} while (ret == 0 && progress->done != done);
	if (fd >= 0)
		close(fd);
	if (ret == 0) {
		kill(child, SIGKILL);
		snprintf(why, size, "no end after %d s: killed", seconds);
	}
	if (waitpid(child, &status, 0) != child)
		status = -1;
	if (ret == 0)
		return -ETIMEDOUT;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
		return 0;
	if (WIFSIGNALED(status))
		snprintf(why, size, "the process died of signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(why, size, "the process ended with wait status 0x%x",
			 (unsigned int)status);
	return -ECHILD;
}

bool ended_well(pid_t child, struct run *run)
{
	if (child > 0 &&
	    await_child(child, CASE_SECONDS, run->got, sizeof(run->got)) == 0 &&
	    progress->done)
		return true;
	/* What the case left running goes with its process group. */
	if (child > 0)
		kill(-child, SIGKILL);
	else
		snprintf(run->got, sizeof(run->got), "fork: %s",
			 strerror(errno));
	return false;
}

void write_death(struct run *run, const struct suite_case *which)
{
	run->verdict = VERDICT_FAIL;
	run->which = which;
	snprintf(run->expected, sizeof(run->expected),
		 "the case runs to its end");
	write_result(run, CASE_SECONDS * 1e3);
	flush_records();
}

size_t run_in_child(const struct suite_case *const *cases, size_t n)
{
	struct run run = {.which = NULL};
	pid_t child;

	progress->done = 0;
	child = fork();
	if (child == 0) {
		setpgid(0, 0);
		judge_cases(cases, n);
		_exit(EXIT_SUCCESS);
	}
	if (ended_well(child, &run))
		return progress->done;
	write_death(&run, cases[progress->done]);
	return progress->done + 1;
}

void records_open(void)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 100);

	records = fd < 0 ? NULL : fdopen(fd, "w");
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED) {
		perror("bpfabi-guest: memory");
		exit(EXIT_FAILURE);
	}
	if (!records || !freopen("/dev/null", "w", stdout)) {
		fprintf(stderr, "bpfabi-guest: no output for records: %s\n",
			strerror(errno));
		exit(EXIT_FAILURE);
	}
}

void write_header(size_t selected)
{
	struct utsname name;

	uname(&name);
	write_record(json_pack("{s:i, s:s, s:s, s:b, s:I, s:I}", "suite", 1,
			       "release", name.release, "machine", name.machine,
			       "btf", kernel_has_btf(), "attr_size",
			       (json_int_t)kernel_attr_size(), "cases",
			       (json_int_t)selected));
}

void records_end(size_t n)
{
	write_record(json_pack("{s:I}", "end", (json_int_t)n));
	flush_records();
}

void records_make_end(size_t n)
{
	snprintf(progress->end, sizeof(progress->end), "{\"end\":%zu}\n", n);
}

bool records_write_end(void)
{
	const size_t len = strlen(progress->end);

	return write(fileno(records), progress->end, len) == (ssize_t)len;
}

void records_prepare(void)
{
	static char buf[BUFSIZ];

	setvbuf(records, buf, _IOFBF, sizeof(buf));
}

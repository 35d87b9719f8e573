// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi-guest: runs the selected cases, each in a process of its own under
 * cmocka, and writes a record a line; ../README.md says what a record holds. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include <setjmp.h>
#include <cmocka.h>

#include "catalogue.h"
#include "filter.h"
#include "kernel.h"
#include "witness.h"

/* Longer than any case takes on a slow emulated machine; a case that takes
 * this long hangs. */
#define CASE_SECONDS 30

static FILE *records;

#define MAX_FILTERS 64

struct options {
	const char *filters[MAX_FILTERS]; /* none: every case */
	size_t n_filters;
	size_t start;
	bool list, from_stdin;
};

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

static void flush_records(void)
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

static void run_case(void **state)
{
	struct run *run = *state;
	const struct bpfsys_command *cmd = run->which->command;
	size_t fds = count_fds();

	if (cmd && !kernel_has_command(cmd)) {
		assert_absent(state);
		return;
	}
	run->which->fn(state);
	if (run->verdict == VERDICT_PASS)
		expect_u64(state, "descriptors open after the case", fds,
			   count_fds());
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

/* Shared between the process of cases and its parent. */
static struct progress {
	volatile size_t done; /* cases with a result */
	/* --from-stdin: what the process of the first cases has read */
	char words[MAX_FILTERS * 80];
} * progress;

/* In a process of its own: N cases, up to one that does not hold, which may
 * have left something behind. A record goes out when the next case starts, with
 * its start, so that a kernel that dies in it takes no result along. */
static void judge_cases(const struct suite_case *const *cases, size_t n)
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

/* Whether the process of cases ended well; if not, RUN gets what happened. */
static bool ended_well(pid_t child, struct run *run)
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

/* Gives the case that a process died of its result. */
static void write_death(struct run *run, const struct suite_case *which)
{
	run->verdict = VERDICT_FAIL;
	run->which = which;
	snprintf(run->expected, sizeof(run->expected),
		 "the case runs to its end");
	write_result(run, CASE_SECONDS * 1e3);
	flush_records();
}

/* Runs up to N cases in one process; returns how many have a result. */
static size_t run_in_child(const struct suite_case *const *cases, size_t n)
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

/* Records go to what standard output was. What cmocka prints there of cases
 * that hold is dropped, as the records say it; failures it prints to standard
 * error. */
static void split_output(void)
{
	int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 100);

	records = fd < 0 ? NULL : fdopen(fd, "w");
	if (!records || !freopen("/dev/null", "w", stdout)) {
		fprintf(stderr, "bpfabi-guest: no output for records: %s\n",
			strerror(errno));
		exit(EXIT_FAILURE);
	}
}

/* Kernels before 5.11 charge maps and programs to RLIMIT_MEMLOCK. */
static void raise_memlock(void)
{
	struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	if (setrlimit(RLIMIT_MEMLOCK, &all) != 0)
		perror("bpfabi-guest: setrlimit(RLIMIT_MEMLOCK)");
}

static void write_header(size_t selected)
{
	struct utsname name;

	uname(&name);
	write_record(json_pack("{s:i, s:s, s:s, s:b, s:I, s:I}", "suite", 1,
			       "release", name.release, "machine", name.machine,
			       "btf", kernel_has_btf(), "attr_size",
			       (json_int_t)kernel_attr_size(), "cases",
			       (json_int_t)selected));
}

static bool selected_by(const struct options *options, const char *name)
{
	for (size_t i = 0; i < options->n_filters; i++)
		if (filter_matches(options->filters[i], name))
			return true;
	return options->n_filters == 0;
}

/* How many of the N cases go into one process: those of one command, each of
 * which leaves the process as it found it. One that does not hold ends it. */
static size_t together(const struct suite_case *const *cases, size_t n)
{
	const struct bpfsys_command *cmd = cases[0]->command;
	size_t len = 1;

	if (!cmd || witness_of(cmd)->for_good)
		return 1;
	while (len < n && cases[len]->command == cmd)
		len++;
	return len;
}

/* The cases that a run has selected, in their order. */
struct selection {
	const struct suite_case **cases;
	size_t n;
};

static void select_cases(const struct options *options, struct selection *sel)
{
	size_t count;
	const struct suite_case *cases = suite_cases(&count);

	sel->n = 0;
	sel->cases = calloc(count, sizeof(*sel->cases));
	if (!sel->cases)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < count; i++)
		if (selected_by(options, cases[i].name))
			sel->cases[sel->n++] = &cases[i];
}

/* From AT on, to the end of the records. */
static int run_selected(const struct options *options, struct selection *sel,
			size_t at)
{
	while (at < sel->n)
		at += run_in_child(sel->cases + at,
				   together(sel->cases + at, sel->n - at));
	write_record(json_pack("{s:I}", "end",
			       (json_int_t)(sel->n - options->start)));
	flush_records();
	free(sel->cases);
	return EXIT_SUCCESS;
}

static int run_all(const struct options *options)
{
	struct selection sel;

	select_cases(options, &sel);
	write_header(sel.n);
	flush_records();
	return run_selected(options, &sel, options->start);
}

static void list_cases(const struct options *options)
{
	size_t count;
	const struct suite_case *cases = suite_cases(&count);

	for (size_t i = 0; i < count; i++)
		if (selected_by(options, cases[i].name))
			printf("%s\n", cases[i].name);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char *end;

	switch (key) {
	case 'f':
		if (options->n_filters == MAX_FILTERS)
			argp_error(state, "more than %d filters", MAX_FILTERS);
		options->filters[options->n_filters++] = arg;
		return 0;
	case 's':
		options->start = strtoul(arg, &end, 10);
		if (*end || end == arg)
			argp_error(state, "--start takes a number");
		return 0;
	case 'l':
		options->list = true;
		return 0;
	case 'i':
		options->from_stdin = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option keys[] = {
	{"filter", 'f', "GLOB", 0,
	 "only cases of this name; may be given again", 0},
	{"start", 's', "N", 0, "leave out the first N of them", 0},
	{"list", 'l', NULL, 0, "print the names and end", 0},
	{"from-stdin", 'i', NULL, 0,
	 "get ready, write a byte to the descriptor that $BPFVM_READY names, "
	 "then read these options from standard input, a word a line",
	 0},
	{0},
};
static const struct argp argp = {
	keys,
	parse,
	NULL,
	"The bpf(2) conformance suite. bpfabi runs it in a VM; on a "
	"machine of its own it needs root.",
	NULL,
	NULL,
	NULL};

/* The VM may be saved now, to be cloned for each case. */
static void say_ready(void)
{
	const char *fd = getenv("BPFVM_READY");

	if (fd && write(atoi(fd), "", 1) == 1)
		close(atoi(fd));
}

/* Into WORDS, which is zeroed; up to the end of the input. */
static void read_words(char *words, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size - 1 &&
	       (n = read(STDIN_FILENO, words + len, size - 1 - len)) > 0)
		len += (size_t)n;
}

static void parse_words(struct options *options)
{
	static char words[sizeof(progress->words)];
	char *argv[2 * MAX_FILTERS + 3] = {program_invocation_name}, *word;
	const int most = 2 * MAX_FILTERS + 2;
	int argc = 1;

	memcpy(words, progress->words, sizeof(words));
	for (word = strtok(words, "\n"); word && argc < most;
	     word = strtok(NULL, "\n"))
		argv[argc++] = word;
	argp_parse(&argp, argc, argv, 0, NULL, options);
}

/* The process of the first cases. */
static _Noreturn void serve_first(struct options *options)
{
	static char buf[BUFSIZ];
	struct selection sel;

	setpgid(0, 0);
	setvbuf(records, buf, _IOFBF, sizeof(buf));
	say_ready();
	read_words(progress->words, sizeof(progress->words));
	parse_words(options);
	select_cases(options, &sel);
	write_header(sel.n);
	flush_records();
	if (options->start < sel.n)
		judge_cases(sel.cases + options->start,
			    together(sel.cases + options->start,
				     sel.n - options->start));
	_exit(EXIT_SUCCESS);
}

/* What each clone would do once more before its case is done before the VM is
 * saved: opening a file for the seed of a hash, forking. */
static int serve(struct options *options)
{
	struct run run = {.which = NULL};
	struct selection sel;
	pid_t child;
	bool well;
	size_t at;

	json_object_seed(0);
	kernel_attr_size();
	child = fork();
	if (child == 0)
		serve_first(options);
	well = ended_well(child, &run);
	if (!*progress->words) {
		fprintf(stderr, "bpfabi-guest: no options on stdin: %s\n",
			run.got);
		return EXIT_FAILURE;
	}
	parse_words(options);
	select_cases(options, &sel);
	at = options->start + progress->done;
	if (!well && at < sel.n)
		write_death(&run, sel.cases[at++]);
	return run_selected(options, &sel, at);
}

int main(int argc, char **argv)
{
	struct options options = {.n_filters = 0};

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (options.list) {
		list_cases(&options);
		return EXIT_SUCCESS;
	}
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED) {
		perror("bpfabi-guest: memory");
		return EXIT_FAILURE;
	}
	split_output();
	raise_memlock();
	kernel_load_btf();
	return options.from_stdin ? serve(&options) : run_all(&options);
}

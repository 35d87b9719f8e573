// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi-guest: runs the selected cases, a command's in one process while they
 * hold, and writes a record a line; ../README.md says what a record holds. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <jansson.h>

#include "catalogue.h"
#include "filter.h"
#include "harvest.h"
#include "kernel.h"
#include "leaks.h"
#include "process.h"
#include "shard.h"
#include "witness.h"

struct options {
	const char *filters[FILTERS_MOST]; /* none: every case */
	size_t n_filters;
	struct shard shard;
	size_t start;
	bool list, from_stdin;
};

/* Kernels before 5.11 charge maps and programs to RLIMIT_MEMLOCK. */
static void raise_memlock(void)
{
	struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	if (setrlimit(RLIMIT_MEMLOCK, &all) != 0)
		perror("bpfabi-guest: setrlimit(RLIMIT_MEMLOCK)");
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
	size_t count, at = 0;
	const struct suite_case *cases = suite_cases(&count);

	sel->n = 0;
	sel->cases = calloc(count, sizeof(*sel->cases));
	if (!sel->cases)
		exit(EXIT_FAILURE);
	for (size_t i = 0; i < count; i++)
		if (selected_by(options, cases[i].name) &&
		    shard_has(&options->shard, at++))
			sel->cases[sel->n++] = &cases[i];
}

/* From AT on, to the end of the records. */
static int run_selected(const struct options *options, struct selection *sel,
			size_t at)
{
	while (at < sel->n)
		at += run_in_child(sel->cases + at,
				   together(sel->cases + at, sel->n - at));
	records_end(sel->n - options->start);
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
	struct selection sel;

	select_cases(options, &sel);
	for (size_t i = 0; i < sel.n; i++)
		printf("%s\n", sel.cases[i]->name);
	free(sel.cases);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char *end;

	switch (key) {
	case 'f':
		if (options->n_filters == FILTERS_MOST)
			argp_error(state, "more than %d filters", FILTERS_MOST);
		options->filters[options->n_filters++] = arg;
		return 0;
	case 'n':
		if (!shard_parse(&options->shard, arg))
			argp_error(state, "--shard takes I/N, I from 1 to N");
		return 0;
	case 's':
		options->start = strtoul(arg, &end, 10);
		if (*end || end == arg)
			argp_error(state, "--start takes a number");
		return 0;
	case 'h':
		harvest_into(arg);
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
	{"shard", 'n', "I/N", 0,
	 "of them only every Nth, from the Ith on (1/4, 2/4, 3/4, 4/4)", 0},
	{"start", 's', "N", 0, "leave out the first N of what is left", 0},
	{"harvest", 'h', "DIR", 0,
	 "write what each case calls as sequences for the fuzzers", 0},
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
	/* Filters, --shard and --start take two words each. */
	char *argv[2 * FILTERS_MOST + 6] = {program_invocation_name}, *word;
	const int most = 2 * FILTERS_MOST + 5;
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
	struct selection sel;

	setpgid(0, 0);
	records_prepare();
	/* Faults in what is there of us. */
	if (mlockall(MCL_CURRENT) == 0)
		munlockall();
	say_ready();
	read_words(progress->words, sizeof(progress->words));
	parse_words(options);
	select_cases(options, &sel);
	write_header(sel.n);
	flush_records();
	if (sel.n == 1)
		leaks_of_one_case();
	if (options->start < sel.n)
		judge_cases(sel.cases + options->start,
			    together(sel.cases + options->start,
				     sel.n - options->start));
	if (progress->done == sel.n - options->start)
		records_make_end(progress->done);
	_exit(EXIT_SUCCESS);
}

/* What each clone would do once more before its case is done before the VM is
 * saved: opening a file for the seed of a hash, listing all cases, forking. */
static int serve(struct options *options)
{
	struct run run = {.which = NULL};
	struct selection sel;
	pid_t child;
	bool well;
	size_t at;

	json_object_seed(0);
	kernel_attr_size();
	suite_cases(&at);
	child = fork();
	if (child == 0)
		serve_first(options);
	well = ended_well(child, &run);
	if (!*progress->words) {
		fprintf(stderr, "bpfabi-guest: no options on stdin: %s\n",
			run.got);
		return EXIT_FAILURE;
	}
	if (well && *progress->end)
		return records_write_end() ? EXIT_SUCCESS : EXIT_FAILURE;
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
	records_open();
	raise_memlock();
	kernel_load_btf();
	return options.from_stdin ? serve(&options) : run_all(&options);
}

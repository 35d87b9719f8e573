// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Reads the command line of bpfabi run. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/filter.h"

#include "bpfabi.h"
#include "run_options.h"
#include "text.h"

/* Ten times what it takes alone: --jobs share the processors. */
#define TIMEOUT_S	  "300"
#define FOREIGN_TIMEOUT_S "600"

enum key {
	KEY_KTAP = 256,
	KEY_SUMMARY,
	KEY_JSON,
	KEY_JUNIT,
	KEY_TIMEOUT,
	KEY_APPEND,
	KEY_ACCEL,
	KEY_ISOLATE,
	KEY_SHARD,
	KEY_GUEST,
	KEY_STRICT,
	KEY_ARCH,
	KEY_COMPAT32,
	KEY_CORPUS,
};

static const struct argp_option keys[] = {
	{"kernel", 'k', "SPEC", 0,
	 "bzImage, vmlinux, .deb, build tree, debian:VERSION or host (may be "
	 "repeated; default " DEFAULT_KERNEL ")",
	 0},
	{"arch", KEY_ARCH, "NAME", 0,
	 "architecture of the kernels: x86_64 (default), i386, arm64, s390x, "
	 "riscv64",
	 0},
	{"compat32", KEY_COMPAT32, NULL, 0,
	 "run the suite as 32-bit programs on the x86-64 kernels", 0},
	{"filter", 'f', "GLOB", 0,
	 "only cases of this name; a bare command stands for all of its cases "
	 "(may be repeated)",
	 0},
	{"shard", KEY_SHARD, "I/N", 0,
	 "of these cases only every Nth, from the Ith on: 1/4, 2/4, 3/4 and 4/4 "
	 "are all of them, for four machines",
	 0},
	{"ktap", KEY_KTAP, NULL, 0,
	 "print KTAP (the default when standard output is no terminal)", 0},
	{"summary", KEY_SUMMARY, NULL, 0,
	 "print the summary for people (the default on a terminal)", 0},
	{"json", KEY_JSON, "FILE", 0, "write results as JSON; - for stdout", 0},
	{"junit", KEY_JUNIT, "FILE", 0,
	 "write results as JUnit XML; - for stdout", 0},
	{"timeout", KEY_TIMEOUT, "SECONDS", 0,
	 "a kernel whose suite takes longer hangs (default " TIMEOUT_S
	 "; with --arch " FOREIGN_TIMEOUT_S ")",
	 0},
	{"append", KEY_APPEND, "STR", 0, "more kernel command line", 0},
	{"isolate", KEY_ISOLATE, "none|case", 0,
	 "case: every case in a kernel of its own, a clone of one that was "
	 "booted once (default none)",
	 0},
	{"jobs", 'j', "N", 0,
	 "VMs at once: of several kernels, or of one kernel, which share its "
	 "cases where there are enough of them; 1: all cases of a kernel in one "
	 "(default: one for each CPU)",
	 0},
	{"accel", KEY_ACCEL, "auto|kvm|tcg", 0, "how to run the VM", 0},
	{"corpus", KEY_CORPUS, "DIR", 0,
	 "replay the sequences below DIR instead of the suite, and print a "
	 "line on what each gave",
	 0},
	{"strict", KEY_STRICT, NULL, 0, "count known deviations as failures",
	 0},
	{"guest", KEY_GUEST, "FILE", 0,
	 "the suite (default: $BPFABI_GUEST, or bpfabi-guest beside bpfabi, "
	 "with --arch bpfabi-guest-NAME, with --compat32 bpfabi-guest-i386)",
	 0},
	{"verbose", 'v', NULL, 0, "print the suite's standard error", 0},
	{"quiet", 'q', NULL, 0, "no progress on standard error", 0},
	{0},
};

static const char doc[] =
	"Runs the conformance suite of bpf(2) on each kernel, in a throwaway "
	"VM, and reports."
	"\v"
	"Exit status: 0 the ABI holds (known deviations allowed, unless "
	"--strict), 1 it does not, 2 usage, 3 no verdict (no VM, the kernel "
	"does not boot, disk full), 4 the kernel crashed or hung; of several "
	"kernels the first of 4, 1, 3, 0 that one has; 128 and the signal's "
	"number when interrupted.";

/* 0: ARG is no number from 1 to MOST. */
static unsigned int number(const char *arg, unsigned long most)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (errno || *arg < '0' || *arg > '9' || *end || n > most)
		return 0;
	return (unsigned int)n;
}

static unsigned int parse_seconds(const char *arg, struct argp_state *state)
{
	unsigned int n = number(arg, 1000000);

	if (!n)
		argp_error(state, "--timeout takes seconds, from 1, not '%s'",
			   arg);
	return n;
}

static unsigned int parse_jobs(const char *arg, struct argp_state *state)
{
	unsigned int n = number(arg, 1024);

	if (!n)
		argp_error(state,
			   "--jobs takes a number from 1 to 1024, "
			   "not '%s'",
			   arg);
	return n;
}

static void parse_shard(struct run_options *options, const char *arg,
			struct argp_state *state)
{
	if (!shard_parse(&options->shard, arg))
		argp_error(state,
			   "--shard takes I/N, the Ith of N shards, I from 1 "
			   "to N, not '%s'",
			   arg);
}

static bool parse_isolate(const char *arg, struct argp_state *state)
{
	if (strcmp(arg, "case") != 0 && strcmp(arg, "none") != 0)
		argp_error(state, "--isolate takes none or case, not '%s'",
			   arg);
	return strcmp(arg, "case") == 0;
}

static enum bpfvm_accel parse_accel(const char *arg, struct argp_state *state)
{
	if (strcmp(arg, "auto") == 0)
		return BPFVM_ACCEL_AUTO;
	if (strcmp(arg, "kvm") == 0)
		return BPFVM_ACCEL_KVM;
	if (strcmp(arg, "tcg") != 0)
		argp_error(state, "--accel takes auto, kvm or tcg, not '%s'",
			   arg);
	return BPFVM_ACCEL_TCG;
}

static const char *parse_arch(const char *arg, struct argp_state *state)
{
	char why[256], clean[512];
	const char *name = bpfvm_arch_find(arg, why, sizeof(why));

	if (!name) {
		text_clean_str(clean, sizeof(clean), why);
		argp_error(state, "--arch: %s", clean);
	}
	/* The first one is the host's own. */
	return name && strcmp(name, bpfvm_arch_name(0)) != 0 ? name : NULL;
}

static void settle_timeout(struct run_options *options)
{
	if (!options->timeout_s)
		options->timeout_s = (unsigned int)strtoul(
			options->arch ? FOREIGN_TIMEOUT_S : TIMEOUT_S, NULL,
			10);
}

/* Who takes standard output, when all is known. */
static void settle(struct run_options *options, struct argp_state *state)
{
	const int files = (options->json && !strcmp(options->json, "-")) +
			  (options->junit && !strcmp(options->junit, "-"));
	static char kernel[] = DEFAULT_KERNEL;

	if (options->compat32 && options->arch)
		argp_error(state,
			   "--compat32 is for x86-64 kernels, the only ones "
			   "that there is a suite of the other width for; "
			   "not for --arch %s",
			   options->arch);
	if (options->corpus &&
	    (options->arch || options->compat32 || options->isolate ||
	     options->json || options->junit || options->n_filters ||
	     options->form != FORM_AUTO))
		argp_error(state, "--corpus takes --kernel, --append and "
				  "--accel, nothing of the suite");
	if (files + (options->form != FORM_AUTO) > 1)
		argp_error(state, "standard output takes one of --ktap, "
				  "--summary, --json - and --junit -");
	if (files)
		options->form = FORM_FILE;
	else if (options->form == FORM_AUTO)
		options->form =
			isatty(STDOUT_FILENO) ? FORM_SUMMARY : FORM_KTAP;
	if (!options->n_kernels)
		options->kernels[options->n_kernels++] = kernel;
}

static void set_form(struct run_options *options, enum form form,
		     struct argp_state *state)
{
	if (options->form != FORM_AUTO && options->form != form)
		argp_error(state, "either --ktap or --summary");
	options->form = form;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *options = state->input;

	switch (key) {
	case 'k':
		options->kernels[options->n_kernels++] = arg;
		return 0;
	case 'f':
		if (options->n_filters == FILTERS_MOST)
			argp_error(state, "more than %d filters", FILTERS_MOST);
		options->filters[options->n_filters++] = arg;
		return 0;
	case KEY_SHARD:
		parse_shard(options, arg, state);
		return 0;
	case KEY_KTAP:
		set_form(options, FORM_KTAP, state);
		return 0;
	case KEY_SUMMARY:
		set_form(options, FORM_SUMMARY, state);
		return 0;
	case KEY_JSON:
		options->json = arg;
		return 0;
	case KEY_JUNIT:
		options->junit = arg;
		return 0;
	case KEY_TIMEOUT:
		options->timeout_s = parse_seconds(arg, state);
		return 0;
	case KEY_APPEND:
		options->append = arg;
		return 0;
	case KEY_ACCEL:
		options->accel = parse_accel(arg, state);
		return 0;
	case KEY_ISOLATE:
		options->isolate = parse_isolate(arg, state);
		return 0;
	case 'j':
		options->jobs = parse_jobs(arg, state);
		return 0;
	case KEY_ARCH:
		options->arch = parse_arch(arg, state);
		return 0;
	case KEY_COMPAT32:
		options->compat32 = true;
		return 0;
	case KEY_CORPUS:
		if (options->corpus)
			argp_error(state, "--corpus twice: name a folder above "
					  "both");
		options->corpus = arg;
		return 0;
	case KEY_STRICT:
		options->strict = true;
		return 0;
	case KEY_GUEST:
		options->guest = arg;
		return 0;
	case 'v':
		options->verbose = true;
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state,
			   "what is %s? A kernel is named with "
			   "--kernel",
			   arg);
		return 0;
	case ARGP_KEY_END:
		settle(options, state);
		settle_timeout(options);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int run_options_parse(struct run_options *options, int argc, char **argv)
{
	static const struct argp argp = {keys, parse, NULL, doc,
					 NULL, NULL,  NULL};

	memset(options, 0, sizeof(*options));
	options->kernels = calloc((size_t)argc + 1, sizeof(char *));
	options->filters = calloc((size_t)argc + 1, sizeof(char *));
	if (!options->kernels || !options->filters) {
		run_options_free(options);
		return -ENOMEM;
	}
	argp_parse(&argp, argc, argv, 0, NULL, options);
	return 0;
}

void run_options_free(struct run_options *options)
{
	free(options->kernels);
	free(options->filters);
}

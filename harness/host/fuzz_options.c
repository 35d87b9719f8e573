// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The command line of bpfabi fuzz. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpfabi.h"
#include "fuzz_options.h"

enum {
	KEY_CORPUS = 256,
	KEY_WORK,
	KEY_APPEND,
	KEY_NO_CMP,
	KEY_SEED,
	KEY_TRIAGE,
	KEY_NO_TRIAGE,
	KEY_MERGE,
	KEY_PLOT,
	KEY_ACCEL,
	KEY_TIMEOUT,
};

static const struct argp_option keys[] = {
	{"kernel", 'k', "SPEC", 0,
	 "a bzImage, vmlinux, .deb, build tree or debian:VERSION; default: "
	 "what make kernel has built",
	 0},
	{"engine", 'e', "NAME", 0, "libfuzzer (default) or afl", 0},
	{"time", 't', "T", 0,
	 "so long: 90, 90s, 10m, 2h; default: until Ctrl-C", 0},
	{"corpus", KEY_CORPUS, "DIR", 0,
	 "seeds, which are only read; default: corpus/TARGET", 0},
	{"work", KEY_WORK, "DIR", 0,
	 "what is found goes there, and a campaign that was stopped goes on; "
	 "default: fuzz-TARGET",
	 0},
	{"jobs", 'j', "N", 0, "engines, each with a VM (default 1)", 0},
	{"append", KEY_APPEND, "STR", 0, "more kernel command line", 0},
	{"no-cmp", KEY_NO_CMP, NULL, 0,
	 "do not ask the kernel what it compares", 0},
	{"seed", KEY_SEED, "N", 0, "of random numbers", 0},
	{"timeout", KEY_TIMEOUT, "S", 0, "seconds for one input (default 10)",
	 0},
	{"accel", KEY_ACCEL, "NAME", 0, "auto, kvm or tcg", 0},
	{"quiet", 'q', NULL, 0, "no status, only the end", 0},
	{"no-triage", KEY_NO_TRIAGE, NULL, 0,
	 "keep finds as they come; --triage judges them later", 0},
	{"triage", KEY_TRIAGE, NULL, 0,
	 "no fuzzing: run the finds of --work again, make them small, and "
	 "write them up",
	 1},
	{"merge", KEY_MERGE, "OUT", 0,
	 "no fuzzing: keep in OUT the fewest inputs of --corpus and --work "
	 "that reach all that these reach",
	 1},
	{"plot", KEY_PLOT, "OUT", 0,
	 "no fuzzing: draw the coverage.csv files that are named instead of "
	 "TARGET over time, into one HTML page",
	 1},
	{0},
};

const char *accel_name(enum bpfvm_accel accel)
{
	static const char *const names[] = {"auto", "kvm", "tcg"};

	return names[accel];
}

enum bpfvm_accel fuzz_read_accel(struct argp_state *state, const char *arg)
{
	for (int i = BPFVM_ACCEL_AUTO; i <= BPFVM_ACCEL_TCG; i++)
		if (strcmp(arg, accel_name((enum bpfvm_accel)i)) == 0)
			return (enum bpfvm_accel)i;
	argp_error(state, "--accel %s: auto, kvm or tcg", arg);
	return BPFVM_ACCEL_AUTO;
}

static double read_time(struct argp_state *state, const char *arg)
{
	char *end;
	double value = strtod(arg, &end);

	if (end != arg && value > 0 && value < 1e9) {
		if (!*end || strcmp(end, "s") == 0)
			return value;
		if (strcmp(end, "m") == 0)
			return value * 60;
		if (strcmp(end, "h") == 0)
			return value * 3600;
	}
	argp_error(state, "--time %s: want 90, 90s, 10m or 2h", arg);
	return 0;
}

unsigned int fuzz_read_number(struct argp_state *state, const char *what,
			      const char *arg, unsigned long most)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(arg, &end, 10);
	if (*arg < '0' || *arg > '9' || *end || errno || value < 1 ||
	    value > most)
		argp_error(state, "%s %s: want 1 to %lu", what, arg, most);
	return (unsigned int)value;
}

static void read_path(struct argp_state *state, char *path, const char *arg)
{
	if (path_make(path, "%s", arg) < 0 || !*arg)
		argp_error(state, "%.40s...: no path", arg);
}

static enum fuzz_engine read_engine(struct argp_state *state, const char *arg)
{
	if (strcmp(arg, "libfuzzer") != 0 && strcmp(arg, "afl") != 0)
		argp_error(state, "--engine %s: libfuzzer or afl", arg);
	return strcmp(arg, "afl") == 0 ? ENGINE_AFL : ENGINE_LIBFUZZER;
}

static void set_what(struct argp_state *state, enum fuzz_what what)
{
	struct fuzz_options *options = state->input;

	if (options->what != FUZZ_RUN)
		argp_error(state, "one of --triage, --merge and --plot");
	options->what = what;
}

/* What chooses other things than fuzzing. */
static error_t parse_other(int key, char *arg, struct argp_state *state)
{
	struct fuzz_options *options = state->input;

	switch (key) {
	case KEY_TRIAGE:
		set_what(state, FUZZ_TRIAGE);
		return 0;
	case KEY_MERGE:
		set_what(state, FUZZ_MERGE);
		options->merge = arg;
		return 0;
	case KEY_PLOT:
		set_what(state, FUZZ_PLOT);
		options->plot = arg;
		return 0;
	case ARGP_KEY_ARG:
		options->args[options->n_args++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct fuzz_options *options = state->input;

	switch (key) {
	case 'k':
		options->kernel = arg;
		return 0;
	case 'e':
		options->engine = read_engine(state, arg);
		return 0;
	case 't':
		options->seconds = read_time(state, arg);
		return 0;
	case 'j':
		options->jobs = fuzz_read_number(state, "--jobs", arg, 64);
		return 0;
	case 'q':
		options->quiet = true;
		return 0;
	case KEY_CORPUS:
		read_path(state, options->corpus, arg);
		return 0;
	case KEY_WORK:
		read_path(state, options->work, arg);
		return 0;
	case KEY_APPEND:
		options->append = arg;
		return 0;
	case KEY_NO_CMP:
		options->cmp = false;
		return 0;
	case KEY_SEED:
		options->seed =
			fuzz_read_number(state, "--seed", arg, 0xffffffff);
		return 0;
	case KEY_TIMEOUT:
		options->timeout_s =
			fuzz_read_number(state, "--timeout", arg, 3600);
		return 0;
	case KEY_ACCEL:
		options->accel = fuzz_read_accel(state, arg);
		return 0;
	case KEY_NO_TRIAGE:
		options->triage = false;
		return 0;
	default:
		return parse_other(key, arg, state);
	}
}

static bool read_target(struct fuzz_options *options)
{
	for (int i = 0; i < MAKE_TARGETS; i++)
		if (strcmp(options->args[0],
			   make_target_name((enum make_target)i)) == 0) {
			options->target = (enum make_target)i;
			return true;
		}
	return false;
}

/* What was not told. */
static int fill_in(struct fuzz_options *options)
{
	const char *target = make_target_name(options->target);
	ssize_t len = readlink("/proc/self/exe", options->built,
			       sizeof(options->built) - 1);

	if (len < 0 || !memrchr(options->built, '/', (size_t)len)) {
		complain("where is bpfabi? /proc/self/exe: %s",
			 strerror(errno));
		return STATUS_NO_VERDICT;
	}
	*(char *)memrchr(options->built, '/', (size_t)len) = '\0';
	own_executor(options->executor);
	if (!*options->work)
		path_make(options->work, "fuzz-%s", target);
	if (!*options->corpus) {
		path_make(options->corpus, "corpus/%s", target);
		if (access(options->corpus, R_OK) < 0)
			*options->corpus = '\0';
	} else if (access(options->corpus, R_OK) < 0) {
		complain("--corpus %s: %s", options->corpus, strerror(errno));
		return STATUS_NO_VERDICT;
	}
	if (!options->kernel && cached_kernel(options->cached))
		options->kernel = options->cached;
	if (!options->kernel) {
		complain("there is no kernel with coverage in the cache: make "
			 "kernel builds one; or name any by --kernel SPEC");
		return STATUS_NO_VERDICT;
	}
	return STATUS_HOLDS;
}

bool cached_kernel(char *path)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char image[FILES_PATH];

	if (cache && *cache)
		path_make(path, "%s/bpfsys/built/kcov-6.12", cache);
	else
		path_make(path, "%s/.cache/bpfsys/built/kcov-6.12",
			  home ? home : "/root");
	return path_make(image, "%s/arch/x86/boot/bzImage", path) == 0 &&
	       access(image, R_OK) == 0;
}

void own_executor(char *path)
{
	const char *named = getenv("BPFSYS_EXECUTOR");
	ssize_t len = readlink("/proc/self/exe", path, FILES_PATH - 32);
	char *slash;

	if (named && *named && path_make(path, "%s", named) == 0)
		return;
	path[len < 0 ? 0 : len] = '\0';
	slash = strrchr(path, '/');
	strcpy(slash ? slash + 1 : path, "bpfsys-exec");
}

int fuzz_options_parse(struct fuzz_options *options, int argc, char **argv)
{
	static const struct argp argp = {
		keys,
		parse,
		"TARGET\n--plot OUT CSV...",
		"Fuzzes bpf(2) of a kernel in throwaway VMs. TARGET is calls "
		"(sequences of calls), prog (programs for the verifier) or btf "
		"(BTF_LOAD)."
		"\v"
		"Finds are kept in WORK/finds/NAME/: report.txt, sequence.txt, "
		"reproduce.c, console.log; bpfabi repro runs one again. New "
		"inputs are kept in WORK/corpus, coverage over time in "
		"WORK/coverage.csv and WORK/coverage.html, PCs that were "
		"reached in WORK/pcs, what the engines say in WORK/log.*.\n\n"
		"Exit status: 0 no finds, 1 finds, 2 usage, 3 cannot run or "
		"cannot go on (no VM, disk full, another campaign in WORK), "
		"128+N stopped by signal N.\n",
		NULL,
		NULL,
		NULL};

	memset(options, 0, sizeof(*options));
	options->cmp = options->triage = true;
	options->jobs = 1;
	options->timeout_s = 10;
	options->args = calloc((size_t)argc, sizeof(*options->args));
	if (!options->args) {
		complain("out of memory");
		return STATUS_NO_VERDICT;
	}
	argp_parse(&argp, argc, argv, 0, NULL, options);
	if (options->what == FUZZ_PLOT) {
		if (options->n_args)
			return STATUS_HOLDS;
		complain("--plot: which coverage.csv?");
		return STATUS_USAGE;
	}
	if (options->n_args != 1 || !read_target(options)) {
		complain("fuzz what? calls, prog or btf; bpfabi fuzz --help");
		return STATUS_USAGE;
	}
	return fill_in(options);
}

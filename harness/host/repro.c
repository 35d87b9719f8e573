// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi repro: runs a find again, or prints it. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpfsys/abi.h>
#include <bpfsys/explain.h>

#include "any_seq.h"
#include "bpfabi.h"
#include "fuzz_options.h"
#include "host/finds.h"
#include "host/leaks.h"
#include "host/triage.h"
#include "interrupt.h"
#include "text.h"

enum { KEY_C = 256, KEY_TEXT, KEY_TIMES, KEY_APPEND, KEY_ACCEL, KEY_TIMEOUT };

struct options {
	const char *file, *kernel, *append;
	unsigned int times, timeout_s;
	enum bpfvm_accel accel;
	bool c, text;
	char cached[FILES_PATH], executor[FILES_PATH];
};

static const struct argp_option keys[] = {
	{"kernel", 'k', "SPEC", 0,
	 "a bzImage, vmlinux, .deb, build tree or debian:VERSION; default: "
	 "what make kernel has built, else " DEFAULT_KERNEL,
	 0},
	{"c", KEY_C, NULL, 0, "print it as a C program, run nothing", 0},
	{"text", KEY_TEXT, NULL, 0, "print the calls, run nothing", 0},
	{"times", KEY_TIMES, "N", 0, "so often, each time in a fresh VM", 0},
	{"append", KEY_APPEND, "STR", 0, "more kernel command line", 0},
	{"timeout", KEY_TIMEOUT, "S", 0, "seconds for one input (default 10)",
	 0},
	{"accel", KEY_ACCEL, "NAME", 0, "auto, kvm or tcg", 0},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'k':
		options->kernel = arg;
		return 0;
	case KEY_C:
		options->c = true;
		return 0;
	case KEY_TEXT:
		options->text = true;
		return 0;
	case KEY_TIMES:
		options->times =
			fuzz_read_number(state, "--times", arg, 1000000);
		return 0;
	case KEY_APPEND:
		options->append = arg;
		return 0;
	case KEY_TIMEOUT:
		options->timeout_s =
			fuzz_read_number(state, "--timeout", arg, 3600);
		return 0;
	case KEY_ACCEL:
		options->accel = fuzz_read_accel(state, arg);
		return 0;
	case ARGP_KEY_ARG:
		if (options->file)
			argp_error(state, "one FILE at a time");
		options->file = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which FILE?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* An input or the text of one. */
static bool read_file(struct suspect *suspect, const char *path)
{
	static uint8_t bytes[SEQ_MOST];
	size_t len;
	uint8_t *data = file_read(path, ANY_SEQ_MOST, &len);
	char why[256];

	if (!data) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	len = any_seq_encode((char *)data, len, bytes, why, sizeof(why));
	free(data);
	if (!len) {
		complain("%s: no sequence: %s", path, why);
		return false;
	}
	return suspect_add(suspect, bytes, len);
}

/* What a find is, its directory is called. */
static void take_name(struct suspect *suspect, const char *dir)
{
	char *whole = realpath(dir, NULL);

	if (whole)
		snprintf(suspect->name, sizeof(suspect->name), "%s",
			 strrchr(whole, '/') + 1);
	free(whole);
}

/* A file, or what triage has kept in a directory. */
static bool read_suspect(struct suspect *suspect, const char *path)
{
	char file[FILES_PATH], before[FILES_PATH];
	struct stat st;

	if (stat(path, &st) < 0) {
		complain("%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode))
		return read_file(suspect, path);
	if (path_make(file, "%s/input.bin", path) < 0 ||
	    path_make(before, "%s/before.bin", path) < 0)
		return false;
	if (access(before, F_OK) == 0)
		suspect_read_before(suspect, before);
	take_name(suspect, path);
	return read_file(suspect, file);
}

static int print_text(const struct suspect *suspect, bool c)
{
	static struct seq seq;

	for (size_t i = c ? suspect->n - 1 : 0; i < suspect->n; i++) {
		size_t size;
		char *text;

		seq_decode(&seq, suspect->inputs[i], suspect->lens[i]);
		size = (c ? seq_program(&seq, "made by bpfabi repro", NULL, 0)
			  : seq_print(&seq, NULL, 0)) +
		       1;
		text = malloc(size);
		if (!text) {
			complain("out of memory");
			return STATUS_NO_VERDICT;
		}
		if (c)
			seq_program(&seq, "made by bpfabi repro", text, size);
		else
			seq_print(&seq, text, size);
		fputs(text, stdout);
		free(text);
	}
	return STATUS_HOLDS;
}

static const char *op_name(const struct seq_call *call)
{
	static const char *const names[] = {"bpf", "bpf",  "close",
					    "dup", "read", "mmap",
					    "run", "fork", "jit"};
	const struct bpfsys_command *cmd;

	if (call->op > SEQ_BPF_COMMON)
		return call->op < SEQ_OPS ? names[call->op] : "?";
	cmd = bpfsys_abi_command(call->cmd);
	return cmd ? cmd->id : "bpf";
}

static void print_results(const struct suspect *suspect,
			  const struct exec_page *page)
{
	static struct seq seq;
	const size_t last = suspect->n - 1;

	seq_decode(&seq, suspect->inputs[last], suspect->lens[last]);
	for (unsigned int i = 0; i < seq.n; i++) {
		const int32_t ret = page->calls[i].ret;
		const char *err = ret < 0 ? bpfsys_errno_name(-ret) : NULL;

		if (i >= page->n_calls)
			printf("%2u %s: was not made\n", i,
			       op_name(&seq.calls[i]));
		else if (err)
			printf("%2u %s = -%s\n", i, op_name(&seq.calls[i]),
			       err);
		else
			printf("%2u %s = %d\n", i, op_name(&seq.calls[i]),
			       (int)ret);
	}
}

static void print_find(const struct find *find)
{
	printf("%s\n%s%s\n", find->name, find->text, find->got);
	if (*find->console)
		printf("console log: %s\n", find->console);
}

static int no_vm(const char *why)
{
	char clean[512];

	text_clean_str(clean, sizeof(clean), why);
	if (!interrupt_signal())
		complain("%s", clean);
	return STATUS_NO_VERDICT;
}

/* All inputs in a fresh VM, results of the last. */
static int run_once(struct fuzzvm *vm, const struct suspect *suspect)
{
	static struct fuzzvm_result res;
	static struct find find;

	fuzzvm_renew(vm);
	for (size_t i = 0; i < suspect->n; i++) {
		switch (fuzzvm_run(vm, suspect->inputs[i], suspect->lens[i], 0,
				   1, &res)) {
		case FUZZVM_RAN:
			break;
		case FUZZVM_LOST:
			return no_vm(res.why);
		default:
			find_of_vm(&find, &res, suspect->inputs[i],
				   suspect->lens[i]);
			print_find(&find);
			return STATUS_CRASHED;
		}
	}
	print_results(suspect, &res.page);
	return STATUS_HOLDS;
}

static bool is_kind(const char *name, const char *kind)
{
	return strncmp(name, kind, strlen(kind)) == 0;
}

/* What only one who looks for it sees: FIND says what it is, if anything. 1, 0,
 * or -1: the VM did not last. */
static int look_for(struct fuzzvm *vm, const struct suspect *suspect,
		    struct find *find)
{
	const size_t last = suspect->n - 1;

	if (is_kind(suspect->name, "leak-"))
		return leaks_confirm(vm, suspect->inputs[last],
				     suspect->lens[last], find);
	return suspect_run(vm, suspect, true, find) < 0 ? -1 : !!*find->name;
}

/* As the judge of finds does it. */
static int judge_again(struct fuzzvm *vm, const struct suspect *suspect)
{
	static struct find find;

	if (is_kind(suspect->name, "leak-"))
		complain("%s: running it up to 4,500 times, which takes "
			 "minutes",
			 suspect->name);
	switch (look_for(vm, suspect, &find)) {
	case 0:
		printf("%s: not this time\n", suspect->name);
		return STATUS_HOLDS;
	case 1:
		print_find(&find);
		return is_kind(find.name, "leak-") ||
				       is_kind(find.name, "oracle-")
			       ? STATUS_BROKEN
			       : STATUS_CRASHED;
	default:
		return no_vm("the VM did not last until that could be said");
	}
}

/* A find of that name is none that the kernel reports. */
static bool is_silent(const struct suspect *suspect)
{
	return is_kind(suspect->name, "leak-") ||
	       is_kind(suspect->name, "oracle-");
}

static void note(void *ctx, const char *line)
{
	(void)ctx;
	complain("%s", line);
}

static int replay(struct options *options, const struct suspect *suspect)
{
	enum status status = STATUS_HOLDS;
	unsigned int bad = 0;
	struct fuzzvm_config cfg;
	struct fuzzvm *vm;

	memset(&cfg, 0, sizeof(cfg));
	own_executor(options->executor);
	cfg.kernel = options->kernel		      ? options->kernel
		     : cached_kernel(options->cached) ? options->cached
						      : DEFAULT_KERNEL;
	cfg.executor = options->executor;
	cfg.append = options->append;
	cfg.accel = options->accel;
	cfg.timeout_s = options->timeout_s;
	cfg.note = note;
	vm = fuzzvm_open(&cfg);
	if (!vm) {
		complain("out of memory");
		return STATUS_NO_VERDICT;
	}
	for (unsigned int i = 0; i < options->times; i++) {
		enum status now = (enum status)run_once(vm, suspect);

		if (now == STATUS_HOLDS && is_silent(suspect))
			now = (enum status)judge_again(vm, suspect);
		bad += now == STATUS_CRASHED || now == STATUS_BROKEN;
		status = status_worse(status, now);
		if (now == STATUS_NO_VERDICT)
			break;
	}
	fuzzvm_close(vm);
	if (options->times > 1)
		printf("%u of %u times the kernel died or reported%s\n", bad,
		       options->times,
		       is_silent(suspect) ? " or broke the rule" : "");
	return interrupt_signal() ? 128 + interrupt_signal() : (int)status;
}

int cmd_repro(int argc, char **argv)
{
	static const struct argp argp = {
		keys,
		parse,
		"FILE",
		"Runs a sequence of calls in a fresh VM and prints what each "
		"call returned, and what the kernel reported. FILE is an input "
		"(bytes, or their text), or the directory of a find: what is "
		"called leak-* or oracle-* is looked for, too, by running the "
		"input again."
		"\v"
		"Exit status: 0 the kernel lives (and the rule of a leak-* or "
		"oracle-* holds), 1 it leaks or breaks the rule, 2 usage, "
		"3 cannot run, 4 it died, hung or reported something.\n",
		NULL,
		NULL,
		NULL};
	struct options options = {.times = 1};
	struct suspect suspect = {.n = 0};
	int ret = STATUS_NO_VERDICT;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (options.c && options.text) {
		complain("one of --c and --text");
		return STATUS_USAGE;
	}
	if (read_suspect(&suspect, options.file)) {
		interrupt_install();
		ret = options.c || options.text
			      ? print_text(&suspect, options.c)
			      : replay(&options, &suspect);
	}
	suspect_free(&suspect);
	return finish_stdout() == STATUS_HOLDS ? ret : STATUS_NO_VERDICT;
}

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
#include "host/triage.h"
#include "interrupt.h"
#include "text.h"

enum { KEY_C = 256, KEY_TEXT, KEY_TIMES, KEY_APPEND, KEY_ACCEL };

struct options {
	const char *file, *kernel, *append;
	unsigned int times;
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
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char *end;

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
		options->times = (unsigned int)strtoul(arg, &end, 10);
		if (*arg < '0' || *arg > '9' || *end || !options->times)
			argp_error(state, "--times %s: want 1 or more", arg);
		return 0;
	case KEY_APPEND:
		options->append = arg;
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

static void print_death(const struct fuzzvm_result *res,
			const struct suspect *suspect, size_t at)
{
	static struct find find;

	find_of_vm(&find, res, suspect->inputs[at], suspect->lens[at]);
	printf("%s\n%s%s\n", find.name, find.text, find.got);
	if (*find.console)
		printf("console log: %s\n", find.console);
}

/* All inputs in a fresh VM, results of the last. */
static int run_once(struct fuzzvm *vm, const struct suspect *suspect)
{
	static struct fuzzvm_result res;
	char clean[512];

	fuzzvm_renew(vm);
	for (size_t i = 0; i < suspect->n; i++) {
		switch (fuzzvm_run(vm, suspect->inputs[i], suspect->lens[i], 0,
				   1, &res)) {
		case FUZZVM_RAN:
			break;
		case FUZZVM_LOST:
			text_clean_str(clean, sizeof(clean), res.why);
			if (!interrupt_signal())
				complain("%s", clean);
			return STATUS_NO_VERDICT;
		default:
			print_death(&res, suspect, i);
			return STATUS_CRASHED;
		}
	}
	print_results(suspect, &res.page);
	return STATUS_HOLDS;
}

static void note(void *ctx, const char *line)
{
	(void)ctx;
	complain("%s", line);
}

static int replay(struct options *options, const struct suspect *suspect)
{
	enum status status = STATUS_HOLDS;
	unsigned int died = 0;
	struct fuzzvm_config cfg;
	struct fuzzvm *vm;

	memset(&cfg, 0, sizeof(cfg));
	own_executor(options->executor);
	cfg.kernel = options->kernel		      ? options->kernel
		     : cached_kernel(options->cached) ? options->cached
						      : DEFAULT_KERNEL;
	cfg.executor = options->executor;
	cfg.append = options->append;
	cfg.note = note;
	vm = fuzzvm_open(&cfg);
	if (!vm) {
		complain("out of memory");
		return STATUS_NO_VERDICT;
	}
	for (unsigned int i = 0; i < options->times; i++) {
		enum status now = (enum status)run_once(vm, suspect);

		died += now == STATUS_CRASHED;
		status = status_worse(status, now);
		if (now == STATUS_NO_VERDICT)
			break;
	}
	fuzzvm_close(vm);
	if (options->times > 1)
		printf("%u of %u times the kernel died or reported\n", died,
		       options->times);
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
		"(bytes, or their text), or the directory of a find."
		"\v"
		"Exit status: 0 the kernel lives, 2 usage, 3 cannot run, 4 it "
		"died, hung or reported something.\n",
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

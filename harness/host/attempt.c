// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Boots a VM with the suite in it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt.h"
#include "interrupt.h"
#include "text.h"

static void on_case(void *ctx, size_t at)
{
	struct attempt *attempt = ctx;
	const struct kernel_run *k = attempt->k;

	progress_case(attempt->progress, k->spec,
		      attempt->done + attempt->records.results, k->sel->n,
		      k->sel->cases[at]->name);
}

static int on_output(void *ctx, int stream, const void *data, size_t len)
{
	struct attempt *attempt = ctx;
	int ret;

	if (stream != 1) {
		ring_feed(&attempt->err, data, len);
		return 0;
	}
	ret = records_feed(&attempt->records, data, len);
	if (attempt->records.header && !attempt->up) {
		attempt->up = true;
		progress_up(attempt->progress, attempt->k->spec,
			    attempt->k->release,
			    monotonic_s() - attempt->began);
	}
	/* The process of the case is gone by then, and the kernel has taken
	 * back what it held; that the suite ends, too, is not worth the time
	 * where each case has a VM of its own. */
	attempt->enough = attempt->options->isolate && attempt->records.ended;
	return ret ? ret : attempt->enough;
}

static void on_note(void *ctx, const char *line)
{
	struct attempt *attempt = ctx;
	char clean[512];

	text_clean_str(clean, sizeof(clean), line);
	progress_note(attempt->progress, attempt->k->spec, "%s", clean);
}

struct numbers {
	char shard[48], start[24];
};

/* bpfabi-guest [--filter F]... [--shard I/N] [--start N]; to be freed, NUMBERS
 * are its own. */
static char **guest_argv(const char *guest, const struct selection *sel,
			 size_t start, struct numbers *numbers)
{
	char **argv = calloc(2 * sel->n_filters + 6, sizeof(*argv));
	static char filter_flag[] = "--filter", start_flag[] = "--start";
	static char shard_flag[] = "--shard";
	size_t n = 0;

	if (!argv)
		return NULL;
	argv[n++] = (char *)(uintptr_t)guest;
	for (size_t i = 0; i < sel->n_filters; i++) {
		argv[n++] = filter_flag;
		argv[n++] = sel->filters[i];
	}
	if (sel->shard.of) {
		snprintf(numbers->shard, sizeof(numbers->shard), "%zu/%zu",
			 sel->shard.nr + 1, sel->shard.of);
		argv[n++] = shard_flag;
		argv[n++] = numbers->shard;
	}
	if (start) {
		snprintf(numbers->start, sizeof(numbers->start), "%zu", start);
		argv[n++] = start_flag;
		argv[n++] = numbers->start;
	}
	return argv;
}

/* The same for a suite that waits in a template: a word a line; to be freed. */
static char *guest_input(char *const *argv)
{
	size_t size = 1;
	char *text, *at;

	for (size_t i = 1; argv[i]; i++)
		size += strlen(argv[i]) + 1;
	at = text = malloc(size);
	if (!text)
		return NULL;
	*at = 0;
	for (size_t i = 1; argv[i]; i++)
		at += sprintf(at, "%s\n", argv[i]);
	return text;
}

static size_t count_done(const struct kernel_run *k)
{
	size_t done = 0;

	for (size_t i = 0; i < k->sel->n; i++)
		done += k->results[i].mark != MARK_NONE;
	return done;
}

static void show_stderr(const struct attempt *attempt)
{
	bool failed = attempt->vm.outcome != BPFVM_INTERRUPTED && attempt->up &&
		      !attempt->records.ended;

	/* A suite that could not even start says why there. */
	if (attempt->vm.outcome == BPFVM_EXITED && attempt->vm.status != 0)
		failed = true;
	if (!attempt->err.total || !(failed || attempt->options->verbose))
		return;
	progress_note(attempt->progress, attempt->k->spec,
		      "standard error of the suite:");
	ring_print(&attempt->err, stderr, "    ");
}

/* An oops need not end the VM, and a warning does not fail a case. */
static int take_reports(struct attempt *attempt)
{
	const struct selection *sel = attempt->k->sel;
	const char *during = sel->n == 1 ? sel->cases[0]->name : NULL;
	const struct bpfvm_result *vm = &attempt->vm;
	const struct bpfvm_report *report;
	unsigned int i;
	int ret;

	for (i = 0; i < vm->n_reports; i++) {
		report = &vm->reports[i];
		/* Told and counted as the end of the VM. */
		if (report->kind <= BPFVM_REPORT_REBOOT)
			continue;
		ret = kernel_reports_add(&attempt->k->reports, report,
					 vm->console_log, during);
		if (ret)
			return ret;
		progress_note(attempt->progress, attempt->k->spec,
			      "kernel report: %s: %s; console log: %s",
			      bpfvm_report_name(report->kind), report->title,
			      vm->console_log);
	}
	return 0;
}

static void take_facts(struct attempt *attempt)
{
	struct kernel_run *k = attempt->k;
	const struct bpfvm_result *vm = &attempt->vm;

	if (!k->vms++) {
		k->boot_s = vm->boot_s;
		k->outcome = vm->outcome;
	} else if (k->outcome == BPFVM_EXITED) {
		k->outcome = vm->outcome;
	}
	k->kvm = vm->kvm;
	if (!k->release[0])
		text_clean_str(k->release, sizeof(k->release), vm->release);
}

int attempt_run(struct attempt *attempt, struct kernel_run *k, size_t start,
		unsigned int timeout_s)
{
	const struct judge_options *options = attempt->options;
	static char from_stdin[] = "--from-stdin";
	char *waiting[] = {(char *)(uintptr_t)options->guest, from_stdin, NULL};
	struct bpfvm_config cfg;
	char **argv, *input = NULL;
	struct numbers numbers;

	argv = guest_argv(options->guest, k->sel, start, &numbers);
	if (argv && options->isolate)
		input = guest_input(argv);
	if (!argv || (options->isolate && !input)) {
		free(argv);
		return -ENOMEM;
	}
	bpfvm_config_init(&cfg);
	cfg.argv = input ? waiting : argv;
	cfg.input = input;
	cfg.input_len = input ? strlen(input) : 0;
	cfg.await_ready = options->isolate;
	cfg.kernel = k->spec;
	cfg.arch = options->arch;
	cfg.append = options->append;
	cfg.qemu = options->qemu;
	cfg.timeout_s = timeout_s;
	cfg.accel = options->accel;
	cfg.clone = options->isolate;
	cfg.output = on_output;
	cfg.note = on_note;
	cfg.ctx = attempt;

	attempt->k = k;
	attempt->up = attempt->enough = false;
	attempt->began = monotonic_s();
	attempt->done = count_done(k);
	records_init(&attempt->records, k, start);
	attempt->records.started = on_case;
	attempt->records.ctx = attempt;
	ring_reset(&attempt->err);
	memset(&attempt->vm, 0, sizeof(attempt->vm));
	progress_boot(attempt->progress, k->spec);
	if (bpfvm_run(&cfg, &attempt->vm) < 0)
		attempt->vm.outcome = BPFVM_ERROR;
	if (attempt->enough && attempt->vm.outcome == BPFVM_STOPPED)
		attempt->vm.outcome = BPFVM_EXITED;
	/* Ctrl-C reaches QEMU, too. */
	if (interrupt_signal() && attempt->vm.outcome == BPFVM_VMM_DIED)
		attempt->vm.outcome = BPFVM_INTERRUPTED;
	free(argv);
	free(input);
	records_finish(&attempt->records);
	progress_clear(attempt->progress);
	take_facts(attempt);
	show_stderr(attempt);
	return take_reports(attempt);
}

void attempt_ending(const struct attempt *attempt, char *buf, size_t size)
{
	const struct bpfvm_result *vm = &attempt->vm;
	char ending[320];

	switch (vm->outcome) {
	case BPFVM_EXITED:
		snprintf(ending, sizeof(ending),
			 "the suite exited with status %d", vm->status);
		break;
	case BPFVM_SIGNALED:
		snprintf(ending, sizeof(ending),
			 "the suite was killed by signal %d", vm->status);
		break;
	case BPFVM_STOPPED:
		snprintf(ending, sizeof(ending),
			 "the guest was stopped: more than %u MiB of output",
			 RECORDS_MAX >> 20);
		break;
	case BPFVM_ERROR:
		snprintf(ending, sizeof(ending), "%s", vm->reason);
		break;
	default:
		snprintf(ending, sizeof(ending), "%s%s%s",
			 outcome_name(vm->outcome), *vm->reason ? ": " : "",
			 vm->reason);
	}
	text_clean_str(buf, size, ending);
}

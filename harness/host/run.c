// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi run: the suite on each kernel, and the reports on it. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "corpus.h"
#include "guest.h"
#include "interrupt.h"
#include "output.h"
#include "report.h"
#include "run_options.h"
#include "share.h"
#include "split.h"

static bool want_color(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no);
}

static void print_kernel(const struct run_options *options,
			 const struct report *report, size_t at)
{
	const struct kernel_run *k = &report->kernels[at];
	const bool summary = options->form == FORM_SUMMARY;

	if (options->form == FORM_KTAP)
		ktap_kernel(stdout, report, at, options->n_kernels);
	else if (summary)
		summary_kernel(stdout, report, k, want_color());
	if (kernel_run_status(k, report->strict) == STATUS_NO_VERDICT &&
	    !k->interrupted && !(summary && isatty(STDOUT_FILENO)))
		complain("%s: no verdict: %s", k->spec, k->why);
}

static unsigned int cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned int)n : 1;
}

struct bench {
	const struct run_options *options;
	struct judge_options judge;
	unsigned int at_once; /* kernels */
	struct report *report;
	struct progress progress;
	pthread_mutex_t lock; /* of all below */
	bool *judged;
	size_t printed;
	int ret;
};

/* A kernel is printed when it has been judged, and all before it. */
static void print_judged(struct bench *bench)
{
	while (bench->printed < bench->report->n &&
	       bench->judged[bench->printed])
		print_kernel(bench->options, bench->report, bench->printed++);
}

static bool judge_one(void *ctx, size_t at)
{
	struct bench *bench = ctx;
	struct kernel_run *k = &bench->report->kernels[at];
	int ret = judge_split(k, &bench->judge, &bench->progress);

	pthread_mutex_lock(&bench->lock);
	if (ret < 0)
		bench->ret = ret;
	bench->judged[at] = ret >= 0;
	print_judged(bench);
	pthread_mutex_unlock(&bench->lock);
	return ret >= 0;
}

/* With isolation, the VMs of one kernel's cases are what runs at once; else
 * kernels are, and of one each as many VMs as jobs are left for. */
static void settle_jobs(struct bench *bench)
{
	const struct run_options *options = bench->options;
	const unsigned int jobs = options->jobs ? options->jobs : cpus();

	bench->at_once = options->isolate ? 1 : jobs;
	bench->judge.jobs = options->isolate
				    ? jobs
				    : jobs / (unsigned int)options->n_kernels;
}

static void judge_all(struct bench *bench)
{
	const struct run_options *options = bench->options;

	pthread_mutex_init(&bench->lock, NULL);
	progress_init(&bench->progress, options->quiet);
	if (options->form == FORM_KTAP)
		ktap_begin(stdout, options->n_kernels);
	settle_jobs(bench);
	share_out(bench->at_once, bench->report->n, judge_one, bench);
	if (options->form == FORM_SUMMARY && bench->ret >= 0)
		summary_end(stdout, bench->report, want_color());
	pthread_mutex_destroy(&bench->lock);
}

static enum status run_kernels(const struct run_options *options,
			       const char *guest, struct report *report)
{
	struct bench bench = {
		.options = options,
		.judge = {.guest = guest,
			  .arch = options->arch,
			  .append = options->append,
			  .timeout_s = options->timeout_s,
			  .accel = options->accel,
			  .isolate = options->isolate,
			  .verbose = options->verbose},
		.report = report,
		.judged = calloc(options->n_kernels, sizeof(*bench.judged)),
	};

	while (bench.judged && report->n < options->n_kernels) {
		struct kernel_run *k = &report->kernels[report->n];

		bench.ret = kernel_run_init(k, options->kernels[report->n],
					    report->sel);
		if (bench.ret < 0)
			break;
		report->n++;
	}
	if (bench.judged && bench.ret >= 0)
		judge_all(&bench);
	if (!bench.judged)
		bench.ret = -ENOMEM;
	free(bench.judged);
	return bench.ret < 0 ? STATUS_NO_VERDICT : STATUS_HOLDS;
}

static enum status write_reports(const struct run_options *options,
				 const struct report *report)
{
	/* The report on standard output first: it needs no room on disk. */
	enum status status = finish_stdout();

	if (options->json)
		status =
			status_worse(status, output_write(options->json,
							  json_report, report));
	if (options->junit)
		status = status_worse(status,
				      output_write(options->junit, junit_report,
						   report));
	return status;
}

static enum status run(const struct run_options *options,
		       const struct guest *guest, const struct selection *sel)
{
	struct report report = {.sel = sel,
				.strict = options->strict,
				.compat32 = guest->compat32};
	enum status status;

	report.kernels = calloc(options->n_kernels, sizeof(*report.kernels));
	if (!report.kernels) {
		complain("running the suite: out of memory");
		return STATUS_NO_VERDICT;
	}
	interrupt_install();
	status = run_kernels(options, guest->path, &report);
	if (status != STATUS_HOLDS)
		complain("running the suite: out of memory");
	status = status_worse(status, write_reports(options, &report));
	status = status_worse(status, report_status(&report));
	for (size_t i = 0; i < report.n; i++)
		kernel_run_free(&report.kernels[i]);
	free(report.kernels);
	return status;
}

/* A shard without cases would hold whatever the kernel does. */
static enum status check_shard(const struct selection *all,
			       const struct shard *shard)
{
	if (shard->nr < all->n)
		return STATUS_HOLDS;
	complain("--shard %zu/%zu: the filters leave no more than %zu case%s",
		 shard->nr + 1, shard->of, all->n, all->n == 1 ? "" : "s");
	return STATUS_USAGE;
}

static enum status select_what(const struct run_options *options,
			       struct selection *sel)
{
	struct selection all;
	enum status status;

	status = select_or_complain(&all, options->filters, options->n_filters);
	if (status != STATUS_HOLDS)
		return status;
	status = check_shard(&all, &options->shard);
	if (status == STATUS_HOLDS &&
	    select_shard(sel, &all, options->shard) < 0) {
		complain("selecting cases: out of memory");
		status = STATUS_NO_VERDICT;
	}
	select_free(&all);
	return status;
}

static enum status check_and_run(const struct run_options *options)
{
	struct selection sel;
	struct guest guest;
	enum status status;

	status = select_what(options, &sel);
	if (status != STATUS_HOLDS)
		return status;
	status = guest_find(options, &guest);
	if (status == STATUS_HOLDS && options->json)
		status = output_check(options->json);
	if (status == STATUS_HOLDS && options->junit)
		status = output_check(options->junit);
	if (status == STATUS_HOLDS)
		status = run(options, &guest, &sel);
	select_free(&sel);
	return status;
}

int cmd_run(int argc, char **argv)
{
	struct run_options options;
	enum status status;

	if (run_options_parse(&options, argc, argv) < 0) {
		complain("reading the command line: out of memory");
		return STATUS_NO_VERDICT;
	}
	status =
		options.corpus ? corpus_run(&options) : check_and_run(&options);
	run_options_free(&options);
	if (interrupt_signal()) {
		complain("interrupted");
		return 128 + interrupt_signal();
	}
	return (int)status;
}

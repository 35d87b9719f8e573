// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi run: the suite on each kernel, and the reports on it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "isolate.h"
#include "output.h"
#include "report.h"
#include "run_options.h"

/* bpfabi-guest stands beside bpfabi, unless the user says otherwise; the one
 * for another architecture is called after that. */
static int find_guest(const struct run_options *options, char *path,
		      size_t size)
{
	const char *given = options->guest, *env = getenv("BPFABI_GUEST");
	const char *arch = options->arch;
	ssize_t len;
	size_t room;
	char *slash;

	if (!given && env && *env)
		given = env;
	if (given) {
		if (snprintf(path, size, "%s", given) >= (int)size)
			return -ENAMETOOLONG;
		return access(path, R_OK | X_OK) == 0 ? 0 : -errno;
	}
	len = readlink("/proc/self/exe", path, size - 1);
	if (len < 0)
		return -errno;
	path[len] = '\0';
	slash = strrchr(path, '/');
	room = slash ? size - (size_t)(slash - path) : 0;
	if ((size_t)snprintf(slash, room, "/bpfabi-guest%s%s", arch ? "-" : "",
			     arch ? arch : "") >= room)
		return -ENAMETOOLONG;
	return access(path, R_OK | X_OK) == 0 ? 0 : -errno;
}

/* libbpfvm seeks a name without a slash in PATH; a file is meant. */
static enum status guest_or_complain(const struct run_options *options,
				     char *path, size_t size)
{
	char name[4096 - 2];
	int ret = find_guest(options, name, sizeof(name));

	if (ret < 0) {
		complain("the suite %s cannot be used: %s; `make%s` builds it, "
			 "--guest names another",
			 ret == -ENAMETOOLONG ? "" : name, strerror(-ret),
			 options->arch ? " setup-cross" : "");
		return STATUS_NO_VERDICT;
	}
	snprintf(path, size, "%s%s", strchr(name, '/') ? "" : "./", name);
	return STATUS_HOLDS;
}

static bool want_color(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no && *no);
}

static void print_kernel(const struct run_options *options,
			 const struct report *report)
{
	const struct kernel_run *k = &report->kernels[report->n - 1];
	const bool summary = options->form == FORM_SUMMARY;

	if (options->form == FORM_KTAP)
		ktap_kernel(stdout, report, report->n - 1, options->n_kernels);
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

static enum status run_kernels(const struct run_options *options,
			       const char *guest, struct report *report)
{
	struct progress progress;
	const struct judge_options judge = {
		.guest = guest,
		.arch = options->arch,
		.append = options->append,
		.timeout_s = options->timeout_s,
		.accel = options->accel,
		.isolate = options->isolate,
		.jobs = options->jobs ? options->jobs : cpus(),
		.verbose = options->verbose,
	};

	progress_init(&progress, options->quiet);
	if (options->form == FORM_KTAP)
		ktap_begin(stdout, options->n_kernels);
	for (size_t i = 0; i < options->n_kernels; i++) {
		struct kernel_run *k = &report->kernels[i];

		if (kernel_run_init(k, options->kernels[i], report->sel) < 0)
			return STATUS_NO_VERDICT;
		report->n++;
		if ((options->isolate ? judge_isolated
				      : judge_kernel)(k, &judge, &progress) < 0)
			return STATUS_NO_VERDICT;
		print_kernel(options, report);
	}
	if (options->form == FORM_SUMMARY)
		summary_end(stdout, report, want_color());
	return STATUS_HOLDS;
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

static enum status run(const struct run_options *options, const char *guest,
		       const struct selection *sel)
{
	struct report report = {.sel = sel, .strict = options->strict};
	enum status status;

	report.kernels = calloc(options->n_kernels, sizeof(*report.kernels));
	if (!report.kernels) {
		complain("running the suite: out of memory");
		return STATUS_NO_VERDICT;
	}
	interrupt_install();
	status = run_kernels(options, guest, &report);
	if (status != STATUS_HOLDS)
		complain("running the suite: out of memory");
	status = status_worse(status, write_reports(options, &report));
	status = status_worse(status, report_status(&report));
	for (size_t i = 0; i < report.n; i++)
		kernel_run_free(&report.kernels[i]);
	free(report.kernels);
	return status;
}

static enum status check_and_run(const struct run_options *options)
{
	struct selection sel;
	char guest[4096];
	enum status status;

	status = select_or_complain(&sel, options->filters, options->n_filters);
	if (status != STATUS_HOLDS)
		return status;
	status = guest_or_complain(options, guest, sizeof(guest));
	if (status == STATUS_HOLDS && options->json)
		status = output_check(options->json);
	if (status == STATUS_HOLDS && options->junit)
		status = output_check(options->junit);
	if (status == STATUS_HOLDS)
		status = run(options, guest, &sel);
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
	status = check_and_run(&options);
	run_options_free(&options);
	if (interrupt_signal()) {
		complain("interrupted");
		return 128 + interrupt_signal();
	}
	return (int)status;
}

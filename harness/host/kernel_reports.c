// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Keeps what a kernel reported about itself. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_reports.h"
#include "text.h"

static struct kernel_report *find(struct kernel_reports *reports,
				  const struct kernel_report *like)
{
	for (size_t i = 0; i < reports->n; i++) {
		struct kernel_report *have = &reports->all[i];

		if (have->kind == like->kind &&
		    strcmp(have->title, like->title) == 0)
			return have;
	}
	return NULL;
}

static int append(struct kernel_reports *reports,
		  const struct kernel_report *report)
{
	struct kernel_report *all, *fresh;

	all = reallocarray(reports->all, reports->n + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	reports->all = all;
	fresh = &all[reports->n];
	*fresh = *report;
	fresh->trace = strdup(report->trace);
	if (!fresh->trace)
		return -ENOMEM;
	reports->n++;
	return 0;
}

/* REPORT's trace is copied. */
static int take(struct kernel_reports *reports,
		const struct kernel_report *report)
{
	struct kernel_report *have = find(reports, report);

	reports->count += report->count;
	if (bpfvm_report_is_broken(report->kind))
		reports->broken += report->count;
	if (have)
		have->count += report->count;
	else if (reports->n < KERNEL_REPORTS_MAX)
		return append(reports, report);
	return 0;
}

int kernel_reports_add(struct kernel_reports *reports,
		       const struct bpfvm_report *report,
		       const char *console_log, const char *during)
{
	struct kernel_report fresh = {
		.kind = report->kind,
		.count = report->count,
		.during = during,
		.trace = (char *)(uintptr_t)report->trace,
	};

	text_clean_str(fresh.title, sizeof(fresh.title), report->title);
	text_clean_str(fresh.console_log, sizeof(fresh.console_log),
		       console_log);
	return take(reports, &fresh);
}

int kernel_reports_merge(struct kernel_reports *all,
			 const struct kernel_reports *one)
{
	int ret = 0;

	for (size_t i = 0; i < one->n && !ret; i++)
		ret = take(all, &one->all[i]);
	return ret;
}

void kernel_reports_free(struct kernel_reports *reports)
{
	for (size_t i = 0; i < reports->n; i++)
		free(reports->all[i].trace);
	free(reports->all);
	memset(reports, 0, sizeof(*reports));
}

void kernel_report_text(const struct kernel_report *report, char *buf,
			size_t size)
{
	char times[48] = "", during[128] = "";

	if (report->count > 1)
		snprintf(times, sizeof(times), "%u times", report->count);
	if (report->during)
		snprintf(during, sizeof(during), "%s%s %s", *times ? ", " : "",
			 *times ? "first in" : "in", report->during);
	snprintf(buf, size, "%s: %s%s%s%s%s", bpfvm_report_name(report->kind),
		 report->title, *times || *during ? " (" : "", times, during,
		 *times || *during ? ")" : "");
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The verdict, in a word for scripts and in a line for people. */
#include <stdio.h>

#include "report.h"
#include "text.h"

enum status report_status(const struct report *report)
{
	enum status status = STATUS_HOLDS;

	for (size_t i = 0; i < report->n; i++)
		status = status_worse(status,
				      kernel_run_status(&report->kernels[i],
							report->strict));
	return status;
}

static const char *words(const struct report *report,
			 const struct kernel_run *k)
{
	switch (kernel_run_status(k, report->strict)) {
	case STATUS_HOLDS:
		return "The ABI holds";
	case STATUS_BROKEN:
		return "The ABI does not hold";
	case STATUS_CRASHED:
		return "The kernel crashed or hung";
	default:
		return "No verdict";
	}
}

void report_name(const struct report *report, const struct kernel_run *k,
		 char *buf, size_t size)
{
	char spec[1024];

	text_clean_str(spec, sizeof(spec), k->spec);
	snprintf(buf, size, "%s%s", spec, report->compat32 ? " compat32" : "");
}

void report_verdict(const struct report *report, const struct kernel_run *k,
		    char *buf, size_t size)
{
	const struct totals t = kernel_run_totals(k);
	char not_run[32] = "";

	if (t.not_run)
		snprintf(not_run, sizeof(not_run), ", %u not run", t.not_run);
	if (kernel_run_empty(k) && k->lost)
		snprintf(buf, size, "%s: %s", words(report, k), k->why);
	else
		snprintf(
			buf, size,
			"%s%s%s: %u passed, %u failed%s, %u absent, %u skipped, "
			"%u known%s; %s, %.1f s",
			k->interrupted ? "Interrupted. " : "", words(report, k),
			report->compat32 ? " for 32-bit programs (compat32)"
					 : "",
			t.passed, t.failed,
			t.crashed ? " (crashes among them)" : "", t.absent,
			t.skipped, t.known, not_run, k->kvm ? "kvm" : "tcg",
			k->wall_s);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* KTAP, for machines: Documentation/dev-tools/ktap.rst of the kernel. */
#include <stdio.h>
#include <string.h>

#include "report.h"

struct ktap {
	FILE *out;
	const char *indent;
	const struct report *report;
	const struct kernel_run *k;
};

/* A '#' in a description would begin a directive. */
static void print_name(const struct ktap *ktap)
{
	char name[512];

	report_name(ktap->report, ktap->k, name, sizeof(name));
	for (const char *c = name; *c; c++)
		fprintf(ktap->out, *c == '#' ? "\\#" : "%c", *c);
}

static void diagnose(const struct ktap *ktap, const char *what,
		     const char *text)
{
	if (*text)
		fprintf(ktap->out, "%s# %s: %s\n", ktap->indent, what, text);
}

/* Diagnostics stand before the line that they are about. */
static void explain(const struct ktap *ktap, const struct suite_case *c,
		    const struct result *result)
{
	if (*result->expected || *result->got)
		fprintf(ktap->out, "%s# %s: want %s, got %s (kernel %s)\n",
			ktap->indent, c->name, result->expected, result->got,
			ktap->k->release);
	diagnose(ktap, "rule", c->rule);
	diagnose(ktap, "call", result->call);
	diagnose(ktap, "detail", result->detail);
}

static void print_result(const struct ktap *ktap, size_t number,
			 const struct suite_case *c,
			 const struct result *result)
{
	const bool strict = ktap->report->strict;
	const bool ok = result->mark == MARK_PASS ||
			result->mark == MARK_ABSENT ||
			result->mark == MARK_SKIP ||
			(result->mark == MARK_KNOWN && !strict);
	FILE *out = ktap->out;

	if (!ok)
		explain(ktap, c, result);
	fprintf(out, "%s%s %zu %s", ktap->indent, ok ? "ok" : "not ok", number,
		c->name);
	switch (result->mark) {
	case MARK_ABSENT:
		fputs(" # SKIP absent (EINVAL asserted)", out);
		break;
	case MARK_SKIP:
		fprintf(out, " # SKIP %s", result->detail);
		break;
	case MARK_KNOWN:
		if (ok)
			fprintf(out, " # XFAIL known: %s", result->detail);
		break;
	case MARK_CRASH:
		fprintf(out, " # CRASH %s", result->detail);
		break;
	case MARK_FAIL:
		if (result->not_run)
			fprintf(out, " # ERROR %s", result->detail);
		break;
	default:
		break;
	}
	fputc('\n', out);
}

static void print_cases(const struct ktap *ktap)
{
	const struct kernel_run *k = ktap->k;
	char text[512];

	if (k->lost && kernel_run_empty(k)) {
		fprintf(ktap->out, "%s1..0 # SKIP no verdict: %s\n",
			ktap->indent, k->why);
		return;
	}
	fprintf(ktap->out, "%s1..%zu\n", ktap->indent, k->sel->n);
	for (size_t i = 0; i < k->sel->n; i++)
		print_result(ktap, i + 1, k->sel->cases[i], &k->results[i]);
	for (size_t i = 0; i < k->reports.n; i++) {
		kernel_report_text(&k->reports.all[i], text, sizeof(text));
		fprintf(ktap->out, "%s# kernel report: %s\n", ktap->indent,
			text);
	}
	if (oddities_text(&k->odd, text, sizeof(text)))
		fprintf(ktap->out, "%s# %s\n", ktap->indent, text);
}

static void print_verdict(const struct ktap *ktap)
{
	char line[512];

	report_verdict(ktap->report, ktap->k, line, sizeof(line));
	fprintf(ktap->out, "%s# %s\n", ktap->indent, line);
}

void ktap_begin(FILE *out, size_t total)
{
	fputs("KTAP version 1\n", out);
	if (total > 1)
		fprintf(out, "1..%zu\n", total);
}

void ktap_kernel(FILE *out, const struct report *report, size_t at,
		 size_t total)
{
	const struct kernel_run *k = &report->kernels[at];
	const struct ktap ktap = {out, total > 1 ? "  " : "", report, k};
	enum status status = kernel_run_status(k, report->strict);

	if (total == 1) {
		print_cases(&ktap);
		print_verdict(&ktap);
		fflush(out);
		return;
	}
	fprintf(out, "%sKTAP version 1\n%s# Subtest: ", ktap.indent,
		ktap.indent);
	print_name(&ktap);
	fputc('\n', out);
	print_cases(&ktap);
	print_verdict(&ktap);
	fprintf(out, "%s %zu ", status == STATUS_HOLDS ? "ok" : "not ok",
		at + 1);
	print_name(&ktap);
	if (status == STATUS_NO_VERDICT)
		fprintf(out, " # ERROR no verdict: %s", k->why);
	fputc('\n', out);
	fflush(out);
}

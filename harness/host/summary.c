// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The report for people. */
#include <stdio.h>
#include <string.h>

#include "report.h"

struct summary {
	FILE *out;
	bool color;
	const struct report *report;
	const struct kernel_run *k;
};

enum hue { PLAIN = 0, BOLD = 1, RED = 31, GREEN = 32, YELLOW = 33 };

static void paint(const struct summary *s, enum hue hue)
{
	if (s->color)
		fprintf(s->out, "\033[%dm", hue);
}

/* A count, right-aligned under its head; nothing to see is "-". */
static void print_count(const struct summary *s, unsigned int n, enum hue hue)
{
	if (!n) {
		fprintf(s->out, " %8s", "-");
		return;
	}
	if (hue != PLAIN)
		paint(s, hue);
	fprintf(s->out, " %8u", n);
	if (hue != PLAIN)
		paint(s, PLAIN);
}

static void print_command(const struct summary *s,
			  const struct bpfsys_command *cmd)
{
	const struct totals t = kernel_run_count(s->k, cmd);

	/* Who filtered knows which commands they left out. */
	if (!t.cases && (!cmd || s->k->sel->n_filters || s->k->sel->shard.of))
		return;
	if (cmd)
		fprintf(s->out, " %2u  %-28s", cmd->nr, cmd->id);
	else
		fprintf(s->out, "  -  %-28s", "any");
	print_count(s, t.passed, PLAIN);
	print_count(s, t.failed, RED);
	print_count(s, t.absent, PLAIN);
	print_count(s, t.skipped, PLAIN);
	print_count(s, t.known, YELLOW);
	fputc('\n', s->out);
}

static void print_table(const struct summary *s)
{
	fprintf(s->out, " nr  %-28s %8s %8s %8s %8s %8s\n", "command", "passed",
		"failed", "absent", "skipped", "known");
	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++)
		print_command(s, bpfsys_abi_command(nr));
	print_command(s, NULL);
	fputc('\n', s->out);
}

static void print_row(const struct summary *s, const char *what,
		      const char *text)
{
	if (*text)
		fprintf(s->out, "  %-10s%s\n", what, text);
}

static void print_failure(const struct summary *s, const struct suite_case *c,
			  const struct result *result)
{
	paint(s, RED);
	fputs(result->mark == MARK_CRASH ? "CRASH" : "FAIL", s->out);
	paint(s, PLAIN);
	fprintf(s->out, " %s\n", c->name);
	print_row(s, "rule", c->rule);
	print_row(s, "expected", result->expected);
	print_row(s, "got", result->got);
	print_row(s, "call", result->call);
	print_row(s, "detail", result->detail);
	fputc('\n', s->out);
}

static void print_failures(const struct summary *s)
{
	const struct kernel_run *k = s->k;
	size_t not_run = 0;

	for (size_t i = 0; i < k->sel->n; i++) {
		const struct result *result = &k->results[i];

		if (result->not_run)
			not_run++;
		else if (result->mark == MARK_FAIL ||
			 result->mark == MARK_CRASH)
			print_failure(s, k->sel->cases[i], result);
	}
	/* Hundreds of cases with one and the same reason: said once. */
	if (not_run)
		fprintf(s->out, "Not run: %zu of %zu cases: %s\n\n", not_run,
			k->sel->n, k->why);
}

/* The cases of MARK, each with its reason. */
static void print_reasons(const struct summary *s, enum mark mark,
			  const char *head)
{
	const struct kernel_run *k = s->k;
	bool any = false;

	for (size_t i = 0; i < k->sel->n; i++) {
		const struct suite_case *c = k->sel->cases[i];
		const struct result *result = &k->results[i];

		if (result->mark != mark)
			continue;
		if (!any)
			fprintf(s->out, "%s\n", head);
		any = true;
		fprintf(s->out, "  %s: %s\n", c->name, result->detail);
		if (mark != MARK_KNOWN)
			continue;
		if (*result->expected || *result->got)
			fprintf(s->out, "    want %s, got %s\n",
				result->expected, result->got);
		if (*result->call)
			fprintf(s->out, "    %s\n", result->call);
	}
	if (any)
		fputc('\n', s->out);
}

static void print_kernel_reports(const struct summary *s)
{
	const struct kernel_reports *reports = &s->k->reports;
	char text[512];

	if (!reports->n)
		return;
	paint(s, reports->broken ? RED : YELLOW);
	fputs("The kernel reported:", s->out);
	paint(s, PLAIN);
	fputc('\n', s->out);
	for (size_t i = 0; i < reports->n; i++) {
		kernel_report_text(&reports->all[i], text, sizeof(text));
		fprintf(s->out, "  %s\n", text);
		if (*reports->all[i].console_log)
			fprintf(s->out, "    console log: %s\n",
				reports->all[i].console_log);
	}
	fputc('\n', s->out);
}

static void print_verdict(const struct summary *s)
{
	char line[512];

	report_verdict(s->report, s->k, line, sizeof(line));
	switch (kernel_run_status(s->k, s->report->strict)) {
	case STATUS_HOLDS:
		paint(s, GREEN);
		break;
	case STATUS_NO_VERDICT:
		paint(s, YELLOW);
		break;
	default:
		paint(s, RED);
	}
	fprintf(s->out, "%s", line);
	paint(s, PLAIN);
	fputc('\n', s->out);
}

static void print_name(const struct summary *s)
{
	char name[512];

	report_name(s->report, s->k, name, sizeof(name));
	fputs(name, s->out);
}

static void print_header(const struct summary *s)
{
	const struct kernel_run *k = s->k;
	const unsigned int commands = select_commands(k->sel);

	paint(s, BOLD);
	fprintf(s->out, "Linux %s (", k->release);
	print_name(s);
	fprintf(s->out, "), %s, %u command%s, %zu case%s",
		k->kvm ? "kvm" : "tcg", commands, commands == 1 ? "" : "s",
		k->sel->n, k->sel->n == 1 ? "" : "s");
	paint(s, PLAIN);
	fputs("\n\n", s->out);
}

void summary_kernel(FILE *out, const struct report *report,
		    const struct kernel_run *k, bool color)
{
	const struct summary s = {out, color, report, k};
	char known[128], odd[320];

	if (k->lost && kernel_run_empty(k)) {
		print_name(&s);
		fputs(": ", out);
		print_verdict(&s);
		fflush(out);
		return;
	}
	print_header(&s);
	print_table(&s);
	print_failures(&s);
	snprintf(known, sizeof(known),
		 "Known deviations of Linux %s:", k->release);
	print_reasons(&s, MARK_KNOWN, known);
	print_reasons(&s, MARK_SKIP, "Skipped:");
	print_kernel_reports(&s);
	if (oddities_text(&k->odd, odd, sizeof(odd)))
		fprintf(out, "Note: %s\n\n", odd);
	print_verdict(&s);
	fflush(out);
}

void summary_end(FILE *out, const struct report *report, bool color)
{
	if (report->n < 2)
		return;
	fputc('\n', out);
	for (size_t i = 0; i < report->n; i++) {
		const struct summary s = {out, color, report,
					  &report->kernels[i]};

		print_name(&s);
		fputs(": ", out);
		print_verdict(&s);
	}
}

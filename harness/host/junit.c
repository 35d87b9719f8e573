// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The report as JUnit XML, which most CI services show. */
#include <errno.h>
#include <stdio.h>

#include "report.h"
#include "text.h"

static void print_xml(FILE *out, const char *text)
{
	for (const char *c = text; *c; c++)
		switch (*c) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*c, out);
		}
}

static void print_attr(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	print_xml(out, text);
	fputc('"', out);
}

/* TAG with a message; the body says all that is known. */
static void print_problem(FILE *out, const char *tag, const char *message,
			  const struct suite_case *c,
			  const struct result *result)
{
	fprintf(out, "   <%s", tag);
	print_attr(out, "message", message);
	fputs(">rule: ", out);
	print_xml(out, c->rule);
	fputs("\nexpected: ", out);
	print_xml(out, result->expected);
	fputs("\ngot: ", out);
	print_xml(out, result->got);
	fputs("\ncall: ", out);
	print_xml(out, result->call);
	fputs("\ndetail: ", out);
	print_xml(out, result->detail);
	fprintf(out, "</%s>\n", tag);
}

static void print_skipped(FILE *out, const char *what, const char *why)
{
	fputs("   <skipped", out);
	fprintf(out, " message=\"%s", what);
	print_xml(out, why);
	fputs("\"/>\n", out);
}

static void print_case(FILE *out, const struct report *report,
		       const struct suite_case *c, const struct result *result)
{
	char text[sizeof(result->expected) + sizeof(result->got) + 16];

	fputs("  <testcase", out);
	print_attr(out, "classname", case_command_name(c));
	print_attr(out, "name", c->name);
	fprintf(out, " time=\"%.3f\">\n", result->ms / 1e3);
	switch (result->mark) {
	case MARK_ABSENT:
		print_skipped(out, "absent (EINVAL asserted)", "");
		break;
	case MARK_SKIP:
		print_skipped(out, "", result->detail);
		break;
	case MARK_KNOWN:
		if (report->strict)
			print_problem(out, "failure", result->detail, c,
				      result);
		else
			print_skipped(out, "known: ", result->detail);
		break;
	case MARK_CRASH:
		print_problem(out, "error", result->detail, c, result);
		break;
	case MARK_FAIL:
		snprintf(text, sizeof(text), "want %s, got %s",
			 result->expected, result->got);
		print_problem(out, result->not_run ? "error" : "failure",
			      *result->expected ? text : result->detail, c,
			      result);
		break;
	default:
		break;
	}
	fputs("  </testcase>\n", out);
}

/* With their traces: where a CI service shows the output of a suite. */
static void print_kernel_reports(FILE *out, const struct kernel_reports *all)
{
	char text[512];

	if (!all->n)
		return;
	fputs("  <system-err>", out);
	for (size_t i = 0; i < all->n; i++) {
		kernel_report_text(&all->all[i], text, sizeof(text));
		fputs("kernel report: ", out);
		print_xml(out, text);
		fputc('\n', out);
		print_xml(out, all->all[i].trace);
	}
	fputs("</system-err>\n", out);
}

static void print_suite(FILE *out, const struct report *report,
			const struct kernel_run *k)
{
	unsigned int failures = 0, errors = 0, skipped = 0;
	char name[1100];

	for (size_t i = 0; i < k->sel->n; i++) {
		const struct result *result = &k->results[i];
		const bool known = result->mark == MARK_KNOWN;

		failures += result->mark == MARK_FAIL && !result->not_run;
		failures += known && report->strict;
		errors += result->mark == MARK_CRASH || result->not_run;
		skipped += result->mark == MARK_ABSENT ||
			   result->mark == MARK_SKIP ||
			   (known && !report->strict);
	}
	report_name(report, k, name, sizeof(name));
	fputs(" <testsuite", out);
	print_attr(out, "name", name);
	fprintf(out,
		" tests=\"%zu\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" "
		"time=\"%.3f\">\n",
		k->sel->n, failures, errors, skipped, k->wall_s);
	for (size_t i = 0; i < k->sel->n; i++)
		print_case(out, report, k->sel->cases[i], &k->results[i]);
	print_kernel_reports(out, &k->reports);
	fputs(" </testsuite>\n", out);
}

int junit_report(FILE *out, const void *data)
{
	const struct report *report = data;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n",
	      out);
	for (size_t i = 0; i < report->n; i++)
		print_suite(out, report, &report->kernels[i]);
	fputs("</testsuites>\n", out);
	return ferror(out) ? -EIO : 0;
}

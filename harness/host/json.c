// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The report as one JSON document. */
#include <errno.h>

#include <jansson.h>

#include "report.h"
#include "text.h"

/* Of the document: a change that old readers do not survive counts it up. */
#define FORMAT 1

static json_t *json_totals(const struct totals *t)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "cases",
			 (int)t->cases, "passed", (int)t->passed, "failed",
			 (int)t->failed, "absent", (int)t->absent, "skipped",
			 (int)t->skipped, "known", (int)t->known, "crashed",
			 (int)t->crashed, "not_run", (int)t->not_run);
}

/* Sets *FAILED on want of memory. */
static void add_command(json_t *list, const struct kernel_run *k,
			const struct bpfsys_command *cmd, bool *failed)
{
	const struct totals totals = kernel_run_count(k, cmd);
	json_t *entry;

	if (!totals.cases)
		return;
	entry = json_totals(&totals);
	if (json_object_set_new(entry, "name",
				json_string(cmd ? cmd->id : "any")) != 0 ||
	    json_object_set_new(entry, "nr",
				cmd ? json_integer(cmd->nr) : json_null()) !=
		    0 ||
	    json_array_append_new(list, json_incref(entry)) != 0)
		*failed = true;
	json_decref(entry);
}

static json_t *json_commands(const struct kernel_run *k, bool *failed)
{
	json_t *list = json_array();

	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++)
		add_command(list, k, bpfsys_abi_command(nr), failed);
	add_command(list, k, NULL, failed);
	return list;
}

static json_t *json_case(const struct suite_case *c,
			 const struct result *result)
{
	return json_pack(
		"{s:s, s:s, s:s, s:s, s:s?, s:s, s:b, s:s, s:s, s:s, s:s, s:i}",
		"name", c->name, "command", case_command_name(c), "kind",
		case_kind_name(c->kind), "rule", c->rule, "errno",
		case_errno_name(c), "verdict", mark_name(result->mark), "ran",
		!result->not_run, "expected", result->expected, "got",
		result->got, "call", result->call, "detail", result->detail,
		"ms", (int)result->ms);
}

static json_t *json_cases(const struct kernel_run *k, bool *failed)
{
	json_t *list = json_array();

	for (size_t i = 0; i < k->sel->n; i++)
		if (json_array_append_new(list, json_case(k->sel->cases[i],
							  &k->results[i])) != 0)
			*failed = true;
	return list;
}

static json_t *json_odd(const struct oddities *odd)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "garbage",
			 (json_int_t)odd->garbage, "too_long",
			 (json_int_t)odd->too_long, "unknown",
			 (json_int_t)odd->unknown, "twice",
			 (json_int_t)odd->twice, "disorder",
			 (json_int_t)odd->disorder, "count",
			 (json_int_t)odd->count, "no_end",
			 (json_int_t)odd->no_end);
}

static const char *status_name(enum status status)
{
	switch (status) {
	case STATUS_HOLDS:
		return "holds";
	case STATUS_BROKEN:
		return "broken";
	case STATUS_CRASHED:
		return "crashed";
	default:
		return "no verdict";
	}
}

static json_t *json_reports(const struct kernel_reports *reports, bool *failed)
{
	json_t *all = json_array();

	for (size_t i = 0; i < reports->n; i++) {
		const struct kernel_report *one = &reports->all[i];

		if (json_array_append_new(
			    all,
			    json_pack("{s:s, s:s, s:i, s:s*, s:s, s:s}", "kind",
				      bpfvm_report_name(one->kind), "title",
				      one->title, "count", (int)one->count,
				      "case", one->during, "console_log",
				      one->console_log, "trace", one->trace)))
			*failed = true;
	}
	return all;
}

static json_t *json_kernel(const struct report *report,
			   const struct kernel_run *k, bool *failed)
{
	const struct totals totals = kernel_run_totals(k);
	char spec[1024];

	/* A path need not be UTF-8. */
	text_clean_str(spec, sizeof(spec), k->spec);
	return json_pack(
		"{s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:s, s:b, s:f, s:f, s:i, s:i, "
		"s:o, s:i, s:o, s:o, s:o, s:o}",
		"spec", spec, "release", k->release, "machine", k->machine,
		"compat32", report->compat32, "accel", k->kvm ? "kvm" : "tcg",
		"verdict", status_name(kernel_run_status(k, report->strict)),
		"outcome", outcome_name(k->outcome), "reason", k->why,
		"interrupted", k->interrupted, "boot_seconds", k->boot_s,
		"wall_seconds", k->wall_s, "vms", (int)k->vms, "crashes",
		(int)k->crashes, "kernel_reports",
		json_reports(&k->reports, failed), "kernel_broken",
		(int)k->reports.broken, "guest_output", json_odd(&k->odd),
		"totals", json_totals(&totals), "commands",
		json_commands(k, failed), "cases", json_cases(k, failed));
}

int json_report(FILE *out, const void *data)
{
	const struct report *report = data;
	json_t *kernels = json_array(), *all;
	bool failed = false;
	int ret = 0;

	for (size_t i = 0; i < report->n; i++)
		if (json_array_append_new(
			    kernels, json_kernel(report, &report->kernels[i],
						 &failed)) != 0)
			failed = true;
	all = json_pack("{s:i, s:s, s:b, s:i, s:o}", "version", FORMAT,
			"bpfabi", BPFABI_VERSION, "strict", report->strict,
			"status", (int)report_status(report), "kernels",
			kernels);
	if (failed || !all)
		ret = -ENOMEM;
	else if (json_dumpf(all, out, JSON_INDENT(1)) != 0 ||
		 fputc('\n', out) == EOF)
		ret = -EIO;
	json_decref(all);
	return ret;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Results: kept, counted, and weighed into an exit status. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result.h"

int kernel_run_init(struct kernel_run *k, const char *spec,
		    const struct selection *sel)
{
	memset(k, 0, sizeof(*k));
	k->spec = spec;
	k->sel = sel;
	k->results = calloc(sel->n + 1, sizeof(*k->results));
	return k->results ? 0 : -ENOMEM;
}

void kernel_run_free(struct kernel_run *k)
{
	kernel_reports_free(&k->reports);
	free(k->results);
	k->results = NULL;
}

static void count(struct totals *totals, const struct result *result)
{
	totals->cases++;
	totals->passed += result->mark == MARK_PASS;
	totals->failed += !result->not_run && (result->mark == MARK_FAIL ||
					       result->mark == MARK_CRASH);
	totals->not_run += result->not_run;
	totals->absent += result->mark == MARK_ABSENT;
	totals->skipped += result->mark == MARK_SKIP;
	totals->known += result->mark == MARK_KNOWN;
	totals->crashed += result->mark == MARK_CRASH;
}

struct totals kernel_run_count(const struct kernel_run *k,
			       const struct bpfsys_command *cmd)
{
	struct totals totals = {0};

	for (size_t i = 0; i < k->sel->n; i++)
		if (k->sel->cases[i]->command == cmd)
			count(&totals, &k->results[i]);
	return totals;
}

struct totals kernel_run_totals(const struct kernel_run *k)
{
	struct totals totals = {0};

	for (size_t i = 0; i < k->sel->n; i++)
		count(&totals, &k->results[i]);
	return totals;
}

bool kernel_run_empty(const struct kernel_run *k)
{
	for (size_t i = 0; i < k->sel->n; i++)
		if (k->results[i].mark != MARK_NONE && !k->results[i].not_run)
			return false;
	return true;
}

enum status kernel_run_status(const struct kernel_run *k, bool strict)
{
	bool broken = false;

	if (k->crashes || k->reports.broken)
		return STATUS_CRASHED;
	for (size_t i = 0; i < k->sel->n; i++) {
		const struct result *result = &k->results[i];

		if (result->mark == MARK_FAIL && !result->not_run)
			broken = true;
		if (result->mark == MARK_KNOWN && strict)
			broken = true;
	}
	if (broken)
		return STATUS_BROKEN;
	return k->lost ? STATUS_NO_VERDICT : STATUS_HOLDS;
}

bool oddities_text(const struct oddities *odd, char *buf, size_t size)
{
	const struct {
		unsigned long n;
		const char *what;
	} all[] = {
		{odd->garbage, "lines that are no record"},
		{odd->too_long, "lines too long to be a record"},
		{odd->unknown, "records of unknown cases"},
		{odd->twice, "second results"},
		{odd->disorder, "records out of order"},
		{odd->count, "wrong numbers of cases"},
		{odd->no_end, "missing end records"},
	};
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int n;

		if (!all[i].n)
			continue;
		n = snprintf(buf + used, size - used, "%s%s: %lu",
			     used ? ", " : "odd output of the guest: ",
			     all[i].what, all[i].n);
		if (n < 0 || (size_t)n >= size - used)
			break;
		used += (size_t)n;
	}
	return *buf != '\0';
}

const char *mark_name(enum mark mark)
{
	static const char *const names[] = {
		[MARK_NONE] = "none",	[MARK_PASS] = "pass",
		[MARK_FAIL] = "fail",	[MARK_ABSENT] = "absent",
		[MARK_SKIP] = "skip",	[MARK_KNOWN] = "known",
		[MARK_CRASH] = "crash",
	};

	return names[mark];
}

const char *outcome_name(enum bpfvm_outcome outcome)
{
	switch (outcome) {
	case BPFVM_EXITED:
		return "exited";
	case BPFVM_SIGNALED:
		return "signaled";
	case BPFVM_PANIC:
		return "panic";
	case BPFVM_TIMEOUT:
		return "hang";
	case BPFVM_NO_BOOT:
		return "no boot";
	case BPFVM_VMM_DIED:
		return "qemu died";
	case BPFVM_INTERRUPTED:
		return "interrupted";
	case BPFVM_STOPPED:
		return "stopped";
	case BPFVM_ERROR:
		return "error";
	}
	return "unknown";
}

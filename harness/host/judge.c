// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Goes on where a VM died, and names the case that it died of. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempt.h"
#include "interrupt.h"
#include "judge.h"
#include "text.h"

/* Seconds for a case alone: the suite gives up on one before that. */
#define ALONE_S 60

enum step {
	STEP_ON,   /* boot another VM for what is left */
	STEP_DONE, /* nothing is left, or nothing more can be had */
};

static bool kernel_died(enum bpfvm_outcome outcome)
{
	return outcome == BPFVM_PANIC || outcome == BPFVM_TIMEOUT ||
	       outcome == BPFVM_VMM_DIED;
}

static bool saw_case(const struct records *records)
{
	return records->running != NO_CASE || records->last != NO_CASE;
}

/* Runs case AT alone in a fresh VM. True: it took that VM down, too. WHAT says
 * how it went; ALONE is the result it had, if any. */
static bool run_alone(struct attempt *attempt, size_t at, struct result *alone,
		      char *what, size_t size)
{
	struct kernel_run *all = attempt->k, one;
	const struct suite_case *which = all->sel->cases[at];
	char *filter = (char *)(uintptr_t)which->name;
	const struct selection sel = {&which, 1, &filter, 1, {0, 0}};
	unsigned int timeout_s = attempt->options->timeout_s;
	char ending[320];
	bool died = false;

	memset(alone, 0, sizeof(*alone));
	if (kernel_run_init(&one, all->spec, &sel) < 0) {
		snprintf(what, size, "not run alone: out of memory");
		return false;
	}
	if (timeout_s > ALONE_S)
		timeout_s = ALONE_S;
	if (attempt_run(attempt, &one, 0, timeout_s) < 0)
		snprintf(what, size, "not run alone: out of memory");
	else if (kernel_died(attempt->vm.outcome) &&
		 saw_case(&attempt->records)) {
		died = true;
		snprintf(what, size, "so it did when run alone (2 of 2)");
	} else if (one.results[0].mark != MARK_NONE) {
		*alone = one.results[0];
		snprintf(what, size, "when run alone it did not: %s (1 of 2)",
			 mark_name(alone->mark));
	} else {
		attempt_ending(attempt, ending, sizeof(ending));
		snprintf(what, size, "run alone, it had no result: %s (1 of 2)",
			 ending);
	}
	all->vms += one.vms;
	kernel_run_free(&one);
	attempt->k = all;
	return died;
}

static void give_up(struct kernel_run *k, const char *why)
{
	k->lost = true;
	snprintf(k->why, sizeof(k->why), "%s", why);
}

static void not_run(struct result *result, const char *why)
{
	result->mark = MARK_FAIL;
	result->not_run = true;
	snprintf(result->detail, sizeof(result->detail), "not run: %s", why);
}

/* The kernel died in case AT, or, where AFTER, when AT had its result. */
static void blame(struct attempt *attempt, size_t at, bool after)
{
	struct kernel_run *k = attempt->k;
	struct result *result = &k->results[at], alone;
	const enum bpfvm_outcome outcome = attempt->vm.outcome;
	char ending[320], log[512], what[400];
	bool again;

	attempt_ending(attempt, ending, sizeof(ending));
	text_clean_str(log, sizeof(log), attempt->vm.console_log);
	progress_note(attempt->progress, k->spec, "%s: %s%s%s",
		      k->sel->cases[at]->name, ending,
		      *log ? "; console log: " : "", log);
	again = run_alone(attempt, at, &alone, what, sizeof(what));
	if (outcome == BPFVM_VMM_DIED && !again) {
		/* QEMU did not die of the kernel, as far as can be seen. */
		if (alone.mark != MARK_NONE)
			*result = alone;
		else if (!after) {
			give_up(k, ending);
			not_run(result, ending);
		}
		return;
	}
	k->crashes++;
	if (!after)
		memset(result, 0, sizeof(*result));
	result->mark = MARK_CRASH;
	snprintf(result->detail, sizeof(result->detail), "%s%s; %s%s%s", ending,
		 after ? ", when the case had ended" : "", what,
		 *log ? "; console log: " : "", log);
}

/* What the end of the VM means. NEXT: the case to go on with. */
static enum step weigh(struct attempt *attempt, size_t *next)
{
	struct kernel_run *k = attempt->k;
	const struct records *records = &attempt->records;
	const bool progress =
		records->running != NO_CASE || records->last != NO_CASE;
	char ending[320];

	*next = records->reached;
	attempt_ending(attempt, ending, sizeof(ending));
	switch (attempt->vm.outcome) {
	case BPFVM_PANIC:
	case BPFVM_TIMEOUT:
	case BPFVM_VMM_DIED:
		if (progress) {
			bool after = records->running == NO_CASE;

			blame(attempt, after ? records->last : records->running,
			      after);
			return STEP_ON;
		}
		k->crashes += attempt->vm.outcome != BPFVM_VMM_DIED;
		give_up(k, ending);
		return STEP_DONE;
	case BPFVM_EXITED:
		if (records->ended) {
			*next = k->sel->n;
			return STEP_DONE;
		}
		k->odd.no_end++;
		/* fall through */
	case BPFVM_SIGNALED:
	case BPFVM_STOPPED:
		if (!progress) {
			give_up(k, ending);
			return STEP_DONE;
		}
		if (records->running != NO_CASE) {
			struct result *result = &k->results[records->running];

			result->mark = MARK_FAIL;
			snprintf(result->detail, sizeof(result->detail),
				 "no result from the guest: %s", ending);
		}
		return STEP_ON;
	default:
		if (records->running != NO_CASE)
			*next = records->running;
		give_up(k, ending);
		return STEP_DONE;
	}
}

/* No case is without a result when a run ends. */
static void fill(struct kernel_run *k, size_t next)
{
	for (size_t i = 0; i < k->sel->n; i++) {
		struct result *result = &k->results[i];

		if (result->mark != MARK_NONE)
			continue;
		if (i >= next) {
			not_run(result, k->why);
			continue;
		}
		result->mark = MARK_FAIL;
		snprintf(result->detail, sizeof(result->detail),
			 "no result from the guest");
	}
}

static int run_all(struct attempt *attempt, struct kernel_run *k, size_t *next)
{
	const unsigned int max = attempt->options->deaths_max;
	unsigned int deaths = 0;
	char why[96];

	for (*next = 0; *next < k->sel->n;) {
		enum step step = STEP_DONE;
		int ret;

		if (!interrupt_signal()) {
			ret = attempt_run(attempt, k, *next,
					  attempt->options->timeout_s);
			if (ret < 0)
				return ret;
			step = weigh(attempt, next);
		}
		if (interrupt_signal()) {
			k->interrupted = true;
			if (*next < k->sel->n)
				give_up(k, "interrupted");
			return 0;
		}
		if (step == STEP_DONE)
			return 0;
		if (++deaths == (max ? max : DEATHS_MAX) && *next < k->sel->n) {
			snprintf(why, sizeof(why), "the VM died %u times",
				 deaths);
			give_up(k, why);
			return 0;
		}
	}
	return 0;
}

int judge_kernel(struct kernel_run *k, const struct judge_options *options,
		 struct progress *progress)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	const double began = monotonic_s();
	size_t next;
	int ret;

	if (!attempt)
		return -ENOMEM;
	attempt->options = options;
	attempt->progress = progress;
	ret = run_all(attempt, k, &next);
	fill(k, next);
	k->wall_s = monotonic_s() - began;
	free(attempt);
	return ret;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Threads take the cases in order; each is judged as a run of one case is, and
 * its result goes where the catalogue has it. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "isolate.h"
#include "share.h"

struct pool {
	struct kernel_run *k;
	const struct judge_options *options;
	struct progress *progress;
	pthread_mutex_t lock; /* of all below, and of *k */
	size_t done;
	unsigned int hangs;
	bool stop;
	int ret;
};

static void add_odd(struct oddities *all, const struct oddities *one)
{
	all->garbage += one->garbage;
	all->too_long += one->too_long;
	all->unknown += one->unknown;
	all->twice += one->twice;
	all->disorder += one->disorder;
	all->count += one->count;
	all->no_end += one->no_end;
}

static int add_facts(struct kernel_run *k, const struct kernel_run *one)
{
	if (!k->vms) {
		k->boot_s = one->boot_s;
		k->outcome = one->outcome;
	} else if (k->outcome == BPFVM_EXITED) {
		k->outcome = one->outcome;
	}
	k->kvm = one->kvm;
	if (!k->release[0])
		memcpy(k->release, one->release, sizeof(k->release));
	if (!k->machine[0])
		memcpy(k->machine, one->machine, sizeof(k->machine));
	k->vms += one->vms;
	k->crashes += one->crashes;
	add_odd(&k->odd, &one->odd);
	return kernel_reports_merge(&k->reports, &one->reports);
}

/* A kernel that cannot be had will not be had for the next case, either; and
 * hangs cost minutes, so that they are bounded as without isolation. */
static void weigh(struct pool *pool, const struct kernel_run *one)
{
	const unsigned int max = pool->options->deaths_max;
	struct kernel_run *k = pool->k;

	pool->hangs += one->outcome == BPFVM_TIMEOUT;
	if (one->lost && !k->lost) {
		k->lost = true;
		snprintf(k->why, sizeof(k->why), "%s", one->why);
	}
	if (one->lost && one->results[0].not_run)
		pool->stop = true;
	if (pool->hangs >= (max ? max : DEATHS_MAX) && !pool->stop) {
		pool->stop = true;
		k->lost = true;
		snprintf(k->why, sizeof(k->why), "the VM hung %u times",
			 pool->hangs);
	}
	if (one->interrupted)
		k->interrupted = true;
}

static bool judge_case(void *ctx, size_t at)
{
	struct pool *pool = ctx;
	const struct suite_case *which = pool->k->sel->cases[at];
	char *filter = (char *)(uintptr_t)which->name;
	const struct selection sel = {&which, 1, &filter, 1, {0, 0}};
	struct progress inner;
	struct kernel_run one;
	bool more;
	int ret;

	if (interrupt_signal())
		return false;
	progress_inner(&inner, pool->progress);
	ret = kernel_run_init(&one, pool->k->spec, &sel);
	if (!ret)
		ret = judge_kernel(&one, pool->options, &inner);
	pthread_mutex_lock(&pool->lock);
	if (!ret)
		ret = add_facts(pool->k, &one);
	if (ret) {
		pool->ret = ret;
		pool->stop = true;
	} else {
		weigh(pool, &one);
		pool->k->results[at] = one.results[0];
		pool->done++;
		progress_case(pool->progress, pool->k->spec, pool->done,
			      pool->k->sel->n, which->name);
	}
	more = !pool->stop;
	pthread_mutex_unlock(&pool->lock);
	kernel_run_free(&one);
	return more;
}

static void fill(struct kernel_run *k)
{
	for (size_t i = 0; i < k->sel->n; i++) {
		struct result *result = &k->results[i];

		if (result->mark != MARK_NONE)
			continue;
		result->mark = MARK_FAIL;
		result->not_run = true;
		snprintf(result->detail, sizeof(result->detail), "not run: %s",
			 k->why);
	}
}

int judge_isolated(struct kernel_run *k, const struct judge_options *options,
		   struct progress *progress)
{
	struct pool pool = {.k = k, .options = options, .progress = progress};
	const double began = monotonic_s();

	pthread_mutex_init(&pool.lock, NULL);
	progress_boot(progress, k->spec);
	share_out(options->jobs ? options->jobs : 1, k->sel->n, judge_case,
		  &pool);
	pthread_mutex_destroy(&pool.lock);
	progress_clear(progress);
	if (interrupt_signal()) {
		k->interrupted = true;
		if (pool.done < k->sel->n && !k->lost) {
			k->lost = true;
			snprintf(k->why, sizeof(k->why), "interrupted");
		}
	}
	fill(k);
	k->wall_s = monotonic_s() - began;
	return pool.ret;
}

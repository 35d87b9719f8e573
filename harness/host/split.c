// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Threads take the pieces in order; each is judged as a run of its cases alone
 * is, and its results go where the catalogue has them. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "share.h"
#include "split.h"

struct pool {
	struct kernel_run *k;
	const struct judge_options *options;
	struct progress *progress;
	size_t pieces;
	struct progress_sum sum;
	pthread_mutex_t lock; /* of all below, and of *k */
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

/* A kernel that cannot be had will not be had for the next piece, either; and
 * hangs cost minutes, so that they are bounded as they are within a piece. */
static void weigh(struct pool *pool, const struct kernel_run *one)
{
	const unsigned int max = pool->options->deaths_max;
	struct kernel_run *k = pool->k;

	pool->hangs += pool->options->isolate && one->outcome == BPFVM_TIMEOUT;
	if (one->lost && !k->lost) {
		k->lost = true;
		snprintf(k->why, sizeof(k->why), "%s", one->why);
	}
	if (one->lost && kernel_run_empty(one))
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

/* The cases at AT, AT + pieces, AT + 2 * pieces... of the kernel's, in PIECE;
 * FILTER is its own. Isolated, there is one, which is quicker found by name. */
static int select_piece(const struct pool *pool, size_t at,
			struct selection *piece, char **filter)
{
	const struct shard shard = {at, pool->pieces}, none = {0, 0};
	int ret = select_shard(piece, pool->k->sel, shard);

	if (!ret && pool->options->isolate) {
		*filter = (char *)(uintptr_t)piece->cases[0]->name;
		piece->filters = filter;
		piece->n_filters = 1;
		piece->shard = none;
	}
	return ret;
}

/* Piece AT was judged, as ONE. */
static int take(struct pool *pool, size_t at, const struct kernel_run *one)
{
	int ret = add_facts(pool->k, one);

	if (ret)
		return ret;
	weigh(pool, one);
	for (size_t i = 0; i < one->sel->n; i++)
		pool->k->results[at + pool->pieces * i] = one->results[i];
	return 0;
}

static int judge_cases(struct pool *pool, size_t at,
		       const struct selection *piece)
{
	const struct suite_case *last = piece->cases[piece->n - 1];
	struct progress inner;
	struct kernel_run one;
	int ret;

	progress_inner(&inner, pool->progress, &pool->sum);
	ret = kernel_run_init(&one, pool->k->spec, piece);
	if (!ret)
		ret = judge_kernel(&one, pool->options, &inner);
	pthread_mutex_lock(&pool->lock);
	if (!ret)
		ret = take(pool, at, &one);
	pthread_mutex_unlock(&pool->lock);
	if (!ret)
		progress_case(&inner, one.spec, piece->n, piece->n, last->name);
	kernel_run_free(&one);
	return ret;
}

static bool judge_piece(void *ctx, size_t at)
{
	struct pool *pool = ctx;
	struct selection piece;
	char *filter;
	bool more;
	int ret;

	if (interrupt_signal())
		return false;
	ret = select_piece(pool, at, &piece, &filter);
	if (!ret) {
		ret = judge_cases(pool, at, &piece);
		select_free(&piece);
	}
	pthread_mutex_lock(&pool->lock);
	if (ret) {
		pool->ret = ret;
		pool->stop = true;
	}
	more = !pool->stop;
	pthread_mutex_unlock(&pool->lock);
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

/* A clone costs next to nothing, a boot does not. */
static size_t count_pieces(const struct kernel_run *k,
			   const struct judge_options *options)
{
	const size_t min = options->piece_min ? options->piece_min : PIECE_MIN;
	const size_t worth = k->sel->n / min;

	if (options->isolate)
		return k->sel->n;
	return worth < options->jobs ? worth : options->jobs;
}

static int judge_pieces(struct kernel_run *k,
			const struct judge_options *options, size_t pieces,
			struct progress *progress)
{
	struct pool pool = {.k = k,
			    .options = options,
			    .progress = progress,
			    .pieces = pieces,
			    .sum = {.total = k->sel->n}};
	const double began = monotonic_s();

	pthread_mutex_init(&pool.lock, NULL);
	progress_boot(progress, k->spec);
	share_out(options->jobs ? options->jobs : 1, pieces, judge_piece,
		  &pool);
	pthread_mutex_destroy(&pool.lock);
	progress_clear(progress);
	if (interrupt_signal()) {
		k->interrupted = true;
		if (pool.sum.done < k->sel->n && !k->lost) {
			k->lost = true;
			snprintf(k->why, sizeof(k->why), "interrupted");
		}
	}
	fill(k);
	k->wall_s = monotonic_s() - began;
	return pool.ret;
}

int judge_split(struct kernel_run *k, const struct judge_options *options,
		struct progress *progress)
{
	const size_t pieces = count_pieces(k, options);

	if (options->isolate || pieces > 1)
		return judge_pieces(k, options, pieces, progress);
	return judge_kernel(k, options, progress);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What an engine does with an input. */
#include <stdio.h>
#include <string.h>

#include "campaign_own.h"
#include "oracle.h"

/* An oracle is asked about inputs that reach something new, and about one of so
 * many others. */
enum { ORACLE_EVERY = 64 };

/* A blind engine still knows calls by what they return. */
static unsigned int fold_results(const struct seq *seq,
				 const struct exec_page *page)
{
	uint32_t seen[SEQ_CALLS];
	unsigned int n = 0;

	for (; n < seq->n && n < page->n_calls && n < SEQ_CALLS; n++) {
		const int32_t ret = page->calls[n].ret;

		seen[n] = (uint32_t)seq->calls[n].op << 28 |
			  (uint32_t)seq->calls[n].cmd << 12 |
			  (ret < 0 ? (uint32_t)-ret % 0xfff : 0);
	}
	return cover_fold(campaign.cover, seen, n, campaign.counters);
}

/* Of the input that came BACK inputs before the last one. */
static void keep_of(size_t back, const struct find *find, const uint8_t *data,
		    size_t len, size_t before)
{
	const struct past past = {campaign.recent, back, before};
	int ret = find_keep(campaign.raw, find, data, len, &past);

	campaign.stats->finds++;
	fprintf(stderr, "fuzz: find: %s\n", find->name);
	/* A campaign that cannot keep what it finds is none. */
	if (ret < 0)
		campaign_end(STATS_NO_VM, "a find cannot be kept (%s): %s/%s",
			     strerror(-ret), campaign.raw, find->name);
}

static void keep(const struct find *find, const uint8_t *data, size_t len,
		 size_t before)
{
	keep_of(0, find, data, len, before);
}

static void keep_death(size_t back, const struct fuzzvm_result *res,
		       const uint8_t *data, size_t len)
{
	static struct find find;
	size_t before = campaign.vm_inputs - 1 - back;

	if (before > FINDS_BEFORE)
		before = FINDS_BEFORE;
	find_of_vm(&find, res, data, len);
	keep_of(back, &find, data, len, before);
	find_drop(&find);
}

/* In another VM than the one before it, this input is the first. */
static void count_vm(void)
{
	const unsigned int started = fuzzvm_started(campaign.vm);

	campaign.stats->restarts = campaign.old_restarts + started - 1;
	if (started != campaign.started)
		campaign.vm_inputs = 1;
	campaign.started = started;
}

/* True: the input ran. Else the kernel has ended, which is kept. */
static bool judge(const struct fuzzvm_result *res, const uint8_t *data,
		  size_t len)
{
	count_vm();
	switch (res->end) {
	case FUZZVM_RAN:
		return true;
	case FUZZVM_DIED:
	case FUZZVM_HUNG:
		keep_death(0, res, data, len);
		return false;
	default:
		if (campaign_stop)
			campaign_end(STATS_STOPPED, "%s", "");
		campaign_end(STATS_NO_VM, "%s", res->why);
	}
}

static void ask_oracle(const uint8_t *data, size_t len,
		       struct fuzzvm_result *res)
{
	static struct find find;

	campaign.stats->checks++;
	if (oracle_look(campaign.vm, data, len, res, &find))
		keep(&find, data, len, 0);
	else
		judge(res, data, len);
}

/* Counts are of one VM. */
static void forget_counts(void)
{
	if (campaign.vms == fuzzvm_started(campaign.vm))
		return;
	campaign.vms = fuzzvm_started(campaign.vm);
	campaign.objects = 0;
	memset(&campaign.leaks, 0, sizeof(campaign.leaks));
}

/* Each is a suspicion of its own, also when the campaign goes on another day:
 * what only looks like one does so again and again. */
static void suspect_leak(struct find *find, const uint8_t *data, size_t len,
			 size_t before)
{
	const uint64_t execs = campaign.stats->execs;

	snprintf(find->name + strlen(find->name),
		 sizeof(find->name) - strlen(find->name), "-%s-%llu",
		 campaign_env("BPFSYS_JOB", "0"), (unsigned long long)execs);
	campaign.leaks_after = execs + execs / 2;
	keep(find, data, len, before);
	fuzzvm_renew(campaign.vm);
}

static void look_for_leaks(const uint8_t *data, size_t len,
			   struct fuzzvm_result *res)
{
	const uint64_t execs = campaign.stats->execs;
	static struct find find;
	uint64_t suspected;

	campaign.stats->checks++;
	fuzzvm_run(campaign.vm, data, len, EXEC_COUNT, 1, res);
	if (!judge(res, data, len))
		return;
	suspected = leaks_look(&campaign.leaks, &res->page, execs, &find);
	if (suspected && execs >= campaign.leaks_after)
		suspect_leak(&find, data, len,
			     suspected < RECENT_MOST ? suspected
						     : RECENT_MOST - 1);
}

/* A count has followed the input: are there more objects than after the last
 * one, and more every time it runs? */
static void look_again(const uint8_t *data, size_t len,
		       struct fuzzvm_result *res)
{
	const uint64_t before = campaign.objects;
	static struct find find;
	int ret;

	campaign.objects = leaks_objects(&res->page);
	if (!before || campaign.objects <= before ||
	    campaign.stats->execs < campaign.leaks_after)
		return;
	campaign.stats->checks++;
	ret = leaks_soon(campaign.vm, data, len, res, &find);
	if (!judge(res, data, len))
		return;
	campaign.objects = leaks_objects(&res->page);
	if (ret > 0)
		suspect_leak(&find, data, len, 0);
}

/* An input that is new runs once more: for what the kernel compares, and
 * whether it leaves objects. */
static void run_fresh(const uint8_t *data, size_t len,
		      struct fuzzvm_result *res)
{
	unsigned int flags = EXEC_COUNT;

	if (campaign.cmp) {
		campaign.stats->cmp_runs++;
		flags |= EXEC_CMP;
	}
	fuzzvm_run(campaign.vm, data, len, flags, 1, res);
	if (!judge(res, data, len))
		return;
	if (campaign.cmp)
		campaign.stats->hints +=
			hints_put(campaign.hints, res->cmps, res->page.n_cmps);
	look_again(data, len, res);
}

/* What belongs to an input that is new, or has its turn. */
static void follow_up(const struct seq *seq, const uint8_t *data, size_t len,
		      bool fresh, struct fuzzvm_result *res)
{
	const uint64_t execs = campaign.stats->execs;

	forget_counts();
	if (fresh)
		run_fresh(data, len, res);
	if (campaign.target == MAKE_PROG &&
	    (fresh || execs % ORACLE_EVERY == 0) && oracle_is_for(seq))
		ask_oracle(data, len, res);
	/* Of each VM once when it is young, to compare with. */
	forget_counts();
	if (execs % LEAKS_EVERY == 0 ||
	    (campaign.vm_inputs >= 16 && !campaign.leaks.first.input))
		look_for_leaks(data, len, res);
}

/* Coverage, for the engine and for people. True: something new. */
static bool count(const struct seq *seq, const struct fuzzvm_result *res)
{
	struct stats *stats = campaign.stats;
	unsigned int fresh;

	stats->execs++;
	stats->calls += res->page.n_calls;
	stats->guest_ns += res->page.ns;
	stats->lost_pcs += res->page.pcs_lost;
	fresh = campaign.blind ? fold_results(seq, &res->page)
			       : cover_fold(campaign.cover, res->pcs,
					    res->page.n_pcs, campaign.counters);
	stats->pcs = cover_count(campaign.cover);
	return fresh != 0;
}

/* The VM may turn out to be dead already: that is the doing of the input before
 * this one, which runs in the next VM. */
static void run_next(const uint8_t *data, size_t len, unsigned int flags,
		     struct fuzzvm_result *res)
{
	const uint8_t *last;
	size_t last_len;

	fuzzvm_run(campaign.vm, data, len, flags, 1, res);
	if (!res->earlier || campaign.vm_inputs < 2)
		return;
	last = recent_get(campaign.recent, 1, &last_len);
	if (!last)
		return;
	keep_death(1, res, last, last_len);
	fuzzvm_run(campaign.vm, data, len, flags, 1, res);
}

void campaign_run(const uint8_t *data, size_t len)
{
	static struct fuzzvm_result res;
	static struct find find;
	static struct seq seq;
	unsigned int flags = campaign.blind ? 0 : EXEC_COVER;
	bool twin;

	if (campaign_stop)
		campaign_end(STATS_STOPPED, "%s", "");
	if (len > SEQ_MOST || seq_decode(&seq, data, len) < 0) {
		/* The engine must have something to begin with. */
		campaign.counters[0] = 1;
		campaign.stats->rejected++;
		return;
	}
	twin = campaign.target == MAKE_PROG && make_is_twin(&seq, NULL);
	if (twin)
		flags |= EXEC_DETAIL;
	recent_put(campaign.recent, data, len);
	/* However often it runs. */
	campaign.vm_inputs++;
	run_next(data, len, flags, &res);
	if (!judge(&res, data, len))
		return;
	if (twin && oracle_twin(&seq, &res, &find))
		keep(&find, data, len, 0);
	follow_up(&seq, data, len, count(&seq, &res), &res);
}

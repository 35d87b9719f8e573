// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What an engine does with an input. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign.h"
#include "files.h"
#include "finds.h"
#include "hints.h"
#include "leaks.h"
#include "oracle.h"
#include "recent.h"
#include "stats.h"

/* An oracle is asked about inputs that reach something new, and about one of so
 * many others. */
enum { ORACLE_EVERY = 64 };

/* What takes longer is no input to make others of, whatever it reaches. */
#define SLOW_NS 1000000000u

static struct {
	enum make_target target;
	uint8_t *counters;
	const char *work;
	char raw[FILES_PATH]; /* where finds are kept */
	bool cmp, blind;
	struct fuzzvm *vm;
	struct cover *cover;
	struct recent *recent;
	struct hints *hints;
	struct stats *stats;
	struct leaks leaks;
	uint64_t vm_inputs;	 /* since the VM started */
	unsigned int vms;	 /* started when leaks were last counted */
	uint64_t objects;	 /* then; 0: not yet, in this VM */
	uint64_t old_restarts;	 /* of earlier runs */
	unsigned int suspicions; /* of leaks */
	uint64_t leaks_after;	 /* inputs: until then no other */
} campaign;

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = sig;
	bpfvm_interrupt();
}

static void __attribute__((noreturn, format(printf, 2, 3)))
end(enum stats_end how, const char *format, ...)
{
	char why[256];
	va_list ap;

	va_start(ap, format);
	vsnprintf(why, sizeof(why), format, ap);
	va_end(ap);
	if (campaign.stats) {
		campaign.stats->end = how;
		snprintf(campaign.stats->why, sizeof(campaign.stats->why), "%s",
			 why);
	}
	if (*why)
		fprintf(stderr, "fuzz: %s\n", why);
	campaign_close();
	/* Not exit(): engines take that for a crash of their target. */
	_exit(how == STATS_STOPPED ? 0 : 3);
}

static const char *env(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

/* build/fuzz/calls, build/afl/calls: build/bpfsys-exec */
static const char *executor(char *path)
{
	const char *named = env("BPFSYS_EXECUTOR", NULL);
	ssize_t len = readlink("/proc/self/exe", path, FILES_PATH - 32);

	if (named || len < 0)
		return named;
	path[len] = '\0';
	for (int up = 0; up < 2; up++)
		if (strrchr(path, '/'))
			*strrchr(path, '/') = '\0';
	strcat(path, "/bpfsys-exec");
	return path;
}

static void note(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "fuzz: %s\n", line);
}

static enum bpfvm_accel accel(void)
{
	const char *name = env("BPFSYS_ACCEL", "auto");

	if (strcmp(name, "kvm") == 0)
		return BPFVM_ACCEL_KVM;
	return strcmp(name, "tcg") == 0 ? BPFVM_ACCEL_TCG : BPFVM_ACCEL_AUTO;
}

static void open_vm(void)
{
	static char path[FILES_PATH];
	struct fuzzvm_config cfg;

	memset(&cfg, 0, sizeof(cfg));
	cfg.kernel = env("BPFSYS_KERNEL", "debian:6.12");
	cfg.executor = executor(path);
	cfg.append = env("BPFSYS_APPEND", NULL);
	cfg.vmlinux = env("BPFSYS_VMLINUX", NULL);
	cfg.accel = accel();
	cfg.timeout_s =
		(unsigned int)strtoul(env("BPFSYS_TIMEOUT", "10"), NULL, 10);
	cfg.note = note;
	cfg.plain_traces = true;
	if (!cfg.executor || access(cfg.executor, R_OK) < 0)
		end(STATS_NO_VM,
		    "no executor %s; make builds it, "
		    "BPFSYS_EXECUTOR names another",
		    cfg.executor ? cfg.executor : "is known");
	campaign.vm = fuzzvm_open(&cfg);
	if (!campaign.vm)
		end(STATS_NO_VM, "out of memory");
}

/* Maps NAME of directory DIR by OPEN. */
static void *open_file(const char *dir, const char *name,
		       void *(*opener)(const char *path))
{
	char path[FILES_PATH];
	void *what = NULL;

	errno = ENAMETOOLONG;
	if (path_make(path, "%s/%s", dir, name) == 0)
		what = opener(path);
	if (!what)
		end(STATS_NO_VM, "%s/%s: %s", dir, name, strerror(errno));
	return what;
}

static void *map_stats(const char *path)
{
	struct stats *stats = file_map(path, sizeof(*stats));

	if (stats && stats->magic != STATS_MAGIC) {
		memset(stats, 0, sizeof(*stats));
		stats->magic = STATS_MAGIC;
	}
	return stats;
}

static void *map_cover(const char *path)
{
	return cover_open(path);
}

static void *map_recent(const char *path)
{
	return recent_open(path);
}

static void *map_hints(const char *path)
{
	return hints_open(path);
}

static void open_files(void)
{
	char own[FILES_PATH];
	int ret = path_make(own, "%s/job-%s", campaign.work,
			    env("BPFSYS_JOB", "0"));

	if (ret == 0)
		ret = path_make(campaign.raw, "%s/finds/raw", campaign.work);
	if (ret == 0)
		ret = dir_make(own);
	if (ret == 0)
		ret = dir_make(campaign.raw);
	if (ret < 0)
		end(STATS_NO_VM, "%s: %s", campaign.work, strerror(-ret));
	campaign.stats = open_file(own, "stats", map_stats);
	campaign.stats->end = STATS_RUNS;
	campaign.old_restarts = campaign.stats->restarts;
	campaign.cover = open_file(own, "pcs", map_cover);
	campaign.recent = open_file(own, "current", map_recent);
	campaign.hints = open_file(campaign.work, "hints", map_hints);
}

static void catch_signals(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	sigemptyset(&action.sa_mask);
	action.sa_handler = on_signal;
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
}

void campaign_open(enum make_target target, uint8_t *counters)
{
	static char work[64];

	snprintf(work, sizeof(work), "fuzz-%s", make_target_name(target));
	campaign.target = target;
	campaign.counters = counters;
	campaign.work = env("BPFSYS_WORK", work);
	catch_signals();
	open_files();
	open_vm();
	if (fuzzvm_ranges(campaign.vm) < 0)
		note(NULL, "no vmlinux: coverage of the whole kernel");
	campaign.blind = !fuzzvm_has_kcov(campaign.vm);
	if (stop)
		end(STATS_STOPPED, "%s", "");
	campaign.stats->kcov = !campaign.blind;
	campaign.cmp = !campaign.blind && *env("BPFSYS_CMP", "1") != '0';
	if (campaign.blind)
		note(NULL, "this kernel has no KCOV: fuzzing blind, by what "
			   "calls return (make kernel builds one that has)");
}

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

static void keep(const struct find *find, const uint8_t *data, size_t len,
		 size_t before)
{
	int ret = find_keep(campaign.raw, find, data, len, campaign.recent,
			    before);

	campaign.stats->finds++;
	fprintf(stderr, "fuzz: find: %s\n", find->name);
	if (ret < 0)
		fprintf(stderr, "fuzz: %s/%s: %s\n", campaign.raw, find->name,
			strerror(-ret));
}

/* True: the input ran. Else the kernel has ended, which is kept. */
static bool judge(const struct fuzzvm_result *res, const uint8_t *data,
		  size_t len)
{
	static struct find find;
	size_t before;

	campaign.vm_inputs++;
	campaign.stats->restarts =
		campaign.old_restarts + fuzzvm_started(campaign.vm) - 1;
	switch (res->end) {
	case FUZZVM_RAN:
		return true;
	case FUZZVM_DIED:
	case FUZZVM_HUNG:
		before = campaign.vm_inputs - 1;
		find_of_vm(&find, res, data, len);
		keep(&find, data, len,
		     before < FINDS_BEFORE ? before : FINDS_BEFORE);
		find_drop(&find);
		campaign.vm_inputs = 0;
		return false;
	default:
		if (stop)
			end(STATS_STOPPED, "%s", "");
		end(STATS_NO_VM, "%s", res->why);
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

/* Each is a suspicion of its own; what only looks like one does so again and
 * again. */
static void suspect_leak(struct find *find, const uint8_t *data, size_t len,
			 size_t before)
{
	const uint64_t execs = campaign.stats->execs;

	snprintf(find->name + strlen(find->name),
		 sizeof(find->name) - strlen(find->name), "-%s-%u",
		 env("BPFSYS_JOB", "0"), campaign.suspicions++);
	campaign.leaks_after = execs + execs / 2;
	keep(find, data, len, before);
	fuzzvm_renew(campaign.vm);
	campaign.vm_inputs = 0;
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

void campaign_run(const uint8_t *data, size_t len)
{
	static struct fuzzvm_result res;
	static struct find find;
	static struct seq seq;
	unsigned int flags = campaign.blind ? 0 : EXEC_COVER;
	bool twin;

	if (stop)
		end(STATS_STOPPED, "%s", "");
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
	fuzzvm_run(campaign.vm, data, len, flags, 1, &res);
	if (!judge(&res, data, len))
		return;
	if (twin && oracle_twin(&seq, &res, &find))
		keep(&find, data, len, 0);
	follow_up(&seq, data, len, count(&seq, &res), &res);
}

void campaign_close(void)
{
	if (campaign.vm)
		fuzzvm_close(campaign.vm);
	campaign.vm = NULL;
}

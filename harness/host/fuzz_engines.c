// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The engines of a campaign. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpfabi.h"
#include "fuzz_child.h"
#include "fuzz_engines.h"
#include "fuzz_seeds.h"

static void libfuzzer_args(const struct fuzz_options *o, unsigned int job,
			   struct child_args *args)
{
	child_add(args, "%s/fuzz/%s", o->built, make_target_name(o->target));
	child_add(args, "-max_len=%d", SEQ_MOST);
	/* Sequences grow by calls; by bytes they never fit. */
	child_add(args, "-len_control=0");
	/* Its bookkeeping by feature costs more than an input that runs in a VM
	 * is worth: thousands of PCs each. */
	child_add(args, "-entropic=0");
	child_add(args, "-reload=1");
	/* Time and memory are the campaign's business. */
	child_add(args, "-timeout=1000000");
	child_add(args, "-rss_limit_mb=0");
	child_add(args, "-detect_leaks=0");
	child_add(args, "-print_final_stats=1");
	child_add(args, "-artifact_prefix=%s/", o->work);
	if (o->seed)
		child_add(args, "-seed=%u", o->seed + job);
	child_add(args, "%s/corpus", o->work);
	if (*o->corpus)
		child_add(args, "%s", o->corpus);
}

static void afl_args(const struct fuzz_options *o, unsigned int job,
		     struct child_args *args)
{
	const char *target = make_target_name(o->target);

	child_add(args, "afl-fuzz");
	child_add(args, "-i");
	child_add(args, "%s/afl-seeds", o->work);
	child_add(args, "-o");
	child_add(args, "%s/afl", o->work);
	child_add(args, job ? "-S" : "-M");
	child_add(args, job ? "s%u" : "main", job);
	child_add(args, "-t");
	child_add(args, "1000000");
	child_add(args, "-m");
	child_add(args, "none");
	if (o->seed) {
		child_add(args, "-s");
		child_add(args, "%u", o->seed + job);
	}
	child_add(args, "--");
	child_add(args, "%s/afl/%s", o->built, target);
}

static void set_environment(const struct fuzz_options *o, unsigned int job)
{
	static const char *const afl[] = {
		"AFL_SKIP_CPUFREQ",
		"AFL_NO_AFFINITY",
		"AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES",
		"AFL_NO_UI",
		"AFL_CUSTOM_MUTATOR_ONLY",
		"AFL_DISABLE_TRIM",
		"AFL_FAST_CAL",
		"AFL_AUTORESUME",
	};
	char text[FILES_PATH];

	setenv("BPFSYS_KERNEL", o->kernel, 1);
	setenv("BPFSYS_EXECUTOR", o->executor, 1);
	setenv("BPFSYS_APPEND", o->append ? o->append : "", 1);
	setenv("BPFSYS_WORK", o->work, 1);
	setenv("BPFSYS_CMP", o->cmp ? "1" : "0", 1);
	setenv("BPFSYS_ACCEL", accel_name(o->accel), 1);
	snprintf(text, sizeof(text), "%u", job);
	setenv("BPFSYS_JOB", text, 1);
	snprintf(text, sizeof(text), "%u", o->timeout_s);
	setenv("BPFSYS_TIMEOUT", text, 1);
	if (o->engine != ENGINE_AFL)
		return;
	for (size_t i = 0; i < sizeof(afl) / sizeof(*afl); i++)
		setenv(afl[i], "1", 1);
	path_make(text, "%s/afl/%s-mutator.so", o->built,
		  make_target_name(o->target));
	setenv("AFL_CUSTOM_MUTATOR_LIBRARY", text, 1);
	/* Minutes; the default is half an hour. */
	setenv("AFL_SYNC_TIME", "1", 1);
	/* The first input waits for a VM. */
	setenv("AFL_FORKSRV_INIT_TMOUT", "1000000", 1);
}

/* How the job ended when it ran last is no matter now. */
static void forget_end(const struct fuzz_options *o, unsigned int job)
{
	const uint32_t runs = STATS_RUNS;
	char path[FILES_PATH];
	int fd = -1;

	if (path_make(path, "%s/job-%u/stats", o->work, job) == 0)
		fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (pwrite(fd, &runs, sizeof(runs), offsetof(struct stats, end)) < 0)
		complain("%s: %s", path, strerror(errno));
	close(fd);
}

static int start_engine(struct engines *engines, unsigned int job)
{
	const struct fuzz_options *o = engines->options;
	static struct child_args args;
	char name[16];
	pid_t pid;

	memset(&args, 0, sizeof(args));
	if (o->engine == ENGINE_AFL)
		afl_args(o, job, &args);
	else
		libfuzzer_args(o, job, &args);
	snprintf(name, sizeof(name), "%u", job);
	forget_end(o, job);
	engines->engine[job].ending = false;
	pid = child_start();
	if (pid < 0) {
		complain("starting an engine: %s", strerror(errno));
		return STATUS_NO_VERDICT;
	}
	if (pid == 0) {
		child_redirect(o, name);
		set_environment(o, job);
		execvp(args.argv[0], args.argv);
		fprintf(stderr, "%s: %s\n", args.argv[0], strerror(errno));
		_exit(127);
	}
	engines->engine[job].pid = pid;
	return STATUS_HOLDS;
}

static const char *how_to_build(const struct fuzz_options *o)
{
	return o->engine == ENGINE_AFL
		       ? "make engines builds it where afl++ is installed"
		       : "make engines builds it, with clang";
}

static const struct stats *map_stats(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *mem = MAP_FAILED;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && (size_t)st.st_size >= sizeof(struct stats))
		mem = mmap(NULL, sizeof(struct stats), PROT_READ, MAP_SHARED,
			   fd, 0);
	close(fd);
	return mem == MAP_FAILED ? NULL : mem;
}

static void add_stats(struct stats *sum, const struct stats *of)
{
	sum->execs += of->execs;
	sum->calls += of->calls;
	sum->finds += of->finds;
	sum->restarts += of->restarts;
	sum->cmp_runs += of->cmp_runs;
	sum->hints += of->hints;
	sum->checks += of->checks;
	sum->guest_ns += of->guest_ns;
	sum->lost_pcs += of->lost_pcs;
	if (of->pcs > sum->pcs)
		sum->pcs = of->pcs;
}

/* Jobs that do not run now. */
static int add_other(void *ctx, const char *name)
{
	struct engines *engines = ctx;
	const struct stats *stats;
	char path[FILES_PATH];

	if (strncmp(name, "job-", 4) != 0)
		return 0;
	for (unsigned int i = 0; i < engines->n; i++) {
		char own[16];

		snprintf(own, sizeof(own), "job-%u", i);
		if (strcmp(name, own) == 0)
			return 0;
	}
	stats = path_make(path, "%s/%s/stats", engines->options->work, name) < 0
			? NULL
			: map_stats(path);
	if (!stats)
		return 0;
	if (stats->magic == STATS_MAGIC)
		add_stats(&engines->others, stats);
	munmap((void *)(uintptr_t)stats, sizeof(*stats));
	return 0;
}

/* Engines map files of WORK, which two campaigns must not share. Held until
 * this process ends, however it does. */
static int lock_work(const struct fuzz_options *o)
{
	char path[FILES_PATH];
	int fd = -1, ret = path_make(path, "%s/lock", o->work);

	if (ret == 0)
		ret = dir_make(o->work);
	if (ret == 0)
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (ret == 0 && (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0))
		ret = -errno;
	if (ret == 0)
		return STATUS_HOLDS;
	if (ret == -EWOULDBLOCK)
		complain("another campaign runs in %s", o->work);
	else
		complain("%s: %s", path, strerror(-ret));
	return STATUS_NO_VERDICT;
}

int engines_start(struct engines *engines, const struct fuzz_options *o)
{
	char path[FILES_PATH];
	int ret;

	memset(engines, 0, sizeof(*engines));
	engines->options = o;
	engines->n = o->jobs;
	path_make(path, "%s/%s/%s", o->built,
		  o->engine == ENGINE_AFL ? "afl" : "fuzz",
		  make_target_name(o->target));
	if (access(path, X_OK) < 0) {
		complain("%s: %s; %s", path, strerror(errno), how_to_build(o));
		return STATUS_NO_VERDICT;
	}
	if (access(o->executor, R_OK) < 0) {
		complain("%s: %s; make builds it", o->executor,
			 strerror(errno));
		return STATUS_NO_VERDICT;
	}
	ret = lock_work(o);
	if (ret == STATUS_HOLDS)
		ret = seeds_prepare(o);
	if (ret == STATUS_HOLDS)
		dir_each(o->work, add_other, engines);
	for (unsigned int i = 0; i < engines->n && ret == STATUS_HOLDS; i++)
		ret = start_engine(engines, i);
	return ret;
}

void engines_stats(struct engines *engines, struct stats *sum)
{
	char path[FILES_PATH];

	*sum = engines->others;
	for (unsigned int i = 0; i < engines->n; i++) {
		struct engine *e = &engines->engine[i];

		if (!e->stats && path_make(path, "%s/job-%u/stats",
					   engines->options->work, i) == 0)
			e->stats = map_stats(path);
		if (!e->stats)
			continue;
		add_stats(sum, e->stats);
		sum->kcov |= e->stats->kcov;
	}
}

/* Whether an engine has ended the campaign, which is said. */
static bool has_given_up(const struct engine *e)
{
	char why[sizeof(e->stats->why)];

	if (!e->stats || e->stats->end <= STATS_STOPPED)
		return false;
	memcpy(why, e->stats->why, sizeof(why));
	why[sizeof(why) - 1] = '\0';
	complain("%s", why);
	return true;
}

/* What is said of an engine that has ended by itself. */
static bool may_restart(struct engines *engines, unsigned int job, int status)
{
	struct engine *e = &engines->engine[job];
	struct stats sum;

	engines_stats(engines, &sum);
	if (has_given_up(e))
		return false;
	/* What kills the kernel has run, too, but is not counted as that. */
	if (++e->restarts <= RESTARTS_MOST && (sum.execs || sum.finds))
		return true;
	complain("engine %u ended by itself (%s %d); what it said: %s/log.%u",
		 job, WIFSIGNALED(status) ? "signal" : "status",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		 engines->options->work, job);
	return false;
}

/* AFL++ goes on when its targets end, each time. Why is written behind the end:
 * it is there when this is seen a second time. */
static bool runs_on(struct engine *e)
{
	if (!e->pid || !e->stats || e->stats->end <= STATS_STOPPED)
		return true;
	if (e->ending && has_given_up(e))
		return false;
	e->ending = true;
	return true;
}

bool engines_keep(struct engines *engines)
{
	int status;

	for (unsigned int i = 0; i < engines->n; i++) {
		struct engine *e = &engines->engine[i];

		if (!runs_on(e))
			return false;
		if (!e->pid || waitpid(e->pid, &status, WNOHANG) != e->pid)
			continue;
		/* What it has started goes with it. */
		kill(-e->pid, SIGKILL);
		e->pid = 0;
		if (!may_restart(engines, i, status) ||
		    start_engine(engines, i) != STATUS_HOLDS)
			return false;
	}
	return true;
}

void engines_stop(struct engines *engines)
{
	for (unsigned int i = 0; i < engines->n; i++)
		if (engines->engine[i].pid > 0)
			kill(engines->engine[i].pid, SIGTERM);
	for (unsigned int i = 0; i < engines->n; i++)
		child_reap(&engines->engine[i].pid);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* How a campaign begins and ends. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign_own.h"

struct campaign campaign;
volatile sig_atomic_t campaign_stop;

static void on_signal(int sig)
{
	campaign_stop = sig;
	bpfvm_interrupt();
}

void campaign_end(enum stats_end how, const char *format, ...)
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

const char *campaign_env(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value && *value ? value : otherwise;
}

/* build/fuzz/calls, build/afl/calls: build/bpfsys-exec */
static const char *executor(char *path)
{
	const char *named = campaign_env("BPFSYS_EXECUTOR", NULL);
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
	const char *name = campaign_env("BPFSYS_ACCEL", "auto");

	if (strcmp(name, "kvm") == 0)
		return BPFVM_ACCEL_KVM;
	return strcmp(name, "tcg") == 0 ? BPFVM_ACCEL_TCG : BPFVM_ACCEL_AUTO;
}

static void open_vm(void)
{
	static char path[FILES_PATH];
	struct fuzzvm_config cfg;

	memset(&cfg, 0, sizeof(cfg));
	cfg.kernel = campaign_env("BPFSYS_KERNEL", "debian:6.12");
	cfg.executor = executor(path);
	cfg.append = campaign_env("BPFSYS_APPEND", NULL);
	cfg.vmlinux = campaign_env("BPFSYS_VMLINUX", NULL);
	cfg.accel = accel();
	cfg.timeout_s = (unsigned int)strtoul(
		campaign_env("BPFSYS_TIMEOUT", "10"), NULL, 10);
	cfg.note = note;
	cfg.plain_traces = true;
	if (!cfg.executor || access(cfg.executor, R_OK) < 0)
		campaign_end(STATS_NO_VM,
			     "no executor %s; make builds it, "
			     "BPFSYS_EXECUTOR names another",
			     cfg.executor ? cfg.executor : "is known");
	campaign.vm = fuzzvm_open(&cfg);
	if (!campaign.vm)
		campaign_end(STATS_NO_VM, "out of memory");
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
		campaign_end(STATS_NO_VM, "%s/%s: %s", dir, name,
			     strerror(errno));
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
			    campaign_env("BPFSYS_JOB", "0"));

	if (ret == 0)
		ret = path_make(campaign.raw, "%s/finds/raw", campaign.work);
	if (ret == 0)
		ret = dir_make(own);
	if (ret == 0)
		ret = dir_make(campaign.raw);
	if (ret < 0)
		campaign_end(STATS_NO_VM, "%s: %s", campaign.work,
			     strerror(-ret));
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
	campaign.work = campaign_env("BPFSYS_WORK", work);
	catch_signals();
	open_files();
	open_vm();
	if (fuzzvm_ranges(campaign.vm) < 0)
		note(NULL, "no vmlinux: coverage of the whole kernel");
	campaign.blind = !fuzzvm_has_kcov(campaign.vm);
	if (campaign_stop)
		campaign_end(STATS_STOPPED, "%s", "");
	campaign.stats->kcov = !campaign.blind;
	campaign.cmp =
		!campaign.blind && *campaign_env("BPFSYS_CMP", "1") != '0';
	if (campaign.blind)
		note(NULL, "this kernel has no KCOV: fuzzing blind, by what "
			   "calls return (make kernel builds one that has)");
}

void campaign_close(void)
{
	if (campaign.vm)
		fuzzvm_close(campaign.vm);
	campaign.vm = NULL;
}

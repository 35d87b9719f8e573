// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* How far a campaign is. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpfabi.h"
#include "fuzz_seeds.h"
#include "fuzz_watch.h"
#include "host/cover.h"
#include "host/triage.h"
#include "progress.h"

/* Seconds between two lines on a terminal, elsewhere, and between rows. */
#define SHOW_S	1.0
#define LOG_S	10.0
#define NOTE_S	5.0
#define EARLY_S 30.0 /* when coverage grows fast, each second counts */

static double ran_s(const struct watch *watch)
{
	return monotonic_s() - watch->began;
}

/* The time of the last row that an earlier run has written. */
static double last_row(const char *path)
{
	size_t len;
	char *text = (char *)file_read(path, 64 << 20, &len), *at;
	double seconds = 0;

	if (!text)
		return 0;
	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	at = strrchr(text, '\n');
	if (at)
		seconds = strtod(at + 1, NULL);
	free(text);
	return seconds > 0 ? seconds : 0;
}

void watch_init(struct watch *watch, struct engines *engines)
{
	const struct fuzz_options *options = engines->options;
	const char *term = getenv("TERM");
	char path[FILES_PATH];

	memset(watch, 0, sizeof(*watch));
	watch->options = options;
	watch->began = monotonic_s();
	watch->tty =
		isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
	if (path_make(path, "%s/coverage.csv", options->work) == 0)
		watch->before = last_row(path);
	/* Nothing has run yet: what the files say is of earlier runs. */
	engines_stats(engines, &watch->first);
	watch->last = watch->first;
	watch->shown = watch->began;
	watch->noted = watch->began - NOTE_S;
}

struct names {
	const char *raw;
	unsigned long n;
	bool unjudged;
};

static bool ends_in(const char *name, const char *end)
{
	const size_t len = strlen(name), n = strlen(end);

	return len > n && strcmp(name + len - n, end) == 0;
}

/* Whether there is a find in DIR, or part of one. No list of all: there may be
 * thousands. */
static bool has_find(const char *dir)
{
	DIR *stream = opendir(dir);
	const struct dirent *entry;
	bool found = false;

	while (stream && !found && (entry = readdir(stream)))
		found = ends_in(entry->d_name, ".input") ||
			ends_in(entry->d_name, ".report");
	if (stream)
		closedir(stream);
	return found;
}

static int count_name(void *ctx, const char *name)
{
	struct names *names = ctx;
	char dir[FILES_PATH];

	if (*name == '.' || path_make(dir, "%s/%s", names->raw, name) < 0 ||
	    !has_find(dir))
		return 0;
	names->n++;
	names->unjudged = names->unjudged || triage_is_due(dir);
	return 0;
}

unsigned long finds_names(const char *work, bool *unjudged)
{
	char raw[FILES_PATH];
	struct names names = {raw, 0, false};

	if (path_make(raw, "%s/finds/raw", work) == 0)
		dir_each(raw, count_name, &names);
	if (unjudged)
		*unjudged = names.unjudged;
	return names.n;
}

struct pcs_files {
	const char *work;
	char **paths;
	size_t n;
};

static int add_job(void *ctx, const char *name)
{
	struct pcs_files *files = ctx;
	char **paths;

	if (strncmp(name, "job-", 4) != 0)
		return 0;
	paths = realloc(files->paths, (files->n + 1) * sizeof(*paths));
	if (!paths)
		return -ENOMEM;
	files->paths = paths;
	if (asprintf(&paths[files->n], "%s/%s/pcs", files->work, name) < 0)
		return -ENOMEM;
	files->n++;
	return 0;
}

/* All engines' PCs, as WORK/pcs: those of earlier campaigns with more jobs are
 * among them. */
static int export_pcs(struct watch *watch)
{
	struct pcs_files files = {watch->options->work, NULL, 0};
	char out[FILES_PATH];
	long n = path_make(out, "%s/pcs", files.work);

	if (n == 0)
		n = dir_each(files.work, add_job, &files);
	if (n == 0)
		n = cover_export(files.paths, files.n, out);
	if (n > 0)
		watch->pcs = (unsigned long)n;
	for (size_t i = 0; i < files.n; i++)
		free(files.paths[i]);
	free(files.paths);
	return n < 0 ? (int)n : 0;
}

static int append_row(const struct watch *watch, const struct stats *sum)
{
	char path[FILES_PATH];
	FILE *csv;
	int ret = path_make(path, "%s/coverage.csv", watch->options->work);

	if (ret < 0)
		return ret;
	csv = fopen(path, "ae");
	if (!csv)
		return -errno;
	if (ftell(csv) == 0)
		fputs("seconds,execs,pcs\n", csv);
	fprintf(csv, "%.1f,%llu,%lu\n", watch->before + ran_s(watch),
		(unsigned long long)sum->execs, watch->pcs);
	return fclose(csv) == 0 ? 0 : -errno;
}

/* What cannot be kept is said once. */
static void note_row(struct watch *watch, const struct stats *sum)
{
	const char *what = "pcs";
	int ret;

	if (watch->failed)
		return;
	watch->noted = monotonic_s();
	ret = export_pcs(watch);
	if (ret == 0) {
		what = "coverage.csv";
		ret = append_row(watch, sum);
	}
	watch->failed = ret < 0;
	if (ret == 0)
		return;
	watch_clear(watch);
	complain("%s/%s: %s", watch->options->work, what, strerror(-ret));
}

static void format_time(char *text, size_t size, double seconds)
{
	const unsigned long s = (unsigned long)seconds;

	snprintf(text, size, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
}

static void show(struct watch *watch, const struct stats *sum)
{
	const double now = monotonic_s();
	const double since = now - watch->shown;
	char line[256], time[32];

	watch->rate = since > 0
			      ? (double)(sum->execs - watch->last.execs) / since
			      : 0;
	watch->last = *sum;
	watch->shown = now;
	watch->names = finds_names(watch->options->work, NULL);
	format_time(time, sizeof(time), ran_s(watch));
	if (watch->options->quiet)
		return;
	snprintf(line, sizeof(line),
		 "%s %s: %.0f execs/s, %lu PCs%s, corpus %lu, finds %lu, "
		 "restarts %llu",
		 make_target_name(watch->options->target), time, watch->rate,
		 sum->pcs > watch->pcs ? (unsigned long)sum->pcs : watch->pcs,
		 sum->execs && !sum->kcov ? " (blind: no KCOV)" : "",
		 seeds_found(watch->options), watch->names,
		 (unsigned long long)sum->restarts);
	fprintf(stderr, watch->tty ? "\r\033[K%s" : "%s\n", line);
	watch->line = watch->tty;
}

void watch_clear(struct watch *watch)
{
	if (watch->line)
		fputs("\r\033[K", stderr);
	watch->line = false;
}

bool watch_look(struct watch *watch, struct engines *engines)
{
	const double now = monotonic_s();
	struct stats sum;

	engines_stats(engines, &sum);
	if (now - watch->noted >= (ran_s(watch) < EARLY_S ? 1.0 : NOTE_S))
		note_row(watch, &sum);
	if (now - watch->shown >= (watch->tty ? SHOW_S : LOG_S))
		show(watch, &sum);
	return !watch->failed;
}

static void summarise(struct watch *watch, const struct stats *sum)
{
	const struct fuzz_options *o = watch->options;
	const double seconds = ran_s(watch);
	const double execs = (double)(sum->execs - watch->first.execs);
	char time[32];

	format_time(time, sizeof(time), seconds);
	printf("%s: %.0f inputs in %s (%.0f a second), %lu PCs, corpus %lu, "
	       "finds %lu, restarts %llu\n",
	       make_target_name(o->target), execs, time,
	       seconds > 0 ? execs / seconds : 0, watch->pcs, seeds_found(o),
	       watch->names, (unsigned long long)sum->restarts);
	if (sum->lost_pcs)
		printf("PCs without room: %llu\n",
		       (unsigned long long)sum->lost_pcs);
	if (sum->cmp_runs)
		printf("runs for comparisons: %llu, which told %llu\n",
		       (unsigned long long)sum->cmp_runs,
		       (unsigned long long)sum->hints);
	printf("all of it: %s\n", o->work);
}

bool watch_has_run(const struct watch *watch)
{
	return watch->last.execs != watch->first.execs ||
	       watch->last.finds != watch->first.finds;
}

void watch_finish(struct watch *watch, struct engines *engines)
{
	char csv[FILES_PATH], html[FILES_PATH], *one = csv;
	struct stats sum;

	watch_clear(watch);
	engines_stats(engines, &sum);
	note_row(watch, &sum);
	watch->names = finds_names(watch->options->work, NULL);
	if (!watch->failed &&
	    path_make(csv, "%s/coverage.csv", watch->options->work) == 0 &&
	    path_make(html, "%s/coverage.html", watch->options->work) == 0)
		watch->failed = plot_write(html, &one, 1) != STATUS_HOLDS;
	watch->last = sum;
	summarise(watch, &sum);
}

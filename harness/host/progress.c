// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Progress on standard error. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

/* Seconds between two lines: no faster than eyes, or than a log deserves. */
#define REWRITE_S 0.1
#define LOG_S	  5.0

double monotonic_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void progress_init(struct progress *progress, bool quiet)
{
	const char *term = getenv("TERM");

	memset(progress, 0, sizeof(*progress));
	progress->quiet = quiet;
	pthread_mutex_init(&progress->lock, NULL);
	progress->tty =
		isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
}

void progress_inner(struct progress *progress, struct progress *outer,
		    struct progress_sum *sum)
{
	memset(progress, 0, sizeof(*progress));
	progress->quiet = true;
	progress->outer = outer;
	progress->sum = sum;
}

static int columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		return size.ws_col - 1; /* the last one makes some wrap */
	return 79;
}

static void show(struct progress *progress, const char *line)
{
	pthread_mutex_lock(&progress->lock);
	progress->last = monotonic_s();
	if (progress->tty)
		fprintf(stderr, "\r\033[K%.*s", columns(), line);
	else
		fprintf(stderr, "%s\n", line);
	progress->shown = progress->tty;
	pthread_mutex_unlock(&progress->lock);
}

static void clear(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}

void progress_clear(struct progress *progress)
{
	if (progress->outer)
		return;
	pthread_mutex_lock(&progress->lock);
	clear(progress);
	pthread_mutex_unlock(&progress->lock);
}

void progress_boot(struct progress *progress, const char *spec)
{
	char line[256];

	if (progress->quiet)
		return;
	snprintf(line, sizeof(line), "booting %s", spec);
	show(progress, line);
}

static bool first_up(struct progress *inner)
{
	bool first;

	pthread_mutex_lock(&inner->outer->lock);
	first = !inner->sum->up;
	inner->sum->up = true;
	pthread_mutex_unlock(&inner->outer->lock);
	return first;
}

void progress_up(struct progress *progress, const char *spec,
		 const char *release, double seconds)
{
	char line[256];

	if (progress->outer && first_up(progress))
		progress = progress->outer;
	if (progress->quiet)
		return;
	snprintf(line, sizeof(line), "%s: Linux %s is up after %.1f s", spec,
		 release, seconds);
	show(progress, line);
}

/* INNER has DONE now, or fewer while a case of its own is run once more. */
static size_t add_up(struct progress *inner, size_t done)
{
	struct progress_sum *sum = inner->sum;
	size_t all;

	pthread_mutex_lock(&inner->outer->lock);
	if (done > inner->mine) {
		sum->done += done - inner->mine;
		inner->mine = done;
	}
	all = sum->done;
	pthread_mutex_unlock(&inner->outer->lock);
	return all;
}

void progress_case(struct progress *progress, const char *spec, size_t done,
		   size_t total, const char *name)
{
	char line[384];
	bool soon;

	if (progress->outer) {
		done = add_up(progress, done);
		total = progress->sum->total;
		progress = progress->outer;
	}
	if (progress->quiet)
		return;
	pthread_mutex_lock(&progress->lock);
	soon = monotonic_s() - progress->last <
	       (progress->tty ? REWRITE_S : LOG_S);
	pthread_mutex_unlock(&progress->lock);
	if (soon)
		return;
	snprintf(line, sizeof(line), "%s: %zu/%zu %s", spec, done, total, name);
	show(progress, line);
}

void progress_note(struct progress *progress, const char *spec,
		   const char *format, ...)
{
	va_list ap;

	if (progress->outer)
		progress = progress->outer;
	pthread_mutex_lock(&progress->lock);
	clear(progress);
	fprintf(stderr, "bpfabi: %s: ", spec);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	pthread_mutex_unlock(&progress->lock);
}

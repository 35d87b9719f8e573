// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Turns raw finds into ones to send. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "files.h"
#include "leaks.h"
#include "stems.h"
#include "triage.h"

enum { TIMES = 3 };

struct work {
	const struct triage *triage;
	struct fuzzvm *vm;
	char raw[FILES_PATH]; /* WORK/finds/raw */
	int judged;
	int error; /* the first, of a name */
	bool over; /* no VM, or interrupted: others fare no better */
};

static void __attribute__((format(printf, 2, 3)))
say(const struct triage *triage, const char *format, ...)
{
	char line[512];
	va_list ap;

	if (!triage->say)
		return;
	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	triage->say(triage->ctx, line);
}

static bool is_stopped(const struct triage *triage)
{
	return triage->stop && triage->stop(triage->ctx);
}

static unsigned long count_lines(const char *path)
{
	size_t len;
	char *text = (char *)file_read(path, 64 << 20, &len);
	unsigned long n = 0;

	for (char *at = text; at && (at = strchr(at, '\n')); at++)
		n++;
	free(text);
	return n;
}

static int give_up(struct work *work)
{
	work->over = true;
	return -ENODEV;
}

/* How often SUSPECT ends as it is named, of so many times; the first time says
 * what the name is where it has none. -1: no VM, or interrupted. */
static int confirm(struct work *work, struct suspect *suspect,
		   unsigned int times, struct find *find)
{
	static struct find now;
	int confirmed = 0, most = 0;

	for (unsigned int i = 0; i < times; i++) {
		int ret = is_stopped(work->triage)
				  ? -1
				  : suspect_run(work->vm, suspect, true, &now);

		if (ret < 0)
			return give_up(work);
		if (ret == 0 || !*now.name) {
			find_drop(&now);
			continue;
		}
		/* The last one's console log is the one that is kept. */
		if (confirmed++)
			find_drop(find);
		*find = now;
		most = ret > most ? ret : most;
		if (!*suspect->name)
			memcpy(suspect->name, now.name, sizeof(now.name));
	}
	/* What never ran has no part in it. */
	if (confirmed)
		suspect_end(suspect, (size_t)most);
	return confirmed;
}

/* A leak is of one of many inputs: which? 0: of none. */
static int single_out(struct work *work, struct suspect *suspect)
{
	static struct find find;
	long which =
		leaks_search(work->vm, (const uint8_t *const *)suspect->inputs,
			     suspect->lens, suspect->n,
			     strncmp(suspect->name, "leak-memory", 11) == 0,
			     &find);

	if (which < 0)
		return is_stopped(work->triage) ? give_up(work) : 0;
	suspect_cut(suspect, suspect->n - (size_t)which);
	suspect_end(suspect, 1);
	return 1;
}

/* Runs the input alone, or else with what came before it. */
static int reproduce(struct work *work, struct suspect *suspect,
		     unsigned int times, struct find *find)
{
	struct suspect alone = *suspect;
	int confirmed;

	if (strncmp(suspect->name, "leak-", 5) == 0) {
		confirmed = single_out(work, suspect);
		return confirmed > 0 ? confirm(work, suspect, 1, find)
				     : confirmed;
	}
	alone.inputs += suspect->n - 1;
	alone.lens += suspect->n - 1;
	alone.n = 1;
	confirmed = confirm(work, &alone, times, find);
	memcpy(suspect->name, alone.name, sizeof(alone.name));
	if (confirmed != 0 || suspect->n == 1) {
		suspect_cut(suspect, 1);
		return confirmed;
	}
	say(work->triage,
	    "%s: not by the last input alone; with the %zu "
	    "before it",
	    suspect->name, suspect->n - 1);
	return confirm(work, suspect, times, find);
}

/* Runs it alone for whatever comes of it: the same bug may be reported
 * elsewhere. */
static int reproduce_otherwise(struct work *work, struct suspect *suspect,
			       unsigned int times, struct find *find)
{
	int confirmed;

	if (!strncmp(suspect->name, "leak-", 5) ||
	    !strncmp(suspect->name, "oracle-", 7))
		return 0;
	*suspect->name = '\0';
	confirmed = reproduce(work, suspect, times, find);
	if (confirmed == 0)
		suspect_cut(suspect, 1);
	return confirmed;
}

/* Minimised, if it does it as often in fresh clones; else as it came. */
static int shrink(struct work *work, struct suspect *suspect,
		  unsigned int times, int confirmed, struct find *find)
{
	struct suspect copy = {.n = 0};
	static struct find smaller;
	size_t before = suspect->lens[suspect->n - 1];
	unsigned int runs;
	int ret;

	memcpy(copy.name, suspect->name, sizeof(copy.name));
	for (size_t i = 0; i < suspect->n; i++)
		if (!suspect_add(&copy, suspect->inputs[i], suspect->lens[i]))
			goto out_copy;
	runs = suspect_shrink(work->vm, &copy, work->triage);
	ret = confirm(work, &copy, times, &smaller);
	if (ret < confirmed) {
		if (ret > 0)
			find_drop(&smaller);
		goto out_copy;
	}
	say(work->triage, "%s: %zu bytes of %zu, after %u runs", copy.name,
	    copy.lens[copy.n - 1], before, runs);
	suspect_free(suspect);
	*suspect = copy;
	find_drop(find);
	*find = smaller;
	return ret;
out_copy:
	suspect_free(&copy);
	return confirmed;
}

static int tell(struct work *work, const struct suspect *suspect,
		const struct verdict *verdict)
{
	char dir[FILES_PATH];
	int ret = path_make(dir, "%s/finds/%s", work->triage->work,
			    verdict->find->name);
	const int told = ret == 0 ? find_told(dir) : -1;

	/* Names of raw finds may end as the same. */
	if (told >= (int)verdict->confirmed) {
		say(work->triage, "%s: is told already, confirmed %d times",
		    verdict->find->name, told);
		return 0;
	}
	if (ret == 0)
		ret = dir_make(dir);
	if (ret == 0)
		ret = find_tell(dir, suspect, verdict);
	return ret;
}

static bool is_leak(const char *name)
{
	return strncmp(name, "leak-", 5) == 0;
}

/* Of a find that is no leak, or one that is proven. */
static int tell_verdict(struct work *work, const char *name,
			const struct suspect *suspect, struct find *find,
			struct verdict verdict)
{
	int ret;

	/* Who lives does not say what it is. */
	if (!*find->release)
		snprintf(find->release, sizeof(find->release), "%.*s",
			 (int)sizeof(find->release) - 1,
			 work->triage->vm->kernel ? work->triage->vm->kernel
						  : "unknown");
	verdict.find = find;
	ret = tell(work, suspect, &verdict);
	say(work->triage, "%s: confirmed %u of %u", name, verdict.confirmed,
	    verdict.of);
	if (verdict.confirmed > 0)
		find_drop(find);
	return ret;
}

/* One of the inputs of a name: how often it was confirmed, or -errno. It is
 * told if it was, or if it is the LAST that there is. */
static int judge_stem(struct work *work, const char *name, const char *stem,
		      unsigned long seen, bool last)
{
	const unsigned int often =
		work->triage->times ? work->triage->times : TIMES;
	/* Which is many runs by itself. */
	const unsigned int times = is_leak(name) ? 1 : often;
	struct suspect suspect = {.n = 0};
	static struct find find;
	int confirmed, ret = 0;

	if (!suspect_read(&suspect, stem))
		return -EIO;
	find_restore(&find, name, stem);
	snprintf(suspect.name, sizeof(suspect.name), "%s", name);
	confirmed = reproduce(work, &suspect, times, &find);
	if (confirmed == 0 && last)
		confirmed = reproduce_otherwise(work, &suspect, times, &find);
	if (confirmed > 0)
		confirmed = shrink(work, &suspect, times, confirmed, &find);
	if (confirmed > 0 || (confirmed == 0 && last && !is_leak(name)))
		ret = tell_verdict(
			work, name, &suspect, &find,
			(struct verdict){NULL, (unsigned int)confirmed, times,
					 seen, work->triage->vm});
	suspect_free(&suspect);
	return ret < 0 ? ret : confirmed;
}

/* Writes how often it was seen, where that was told before. */
static void count_again(struct work *work, const char *name, unsigned long seen)
{
	char path[FILES_PATH], text[32];
	int n = snprintf(text, sizeof(text), "%lu\n", seen);

	if (path_make(path, "%s/finds/%s/count", work->triage->work, name) == 0)
		file_write(path, text, (size_t)n);
}

/* A leak that nothing proves is no find; it is kept out of sight, beside others
 * that had its name. */
static int hide(struct work *work, const char *name, const char *dir)
{
	char path[FILES_PATH];
	int ret = path_make(path, "%s/.%s", work->raw, name);

	for (unsigned int i = 2; ret == 0 && rename(dir, path) < 0; i++) {
		if (errno != EEXIST && errno != ENOTEMPTY)
			return -errno;
		ret = path_make(path, "%s/.%s.%u", work->raw, name, i);
	}
	return ret;
}

static int judge_name(struct work *work, const char *name)
{
	char dir[FILES_PATH], path[FILES_PATH];
	static struct stems stems;
	unsigned long seen;
	int ret = 0, told = 0;

	if (*name == '.' || path_make(dir, "%s/%s", work->raw, name) < 0 ||
	    path_make(path, "%s/log", dir) < 0)
		return 0;
	seen = count_lines(path);
	stems_read(&stems, dir);
	for (unsigned int i = 0; i < stems.n && ret == 0; i++) {
		const bool last = i + 1 == stems.n;

		ret = judge_stem(work, name, stems.stem[i], seen, last);
		if (ret == 0 && last && is_leak(name))
			return hide(work, name, dir);
		if (ret >= 0)
			told = stems_tried(&stems, stems.stem[i], ret);
		ret = told < 0 ? told : ret;
	}
	count_again(work, name, seen);
	work->judged += stems.n && ret >= 0;
	return ret < 0 ? ret : 0;
}

/* What is wrong with one name is nothing to the others. */
static int judge_next(void *ctx, const char *name)
{
	struct work *work = ctx;
	const int ret = judge_name(work, name);

	if (ret == 0 || work->over)
		return ret;
	say(work->triage, "%s/%s: cannot be judged: %s", work->raw, name,
	    strerror(-ret));
	if (!work->error)
		work->error = ret;
	return 0;
}

int triage_all(const struct triage *triage)
{
	struct work work = {.triage = triage};
	int ret = path_make(work.raw, "%s/finds/raw", triage->work), lock;

	if (ret < 0)
		return ret;
	lock = open(work.raw, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0)
		return errno == ENOENT ? 0 : -errno;
	/* One judges, another waits. */
	flock(lock, LOCK_EX);
	work.vm = fuzzvm_open(triage->vm);
	ret = work.vm ? dir_each(work.raw, judge_next, &work) : -ENOMEM;
	if (work.vm)
		fuzzvm_close(work.vm);
	close(lock);
	ret = ret < 0 ? ret : work.error;
	return ret < 0 ? ret : work.judged;
}

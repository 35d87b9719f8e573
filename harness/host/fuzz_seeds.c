// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What engines begin with, and what they leave. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "any_seq.h"
#include "bpfabi.h"
#include "fuzz_seeds.h"

enum { MADE = 16 };

static int count_file(void *ctx, const char *name)
{
	*(unsigned long *)ctx += *name != '.';
	return 0;
}

unsigned long seeds_count(const char *dir)
{
	unsigned long n = 0;

	dir_each(dir, count_file, &n);
	return n;
}

/* AFL++'s queues: WORK/afl/NAME/queue. */
struct queues {
	const struct fuzz_options *options;
	char path[FILES_PATH];
	int (*each)(void *ctx, const char *name);
	void *ctx;
};

static int visit_queue(void *ctx, const char *name)
{
	struct queues *q = ctx;

	/* Not all that is there has a queue. */
	if (*name == '.' ||
	    path_make(q->path, "%s/afl/%s/queue", q->options->work, name) < 0 ||
	    access(q->path, R_OK) < 0)
		return 0;
	return dir_each(q->path, q->each, q->ctx);
}

static int each_queued(struct queues *q)
{
	char path[FILES_PATH];
	int ret = path_make(path, "%s/afl", q->options->work);

	if (ret == 0)
		ret = dir_each(path, visit_queue, q);
	return ret == -ENOENT ? 0 : ret;
}

unsigned long seeds_found(const struct fuzz_options *options)
{
	char path[FILES_PATH];
	unsigned long n = 0;
	struct queues q = {options, "", count_file, &n};

	if (options->engine == ENGINE_AFL)
		each_queued(&q);
	else if (path_make(path, "%s/corpus", options->work) == 0)
		n = seeds_count(path);
	return n;
}

/* Keeps an input in DIR under a name made of its bytes. */
static int keep(const char *dir, const uint8_t *data, size_t len)
{
	char path[FILES_PATH];
	int ret = path_make(path, "%s/%016llx", dir,
			    (unsigned long long)hash_bytes(data, len));

	if (ret < 0 || access(path, F_OK) == 0)
		return ret;
	return file_write(path, data, len);
}

struct copy {
	const char *from, *to;
};

static int copy_input(void *ctx, const char *name)
{
	const struct copy *copy = ctx;
	char path[FILES_PATH];
	uint8_t *data;
	size_t len;
	int ret = 0;

	if (*name == '.' || path_make(path, "%s/%s", copy->from, name) < 0)
		return 0;
	data = file_read(path, SEQ_MOST, &len);
	if (data)
		ret = keep(copy->to, data, len);
	free(data);
	return ret;
}

int seeds_collect(const struct fuzz_options *options)
{
	char to[FILES_PATH];
	struct queues q = {options, "", copy_input, NULL};
	struct copy copy = {q.path, to};
	int ret = path_make(to, "%s/corpus", options->work);

	q.ctx = &copy;
	if (ret == 0 && options->engine == ENGINE_AFL)
		ret = dir_make(to);
	if (ret == 0 && options->engine == ENGINE_AFL)
		ret = each_queued(&q);
	if (ret == 0)
		return STATUS_HOLDS;
	complain("%s/corpus: %s", options->work, strerror(-ret));
	return STATUS_NO_VERDICT;
}

static int make_some(const struct fuzz_options *options, const char *dir)
{
	const uint64_t seed =
		options->seed ? options->seed : (uint64_t)time(NULL);
	static uint8_t data[SEQ_MOST];
	int ret = 0;

	for (uint64_t i = 0; i < MADE && ret == 0; i++) {
		size_t len = make_new(options->target, seed * MADE + i, data,
				      sizeof(data));

		ret = keep(dir, data, len);
	}
	return ret;
}

/* Engines read bytes; what somebody wrote as text is encoded for them. */
static int encode_text(void *ctx, const char *name)
{
	static uint8_t bytes[SEQ_MOST];
	const struct copy *copy = ctx;
	char path[FILES_PATH], why[160];
	uint8_t *data;
	size_t len, n;
	int ret = 0;

	if (*name == '.' || path_make(path, "%s/%s", copy->from, name) < 0)
		return 0;
	data = file_read(path, ANY_SEQ_MOST, &len);
	if (!data)
		return 0;
	n = any_seq_encode((char *)data, len, bytes, why, sizeof(why));
	if (!n)
		complain("%s: no sequence, left out: %s", path, why);
	else if (n != len || memcmp(bytes, data, n) != 0)
		ret = keep(copy->to, bytes, n);
	free(data);
	return ret;
}

/* AFL++ reads one directory, so all that there is goes there. */
static int prepare_afl(const struct fuzz_options *options, const char *corpus)
{
	char dir[FILES_PATH];
	struct copy own = {corpus, dir}, seeds = {options->corpus, dir};
	int ret = path_make(dir, "%s/afl-seeds", options->work);

	if (ret == 0)
		ret = dir_make(dir);
	if (ret < 0)
		return ret;
	ret = dir_each(corpus, copy_input, &own);
	if (ret == 0 && *options->corpus)
		ret = dir_each(options->corpus, copy_input, &seeds);
	return ret;
}

int seeds_prepare(const struct fuzz_options *options)
{
	char corpus[FILES_PATH];
	struct copy texts = {options->corpus, corpus};
	int ret = path_make(corpus, "%s/corpus", options->work);

	if (ret == 0)
		ret = dir_make(corpus);
	if (ret == 0 && *options->corpus)
		ret = dir_each(options->corpus, encode_text, &texts);
	if (ret == 0 && seeds_count(corpus) == 0 &&
	    (!*options->corpus || seeds_count(options->corpus) == 0))
		ret = make_some(options, corpus);
	if (ret == 0 && options->engine == ENGINE_AFL)
		ret = prepare_afl(options, corpus);
	if (ret == 0)
		return STATUS_HOLDS;
	complain("%s: %s", options->work, strerror(-ret));
	return STATUS_NO_VERDICT;
}

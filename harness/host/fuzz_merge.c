// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi fuzz --merge: the fewest inputs that reach what a corpus reaches. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpfabi.h"
#include "fuzz_merge.h"
#include "fuzz_seeds.h"
#include "host/cover.h"
#include "host/fuzzvm.h"
#include "interrupt.h"
#include "progress.h"

struct input {
	char *path;
	size_t len;
};

struct merge {
	const struct fuzz_options *options;
	struct fuzzvm *vm;
	struct cover *cover; /* gives PCs their numbers */
	char cover_path[FILES_PATH];
	const char *dir; /* that is being read */
	struct input *inputs;
	uint32_t **sets;
	uint32_t *counts;
	size_t n, died;
	double shown;
};

static int add_input(void *ctx, const char *name)
{
	struct merge *m = ctx;
	char path[FILES_PATH];
	struct input *inputs;
	static struct seq seq;
	uint8_t *data;
	size_t len;

	if (*name == '.' || path_make(path, "%s/%s", m->dir, name) < 0)
		return 0;
	data = file_read(path, SEQ_MOST, &len);
	if (!data || seq_decode(&seq, data, len) < 0) {
		free(data);
		return 0;
	}
	free(data);
	inputs = realloc(m->inputs, (m->n + 1) * sizeof(*inputs));
	if (!inputs)
		return -ENOMEM;
	m->inputs = inputs;
	inputs[m->n].len = len;
	inputs[m->n].path = strdup(path);
	return inputs[m->n++].path ? 0 : -ENOMEM;
}

static int by_size(const void *a, const void *b)
{
	const struct input *x = a, *y = b;

	return x->len != y->len ? (x->len > y->len) - (x->len < y->len)
				: strcmp(x->path, y->path);
}

static int read_inputs(struct merge *m)
{
	const struct fuzz_options *o = m->options;
	char own[FILES_PATH];
	int ret = 0;

	if (*o->corpus) {
		m->dir = o->corpus;
		ret = dir_each(o->corpus, add_input, m);
	}
	if (ret == 0 && path_make(own, "%s/corpus", o->work) == 0 &&
	    access(own, R_OK) == 0) {
		m->dir = own;
		ret = dir_each(own, add_input, m);
	}
	if (ret == 0 && m->n)
		qsort(m->inputs, m->n, sizeof(*m->inputs), by_size);
	return ret;
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The numbers of N PCs, each once, as the set of input AT. */
static int take_set(struct merge *m, size_t at, const uint32_t *pcs, uint32_t n)
{
	uint32_t *set = malloc((n + 1) * sizeof(*set)), kept = 0;

	if (!set)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++)
		set[i] = cover_number(m->cover, pcs[i]);
	qsort(set, n, sizeof(*set), compare);
	for (uint32_t i = 0; i < n; i++)
		if (i == 0 || set[i] != set[i - 1])
			set[kept++] = set[i];
	m->sets[at] = realloc(set, (kept + 1) * sizeof(*set));
	if (!m->sets[at])
		m->sets[at] = set;
	m->counts[at] = kept;
	return 0;
}

/* A find, no seed. */
static void leave_out(struct merge *m, size_t at,
		      const struct fuzzvm_result *res)
{
	complain("%s: the kernel dies of it, left out", m->inputs[at].path);
	if (*res->vm->console_log)
		unlink(res->vm->console_log);
	m->counts[at] = 0;
	m->died++;
}

static int run_input(struct merge *m, size_t at)
{
	static struct fuzzvm_result res;
	size_t len;
	uint8_t *data = file_read(m->inputs[at].path, SEQ_MOST, &len);
	enum fuzzvm_end end;
	int ret = 0;

	if (!data)
		return 0;
	end = fuzzvm_run(m->vm, data, len, EXEC_COVER | EXEC_FRESH, 1, &res);
	if (res.earlier && at > 0) {
		leave_out(m, at - 1, &res);
		end = fuzzvm_run(m->vm, data, len, EXEC_COVER | EXEC_FRESH, 1,
				 &res);
	}
	switch (end) {
	case FUZZVM_RAN:
		ret = take_set(m, at, res.pcs, res.page.n_pcs);
		break;
	case FUZZVM_LOST:
		complain("%s", res.why);
		ret = -EIO;
		break;
	default:
		leave_out(m, at, &res);
	}
	free(data);
	return ret;
}

static int run_inputs(struct merge *m)
{
	int ret = 0;

	m->sets = calloc(m->n + 1, sizeof(*m->sets));
	m->counts = calloc(m->n + 1, sizeof(*m->counts));
	if (!m->sets || !m->counts)
		return -ENOMEM;
	for (size_t i = 0; i < m->n && ret == 0; i++) {
		if (interrupt_signal())
			return -EINTR;
		if (!m->options->quiet && monotonic_s() - m->shown > 5) {
			fprintf(stderr, "merge: %zu of %zu\n", i, m->n);
			m->shown = monotonic_s();
		}
		ret = run_input(m, i);
	}
	return ret;
}

static int copy_kept(struct merge *m, const bool *keep)
{
	char path[FILES_PATH];
	int ret = dir_make(m->options->merge);

	for (size_t i = 0; i < m->n && ret == 0; i++) {
		size_t len;
		uint8_t *data;

		if (!keep[i])
			continue;
		data = file_read(m->inputs[i].path, SEQ_MOST, &len);
		if (!data)
			return -errno;
		ret = path_make(path, "%s/%016llx", m->options->merge,
				(unsigned long long)hash_bytes(data, len));
		if (ret == 0)
			ret = file_write(path, data, len);
		free(data);
	}
	return ret;
}

static int choose(struct merge *m)
{
	bool *keep = calloc(m->n + 1, sizeof(*keep));
	size_t *bytes = calloc(m->n + 1, sizeof(*bytes));
	long kept = keep && bytes ? 0 : -ENOMEM;
	int ret = (int)kept;

	for (size_t i = 0; i < m->n && kept == 0; i++)
		bytes[i] = m->inputs[i].len;
	if (kept == 0)
		kept = merge_choose(m->sets, m->counts, bytes, m->n,
				    cover_count(m->cover), keep);
	ret = kept < 0 ? (int)kept : copy_kept(m, keep);
	if (ret == 0)
		printf("%ld of %zu inputs reach all %u PCs: %s\n", kept, m->n,
		       cover_count(m->cover), m->options->merge);
	free(bytes);
	free(keep);
	return ret;
}

static void release(struct merge *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->inputs[i].path);
		if (m->sets)
			free(m->sets[i]);
	}
	free(m->inputs);
	free(m->sets);
	free(m->counts);
	if (m->vm)
		fuzzvm_close(m->vm);
	if (m->cover)
		cover_close(m->cover);
	unlink(m->cover_path);
}

static void note(void *ctx, const char *line)
{
	(void)ctx;
	complain("%s", line);
}

static int open_all(struct merge *m)
{
	const struct fuzz_options *o = m->options;
	struct fuzzvm_config cfg;

	memset(&cfg, 0, sizeof(cfg));
	cfg.kernel = o->kernel;
	cfg.executor = o->executor;
	cfg.append = o->append;
	cfg.accel = o->accel;
	cfg.timeout_s = o->timeout_s;
	cfg.plain_traces = true;
	cfg.note = note;
	if (dir_make(o->merge) < 0 ||
	    path_make(m->cover_path, "%s/.pcs", o->merge) < 0 ||
	    !(m->cover = cover_open(m->cover_path)))
		return -errno;
	m->vm = fuzzvm_open(&cfg);
	if (!m->vm)
		return -ENOMEM;
	if (!fuzzvm_has_kcov(m->vm) && !interrupt_signal()) {
		complain("%s has no KCOV: what an input reaches cannot be "
			 "seen; make kernel builds one that has",
			 o->kernel);
		return -EOPNOTSUPP;
	}
	return 0;
}

int merge_run(const struct fuzz_options *options)
{
	struct merge m = {.options = options};
	int ret = read_inputs(&m);

	if (ret == 0 && m.n == 0) {
		complain("no inputs in %s nor %s/corpus", options->corpus,
			 options->work);
		return STATUS_NO_VERDICT;
	}
	if (ret == 0)
		ret = open_all(&m);
	if (ret == 0)
		ret = run_inputs(&m);
	if (ret == 0)
		ret = choose(&m);
	release(&m);
	if (interrupt_signal())
		return 128 + interrupt_signal();
	if (ret == 0)
		return STATUS_HOLDS;
	complain("merging: %s", strerror(-ret));
	return STATUS_NO_VERDICT;
}

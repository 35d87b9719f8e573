// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi run --corpus: replays a corpus on each kernel. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "corpus.h"
#include "interrupt.h"
#include "text.h"

#define EXECUTOR "bpfsys-exec"

struct replay {
	const struct corpus *corpus;
	struct fuzzvm *vm;
	struct seq seq;
	struct fuzzvm_result res;
};

/* The kernel's word on itself, or ours. */
static void print_end(FILE *out, const struct fuzzvm_result *res)
{
	const struct bpfvm_result *vm = res->vm;
	char clean[256];

	text_clean_str(clean, sizeof(clean),
		       vm && vm->n_reports ? vm->reports[0].title : res->why);
	fprintf(out, "%s: %s\n", res->end == FUZZVM_HUNG ? "HANG" : "CRASH",
		clean);
}

static enum status crashed(const struct replay *r, const char *name)
{
	print_end(stdout, &r->res);
	if (*r->res.vm->console_log)
		complain("%s: %s: console log in %s", name, r->res.why,
			 r->res.vm->console_log);
	return STATUS_CRASHED;
}

static enum fuzzvm_end run_entry(struct replay *r,
				 const struct corpus_entry *entry)
{
	return fuzzvm_run(r->vm, entry->bytes, entry->len,
			  EXEC_FRESH | EXEC_DETAIL, 0, &r->res);
}

static enum status replay_entry(struct replay *r,
				const struct corpus_entry *entry)
{
	enum status status = STATUS_HOLDS;
	enum fuzzvm_end end;
	char name[512];

	if (seq_decode(&r->seq, entry->bytes, entry->len))
		return STATUS_NO_VERDICT;
	text_clean_str(name, sizeof(name), entry->name);
	end = run_entry(r, entry);
	if (r->res.earlier) {
		/* Not of this one, and those before have their lines. */
		printf("# before %s: ", name);
		status = crashed(r, name);
		end = run_entry(r, entry);
	}
	if (end == FUZZVM_LOST) {
		if (!interrupt_signal())
			complain("%s: no verdict: %s", name, r->res.why);
		return STATUS_NO_VERDICT;
	}
	printf("%s: ", name);
	if (end != FUZZVM_RAN)
		return crashed(r, name);
	corpus_line(stdout, &r->seq, &r->res);
	return status;
}

static enum status replay_all(struct replay *r)
{
	enum status worst = STATUS_HOLDS, status;

	for (size_t i = 0; i < r->corpus->n && !interrupt_signal(); i++) {
		status = replay_entry(r, &r->corpus->entries[i]);
		worst = status_worse(worst, status);
		/* Without a VM there will be none for the next one. */
		if (status == STATUS_NO_VERDICT)
			break;
	}
	return worst;
}

static enum status replay_kernel(const struct run_options *options,
				 const struct corpus *corpus,
				 const char *executor, const char *kernel)
{
	struct replay *r = calloc(1, sizeof(*r));
	enum status status = STATUS_NO_VERDICT;
	struct fuzzvm_config cfg;

	memset(&cfg, 0, sizeof(cfg));
	cfg.kernel = kernel;
	cfg.executor = executor;
	cfg.append = options->append;
	cfg.accel = options->accel;
	if (r)
		r->vm = fuzzvm_open(&cfg);
	if (r && r->vm) {
		r->corpus = corpus;
		if (options->n_kernels > 1)
			printf("# %s\n", kernel);
		status = replay_all(r);
		fuzzvm_close(r->vm);
	} else {
		complain("replaying: out of memory");
	}
	free(r);
	return status;
}

static enum status find_executor(char *path, size_t size)
{
	const char *given = getenv("BPFABI_EXEC");
	ssize_t len;
	char *slash;

	if (given && *given) {
		snprintf(path, size, "%s", given);
	} else {
		len = readlink("/proc/self/exe", path, size - 1);
		path[len < 0 ? 0 : len] = '\0';
		slash = strrchr(path, '/');
		if (slash)
			snprintf(slash, size - (size_t)(slash - path),
				 "/" EXECUTOR);
	}
	if (access(path, R_OK | X_OK) == 0)
		return STATUS_HOLDS;
	complain("the executor %s cannot be used: %s; `make` builds it, "
		 "$BPFABI_EXEC names another",
		 path, strerror(errno));
	return STATUS_NO_VERDICT;
}

enum status corpus_run(const struct run_options *options)
{
	struct corpus corpus = {NULL, 0};
	char executor[4096];
	enum status status = find_executor(executor, sizeof(executor)), one;

	if (status == STATUS_HOLDS)
		status = corpus_read(&corpus, options->corpus);
	if (corpus.n)
		interrupt_install();
	for (size_t i = 0; corpus.n && i < options->n_kernels; i++) {
		one = replay_kernel(options, &corpus, executor,
				    options->kernels[i]);
		status = status_worse(status, one);
		if (interrupt_signal())
			break;
	}
	corpus_free(&corpus);
	return status_worse(status, finish_stdout());
}

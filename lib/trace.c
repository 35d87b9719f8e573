// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* One line for each call of bpf(2), for programs that ask for it. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpfsys/abi.h>
#include <bpfsys/explain.h>

#include "trace.h"
#include "untraced.h"

#define SHOWN_BYTES 256
#define LINE_SIZE   2048

/* Two words that belong together: a reporter is never taken with the argument
 * of another. */
struct reporter {
	void (*report)(const char *line, void *arg);
	void *arg;
};
static struct reporter reporter;
static pthread_mutex_t changing = PTHREAD_MUTEX_INITIALIZER;

static struct reporter current(void)
{
	struct reporter now;

	pthread_mutex_lock(&changing);
	now = reporter;
	pthread_mutex_unlock(&changing);
	return now;
}

/* Calls of a reporter are its own affair. */
static _Thread_local bool reporting;

/* As the kernel will see the argument. */
static void before(struct bpfsys_call *call, uint8_t *bytes)
{
	call->bytes = bytes;
	call->n_bytes = bpfsys_peek(bytes, call->attr,
				    call->size < SHOWN_BYTES ? call->size
							     : SHOWN_BYTES);
}

/* The call, and of its causes the first. */
static void after(const struct bpfsys_call *call)
{
	struct reporter to = current();
	char line[LINE_SIZE];
	size_t used = (size_t)bpfsys_show_call(call, line, sizeof(line));
	char *why;

	if (call->ret < 0 && used + 3 < sizeof(line)) {
		why = line + used + 2;
		memcpy(line + used, "; ", 2);
		bpfsys_explain(call->cmd, call->n_bytes ? call->bytes : NULL,
			       (unsigned int)call->n_bytes, call->ret, why,
			       sizeof(line) - used - 2);
		why[strcspn(why, "\n")] = '\0';
	}
	reporting = true;
	if (to.report)
		to.report(line, to.arg);
	reporting = false;
}

static int traced(unsigned int cmd, void *attr, unsigned int size)
{
	struct bpfsys_call call = {.cmd = cmd, .size = size, .attr = attr};
	uint8_t bytes[SHOWN_BYTES];
	int err = errno;

	if (reporting)
		return bpfsys_untraced(cmd, attr, size);
	before(&call, bytes);
	errno = err;
	call.ret = bpfsys_untraced(cmd, attr, size);
	err = errno;
	after(&call);
	errno = err;
	return call.ret;
}

static int traced_common(unsigned int cmd, void *attr, unsigned int size,
			 struct bpfsys_common_attr *common,
			 unsigned int common_size)
{
	struct bpfsys_call call = {
		.cmd = cmd | BPFSYS_COMMON_ATTRS, .size = size, .attr = attr};
	uint8_t bytes[SHOWN_BYTES];
	int err = errno;

	if (reporting)
		return bpfsys_untraced_common(cmd, attr, size, common,
					      common_size);
	before(&call, bytes);
	errno = err;
	call.ret = bpfsys_untraced_common(cmd, attr, size, common, common_size);
	err = errno;
	after(&call);
	errno = err;
	return call.ret;
}

void bpfsys_trace(void (*report)(const char *line, void *arg), void *arg)
{
	static const struct bpfsys_hook hook = {traced, traced_common};

	pthread_mutex_lock(&changing);
	reporter.report = report;
	reporter.arg = arg;
	pthread_mutex_unlock(&changing);
	atomic_store_explicit(&bpfsys_hook, report ? &hook : NULL,
			      memory_order_relaxed);
}

/* In one write, so that lines of threads do not mix. */
static void to_stderr(const char *line, void *arg)
{
	char out[LINE_SIZE + 1];
	size_t len = strlen(line);

	(void)arg;
	memcpy(out, line, len);
	out[len] = '\n';
	if (write(STDERR_FILENO, out, len + 1) < 0)
		return;
}

int bpfsys_trace_from_env(void)
{
	const char *value = secure_getenv("BPFSYS_TRACE");

	if (!value || strcmp(value, "1") != 0)
		return 0;
	bpfsys_trace(to_stderr, NULL);
	return 1;
}

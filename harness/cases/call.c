// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Remembers the last calls of bpf(2), so that the library can show one. */
#include <stdint.h>

#include <bpfsys/abi.h>
#include <bpfsys/explain.h>

#include "call.h"
#include "trace.h"

#define SHOWN_CALLS 8
#define SHOWN_BYTES 256

struct call {
	unsigned int cmd, size;
	const void *attr;
	unsigned int copied; /* bytes of attr that could be read */
	uint8_t bytes[SHOWN_BYTES];
	int ret;
};

const struct call_watch *call_watch;

static struct call calls[SHOWN_CALLS];
static unsigned int n_calls;

/* As the kernel saw the argument. */
static struct call *remember(unsigned int cmd, void *attr, unsigned int size)
{
	struct call *call = &calls[n_calls++ % SHOWN_CALLS];

	call->cmd = cmd;
	call->size = size;
	call->attr = attr;
	call->copied = 0;
	if (size)
		call->copied =
			bpfsys_peek(call->bytes, attr,
				    size < SHOWN_BYTES ? size : SHOWN_BYTES);
	return call;
}

int __wrap_bpfsys(unsigned int cmd, void *attr, unsigned int size)
{
	struct call *call = remember(cmd, attr, size);

	if (call_watch)
		call_watch->before(cmd, attr, size, NULL, 0);
	call->ret = __real_bpfsys(cmd, attr, size);
	if (call_watch)
		call_watch->after(call->ret);
	return call->ret;
}

void call_remember(unsigned int cmd, void *attr, unsigned int size, int ret)
{
	remember(cmd, attr, size)->ret = ret;
}

int call_expecting(int want, unsigned int cmd, void *attr, unsigned int size)
{
	int ret = __real_bpfsys(cmd, attr, size);

	if (ret != want)
		call_remember(cmd, attr, size, ret);
	return ret;
}

int __wrap_bpfsys_common(unsigned int cmd, void *attr, unsigned int size,
			 struct bpfsys_common_attr *common,
			 unsigned int common_size)
{
	struct call *call = remember(cmd | BPFSYS_COMMON_ATTRS, attr, size);

	if (call_watch)
		call_watch->before(cmd | BPFSYS_COMMON_ATTRS, attr, size,
				   common, common_size);
	call->ret = __real_bpfsys_common(cmd, attr, size, common, common_size);
	if (call_watch)
		call_watch->after(call->ret);
	return call->ret;
}

static void show(const struct call *call, char *buf, size_t size)
{
	const struct bpfsys_call shown = {
		.cmd = call->cmd,
		.size = call->size,
		.attr = call->attr,
		.bytes = call->bytes,
		.n_bytes = call->copied,
		.ret = call->ret,
	};

	bpfsys_show_call(&shown, buf, size);
}

void call_show(int ret, char *buf, size_t size)
{
	for (unsigned int back = 1; back <= SHOWN_CALLS && back <= n_calls;
	     back++) {
		const struct call *call =
			&calls[(n_calls - back) % SHOWN_CALLS];

		if (call->ret == ret) {
			show(call, buf, size);
			return;
		}
	}
	call_show_last(buf, size);
}

void call_show_last(char *buf, size_t size)
{
	if (n_calls)
		show(&calls[(n_calls - 1) % SHOWN_CALLS], buf, size);
	else if (size)
		buf[0] = '\0';
}

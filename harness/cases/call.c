// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Remembers the last calls of bpf(2) and shows one the way strace would: the
 * fields that are not zero, from the table. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <bpfsys/abi.h>

#include "call.h"

#define SHOWN_CALLS 8
#define SHOWN_BYTES 256

struct call {
	unsigned int cmd, size;
	const void *attr;
	unsigned int copied; /* bytes of attr that could be read */
	uint8_t bytes[SHOWN_BYTES];
	bool common;
	int ret;
};

static struct call calls[SHOWN_CALLS];
static unsigned int n_calls;

/* Up to SIZE bytes at FROM, which may be unreadable: that is asked of the
 * kernel, not tried. A kernel without process_vm_readv() still reads memory to
 * put it into a pipe. Returns the bytes that came. */
static unsigned int peek(void *to, void *from, size_t size)
{
	static bool lacks_readv;
	struct iovec here = {to, size}, there = {from, size};
	ssize_t n = -1;
	int pair[2];

	if (!lacks_readv)
		n = process_vm_readv(getpid(), &here, 1, &there, 1, 0);
	if (n < 0 && errno == ENOSYS)
		lacks_readv = true;
	if (lacks_readv && pipe2(pair, O_CLOEXEC | O_NONBLOCK) == 0) {
		n = write(pair[1], from, size);
		n = n > 0 ? read(pair[0], to, (size_t)n) : 0;
		close(pair[0]);
		close(pair[1]);
	}
	return n > 0 ? (unsigned int)n : 0;
}

/* As the kernel saw the argument. */
static struct call *remember(unsigned int cmd, void *attr, unsigned int size)
{
	struct call *call = &calls[n_calls++ % SHOWN_CALLS];

	call->cmd = cmd;
	call->size = size;
	call->attr = attr;
	call->copied = 0;
	if (size)
		call->copied = peek(call->bytes, attr,
				    size < SHOWN_BYTES ? size : SHOWN_BYTES);
	call->common = false;
	return call;
}

int __wrap_bpfsys(unsigned int cmd, void *attr, unsigned int size)
{
	struct call *call = remember(cmd, attr, size);

	call->ret = __real_bpfsys(cmd, attr, size);
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
	struct call *call = remember(cmd, attr, size);

	call->common = true;
	call->ret = __real_bpfsys_common(cmd, attr, size, common, common_size);
	return call->ret;
}

/* A string that grows to the end of its buffer and no further. */
struct text {
	char *buf;
	size_t size, used;
};

static void __attribute__((format(printf, 2, 3)))
put(struct text *text, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text->buf + text->used, text->size - text->used, format,
		      ap);
	va_end(ap);
	if (n > 0)
		text->used += (size_t)n;
	if (text->used >= text->size)
		text->used = text->size - 1;
}

static void put_value(struct text *text, const struct bpfsys_field *field,
		      const uint8_t *at)
{
	uint64_t v64;
	uint32_t v32;

	memcpy(&v64, at, field->size == 8 ? 8 : 0);
	memcpy(&v32, at, field->size == 4 ? 4 : 0);
	if (field->kind == BPFSYS_KIND_NAME)
		put(text, "\"%.*s\"", field->size, (const char *)at);
	else if (field->kind == BPFSYS_KIND_FD && field->size == 4)
		put(text, "%d", (int)v32);
	else if (field->size == 4 && field->kind != BPFSYS_KIND_FLAGS)
		put(text, "%u", v32);
	else
		put(text, "0x%llx",
		    field->size == 8 ? (unsigned long long)v64
				     : (unsigned long long)v32);
}

static bool is_zero(const uint8_t *at, size_t size)
{
	while (size && !*at)
		at++, size--;
	return !size;
}

static bool covered(const struct bpfsys_field *fields, size_t count, size_t at)
{
	for (size_t i = 0; i < count; i++)
		if (at >= fields[i].offset &&
		    at < (size_t)fields[i].offset + fields[i].size)
			return true;
	return false;
}

/* The fields that are not zero; of several at one place the first. What no
 * field of the command covers is shown as bytes. */
static void put_attr(struct text *text, const struct call *call,
		     const struct bpfsys_command *cmd)
{
	const char *comma = "";
	size_t count, end = 0;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &count);

	for (size_t i = 0; i < count; i++) {
		const struct bpfsys_field *f = &fields[i];

		if (f->offset < end || f->offset + f->size > call->copied ||
		    is_zero(call->bytes + f->offset, f->size))
			continue;
		put(text, "%s%s=", comma, f->name);
		put_value(text, f, call->bytes + f->offset);
		comma = ", ";
		end = (size_t)f->offset + f->size;
	}
	for (unsigned int i = 0; i < call->copied; i++)
		if (call->bytes[i] && !covered(fields, count, i)) {
			put(text, "%s[%u]=0x%02x", comma, i, call->bytes[i]);
			comma = ", ";
		}
}

static void show(const struct call *call, char *buf, size_t size)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(call->cmd);
	struct text text = {buf, size, 0};
	const char *flag = call->common ? "|BPF_COMMON_ATTRS" : "";
	const char *err = call->ret < 0 ? bpfsys_errno_name(-call->ret) : NULL;

	if (cmd)
		put(&text, "bpf(BPF_%s%s, ", cmd->name, flag);
	else
		put(&text, "bpf(%u%s, ", call->cmd, flag);
	if (cmd && call->copied) {
		put(&text, "{");
		put_attr(&text, call, cmd);
		put(&text, "}");
	} else {
		put(&text, "%p", call->attr);
	}
	put(&text, ", %u) = %d%s%s", call->size, call->ret < 0 ? -1 : call->ret,
	    err ? " " : "", err ? err : "");
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

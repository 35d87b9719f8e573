// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Shows a call of bpf(2) the way strace would: the fields that are not zero,
 * from the table. */
#include <limits.h>
#include <stdbool.h>

#include <bpfsys/abi.h>
#include <bpfsys/explain.h>

#include "show.h"

/* Names come from programs and may hold anything. */
static void show_name(struct text *text, const uint8_t *at, size_t size)
{
	put(text, "\"");
	for (size_t i = 0; i < size && at[i]; i++)
		if (at[i] < ' ' || at[i] > '~' || at[i] == '"' || at[i] == '\\')
			put(text, "\\x%02x", at[i]);
		else
			put(text, "%c", at[i]);
	put(text, "\"");
}

void bpfsys_show_value(struct text *text, const struct bpfsys_field *field,
		       const uint8_t *at)
{
	uint64_t value = number_at(at, field->size);

	if (field->kind == BPFSYS_KIND_NAME)
		show_name(text, at, field->size);
	else if (field->kind == BPFSYS_KIND_FD && field->size == 4)
		put(text, "%d", (int)value);
	else if (field->size == 4 && field->kind != BPFSYS_KIND_FLAGS)
		put(text, "%u", (unsigned int)value);
	else
		put(text, "0x%llx", (unsigned long long)value);
}

void bpfsys_show_release(struct text *text, uint32_t release)
{
	put(text, "%u.%u", release >> 16, release >> 8 & 0xff);
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
static void show_attr(struct text *text, const struct bpfsys_call *call,
		      const struct bpfsys_command *cmd)
{
	const uint8_t *bytes = call->bytes;
	const char *comma = "";
	size_t count, end = 0;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &count);

	for (size_t i = 0; i < count; i++) {
		const struct bpfsys_field *f = &fields[i];
		size_t f_end = (size_t)f->offset + f->size;

		if (f->offset < end || f_end > call->n_bytes ||
		    is_zero(bytes + f->offset, f->size))
			continue;
		put(text, "%s%s=", comma, f->name);
		bpfsys_show_value(text, f, bytes + f->offset);
		comma = ", ";
		end = f_end;
	}
	for (size_t i = 0; i < call->n_bytes; i++)
		if (bytes[i] && !covered(fields, count, i)) {
			put(text, "%s[%zu]=0x%02x", comma, i, bytes[i]);
			comma = ", ";
		}
}

int bpfsys_show_call(const struct bpfsys_call *call, char *buf, size_t len)
{
	unsigned int nr = call->cmd & ~BPFSYS_COMMON_ATTRS;
	const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
	struct text text = {buf, len, 0};
	const char *flag =
		call->cmd & BPFSYS_COMMON_ATTRS ? "|BPF_COMMON_ATTRS" : "";
	const char *err = call->ret < 0 && call->ret != INT_MIN
				  ? bpfsys_errno_name(-call->ret)
				  : NULL;

	if (cmd)
		put(&text, "bpf(BPF_%s%s, ", cmd->name, flag);
	else
		put(&text, "bpf(%u%s, ", nr, flag);
	if (cmd && call->n_bytes) {
		put(&text, "{");
		show_attr(&text, call, cmd);
		put(&text, "}");
	} else {
		put(&text, "%p", call->attr);
	}
	put(&text, ", %u) = %d%s%s", call->size, call->ret < 0 ? -1 : call->ret,
	    err ? " " : "", err ? err : "");
	return (int)text.used;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The causes that any command shares: its number, the size of attr, and bytes
 * past what the kernel knows. */
#include <errno.h>
#include <unistd.h>

#include "explain.h"
#include "union.h"

/* The field at byte AT: the command's, else that of another command whose
 * struct is the same. */
static const struct bpfsys_field *field_at(const struct bpfsys_command *cmd,
					   unsigned int at)
{
	for (unsigned int i = 0; i <= bpfsys_abi_commands(); i++) {
		const struct bpfsys_command *other =
			i ? bpfsys_abi_command(i - 1) : cmd;
		size_t count;
		const struct bpfsys_field *f;

		if (!other || strcmp(other->group, cmd->group) != 0)
			continue;
		f = bpfsys_abi_fields(other, &count);
		for (size_t k = 0; k < count; k++)
			if (at >= f[k].offset &&
			    at < (unsigned int)f[k].offset + f[k].size)
				return &f[k];
	}
	return NULL;
}

/* The first byte from FROM on that is not zero; END where all are. */
static unsigned int next_set(const struct failure *f, unsigned int from,
			     unsigned int end)
{
	while (from < end && !f->attr[from])
		from++;
	return from;
}

/* What is set at byte AT, by name where it has one. */
static void show_set(struct failure *f, unsigned int at)
{
	const struct bpfsys_field *field = field_at(f->cmd, at);

	if (field)
		put(&f->text, "%s (offset %u) is set", field->name,
		    field->offset);
	else
		put(&f->text, "byte %u is 0x%02x", at, f->attr[at]);
}

static void show_since(struct failure *f, unsigned int at)
{
	const struct bpfsys_field *field = field_at(f->cmd, at);

	if (field) {
		put(&f->text, "; first in ");
		bpfsys_show_release(&f->text, field->since);
	}
}

static unsigned int page_size(void)
{
	long size = sysconf(_SC_PAGESIZE);

	return size > 0 ? (unsigned int)size : 4096;
}

/* E2BIG: the union of this kernel, or of one that is older than a field. */
static void too_big(struct failure *f)
{
	unsigned int page = page_size(), at = 0;
	unsigned int end = f->size < page ? f->size : page;

	if (f->size > page) {
		if (bpfsys_cause(f, RANK_PROVEN))
			put(&f->text, "size is %u, more than a page of %u",
			    f->size, page);
		return;
	}
	if (f->kernel.attr_size > 0) {
		at = next_set(f, (unsigned int)f->kernel.attr_size, end);
		if (at < end && bpfsys_cause(f, RANK_PROVEN)) {
			show_set(f, at);
			put(&f->text, ", this kernel's bpf_attr ends at %d",
			    f->kernel.attr_size);
			show_since(f, at);
		}
		return;
	}
	while ((at = next_set(f, at, end)) < end) {
		const struct bpfsys_field *field = field_at(f->cmd, at);
		unsigned int ends =
			field ? bpfsys_union_size_before(field->since) : 0;

		if (field && at >= ends && bpfsys_cause(f, RANK_POSSIBLE)) {
			show_set(f, at);
			put(&f->text,
			    ", and bpf_attr of older kernels ends before it");
			show_since(f, at);
		}
		at = field ? (unsigned int)field->offset + field->size : at + 1;
	}
}

static void unknown_command(struct failure *f)
{
	if (f->kernel.has_command == 1)
		return;
	if (!bpfsys_cause(f, f->kernel.has_command == 0 ? RANK_PROVEN
							: RANK_POSSIBLE))
		return;
	put(&f->text, "%s BPF_%s; first in ",
	    f->kernel.has_command == 0 ? "this kernel does not have"
				       : "the kernel does not have",
	    f->cmd->name);
	bpfsys_show_release(&f->text, f->cmd->since);
}

/* EINVAL: past the command's last field, which has moved as fields came. */
static void past_the_last(struct failure *f)
{
	size_t count;
	const struct bpfsys_last *last = bpfsys_abi_lasts(f->cmd, &count);
	unsigned int end = last[count - 1].end, page = page_size();
	unsigned int at = next_set(f, end, f->size < page ? f->size : page);

	if (at < f->size && at < page) {
		if (bpfsys_cause(f, RANK_PROVEN)) {
			show_set(f, at);
			put(&f->text,
			    " past the last field of BPF_%s, %s, "
			    "which ends at %u",
			    f->cmd->name, last[count - 1].field, end);
		}
	}
	for (size_t i = count - 1; i > 0; i--) {
		unsigned int from = last[i - 1].end;

		at = next_set(f, from, f->size < end ? f->size : end);
		if (at < f->size && at < last[i].end &&
		    bpfsys_release_at_least(f->kernel.attr_size) <
			    last[i].since &&
		    bpfsys_cause(f, RANK_LIKELY)) {
			show_set(f, at);
			put(&f->text, ", which kernels before ");
			bpfsys_show_release(&f->text, last[i].since);
			put(&f->text, " take for BPF_%s only as zero",
			    f->cmd->name);
		}
	}
}

void bpfsys_size_causes(struct failure *f)
{
	if (!f->attr)
		return;
	if (f->err == E2BIG)
		too_big(f);
	if (f->err == EINVAL) {
		unknown_command(f);
		past_the_last(f);
	}
}

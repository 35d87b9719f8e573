// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Which bytes of an attr are what. A union's members lie over each other: the
 * one is shown that fits what stands there. */
#include <ctype.h>
#include <string.h>

#include "fields.h"

const struct bpfsys_field *seq_fields(const struct seq_call *call, uint8_t in,
				      size_t *count)
{
	const struct bpfsys_command *cmd;

	*count = 0;
	if (in == SEQ_IN_COMMON)
		return bpfsys_abi_common(count);
	cmd = bpfsys_abi_command(call->cmd);
	return cmd ? bpfsys_abi_fields(cmd, count) : NULL;
}

bool seq_spot_at(const struct seq_call *call, uint8_t in, unsigned int at,
		 struct seq_item *item)
{
	item->at = at;
	item->ref = NULL;
	item->buf = -1;
	for (unsigned int i = 0; i < call->n_refs; i++)
		if (call->refs[i].in == in && call->refs[i].at == at) {
			item->ref = &call->refs[i];
			item->len = item->ref->width;
			return true;
		}
	for (unsigned int i = 0; i < call->n_bufs; i++)
		if (call->bufs[i].in == in && call->bufs[i].at == at) {
			item->buf = (int)i;
			item->len = 8;
			return true;
		}
	return false;
}

static const uint8_t *bytes_of(const struct seq_call *call, uint8_t in,
			       unsigned int *len)
{
	*len = in == SEQ_IN_COMMON ? call->common_len : call->attr_len;
	return in == SEQ_IN_COMMON ? call->common : call->attr;
}

/* Is there something in F: a spot that is all of it, or bytes but no spot? */
static bool holds(const struct seq_call *call, uint8_t in,
		  const struct bpfsys_field *f)
{
	unsigned int len, most = in == SEQ_IN_COMMON ? SEQ_COMMON : SEQ_ATTR;
	const uint8_t *bytes = bytes_of(call, in, &len);
	struct seq_item spot;
	bool any = false;

	if (f->offset + f->size > most)
		return false;
	if (seq_spot_at(call, in, f->offset, &spot))
		return spot.len == f->size;
	for (unsigned int i = f->offset; i < f->offset + f->size; i++) {
		if (seq_spot_at(call, in, i, &spot))
			return false;
		any |= i < len && bytes[i];
	}
	return any;
}

static bool is_pointer(enum bpfsys_kind kind)
{
	return kind == BPFSYS_KIND_PTR_IN || kind == BPFSYS_KIND_PTR_OUT ||
	       kind == BPFSYS_KIND_PTR_INOUT || kind == BPFSYS_KIND_STR_IN;
}

/* Do the reference or pointer in ITEM and a field's KIND go together? */
static bool suits(const struct seq_item *item, enum bpfsys_kind kind)
{
	if (item->buf >= 0)
		return is_pointer(kind);
	if (!item->ref)
		return kind != BPFSYS_KIND_FD && !is_pointer(kind);
	switch (item->ref->kind) {
	case SEQ_REF_FD:
	case SEQ_REF_GIVEN:
		return kind == BPFSYS_KIND_FD;
	case SEQ_REF_BTF:
		return kind == BPFSYS_KIND_BTF_ID;
	default:
		return kind == BPFSYS_KIND_ID;
	}
}

/* BPF_TCX_INGRESS speaks of the members of tcx: 1; of those of another
 * struct: -1; a member of none: 0. */
static int spoken_of(const struct seq_call *call, const char *name)
{
	const struct bpfsys_enumerator *hook;
	const char *dot = strchr(name, '.');
	size_t len = dot ? (size_t)(dot - name) : 0;
	uint32_t type;

	if (!dot)
		return 0;
	memcpy(&type, call->attr + 8, 4); /* link_create.attach_type */
	hook = bpfsys_abi_enumerator("bpf_attach_type", type);
	for (const char *at = hook ? hook->name : ""; *at; at++) {
		size_t i = 0;

		while (i < len && toupper((unsigned char)name[i]) == at[i])
			i++;
		if (i == len)
			return 1;
	}
	return -1;
}

static const struct bpfsys_field *field_at(const struct seq_call *call,
					   uint8_t in, unsigned int at,
					   const struct seq_item *spot)
{
	const struct bpfsys_field *best = NULL, *fields;
	int best_score = -100, told;
	bool member = false;
	size_t count;

	fields = seq_fields(call, in, &count);
	for (size_t i = 0; i < count; i++) {
		const struct bpfsys_field *f = &fields[i];

		if (f->offset != at)
			continue;
		told = spoken_of(call, f->name);
		member |= told > 0;
		told = 4 * told + 2 * suits(spot, f->kind);
		if (!holds(call, in, f) || told <= best_score)
			continue;
		best = f;
		best_score = told;
	}
	/* Nothing in the member that is spoken of: then it is of no other. */
	return member && best_score < 4 ? NULL : best;
}

static bool starts_field(const struct seq_call *call, uint8_t in,
			 unsigned int at)
{
	size_t count;
	const struct bpfsys_field *fields = seq_fields(call, in, &count);

	for (size_t i = 0; i < count; i++)
		if (fields[i].offset == at)
			return true;
	return false;
}

/* From AT to where zeros, a field or something else starts. */
static unsigned int run_of_bytes(const struct seq_call *call, uint8_t in,
				 unsigned int at)
{
	unsigned int len, end = at + 1;
	const uint8_t *bytes = bytes_of(call, in, &len);
	struct seq_item spot;

	while (end < len && bytes[end] && !starts_field(call, in, end) &&
	       !seq_spot_at(call, in, end, &spot))
		end++;
	return end - at;
}

bool seq_next_item(const struct seq_call *call, uint8_t in,
		   struct seq_item *item)
{
	unsigned int len, at = item->at + item->len;
	unsigned int most = in == SEQ_IN_COMMON ? SEQ_COMMON : SEQ_ATTR;
	const uint8_t *bytes = bytes_of(call, in, &len);

	for (; at < most; at++) {
		bool spot = seq_spot_at(call, in, at, item);

		item->field = field_at(call, in, at, item);
		if (item->field)
			item->len = item->field->size;
		else if (!spot && at < len && bytes[at])
			item->len = run_of_bytes(call, in, at);
		else if (!spot)
			continue;
		return true;
	}
	return false;
}

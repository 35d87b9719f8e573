// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Changes to one call: a field, how it is made, what it is. */
#include <string.h>

#include "change.h"

static bool is_pointer(const struct bpfsys_field *field)
{
	return field->kind >= BPFSYS_KIND_PTR_IN;
}

/* The pointer itself; what it points to is change_buf()'s. */
static void change_pointer(struct make *m, unsigned int nr,
			   const struct bpfsys_field *field)
{
	struct seq_call *call = &m->seq.calls[nr];
	struct seq_buf *buf = buf_at(call, SEQ_IN_ATTR, field->offset);

	if (!buf || one_in(m, 4)) {
		fill_field(m, nr, field);
		return;
	}
	if (one_in(m, 8)) {
		/* One that leads nowhere. */
		make_free(call, SEQ_IN_ATTR, field->offset, 8);
		attr_put(call, field->offset, one_in(m, 2) ? 0 : any64(m), 8);
		return;
	}
	change_buf(m, call, (unsigned int)(buf - call->bufs));
}

static void change_number(struct make *m, struct seq_call *call,
			  const struct bpfsys_field *field)
{
	const uint64_t old = attr_get(call, field->offset, field->size);

	make_free(call, SEQ_IN_ATTR, field->offset, field->size);
	attr_put(call, field->offset,
		 field->kind == BPFSYS_KIND_FLAGS
			 ? old ^ 1ull << any(m, one_in(m, 4) ? 32 : 18)
			 : near_number(m, old, field->size),
		 field->size);
}

void change_field(struct make *m, unsigned int nr)
{
	struct seq_call *call = &m->seq.calls[nr];
	const struct bpfsys_command *row = bpfsys_abi_command(call->cmd);
	const struct bpfsys_field *fields, *field;
	struct seq_ref *ref;
	size_t n;

	if (!row)
		return;
	fields = bpfsys_abi_fields(row, &n);
	field = &fields[any(m, (uint32_t)n)];
	/* Where something stands already, more often. */
	for (unsigned int i = 0; i < 3 && !ref_at(call, 0, field->offset) &&
				 !buf_at(call, 0, field->offset) &&
				 !attr_get(call, field->offset, 4);
	     i++)
		field = &fields[any(m, (uint32_t)n)];
	ref = ref_at(call, SEQ_IN_ATTR, field->offset);
	if (ref && !one_in(m, 4))
		change_ref(m, nr, ref);
	else if (is_pointer(field))
		change_pointer(m, nr, field);
	else if (field->size > 8 || one_in(m, 3) ||
		 field->kind == BPFSYS_KIND_FD ||
		 field->kind == BPFSYS_KIND_ENUM)
		fill_field(m, nr, field);
	else
		change_number(m, call, field);
}

static void change_size(struct make *m, struct seq_call *call)
{
	const struct bpfsys_command *row = bpfsys_abi_command(call->cmd);
	const struct bpfsys_last *lasts;
	size_t n;

	switch (any(m, 5)) {
	case 0:
		call->size = (uint16_t)near_number(m, call->size, 2);
		return;
	case 1:
		call->size = (uint16_t)any_number(m);
		return;
	case 2:
		call->size = 4096;
		return;
	default:
		if (!row)
			return;
		lasts = bpfsys_abi_lasts(row, &n);
		call->size =
			n ? lasts[any(m, (uint32_t)n)].end : row->group_end;
	}
}

/* A byte that is not zero behind the last field. */
static void change_tail(struct make *m, struct seq_call *call)
{
	const struct bpfsys_command *row = bpfsys_abi_command(call->cmd);
	unsigned int at = row ? row->group_end : 0;

	at += any(m, one_in(m, 2) ? 8 : SEQ_ATTR - at);
	if (at >= SEQ_ATTR)
		return;
	attr_put(call, at, 1 + any(m, 255), 1);
	if (call->size <= at)
		call->size = (uint16_t)(at + 1);
}

void change_frame(struct make *m, unsigned int nr)
{
	struct seq_call *call = &m->seq.calls[nr];
	const struct bpfsys_command *row = bpfsys_abi_command(call->cmd);

	switch (any(m, 6)) {
	case 0:
		change_size(m, call);
		return;
	case 1:
		change_tail(m, call);
		return;
	case 2:
		/* Back to what is right. */
		call->place = SEQ_PLAIN;
		call->op = SEQ_BPF;
		if (row)
			call->size = row->group_end;
		return;
	case 3:
		make_common(m, call);
		return;
	case 4:
		call->common_size = (uint16_t)any(m, 48);
		return;
	default:
		/* Where the attr is gone, so are its references. */
		call->place = (uint8_t)any(m, one_in(m, 4) ? SEQ_PLACES
							   : SEQ_READONLY + 1);
	}
}

void change_kind(struct make *m, unsigned int nr)
{
	struct seq_call *call = &m->seq.calls[nr];
	const struct bpfsys_command *row = bpfsys_abi_command(call->cmd);
	const struct bpfsys_command *to =
		bpfsys_abi_command(any(m, bpfsys_abi_commands()));

	/* With the same fields, so that they mean something. */
	for (unsigned int i = 0; row && to && i < 16; i++) {
		if (to != row && strcmp(to->group, row->group) == 0)
			break;
		to = bpfsys_abi_command(any(m, bpfsys_abi_commands()));
	}
	if (to)
		call->cmd = (uint16_t)to->nr;
	else
		call->cmd = (uint16_t)any(m, 64);
}

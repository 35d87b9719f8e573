// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Calls from the rows of the ABI table, field by field. */
#include <string.h>

#include "build.h"

static unsigned int begin(struct make *m, enum seq_op what, unsigned int cmd)
{
	if (m->seq.n < SEQ_CALLS)
		m->call = &m->seq.calls[m->seq.n++];
	else
		m->call = &m->spill;
	memset(m->call, 0, sizeof(*m->call));
	m->call->op = (uint8_t)what;
	m->call->cmd = (uint16_t)cmd;
	return m->seq.n - 1;
}

unsigned int bpf(struct make *m, unsigned int cmd)
{
	const struct bpfsys_command *row = bpfsys_abi_command(cmd);
	unsigned int nr = begin(m, SEQ_BPF, cmd);

	if (row)
		m->call->size = row->group_end;
	return nr;
}

unsigned int op(struct make *m, enum seq_op what, unsigned int cmd)
{
	return begin(m, what, cmd);
}

unsigned int op_fd(struct make *m, enum seq_op what, unsigned int cmd,
		   unsigned int fd)
{
	unsigned int nr = begin(m, what, cmd);
	struct seq_ref *ref = ref_add(m->call, SEQ_IN_ATTR, 0, 4);

	m->call->attr_len = 0;
	ref->which = (uint8_t)fd;
	return nr;
}

const struct bpfsys_field *field_of(const struct make *m, const char *name)
{
	const struct bpfsys_command *row = bpfsys_abi_command(m->call->cmd);

	return row ? bpfsys_abi_field(row, name) : NULL;
}

void put(struct make *m, const char *name, uint64_t value)
{
	const struct bpfsys_field *field = field_of(m, name);

	if (!field)
		return;
	make_free(m->call, SEQ_IN_ATTR, field->offset, field->size);
	attr_put(m->call, field->offset, value, field->size);
}

static struct seq_ref *put_ref(struct make *m, const char *name,
			       enum seq_ref_kind kind, unsigned int which)
{
	const struct bpfsys_field *field = field_of(m, name);
	struct seq_ref *ref =
		field ? ref_add(m->call, SEQ_IN_ATTR, field->offset,
				field->size == 8 ? 8 : 4)
		      : NULL;

	if (ref) {
		ref->kind = (uint8_t)kind;
		ref->which = (uint8_t)which;
	}
	return ref;
}

void put_fd(struct make *m, const char *field, unsigned int call)
{
	put_ref(m, field, SEQ_REF_FD, call);
}

void put_id(struct make *m, const char *field, unsigned int call)
{
	put_ref(m, field, SEQ_REF_ID, call);
}

void put_out(struct make *m, const char *field, unsigned int call,
	     const char *of)
{
	const struct bpfsys_command *row =
		call < m->seq.n ? bpfsys_abi_command(m->seq.calls[call].cmd)
				: NULL;
	const struct bpfsys_field *from =
		row ? bpfsys_abi_field(row, of) : NULL;
	struct seq_ref *ref = put_ref(m, field, SEQ_REF_OUT, call);

	if (from && ref)
		ref->more = from->offset;
}

void put_given(struct make *m, const char *field, enum seq_given given)
{
	put_ref(m, field, SEQ_REF_GIVEN, given);
}

unsigned int name_nr(const char *name)
{
	for (unsigned int i = 0; i < seq_names_count; i++)
		if (strcmp(seq_names[i].name, name) == 0)
			return i;
	return 0;
}

void put_name(struct make *m, const char *field, const char *name)
{
	put_ref(m, field, SEQ_REF_BTF, name_nr(name));
}

static unsigned int buf_nr(const struct make *m, struct seq_buf *buf,
			   uint32_t len)
{
	if (!buf)
		return SEQ_BUFS;
	if (buf->len < len)
		buf->len = len;
	return (unsigned int)(buf - m->call->bufs);
}

unsigned int put_buf(struct make *m, const char *name, const void *data,
		     uint32_t given, uint32_t len)
{
	const struct bpfsys_field *field = field_of(m, name);

	if (!field)
		return SEQ_BUFS;
	return buf_nr(
		m, buf_add(m, m->call, SEQ_IN_ATTR, field->offset, data, given),
		len);
}

void put_text(struct make *m, const char *field, const char *text)
{
	const uint32_t len = (uint32_t)strlen(text);

	buf_is(m, put_buf(m, field, text, len, len + 1), SEQ_TEXT);
}

void in_ref(struct make *m, unsigned int buf, unsigned int at,
	    enum seq_ref_kind kind, unsigned int which, unsigned int width)
{
	struct seq_ref *ref;

	if (buf >= m->call->n_bufs)
		return;
	ref = ref_add(m->call, SEQ_IN_BUF + buf, at, width);
	if (ref) {
		ref->kind = (uint8_t)kind;
		ref->which = (uint8_t)which;
	}
	if (m->call->bufs[buf].len < at + width)
		m->call->bufs[buf].len = at + width;
}

void in_fd(struct make *m, unsigned int buf, unsigned int at, unsigned int call,
	   unsigned int width)
{
	in_ref(m, buf, at, SEQ_REF_FD, call, width);
}

unsigned int in_buf(struct make *m, unsigned int buf, unsigned int at,
		    const void *data, uint32_t given, uint32_t len)
{
	if (buf >= m->call->n_bufs)
		return SEQ_BUFS;
	if (m->call->bufs[buf].len < at + 8)
		m->call->bufs[buf].len = at + 8;
	return buf_nr(m, buf_add(m, m->call, SEQ_IN_BUF + buf, at, data, given),
		      len);
}

void buf_is(struct make *m, unsigned int buf, enum seq_kind kind)
{
	if (buf < m->call->n_bufs)
		m->call->bufs[buf].kind = (uint8_t)kind;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Builds sequences by hand; what does not fit is left to the encoder's
 * refusal. */
#include <string.h>

#include "build.h"

void build_begin(struct built *b)
{
	memset(b, 0, sizeof(*b));
	b->seq.pool = b->pool;
}

struct seq_call *build_last(struct built *b)
{
	return &b->seq.calls[b->seq.n - 1];
}

unsigned int build_op(struct built *b, enum seq_op op, unsigned int cmd)
{
	struct seq_call *call = &b->seq.calls[b->seq.n];

	call->op = (uint8_t)op;
	call->cmd = (uint16_t)cmd;
	return b->seq.n++;
}

unsigned int build_bpf(struct built *b, unsigned int cmd, unsigned int size)
{
	const unsigned int i = build_op(b, SEQ_BPF, cmd);

	build_last(b)->size = (uint16_t)size;
	return i;
}

void build_u32(struct built *b, unsigned int at, uint32_t value)
{
	struct seq_call *call = build_last(b);

	memcpy(call->attr + at, &value, sizeof(value));
	if (value && call->attr_len < at + 4)
		call->attr_len = (uint16_t)(at + 4);
}

void build_ref(struct built *b, enum seq_ref_kind kind, unsigned int which,
	       unsigned int at)
{
	struct seq_call *call = build_last(b);
	struct seq_ref *ref = &call->refs[call->n_refs++];

	ref->in = SEQ_IN_ATTR;
	ref->kind = (uint8_t)kind;
	ref->which = (uint8_t)which;
	ref->width = 4;
	ref->at = (uint16_t)at;
}

struct seq_buf *build_buf(struct built *b, unsigned int at, uint32_t len,
			  const void *from, uint32_t given)
{
	struct seq_call *call = build_last(b);
	struct seq_buf *buf = &call->bufs[call->n_bufs++];

	buf->in = SEQ_IN_ATTR;
	buf->at = (uint16_t)at;
	buf->len = len;
	buf->given = given;
	buf->data = b->seq.pool_len;
	if (given)
		memcpy(b->pool + b->seq.pool_len, from, given);
	b->seq.pool_len += given;
	return buf;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Reads the bytes of a sequence, as format.h has them. Runs in the guest before
 * every input, so it copies attrs and nothing else. */
#include <errno.h>
#include <string.h>

#include "format.h"

struct reader {
	const uint8_t *at;
	size_t left;
};

static uint32_t le(const uint8_t *at, unsigned int n)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < n; i++)
		value |= (uint32_t)at[i] << (8 * i);
	return value;
}

static const uint8_t *take(struct reader *in, size_t n)
{
	const uint8_t *at = in->at;

	if (in->left < n)
		return NULL;
	in->at += n;
	in->left -= n;
	return at;
}

static void decode_ref(struct seq_ref *ref, const uint8_t *at)
{
	ref->in = at[0];
	ref->kind = at[1];
	ref->which = at[2];
	ref->width = at[3];
	ref->at = le(at + 4, 2);
	ref->more = le(at + 6, 2);
}

/* Where its content lies in the pool: after that of the buffers before it. */
static void decode_buf(struct seq_buf *buf, const uint8_t *at, uint32_t *data)
{
	buf->in = at[0];
	buf->kind = at[1];
	buf->place = at[2];
	buf->at = le(at + 3, 2);
	buf->len = le(at + 5, 4);
	buf->given = le(at + 9, 2);
	buf->data = *data;
	*data += buf->given;
}

static int decode_head(struct seq_call *call, struct reader *in)
{
	const uint8_t *at = take(in, SEQ_CALL_HEAD);

	if (!at)
		return -EINVAL;
	call->op = at[0];
	call->place = at[1];
	call->cmd = le(at + 2, 2);
	call->size = le(at + 4, 2);
	call->attr_len = le(at + 6, 2);
	call->common_size = le(at + 8, 2);
	call->common_len = at[10];
	call->n_refs = at[11];
	call->n_bufs = at[12];
	if (call->attr_len > SEQ_ATTR || call->common_len > SEQ_COMMON ||
	    call->n_refs > SEQ_REFS || call->n_bufs > SEQ_BUFS)
		return -EINVAL;
	return 0;
}

static int decode_call(struct seq_call *call, struct reader *in, uint32_t *data)
{
	const uint8_t *at;
	size_t bytes;

	memset(call, 0, sizeof(*call));
	if (decode_head(call, in))
		return -EINVAL;
	bytes = call->attr_len + call->common_len +
		call->n_refs * SEQ_REF_BYTES + call->n_bufs * SEQ_BUF_BYTES;
	at = take(in, bytes);
	if (!at)
		return -EINVAL;
	memcpy(call->attr, at, call->attr_len);
	at += call->attr_len;
	memcpy(call->common, at, call->common_len);
	at += call->common_len;
	for (unsigned int i = 0; i < call->n_refs; i++, at += SEQ_REF_BYTES)
		decode_ref(&call->refs[i], at);
	for (unsigned int i = 0; i < call->n_bufs; i++, at += SEQ_BUF_BYTES)
		decode_buf(&call->bufs[i], at, data);
	return 0;
}

int seq_decode(struct seq *seq, const uint8_t *data, size_t len)
{
	struct reader in = {data, len};
	const uint8_t *head = take(&in, SEQ_HEAD);
	uint32_t pool_len = 0;

	if (!head || len > SEQ_MOST || memcmp(head, SEQ_MAGIC, 4) ||
	    head[4] != SEQ_VERSION || head[5] > SEQ_CALLS)
		return -EINVAL;
	seq->n = head[5];
	for (unsigned int i = 0; i < seq->n; i++)
		if (decode_call(&seq->calls[i], &in, &pool_len))
			return -EINVAL;
	if (in.left != pool_len)
		return -EINVAL;
	seq->pool = in.at;
	seq->pool_len = pool_len;
	return seq_valid(seq) ? 0 : -EINVAL;
}

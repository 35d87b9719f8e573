// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The parts of a call: attr, references, buffers and their content. */
#include <string.h>

#include "work.h"

uint64_t get_le(const uint8_t *p, unsigned int width)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < width; i++)
		value |= (uint64_t)p[i] << 8 * i;
	return value;
}

void put_le(uint8_t *p, uint64_t value, unsigned int width)
{
	for (unsigned int i = 0; i < width; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

uint64_t attr_get(const struct seq_call *call, unsigned int at,
		  unsigned int width)
{
	return at + width <= SEQ_ATTR ? get_le(call->attr + at, width) : 0;
}

void attr_put(struct seq_call *call, unsigned int at, uint64_t value,
	      unsigned int width)
{
	if (at + width > SEQ_ATTR)
		return;
	put_le(call->attr + at, value, width);
	if (call->attr_len < at + width)
		call->attr_len = (uint16_t)(at + width);
}

struct seq_ref *ref_at(struct seq_call *call, unsigned int in, unsigned int at)
{
	for (unsigned int r = 0; r < call->n_refs; r++)
		if (call->refs[r].in == in && call->refs[r].at == at)
			return &call->refs[r];
	return NULL;
}

struct seq_buf *buf_at(struct seq_call *call, unsigned int in, unsigned int at)
{
	for (unsigned int b = 0; b < call->n_bufs; b++)
		if (call->bufs[b].in == in && call->bufs[b].at == at)
			return &call->bufs[b];
	return NULL;
}

void ref_drop(struct seq_call *call, unsigned int nr)
{
	call->n_refs--;
	memmove(call->refs + nr, call->refs + nr + 1,
		(call->n_refs - nr) * sizeof(*call->refs));
}

void buf_drop(struct seq_call *call, unsigned int nr)
{
	const unsigned int in = SEQ_IN_BUF + nr;

	for (unsigned int b = call->n_bufs; b-- > nr + 1;)
		if (call->bufs[b].in == in)
			buf_drop(call, b);
	for (unsigned int r = call->n_refs; r-- > 0;)
		if (call->refs[r].in == in)
			ref_drop(call, r);
	call->n_bufs--;
	memmove(call->bufs + nr, call->bufs + nr + 1,
		(call->n_bufs - nr) * sizeof(*call->bufs));
	for (unsigned int b = nr; b < call->n_bufs; b++)
		if (call->bufs[b].in > in)
			call->bufs[b].in--;
	for (unsigned int r = 0; r < call->n_refs; r++)
		if (call->refs[r].in > in)
			call->refs[r].in--;
}

void make_free(struct seq_call *call, unsigned int in, unsigned int at,
	       unsigned int len)
{
	for (unsigned int r = call->n_refs; r-- > 0;) {
		const struct seq_ref *ref = &call->refs[r];

		if (ref->in == in && ref->at < at + len &&
		    at < ref->at + (unsigned int)ref->width)
			ref_drop(call, r);
	}
	for (unsigned int b = call->n_bufs; b-- > 0;)
		if (b < call->n_bufs && call->bufs[b].in == in &&
		    call->bufs[b].at < at + len && at < call->bufs[b].at + 8u)
			buf_drop(call, b);
}

struct seq_ref *ref_add(struct seq_call *call, unsigned int in, unsigned int at,
			unsigned int width)
{
	struct seq_ref *ref = &call->refs[call->n_refs];

	make_free(call, in, at, width);
	ref = &call->refs[call->n_refs];
	if (call->n_refs == SEQ_REFS)
		return NULL;
	call->n_refs++;
	memset(ref, 0, sizeof(*ref));
	ref->in = (uint8_t)in;
	ref->at = (uint16_t)at;
	ref->width = (uint8_t)width;
	if (in == SEQ_IN_ATTR)
		attr_put(call, at, 0, width);
	return ref;
}

struct seq_buf *buf_add(struct make *m, struct seq_call *call, unsigned int in,
			unsigned int at, const void *data, uint32_t given)
{
	struct seq_buf *buf;

	make_free(call, in, at, 8);
	if (call->n_bufs == SEQ_BUFS || given > sizeof(m->pool) - m->used)
		return NULL;
	buf = &call->bufs[call->n_bufs++];
	memset(buf, 0, sizeof(*buf));
	buf->in = (uint8_t)in;
	buf->at = (uint16_t)at;
	buf->len = buf->given = given;
	buf->data = m->used;
	if (given && data)
		memcpy(m->pool + m->used, data, given);
	else
		memset(m->pool + m->used, 0, given);
	m->used += given;
	if (in == SEQ_IN_ATTR)
		attr_put(call, at, 0, 8);
	return buf;
}

uint8_t *buf_data(struct make *m, const struct seq_buf *buf)
{
	return m->pool + buf->data;
}

uint8_t *buf_resize(struct make *m, struct seq_buf *buf, uint32_t len)
{
	if (len > buf->given) {
		if (len > SEQ_POOL || len > sizeof(m->pool) - m->used)
			return NULL;
		memmove(m->pool + m->used, m->pool + buf->data, buf->given);
		memset(m->pool + m->used + buf->given, 0, len - buf->given);
		buf->data = m->used;
		m->used += len;
	}
	buf->given = len;
	if (buf->len < len)
		buf->len = len;
	return m->pool + buf->data;
}

uint8_t *buf_whole(struct make *m, struct seq_buf *buf)
{
	if (buf->len > SEQ_POOL / 2)
		return NULL;
	return buf_resize(m, buf, buf->len);
}

/* Where what stood at WHERE stands when OLD bytes at AT have become NEW. */
static uint16_t spliced(uint16_t where, uint32_t at, uint32_t old, uint32_t new)
{
	return where < at + old ? where : (uint16_t)(where - old + new);
}

bool buf_splice(struct make *m, struct seq_call *call, unsigned int nr,
		uint32_t at, uint32_t old, uint32_t new)
{
	const unsigned int in = SEQ_IN_BUF + nr;
	struct seq_buf *buf = &call->bufs[nr];
	const uint32_t given = buf->given, len = buf->len;
	uint8_t *p;

	if (at + old > given)
		return false;
	p = buf_resize(m, buf,
		       given - old + new > given ? given - old + new : given);
	if (!p)
		return false;
	memmove(p + at + new, p + at + old, given - at - old);
	memset(p + at, 0, new);
	buf->given = given - old + new;
	buf->len = len - old + new;
	if (old)
		make_free(call, in, at, old);
	for (unsigned int r = 0; r < call->n_refs; r++)
		if (call->refs[r].in == in)
			call->refs[r].at =
				spliced(call->refs[r].at, at, old, new);
	for (unsigned int b = 0; b < call->n_bufs; b++)
		if (call->bufs[b].in == in)
			call->bufs[b].at =
				spliced(call->bufs[b].at, at, old, new);
	return true;
}

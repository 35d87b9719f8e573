// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Buffers: what they are, and what is in them. */
#include <errno.h>

#include "parse.h"
#include "words.h"

/* What the buffer and the pool still take. */
static size_t room_of(const struct parser *p, const struct seq_buf *buf)
{
	size_t pool = p->pool_size < SEQ_POOL ? p->pool_size : SEQ_POOL;
	size_t room = buf->len - buf->given;

	pool -= p->seq->pool_len;
	return room < pool ? room : pool;
}

static int add_part(struct parser *p, bool string)
{
	struct seq_buf *buf = &p->call->bufs[p->buf];
	uint8_t *to = p->pool + p->seq->pool_len;
	size_t room = room_of(p, buf);
	int n = string ? parse_string(p, to, room) : parse_hex(p, to, room);

	if (n > 0) {
		buf->given += (uint32_t)n;
		p->seq->pool_len += (uint32_t)n;
	}
	return n;
}

/* A string, or bytes in groups. */
static int add_content(struct parser *p)
{
	int n;

	if (parse_is(p, "\""))
		return add_part(p, true);
	do
		n = add_part(p, false);
	while (n > 0);
	return n;
}

/* "16 bytes guarded insns": what is known of it before its content. */
static int parse_shape(struct parser *p, struct seq_buf *buf)
{
	const char *word;
	uint64_t len;
	size_t n;
	int found;

	if (parse_number(p, SEQ_BUF_MOST, &len))
		return -EINVAL;
	buf->len = (uint32_t)len;
	p->mem += buf->len;
	if (p->mem > SEQ_MEM)
		return parse_fail(p, "all buffers have %d bytes at most",
				  SEQ_MEM);
	parse_is(p, "bytes");
	while ((n = parse_word(p, &word))) {
		found = seq_find_word(seq_place_word, word, n);
		if (found > 0 && found < SEQ_UNMAPPED) {
			buf->place = (uint8_t)found;
			continue;
		}
		found = seq_find_word(seq_kind_word, word, n);
		if (found <= 0)
			return parse_fail(p,
					  "want guarded, odd, readonly, insns, "
					  "btf or text, not %.*s",
					  (int)n, word);
		buf->kind = (uint8_t)found;
	}
	return 0;
}

int parse_buf(struct parser *p, unsigned int label)
{
	struct seq_buf *buf;
	unsigned int i = 0, width;
	uint64_t at;
	int ret;

	while (p->call && i < p->call->n_bufs && p->buf_label[i] != (int)label)
		i++;
	if (!p->call || i == p->call->n_bufs)
		return parse_fail(p, "nothing points to b%u", label);
	if (p->told[i])
		return parse_fail(p, "b%u is there already", label);
	p->told[i] = true;
	p->buf = (int)i;
	buf = &p->call->bufs[i];
	buf->data = p->seq->pool_len;
	if (parse_shape(p, buf))
		return -EINVAL;
	while (!parse_end(p) && *p->at == '+') {
		if (parse_offset(p, &at, &width))
			return -EINVAL;
		ret = parse_spot(p, (uint8_t)(SEQ_IN_BUF + i), at, width);
		if (ret <= 0)
			return ret ? ret : parse_fail(p, "want a reference");
	}
	if (parse_end(p))
		return 0;
	if (parse_want(p, "="))
		return -EINVAL;
	ret = add_content(p);
	if (ret < 0)
		return ret;
	return parse_end(p) ? 0 : parse_fail(p, "want bytes in hexadecimal");
}

int parse_content(struct parser *p)
{
	struct seq_buf *buf;
	uint32_t at;
	int ret;

	if (!p->call || p->buf < 0)
		return parse_fail(p, "want a call: r0 = ...");
	buf = &p->call->bufs[p->buf];
	at = buf->given;
	ret = add_content(p);
	if (ret < 0)
		return ret;
	if (buf->given == at)
		return parse_fail(p, "want a call, a buffer or its bytes");
	if (buf->kind == SEQ_INSNS && parse_is(p, "imm=")) {
		ret = parse_spot(p, (uint8_t)(SEQ_IN_BUF + p->buf), at + 4, 4);
		if (ret <= 0)
			return ret ? ret : parse_fail(p, "want a reference");
	}
	return parse_end(p) ? 0 : parse_fail(p, "want bytes in hexadecimal");
}

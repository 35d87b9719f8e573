// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Writes the bytes of a sequence, as format.h has them, and brings it into its
 * one form first. */
#include <string.h>

#include "format.h"

/* What mutators leave behind in a call that was bpf(2). */
static void strip_plain(struct seq_call *call)
{
	struct seq_call old = *call;

	memset(call, 0, sizeof(*call));
	call->op = old.op;
	if (old.op == SEQ_MMAP || old.op == SEQ_RUN || old.op == SEQ_JIT)
		call->cmd = old.cmd;
	if (old.n_refs && old.op >= SEQ_CLOSE && old.op <= SEQ_MMAP) {
		call->n_refs = 1;
		call->refs[0] = old.refs[0];
		call->refs[0].in = SEQ_IN_ATTR;
		call->refs[0].at = 0;
		call->refs[0].width = 4;
	}
}

/* The numbers of CALL's buffers, new to old, so that they are in order: what
 * stands in the attr, in the common attr, in the first of these, and so on. */
struct order {
	uint8_t old[SEQ_BUFS];
	unsigned int n;
};

static void add_those_in(struct order *order, const struct seq_call *call,
			 uint8_t in)
{
	unsigned int first = order->n, k;

	for (unsigned int i = 0; i < call->n_bufs; i++) {
		if (call->bufs[i].in != in)
			continue;
		for (k = order->n++; k > first; k--) {
			if (call->bufs[order->old[k - 1]].at <=
			    call->bufs[i].at)
				break;
			order->old[k] = order->old[k - 1];
		}
		order->old[k] = i;
	}
}

static void find_order(struct order *order, const struct seq_call *call)
{
	order->n = 0;
	if (seq_is_memory(call->place))
		add_those_in(order, call, SEQ_IN_ATTR);
	if (call->op == SEQ_BPF_COMMON)
		add_those_in(order, call, SEQ_IN_COMMON);
	for (unsigned int k = 0; k < order->n; k++)
		if (call->bufs[order->old[k]].place != SEQ_UNMAPPED)
			add_those_in(order, call, SEQ_IN_BUF + order->old[k]);
}

/* Is there still what stood in IN, and where? */
static bool move(const struct order *order, const struct seq_call *call,
		 uint8_t *in)
{
	if (*in == SEQ_IN_ATTR)
		return seq_is_memory(call->place);
	if (*in == SEQ_IN_COMMON)
		return call->op == SEQ_BPF_COMMON;
	for (unsigned int k = 0; k < order->n; k++)
		if (SEQ_IN_BUF + order->old[k] == *in) {
			*in = SEQ_IN_BUF + k;
			return call->bufs[k].place != SEQ_UNMAPPED;
		}
	return false;
}

static void order_bufs(struct seq_call *call, const struct order *order)
{
	struct seq_buf old[SEQ_BUFS];

	memcpy(old, call->bufs, sizeof(old));
	for (unsigned int k = 0; k < order->n; k++) {
		struct seq_buf *buf = &call->bufs[k];

		*buf = old[order->old[k]];
		if (buf->place == SEQ_UNMAPPED)
			buf->len = buf->given = buf->kind = 0;
	}
	call->n_bufs = order->n;
	for (unsigned int k = 0; k < order->n; k++)
		move(order, call, &call->bufs[k].in);
}

static void order_refs(struct seq_call *call, const struct order *order)
{
	unsigned int n = 0, k;

	for (unsigned int i = 0; i < call->n_refs; i++) {
		struct seq_ref ref = call->refs[i];

		if (!move(order, call, &ref.in))
			continue;
		if (ref.kind != SEQ_REF_OUT)
			ref.more = 0;
		for (k = n++; k; k--) {
			const struct seq_ref *before = &call->refs[k - 1];

			if (seq_spot(before->in, before->at) <=
			    seq_spot(ref.in, ref.at))
				break;
			call->refs[k] = *before;
		}
		call->refs[k] = ref;
	}
	call->n_refs = n;
}

/* Zeros WIDTH of LEN bytes, as far as they are there. */
static void clear(uint8_t *bytes, uint32_t len, uint32_t at, uint32_t width)
{
	if (at < len)
		memset(bytes + at, 0, len - at < width ? len - at : width);
}

static void clear_holes(const struct seq_call *call, uint8_t in, uint8_t *bytes,
			uint32_t len)
{
	for (unsigned int i = 0; i < call->n_refs; i++)
		if (call->refs[i].in == in)
			clear(bytes, len, call->refs[i].at,
			      call->refs[i].width);
	for (unsigned int i = 0; i < call->n_bufs; i++)
		if (call->bufs[i].in == in)
			clear(bytes, len, call->bufs[i].at, 8);
}

static uint32_t trim(const uint8_t *bytes, uint32_t len)
{
	while (len && !bytes[len - 1])
		len--;
	return len;
}

static bool settle(struct seq_call *call)
{
	struct order order;

	if (!seq_is_bpf(call)) {
		strip_plain(call);
		return true;
	}
	if (call->attr_len > SEQ_ATTR || call->common_len > SEQ_COMMON ||
	    call->n_refs > SEQ_REFS || call->n_bufs > SEQ_BUFS)
		return false;
	if (!seq_is_memory(call->place))
		call->attr_len = 0;
	if (call->op == SEQ_BPF)
		call->common_size = call->common_len = 0;
	find_order(&order, call);
	order_bufs(call, &order);
	order_refs(call, &order);
	clear_holes(call, SEQ_IN_ATTR, call->attr, call->attr_len);
	clear_holes(call, SEQ_IN_COMMON, call->common, call->common_len);
	call->attr_len = trim(call->attr, call->attr_len);
	call->common_len = trim(call->common, call->common_len);
	return true;
}

static void le(uint8_t *at, unsigned int n, uint32_t value)
{
	for (unsigned int i = 0; i < n; i++)
		at[i] = value >> (8 * i);
}

static uint8_t *write_call(uint8_t *at, const struct seq_call *call)
{
	const uint8_t head[] = {call->op, call->place};

	memcpy(at, head, sizeof(head));
	le(at + 2, 2, call->cmd);
	le(at + 4, 2, call->size);
	le(at + 6, 2, call->attr_len);
	le(at + 8, 2, call->common_size);
	at[10] = call->common_len;
	at[11] = call->n_refs;
	at[12] = call->n_bufs;
	at += SEQ_CALL_HEAD;
	memcpy(at, call->attr, call->attr_len);
	at += call->attr_len;
	memcpy(at, call->common, call->common_len);
	at += call->common_len;
	for (unsigned int i = 0; i < call->n_refs; i++) {
		const struct seq_ref *ref = &call->refs[i];
		const uint8_t bytes[] = {ref->in, ref->kind, ref->which,
					 ref->width};

		memcpy(at, bytes, sizeof(bytes));
		le(at + 4, 2, ref->at);
		le(at + 6, 2, ref->more);
		at += SEQ_REF_BYTES;
	}
	for (unsigned int i = 0; i < call->n_bufs; i++) {
		const struct seq_buf *buf = &call->bufs[i];
		const uint8_t bytes[] = {buf->in, buf->kind, buf->place};

		memcpy(at, bytes, sizeof(bytes));
		le(at + 3, 2, buf->at);
		le(at + 5, 4, buf->len);
		le(at + 9, 2, buf->given);
		at += SEQ_BUF_BYTES;
	}
	return at;
}

/* Copies the content of NEW's buffers behind one another, into POOL. */
static bool gather(struct seq *new, const struct seq *seq, uint8_t *pool,
		   size_t room)
{
	new->pool = pool;
	new->pool_len = 0;
	for (unsigned int i = 0; i < new->n; i++) {
		struct seq_call *call = &new->calls[i];

		for (unsigned int k = 0; k < call->n_bufs; k++) {
			struct seq_buf *buf = &call->bufs[k];
			uint8_t *to = pool + new->pool_len;

			if (buf->data > seq->pool_len ||
			    buf->given > seq->pool_len - buf->data ||
			    buf->given > room - new->pool_len)
				return false;
			if (buf->given)
				memcpy(to, seq->pool + buf->data, buf->given);
			clear_holes(call, SEQ_IN_BUF + k, to, buf->given);
			buf->given = trim(to, buf->given);
			buf->data = new->pool_len;
			new->pool_len += buf->given;
		}
	}
	return true;
}

size_t seq_encode(const struct seq *seq, uint8_t *data, size_t size)
{
	size_t head = SEQ_HEAD;
	struct seq new;
	uint8_t *at;

	if (seq->n > SEQ_CALLS)
		return 0;
	new.n = seq->n;
	for (unsigned int i = 0; i < seq->n; i++) {
		struct seq_call *call = &new.calls[i];

		*call = seq->calls[i];
		if (!settle(call))
			return 0;
		head += SEQ_CALL_HEAD + call->attr_len + call->common_len +
			call->n_refs * SEQ_REF_BYTES +
			call->n_bufs * SEQ_BUF_BYTES;
	}
	if (head > size || !gather(&new, seq, data + head, size - head) ||
	    !seq_valid(&new) || head + new.pool_len > SEQ_MOST)
		return 0;
	memcpy(data, SEQ_MAGIC, 4);
	data[4] = SEQ_VERSION;
	data[5] = seq->n;
	at = data + SEQ_HEAD;
	for (unsigned int i = 0; i < seq->n; i++)
		at = write_call(at, &new.calls[i]);
	return head + new.pool_len;
}

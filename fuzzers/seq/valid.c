// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The rules that every sequence holds to. They leave each one a single form:
 * what decodes encodes to the same bytes. */
#include <string.h>

#include "format.h"

static bool is_zero(const uint8_t *at, size_t n)
{
	while (n && !*at)
		at++, n--;
	return !n;
}

/* What place IN of call I is: its bytes, how many of them are given, and how
 * many can be referred to. */
struct region {
	const uint8_t *bytes;
	uint32_t given, len;
};

static bool region(const struct seq *seq, const struct seq_call *call,
		   uint8_t in, struct region *r)
{
	const struct seq_buf *buf;

	if (in == SEQ_IN_ATTR) {
		*r = (struct region){call->attr, call->attr_len, SEQ_ATTR};
		return !seq_is_bpf(call) || seq_is_memory(call->place);
	}
	if (in == SEQ_IN_COMMON) {
		*r = (struct region){call->common, call->common_len,
				     SEQ_COMMON};
		return call->op == SEQ_BPF_COMMON;
	}
	if (in - SEQ_IN_BUF >= call->n_bufs)
		return false;
	buf = &call->bufs[in - SEQ_IN_BUF];
	*r = (struct region){seq->pool + buf->data, buf->given, buf->len};
	return buf->place != SEQ_UNMAPPED;
}

/* Room for WIDTH bytes there, and zero as far as given. */
static bool hole(const struct seq *seq, const struct seq_call *call, uint8_t in,
		 uint16_t at, uint32_t width)
{
	struct region r;

	if (!region(seq, call, in, &r) || at + width > r.len)
		return false;
	if (at >= r.given)
		return true;
	return is_zero(r.bytes + at,
		       at + width > r.given ? r.given - at : width);
}

static bool ref_valid(const struct seq *seq, const struct seq_call *call,
		      const struct seq_ref *ref)
{
	switch (ref->kind) {
	case SEQ_REF_FD:
	case SEQ_REF_ID:
	case SEQ_REF_OUT:
		if (ref->which >= seq->n)
			return false;
		break;
	case SEQ_REF_GIVEN:
		if (ref->which >= SEQ_GIVENS)
			return false;
		break;
	case SEQ_REF_BTF:
		if (ref->which >= seq_names_count)
			return false;
		break;
	default:
		return false;
	}
	if (ref->width != 4 && ref->width != 8)
		return false;
	if (ref->kind == SEQ_REF_OUT ? ref->more + ref->width > SEQ_ATTR
				     : ref->more)
		return false;
	return hole(seq, call, ref->in, ref->at, ref->width);
}

static bool buf_valid(const struct seq *seq, const struct seq_call *call,
		      unsigned int i)
{
	const struct seq_buf *buf = &call->bufs[i];

	if (buf->kind >= SEQ_KINDS || buf->place >= SEQ_NULL ||
	    buf->len > SEQ_BUF_MOST || buf->given > buf->len ||
	    buf->given > SEQ_POOL || buf->data > seq->pool_len ||
	    buf->given > seq->pool_len - buf->data)
		return false;
	if (buf->place == SEQ_UNMAPPED && (buf->len || buf->kind))
		return false;
	if (buf->given && !seq->pool[buf->data + buf->given - 1])
		return false;
	return buf->in < SEQ_IN_BUF + i && hole(seq, call, buf->in, buf->at, 8);
}

/* In order, and nothing lies over another. */
static bool apart(const struct seq_call *call)
{
	uint32_t spot, end = 0;

	for (unsigned int r = 0, b = 0; r < call->n_refs || b < call->n_bufs;) {
		const struct seq_ref *ref = &call->refs[r];
		const struct seq_buf *buf = &call->bufs[b];
		bool is_ref = b == call->n_bufs ||
			      (r < call->n_refs &&
			       seq_spot(ref->in, ref->at) <
				       seq_spot(buf->in, buf->at));

		spot = is_ref ? seq_spot(ref->in, ref->at)
			      : seq_spot(buf->in, buf->at);
		if (spot < end)
			return false;
		end = spot + (is_ref ? ref->width : 8);
		is_ref ? r++ : b++;
	}
	return true;
}

/* What is no bpf(2) has a reference to a descriptor, or nothing. */
static bool plain_valid(const struct seq *seq, const struct seq_call *call)
{
	const struct seq_ref *ref = call->refs;
	unsigned int lo = 0, hi = 0;
	bool wants_fd = false;

	switch (call->op) {
	case SEQ_MMAP:
		lo = 1;
		hi = 3;
		/* fallthrough */
	case SEQ_CLOSE:
	case SEQ_DUP:
	case SEQ_READ:
		wants_fd = true;
		break;
	case SEQ_RUN:
		hi = SEQ_RUNS - 1;
		break;
	case SEQ_JIT:
		hi = 1;
		break;
	}
	if (call->place || call->cmd < lo || call->cmd > hi || call->size ||
	    call->common_size || call->attr_len || call->common_len ||
	    call->n_bufs || call->n_refs != wants_fd)
		return false;
	if (!wants_fd)
		return true;
	if (!seq_is_descriptor(ref) ||
	    (ref->kind == SEQ_REF_GIVEN && call->op == SEQ_CLOSE))
		return false;
	return ref->in == SEQ_IN_ATTR && !ref->at && ref->width == 4 &&
	       ref_valid(seq, call, ref);
}

bool seq_call_valid(const struct seq *seq, unsigned int i)
{
	const struct seq_call *call = &seq->calls[i];

	if (call->op >= SEQ_OPS)
		return false;
	if (!seq_is_bpf(call))
		return plain_valid(seq, call);
	if (call->place >= SEQ_PLACES || call->attr_len > SEQ_ATTR ||
	    call->common_len > SEQ_COMMON || call->n_refs > SEQ_REFS ||
	    call->n_bufs > SEQ_BUFS)
		return false;
	if (call->attr_len &&
	    (!seq_is_memory(call->place) || !call->attr[call->attr_len - 1]))
		return false;
	if (call->common_len && !call->common[call->common_len - 1])
		return false;
	if (call->op == SEQ_BPF && (call->common_size || call->common_len))
		return false;
	for (unsigned int k = 0; k < call->n_bufs; k++)
		if (!buf_valid(seq, call, k))
			return false;
	for (unsigned int k = 0; k < call->n_refs; k++)
		if (!ref_valid(seq, call, &call->refs[k]))
			return false;
	return apart(call);
}

bool seq_valid(const struct seq *seq)
{
	unsigned int forks = 0;
	uint32_t mem = 0;

	if (!seq->n || seq->n > SEQ_CALLS || seq->pool_len > SEQ_POOL)
		return false;
	for (unsigned int i = 0; i < seq->n; i++) {
		const struct seq_call *call = &seq->calls[i];

		if (!seq_call_valid(seq, i))
			return false;
		forks += call->op == SEQ_FORK;
		for (unsigned int k = 0; k < call->n_bufs; k++)
			mem += call->bufs[k].len;
		if (forks > 1 || mem > SEQ_MEM)
			return false;
	}
	return true;
}

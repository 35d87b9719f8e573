// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The steps by which a find gets smaller: calls, then buffers, references and
 * fields, then bytes. Each step is numbered, so that the judge of finds can try
 * them one by one; those that would change nothing are left out. */
#include <string.h>

#include "change.h"

/* Counts down to the step that is wanted. */
struct steps {
	unsigned int left;
};

static bool this_one(struct steps *s, unsigned int n, unsigned int *nr)
{
	if (s->left < n) {
		*nr = s->left;
		return true;
	}
	s->left -= n;
	return false;
}

static bool smaller_calls(struct make *m, struct steps *s)
{
	unsigned int nr;

	if (m->seq.n < 2)
		return false;
	/* The second half, the first, then each, the last first. */
	if (m->seq.n > 3 && this_one(s, 2, &nr)) {
		const unsigned int half = m->seq.n / 2;

		for (unsigned int i = 0; i < half; i++)
			calls_drop(m, nr ? 0 : m->seq.n - 1);
		return true;
	}
	if (!this_one(s, m->seq.n, &nr))
		return false;
	calls_drop(m, m->seq.n - 1 - nr);
	return true;
}

/* Whole parts of CALL. */
static bool smaller_parts(struct seq_call *call, struct steps *s)
{
	unsigned int nr;

	if (call->place && this_one(s, 1, &nr)) {
		call->place = SEQ_PLAIN;
		return true;
	}
	if (call->op == SEQ_BPF_COMMON && this_one(s, 1, &nr)) {
		call->op = SEQ_BPF;
		return true;
	}
	if (call->op > SEQ_BPF_COMMON)
		return false;
	if (this_one(s, call->n_bufs, &nr)) {
		buf_drop(call, nr);
		return true;
	}
	if (this_one(s, call->n_refs, &nr)) {
		ref_drop(call, nr);
		return true;
	}
	return false;
}

/* Words of the attr that are not zero. */
static bool smaller_words(struct seq_call *call, struct steps *s)
{
	static const uint8_t zero[4];
	unsigned int nr;

	for (unsigned int at = 0; at < call->attr_len; at += 4) {
		const unsigned int len =
			call->attr_len - at < 4 ? call->attr_len - at : 4u;

		if (memcmp(call->attr + at, zero, len) == 0)
			continue;
		if (this_one(s, 1, &nr)) {
			memset(call->attr + at, 0, len);
			return true;
		}
	}
	return false;
}

static bool smaller_buf(struct make *m, struct seq_buf *buf, struct steps *s)
{
	uint8_t *p = buf_data(m, buf);
	unsigned int nr;

	if (buf->given && this_one(s, 2, &nr)) {
		buf->given = nr ? buf->given / 2 : 0;
		return true;
	}
	if (buf->len > 8 && this_one(s, 1, &nr)) {
		buf->len /= 2;
		return true;
	}
	for (uint32_t at = 0; at < buf->given; at += 8) {
		static const uint8_t zero[8];
		const uint32_t len = buf->given - at < 8 ? buf->given - at : 8;

		if (memcmp(p + at, zero, len) == 0)
			continue;
		if (this_one(s, 1, &nr)) {
			memset(p + at, 0, len);
			return true;
		}
	}
	return false;
}

static bool drop_insn(struct make *m, struct seq_call *call, unsigned int b,
		      struct steps *s)
{
	unsigned int nr;

	if (call->bufs[b].kind != SEQ_INSNS || !buf_whole(m, &call->bufs[b]) ||
	    !this_one(s, call->bufs[b].given / 8, &nr))
		return false;
	change_insn_drop(m, call, b, nr);
	return true;
}

static bool step(struct make *m, struct steps *s)
{
	if (smaller_calls(m, s))
		return true;
	for (unsigned int i = m->seq.n; i-- > 0;)
		if (smaller_parts(&m->seq.calls[i], s))
			return true;
	for (unsigned int i = m->seq.n; i-- > 0;)
		if (smaller_words(&m->seq.calls[i], s))
			return true;
	for (unsigned int i = m->seq.n; i-- > 0;) {
		struct seq_call *call = &m->seq.calls[i];

		for (unsigned int b = 0; b < call->n_bufs; b++)
			if (drop_insn(m, call, b, s) ||
			    smaller_buf(m, &call->bufs[b], s))
				return true;
	}
	return false;
}

/* What counts, the first that differs: bytes, memory, what is not zero. */
struct weight {
	size_t len;
	uint64_t memory, used, sum;
};

static void weigh(struct weight *w, const struct seq *seq, const uint8_t *data,
		  size_t len)
{
	memset(w, 0, sizeof(*w));
	w->len = len;
	for (unsigned int i = 0; i < seq->n; i++)
		for (unsigned int b = 0; b < seq->calls[i].n_bufs; b++)
			w->memory += seq->calls[i].bufs[b].len;
	for (size_t i = 0; i < len; i++) {
		w->used += data[i] != 0;
		w->sum += data[i];
	}
}

static bool is_less(const struct weight *a, const struct weight *b)
{
	if (a->len != b->len)
		return a->len < b->len;
	if (a->memory != b->memory)
		return a->memory < b->memory;
	if (a->used != b->used)
		return a->used < b->used;
	return a->sum < b->sum;
}

size_t make_smaller(const uint8_t *data, size_t len, unsigned int nr,
		    uint8_t *out, size_t size)
{
	static struct make m;
	struct weight old, new;

	if (!work_load(&m, data, len))
		return 0;
	weigh(&old, &m.seq, data, len);
	/* Steps that make it no smaller are passed over, so that each number
	 * stands for one that does. */
	for (unsigned int at = 0;; at++) {
		struct steps s = {at};
		size_t n;

		if (!work_load(&m, data, len) || !step(&m, &s))
			return 0;
		n = work_save(&m, out, size);
		if (!n)
			continue;
		weigh(&new, &m.seq, out, n);
		if (is_less(&new, &old) && !nr--)
			return n;
	}
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Calls of a sequence come, go and move. */
#include <string.h>

#include "work.h"

uint32_t any(struct make *m, uint32_t n)
{
	return rng_below(&m->rng, n);
}

bool one_in(struct make *m, uint32_t n)
{
	return rng_below(&m->rng, n) == 0;
}

uint64_t any64(struct make *m)
{
	return rng_next(&m->rng);
}

void work_clear(struct make *m, enum make_target target, uint64_t seed)
{
	m->seq.n = 0;
	m->seq.pool = m->pool;
	m->seq.pool_len = sizeof(m->pool);
	m->used = 0;
	m->rng = seed;
	m->target = target;
	m->call = &m->spill;
	memset(&m->spill, 0, sizeof(m->spill));
}

bool work_load(struct make *m, const uint8_t *data, size_t len)
{
	m->used = 0;
	m->seq.n = 0;
	m->call = &m->spill;
	if (seq_decode(&m->seq, data, len) == 0 &&
	    m->seq.pool_len <= sizeof(m->pool)) {
		memcpy(m->pool, m->seq.pool, m->seq.pool_len);
		m->used = m->seq.pool_len;
	} else {
		m->seq.n = 0;
	}
	m->seq.pool = m->pool;
	m->seq.pool_len = sizeof(m->pool);
	return m->seq.n > 0;
}

bool ref_to_call(const struct seq_ref *ref)
{
	return ref->kind <= SEQ_REF_OUT;
}

/* References to calls from FROM on are to those BY further. */
static void shift(struct make *m, unsigned int from, int by)
{
	for (unsigned int i = 0; i < m->seq.n; i++) {
		struct seq_call *call = &m->seq.calls[i];

		for (unsigned int r = 0; r < call->n_refs; r++)
			if (ref_to_call(&call->refs[r]) &&
			    call->refs[r].which >= from)
				call->refs[r].which =
					(uint8_t)(call->refs[r].which + by);
	}
}

bool calls_open(struct make *m, unsigned int at, unsigned int n)
{
	struct seq_call *calls = m->seq.calls;

	if (m->seq.n + n > SEQ_CALLS)
		return false;
	shift(m, at, (int)n);
	memmove(calls + at + n, calls + at, (m->seq.n - at) * sizeof(*calls));
	memset(calls + at, 0, n * sizeof(*calls));
	m->seq.n += n;
	return true;
}

/* The content of what was copied from FROM's pool. */
static bool take_content(struct make *m, const struct make *from,
			 struct seq_call *call)
{
	for (unsigned int b = 0; b < call->n_bufs; b++) {
		struct seq_buf *buf = &call->bufs[b];

		if (buf->given > sizeof(m->pool) - m->used)
			return false;
		memmove(m->pool + m->used, from->pool + buf->data, buf->given);
		buf->data = m->used;
		m->used += buf->given;
	}
	return true;
}

void calls_copy(struct make *m, unsigned int at, const struct make *from,
		unsigned int first, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct seq_call *call = &m->seq.calls[at + i];

		*call = from->seq.calls[first + i];
		if (!take_content(m, from, call))
			call->n_bufs = 0;
		for (unsigned int r = 0; r < call->n_refs; r++) {
			struct seq_ref *ref = &call->refs[r];

			if (!ref_to_call(ref))
				continue;
			if (ref->which >= first && ref->which < first + n)
				ref->which = (uint8_t)(ref->which - first + at);
			else
				ref->which %= at ? at : 1;
		}
	}
}

void calls_drop(struct make *m, unsigned int at)
{
	struct seq_call *calls = m->seq.calls;

	for (unsigned int i = 0; i < m->seq.n; i++)
		for (unsigned int r = calls[i].n_refs; r-- > 0;)
			if (ref_to_call(&calls[i].refs[r]) &&
			    calls[i].refs[r].which == at)
				ref_drop(&calls[i], r);
	m->seq.n--;
	memmove(calls + at, calls + at + 1, (m->seq.n - at) * sizeof(*calls));
	shift(m, at + 1, -1);
}

static unsigned int moved(unsigned int nr, unsigned int from, unsigned int to)
{
	if (nr == from)
		return to;
	if (from < nr && nr <= to)
		return nr - 1;
	if (to <= nr && nr < from)
		return nr + 1;
	return nr;
}

void calls_move(struct make *m, unsigned int from, unsigned int to)
{
	struct seq_call *calls = m->seq.calls, call = calls[from];

	if (from < to)
		memmove(calls + from, calls + from + 1,
			(to - from) * sizeof(call));
	else
		memmove(calls + to + 1, calls + to, (from - to) * sizeof(call));
	calls[to] = call;
	for (unsigned int i = 0; i < m->seq.n; i++)
		for (unsigned int r = 0; r < calls[i].n_refs; r++) {
			struct seq_ref *ref = &calls[i].refs[r];

			if (ref_to_call(ref))
				ref->which =
					(uint8_t)moved(ref->which, from, to);
		}
}

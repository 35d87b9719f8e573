// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Brings what mutation has made of a sequence back to one that has an encoding:
 * seq/valid.c says what that is; order and zeros are seq_encode()'s. */
#include "work.h"

/* Bytes that can be referred to in IN of CALL; 0: there is no such place. */
static uint32_t room(const struct seq_call *call, unsigned int in)
{
	const struct seq_buf *buf;

	if (in == SEQ_IN_ATTR)
		return call->place == SEQ_UNMAPPED || call->place == SEQ_NULL
			       ? 0
			       : SEQ_ATTR;
	if (in == SEQ_IN_COMMON)
		return call->op == SEQ_BPF_COMMON ? SEQ_COMMON : 0;
	if (in - SEQ_IN_BUF >= call->n_bufs)
		return 0;
	buf = &call->bufs[in - SEQ_IN_BUF];
	return buf->place == SEQ_UNMAPPED ? 0 : buf->len;
}

static bool ref_stands(const struct make *m, const struct seq_call *call,
		       struct seq_ref *ref)
{
	unsigned int bound = ref_to_call(ref) ? m->seq.n : 0;

	if (ref->kind == SEQ_REF_GIVEN)
		bound = SEQ_GIVENS;
	if (ref->kind == SEQ_REF_BTF)
		bound = seq_names_count;
	if (ref->kind != SEQ_REF_OUT)
		ref->more = 0;
	if (ref->width != 8)
		ref->width = 4;
	return ref->which < bound && ref->more + ref->width <= SEQ_ATTR &&
	       ref->at + (uint32_t)ref->width <= room(call, ref->in);
}

static bool overlap(unsigned int a_in, unsigned int a, unsigned int a_len,
		    unsigned int b_in, unsigned int b, unsigned int b_len)
{
	return a_in == b_in && a < b + b_len && b < a + a_len;
}

/* Whether a part before R, or a pointer, lies over reference R. */
static bool ref_covered(const struct seq_call *call, unsigned int r)
{
	const struct seq_ref *ref = &call->refs[r];

	for (unsigned int i = 0; i < r; i++)
		if (overlap(ref->in, ref->at, ref->width, call->refs[i].in,
			    call->refs[i].at, call->refs[i].width))
			return true;
	for (unsigned int b = 0; b < call->n_bufs; b++)
		if (overlap(ref->in, ref->at, ref->width, call->bufs[b].in,
			    call->bufs[b].at, 8))
			return true;
	return false;
}

static bool buf_stands(const struct seq_call *call, unsigned int b)
{
	const struct seq_buf *buf = &call->bufs[b];

	for (unsigned int i = 0; i < b; i++)
		if (overlap(buf->in, buf->at, 8, call->bufs[i].in,
			    call->bufs[i].at, 8))
			return false;
	return buf->in < SEQ_IN_BUF + b && buf->place < SEQ_NULL &&
	       buf->at + 8u <= room(call, buf->in);
}

static void tidy_bufs(struct seq_call *call)
{
	for (unsigned int b = 0; b < call->n_bufs;) {
		struct seq_buf *buf = &call->bufs[b];

		if (buf->kind >= SEQ_KINDS)
			buf->kind = SEQ_BYTES;
		if (buf->len > SEQ_BUF_MOST)
			buf->len = SEQ_BUF_MOST;
		if (buf->given > buf->len)
			buf->given = buf->len;
		if (buf_stands(call, b))
			b++;
		else
			buf_drop(call, b);
	}
}

static void tidy_refs(const struct make *m, struct seq_call *call)
{
	for (unsigned int r = 0; r < call->n_refs;)
		if (ref_stands(m, call, &call->refs[r]) &&
		    !ref_covered(call, r))
			r++;
		else
			ref_drop(call, r);
}

/* Of what is no bpf(2); it has a descriptor. */
static void tidy_plain(const struct make *m, struct seq_call *call)
{
	struct seq_ref *ref = call->refs;

	call->n_bufs = 0;
	if (call->op < SEQ_CLOSE || call->op > SEQ_MMAP)
		return;
	if (!call->n_refs || ref->which >= m->seq.n ||
	    !seq_is_descriptor(ref) ||
	    (ref->kind == SEQ_REF_GIVEN && call->op == SEQ_CLOSE)) {
		*ref = (struct seq_ref){.kind = SEQ_REF_FD};
		call->n_refs = 1;
	}
	ref->in = SEQ_IN_ATTR;
	ref->at = ref->more = 0;
	ref->width = 4;
}

/* Offsets of uprobes stay in the header of the file, which is the executor's
 * own: a breakpoint in its code would be its end. */
static void spare_executor(struct make *m, struct seq_call *call)
{
	enum { ATTACH_TYPE = 8, OFFSETS = 24, UPROBES = 48 };
	struct seq_buf *buf = buf_at(call, SEQ_IN_ATTR, OFFSETS);

	if (call->cmd != BPFSYS_LINK_CREATE || !buf ||
	    attr_get(call, ATTACH_TYPE, 4) < UPROBES)
		return;
	for (uint32_t i = 0; i < buf->given; i++)
		m->pool[buf->data + i] &= i % 8 ? 0 : 63;
}

/* What takes all of a small VM's memory, or seconds of its time, is no find but
 * ends it all the same: maps of many megabytes, and arenas, for whose 4 GiB
 * KASAN takes an eighth of that. */
static void spare_memory(struct seq_call *call)
{
	enum { TYPE = 0, VALUE_SIZE = 8, ENTRIES = 12, ARENA = 33, MIB = 20 };
	const uint64_t entries = attr_get(call, ENTRIES, 4);
	const uint64_t bytes = entries * (attr_get(call, VALUE_SIZE, 4) + 64);

	if (call->cmd != BPFSYS_MAP_CREATE)
		return;
	if (attr_get(call, TYPE, 4) == ARENA)
		attr_put(call, TYPE, 2, 4);
	if (bytes >> MIB > 8 && bytes >> MIB < 8192)
		attr_put(call, ENTRIES, entries & 255, 4);
}

/* Helpers that kill or overwrite the process that runs the program, which is
 * the executor: bpf_probe_write_user, bpf_send_signal, its _thread. */
static void spare_process(struct make *m, const struct seq_call *call)
{
	for (unsigned int b = 0; b < call->n_bufs; b++) {
		const struct seq_buf *buf = &call->bufs[b];
		uint8_t *p = buf_data(m, buf);

		if (buf->kind != SEQ_INSNS)
			continue;
		for (uint32_t i = 0; i + 5 <= buf->given; i += 8)
			if (p[i] == 0x85 && p[i + 1] >> 4 == 0 &&
			    (p[i + 4] == 36 || p[i + 4] == 109 ||
			     p[i + 4] == 117))
				p[i + 4] = 5;
	}
}

static void tidy_call(struct make *m, struct seq_call *call)
{
	static const uint8_t most[] = {
		[SEQ_RUN] = SEQ_RUNS - 1,
		[SEQ_JIT] = 1,
	};

	if (call->op >= SEQ_OPS)
		call->op = SEQ_BPF;
	if (call->op == SEQ_MMAP && (!call->cmd || call->cmd > 3))
		call->cmd = 3;
	if ((call->op == SEQ_RUN || call->op == SEQ_JIT) &&
	    call->cmd > most[call->op])
		call->cmd = 0;
	if (call->op > SEQ_BPF_COMMON) {
		call->place = SEQ_PLAIN;
		tidy_plain(m, call);
		return;
	}
	if (call->place >= SEQ_PLACES)
		call->place = SEQ_PLAIN;
	tidy_bufs(call);
	tidy_refs(m, call);
	spare_executor(m, call);
	spare_memory(call);
	spare_process(m, call);
}

void work_tidy(struct make *m)
{
	bool forked = false;
	uint32_t mem = 0;

	for (unsigned int i = 0; i < m->seq.n;) {
		if (m->seq.calls[i].op != SEQ_FORK || !forked) {
			forked |= m->seq.calls[i++].op == SEQ_FORK;
			continue;
		}
		calls_drop(m, i);
	}
	for (unsigned int i = 0; i < m->seq.n; i++) {
		struct seq_call *call = &m->seq.calls[i];

		for (unsigned int b = 0; b < call->n_bufs; b++) {
			struct seq_buf *buf = &call->bufs[b];

			if (buf->len > SEQ_MEM - mem)
				buf->len = SEQ_MEM - mem;
			mem += buf->len;
		}
		tidy_call(m, call);
	}
}

size_t work_save(struct make *m, uint8_t *data, size_t size)
{
	work_tidy(m);
	return m->seq.n ? seq_encode(&m->seq, data, size) : 0;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Sequences at random. Every choice is one that the format allows, so that few
 * are refused; fields and buffers lie at offsets of the command more often than
 * elsewhere, so that printing meets both. */
#include <string.h>

#include <bpfsys/abi.h>

#include "seq_random.h"

static uint32_t below(uint64_t *state, uint32_t n)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return n ? (uint32_t)(*state >> 33) % n : 0;
}

void random_pool(uint64_t seed, uint8_t *pool)
{
	for (size_t i = 0; i < SEQ_POOL; i++)
		pool[i] = below(&seed, 3) ? below(&seed, 256) : 0;
}

static void pick_field(uint64_t *state, struct seq_call *call)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(call->cmd);
	const struct bpfsys_field *fields;
	size_t count = 0, i;

	if (!cmd)
		return;
	fields = bpfsys_abi_fields(cmd, &count);
	i = below(state, (uint32_t)count);
	for (size_t k = 0; k < fields[i].size; k++)
		call->attr[fields[i].offset + k] =
			below(state, 3) && k ? 0 : below(state, 256);
}

/* 8 bytes that nothing has taken; an offset in SIZE, or -1. */
static int free_place(uint64_t *state, uint8_t *taken, uint32_t size)
{
	uint32_t at;

	for (int tries = 0; size >= 8 && tries < 8; tries++) {
		at = below(state, size - 7);
		if (below(state, 4))
			at &= ~3u;
		if (memchr(taken + at, 1, 8))
			continue;
		memset(taken + at, 1, 8);
		return (int)at;
	}
	return -1;
}

struct spots {
	uint8_t taken[SEQ_IN_BUF + SEQ_BUFS][SEQ_ATTR];
	uint32_t size[SEQ_IN_BUF + SEQ_BUFS];
};

static void add_buf(uint64_t *state, struct seq_call *call, struct spots *spots)
{
	struct seq_buf *buf = &call->bufs[call->n_bufs];
	uint8_t in = below(state, 2) ? 0 : below(state, 2 + call->n_bufs);
	int at = free_place(state, spots->taken[in], spots->size[in]);

	if (at < 0)
		return;
	buf->in = in;
	buf->at = (uint16_t)at;
	buf->place = below(state, 3) ? 0 : below(state, SEQ_NULL);
	buf->kind = below(state, SEQ_KINDS);
	buf->len = below(state, 4) ? below(state, 100)
				   : below(state, 1 << below(state, 17));
	if (buf->kind == SEQ_INSNS)
		buf->len &= ~7u;
	buf->data = below(state, SEQ_POOL / 2);
	buf->given = below(state, (buf->len < 2000 ? buf->len : 2000) + 1);
	spots->size[SEQ_IN_BUF + call->n_bufs] = buf->place == SEQ_UNMAPPED ? 0
						 : buf->len < SEQ_ATTR
							 ? buf->len
							 : SEQ_ATTR;
	call->n_bufs++;
}

static void add_ref(uint64_t *state, struct seq_call *call, struct spots *spots,
		    unsigned int n)
{
	struct seq_ref *ref = &call->refs[call->n_refs];
	uint8_t in = below(state, 2) ? 0 : below(state, 2 + call->n_bufs);
	int at = free_place(state, spots->taken[in], spots->size[in]);

	if (at < 0)
		return;
	ref->in = in;
	ref->at = (uint16_t)at;
	ref->width = below(state, 2) ? 4 : 8;
	ref->kind = below(state, SEQ_REF_KINDS);
	ref->which = below(state, ref->kind == SEQ_REF_GIVEN ? SEQ_GIVENS
				  : ref->kind == SEQ_REF_BTF ? seq_names_count
							     : n);
	ref->more = ref->kind == SEQ_REF_OUT ? below(state, SEQ_ATTR - 7) : 0;
	call->n_refs++;
}

static void random_bpf(uint64_t *state, struct seq_call *call, unsigned int n)
{
	struct spots spots;

	memset(&spots, 0, sizeof(spots));
	call->cmd = below(state, 20) ? below(state, 40) : below(state, 65536);
	call->size = below(state, 4) ? below(state, 200) : below(state, 65536);
	call->place = below(state, 4) ? 0 : below(state, SEQ_PLACES);
	call->attr_len = SEQ_ATTR;
	for (uint32_t i = below(state, 8); i; i--)
		pick_field(state, call);
	for (uint32_t i = below(state, 4); i; i--)
		call->attr[below(state, SEQ_ATTR)] = below(state, 256);
	if (call->op == SEQ_BPF_COMMON) {
		call->common_size = below(state, 65536);
		call->common_len = SEQ_COMMON;
		for (uint32_t i = below(state, 20); i; i--)
			call->common[below(state, SEQ_COMMON)] =
				below(state, 256);
		spots.size[SEQ_IN_COMMON] = SEQ_COMMON;
	}
	if (call->place != SEQ_NULL && call->place != SEQ_UNMAPPED)
		spots.size[SEQ_IN_ATTR] = SEQ_ATTR;
	for (uint32_t i = below(state, SEQ_BUFS + 1); i; i--)
		add_buf(state, call, &spots);
	for (uint32_t i = below(state, SEQ_REFS + 1); i; i--)
		add_ref(state, call, &spots, n);
}

static void random_plain(uint64_t *state, struct seq_call *call, unsigned int n)
{
	struct seq_ref *ref = &call->refs[0];

	if (call->op == SEQ_RUN)
		call->cmd = below(state, SEQ_RUNS);
	else if (call->op == SEQ_JIT)
		call->cmd = below(state, 2);
	else if (call->op == SEQ_MMAP)
		call->cmd = 1 + below(state, 3);
	if (call->op < SEQ_CLOSE || call->op > SEQ_MMAP)
		return;
	call->n_refs = 1;
	ref->width = 4;
	ref->kind = below(state, 2) && call->op != SEQ_CLOSE ? SEQ_REF_GIVEN
							     : SEQ_REF_FD;
	ref->which = below(state, ref->kind == SEQ_REF_FD ? n : SEQ_GIVEN_PID);
}

void random_seq(uint64_t seed, struct seq *seq, const uint8_t *pool)
{
	uint64_t state = seed * 2654435761u + 1;
	bool forked = false;

	memset(seq, 0, sizeof(*seq));
	seq->pool = pool;
	seq->pool_len = SEQ_POOL;
	seq->n = 1 + below(&state, SEQ_CALLS);
	for (unsigned int i = 0; i < seq->n; i++) {
		struct seq_call *call = &seq->calls[i];

		call->op = below(&state, 3) ? below(&state, 2)
					    : below(&state, SEQ_OPS);
		if (call->op == SEQ_FORK && forked)
			call->op = SEQ_BPF;
		forked |= call->op == SEQ_FORK;
		if (call->op == SEQ_BPF || call->op == SEQ_BPF_COMMON)
			random_bpf(&state, call, seq->n);
		else
			random_plain(&state, call, seq->n);
	}
}

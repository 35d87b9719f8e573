// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Twins: a program that is loaded and run twice, and once more without the
 * JIT. */
#include <string.h>

#include "near.h"

/* The calls of a twin, in this order. */
enum {
	MAP,
	PUT_1,
	LOAD_1,
	RUN_1,
	PUT_2,
	RUN_2,
	JIT_OFF,
	LOAD_2,
	PUT_3,
	RUN_3,
	JIT_ON,
	TWIN,
};

static const struct {
	uint8_t op, cmd;
} shape[TWIN] = {
	[MAP] = {SEQ_BPF, BPFSYS_MAP_CREATE},
	[PUT_1] = {SEQ_BPF, BPFSYS_MAP_UPDATE_ELEM},
	[LOAD_1] = {SEQ_BPF, BPFSYS_PROG_LOAD},
	[RUN_1] = {SEQ_BPF, BPFSYS_PROG_TEST_RUN},
	[PUT_2] = {SEQ_BPF, BPFSYS_MAP_UPDATE_ELEM},
	[RUN_2] = {SEQ_BPF, BPFSYS_PROG_TEST_RUN},
	[JIT_OFF] = {SEQ_JIT, 0},
	[LOAD_2] = {SEQ_BPF, BPFSYS_PROG_LOAD},
	[PUT_3] = {SEQ_BPF, BPFSYS_MAP_UPDATE_ELEM},
	[RUN_3] = {SEQ_BPF, BPFSYS_PROG_TEST_RUN},
	[JIT_ON] = {SEQ_JIT, 1},
};

static bool has_shape(const struct seq *seq)
{
	if (seq->n < TWIN)
		return false;
	for (unsigned int i = 0; i < TWIN; i++)
		if (seq->calls[i].op != shape[i].op ||
		    seq->calls[i].cmd != shape[i].cmd)
			return false;
	return true;
}

static void put_value(struct make *m, uint32_t size, const uint8_t *value)
{
	const uint8_t key[4] = {0};

	bpf(m, BPFSYS_MAP_UPDATE_ELEM);
	put_fd(m, "map_fd", MAP);
	put_buf(m, "key", key, 0, 4);
	put_buf(m, "value", value, size, size);
}

static void load_it(struct make *m, const struct code *c)
{
	load_code(m, c, BPF_PROG_TYPE_SCHED_CLS, 0);
}

static void run_it(struct make *m, unsigned int prog, const uint8_t *packet)
{
	bpf(m, BPFSYS_PROG_TEST_RUN);
	put_fd(m, "prog_fd", prog);
	put(m, "data_size_in", 64);
	put_buf(m, "data_in", packet, 64, 64);
}

/* Bytes that are often at a border of what a number can be. */
static void any_bytes(struct make *m, uint8_t *bytes, unsigned int n)
{
	static const uint8_t borders[] = {0, 0xff, 0x7f, 0x80, 1, 0x3f, 0x40};

	for (unsigned int i = 0; i < n;) {
		const unsigned int run = 1 + any(m, 8);
		uint8_t byte = borders[any(m, COUNT_OF(borders))];

		if (one_in(m, 3))
			byte = (uint8_t)any(m, 256);
		for (unsigned int k = 0; k < run && i < n; k++)
			bytes[i++] = byte;
	}
}

void new_twin(struct make *m)
{
	const uint32_t size = 16u << any(m, 4);
	uint8_t value[256], packet[64];
	static struct code c;

	any_bytes(m, value, sizeof(value));
	any_bytes(m, packet, sizeof(packet));
	make_array(m, size, 1);
	near_code(m, &c, MAP, size);
	put_value(m, size, value);
	load_it(m, &c);
	run_it(m, LOAD_1, packet);
	put_value(m, size, value);
	run_it(m, LOAD_1, packet);
	op(m, SEQ_JIT, 0);
	load_it(m, &c);
	put_value(m, size, value);
	run_it(m, LOAD_2, packet);
	op(m, SEQ_JIT, 1);
}

/* Makes call TO what call FROM is, about program PROG. */
static void copy(struct make *m, unsigned int from, unsigned int to,
		 unsigned int prog)
{
	struct seq_call *call = &m->seq.calls[to];

	*call = m->seq.calls[from];
	for (unsigned int r = 0; r < call->n_refs; r++)
		if (call->refs[r].kind == SEQ_REF_FD &&
		    call->refs[r].which == LOAD_1)
			call->refs[r].which = (uint8_t)prog;
}

void same_twin(struct make *m)
{
	if (!has_shape(&m->seq))
		return;
	copy(m, PUT_1, PUT_2, LOAD_1);
	copy(m, PUT_1, PUT_3, LOAD_1);
	copy(m, LOAD_1, LOAD_2, LOAD_1);
	copy(m, RUN_1, RUN_2, LOAD_1);
	copy(m, RUN_1, RUN_3, LOAD_2);
}

static bool same_bufs(const struct seq *seq, const struct seq_call *a,
		      const struct seq_call *b)
{
	for (unsigned int i = 0; i < a->n_bufs; i++) {
		struct seq_buf x = a->bufs[i], y = b->bufs[i];

		if (x.given != y.given ||
		    memcmp(seq->pool + x.data, seq->pool + y.data, x.given))
			return false;
		x.data = y.data = 0;
		if (x.in != y.in || x.kind != y.kind || x.place != y.place ||
		    x.at != y.at || x.len != y.len)
			return false;
	}
	return true;
}

/* Whether B is what copy() makes of A. */
static bool same_call(const struct seq *seq, unsigned int from, unsigned int to,
		      unsigned int prog)
{
	const struct seq_call *a = &seq->calls[from], *b = &seq->calls[to];

	if (a->place != b->place || a->size != b->size ||
	    a->attr_len != b->attr_len || a->n_refs != b->n_refs ||
	    a->n_bufs != b->n_bufs || memcmp(a->attr, b->attr, a->attr_len))
		return false;
	for (unsigned int r = 0; r < a->n_refs; r++) {
		struct seq_ref x = a->refs[r];

		if (x.kind == SEQ_REF_FD && x.which == LOAD_1)
			x.which = (uint8_t)prog;
		/* Nothing but the map and the program can be the same. */
		if (x.kind != SEQ_REF_FD ||
		    (x.which != MAP && x.which != prog) ||
		    x.in != b->refs[r].in || x.kind != b->refs[r].kind ||
		    x.which != b->refs[r].which || x.at != b->refs[r].at)
			return false;
	}
	return same_bufs(seq, a, b);
}

/* The program that LOAD_1 loads. */
static const struct seq_buf *program(const struct seq_call *call)
{
	for (unsigned int b = 0; b < call->n_bufs; b++)
		if (call->bufs[b].in == SEQ_IN_ATTR &&
		    call->bufs[b].kind == SEQ_INSNS)
			return &call->bufs[b];
	return NULL;
}

bool make_is_twin(const struct seq *seq, struct make_twin *twin)
{
	static const struct make_twin calls = {
		.map = MAP,
		.loads = {LOAD_1, LOAD_2},
		.puts = {PUT_1, PUT_2, PUT_3},
		.runs = {RUN_1, RUN_2, RUN_3},
		.jit_off = JIT_OFF,
	};
	const struct seq_buf *insns;

	if (!has_shape(seq) || !same_call(seq, PUT_1, PUT_2, LOAD_1) ||
	    !same_call(seq, PUT_1, PUT_3, LOAD_1) ||
	    !same_call(seq, LOAD_1, LOAD_2, LOAD_1) ||
	    !same_call(seq, RUN_1, RUN_2, LOAD_1) ||
	    !same_call(seq, RUN_1, RUN_3, LOAD_2))
		return false;
	insns = program(&seq->calls[LOAD_1]);
	if (!insns || !tells_no_address(seq->pool + insns->data, insns->given))
		return false;
	if (twin)
		*twin = calls;
	return true;
}

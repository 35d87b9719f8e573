// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Which change is made how often. */
#include "change.h"
#include "recipes.h"

/* Of a twin only those that the others are copies of: mostly its program. */
static unsigned int any_nr(struct make *m)
{
	static const uint8_t twin[] = {0, 1, 2, 2, 2, 2, 2, 2, 3};

	if (m->target == MAKE_PROG && m->seq.n > 3)
		return twin[any(m, COUNT_OF(twin))];
	return any(m, m->seq.n);
}

/* A call of bpf(2), if there is one nearby. */
static unsigned int any_bpf(struct make *m)
{
	unsigned int nr = any_nr(m);

	for (unsigned int i = 0; i < m->seq.n; i++) {
		const unsigned int at = (nr + i) % m->seq.n;

		if (m->seq.calls[at].op <= SEQ_BPF_COMMON)
			return at;
	}
	return nr;
}

static void one_field(struct make *m)
{
	const unsigned int nr = any_bpf(m);

	if (m->seq.calls[nr].op <= SEQ_BPF_COMMON)
		change_field(m, nr);
}

static void one_frame(struct make *m)
{
	const unsigned int nr = any_bpf(m);

	if (m->seq.calls[nr].op <= SEQ_BPF_COMMON)
		change_frame(m, nr);
}

static void one_kind(struct make *m)
{
	const unsigned int nr = any_bpf(m);

	if (m->seq.calls[nr].op <= SEQ_BPF_COMMON)
		change_kind(m, nr);
}

static void one_ref(struct make *m)
{
	const unsigned int nr = any_nr(m);
	struct seq_call *call = &m->seq.calls[nr];

	if (call->n_refs)
		change_ref(m, nr, &call->refs[any(m, call->n_refs)]);
}

static void one_buf(struct make *m)
{
	const unsigned int nr = any_nr(m);

	for (unsigned int i = 0; i < m->seq.n; i++) {
		struct seq_call *call = &m->seq.calls[(nr + i) % m->seq.n];

		if (!call->n_bufs)
			continue;
		change_buf(m, call, any(m, call->n_bufs));
		return;
	}
}

static void drop(struct make *m)
{
	if (m->seq.n > 1)
		calls_drop(m, any(m, m->seq.n));
}

static void move(struct make *m)
{
	if (m->seq.n > 1)
		calls_move(m, any(m, m->seq.n), any(m, m->seq.n));
}

static void repeat(struct make *m)
{
	static struct make other;
	const unsigned int nr = any(m, m->seq.n), n = m->seq.n;
	const unsigned int at = one_in(m, 2) ? nr + 1 : nr + any(m, n - nr + 1);

	other.seq.calls[0] = m->seq.calls[nr];
	if (!calls_open(m, at, 1))
		return;
	/* It is before AT: what it refers to has not moved. */
	m->seq.calls[at] = other.seq.calls[0];
}

/* So that sequences do not grow until each takes long. */
static void make_room(struct make *m)
{
	unsigned int n = m->seq.n > 8 ? 1 + any(m, m->seq.n / 2) : 0;

	while (n--)
		drop(m);
}

static void add_recipe(struct make *m)
{
	static struct make other;
	unsigned int at, n;

	make_room(m);
	at = one_in(m, 3) ? any(m, m->seq.n + 1) : m->seq.n;
	work_clear(&other, m->target, any64(m));
	any_recipe(&other)->make(&other);
	n = other.seq.n;
	if (n > SEQ_CALLS - m->seq.n)
		n = SEQ_CALLS - m->seq.n;
	if (n && calls_open(m, at, n))
		calls_copy(m, at, &other, 0, n);
}

/* A call of its own kind, about what is there. */
static void add_call(struct make *m)
{
	const unsigned int at = one_in(m, 2) ? m->seq.n : any(m, m->seq.n + 1);

	if (!calls_open(m, at, 1))
		return;
	m->seq.calls[at].op = SEQ_BPF;
	m->seq.calls[at].cmd = (uint16_t)any(m, bpfsys_abi_commands());
	fill_call(m, at);
}

static void add_op(struct make *m)
{
	static const uint8_t ops[] = {SEQ_CLOSE, SEQ_CLOSE, SEQ_DUP, SEQ_READ,
				      SEQ_MMAP,	 SEQ_RUN,   SEQ_RUN, SEQ_FORK};
	const unsigned int at = 1 + any(m, m->seq.n);
	unsigned int fd = call_making(m, at, ANYTHING);
	struct seq_call *call;

	if (!calls_open(m, at, 1))
		return;
	call = &m->seq.calls[at];
	call->op = ops[any(m, COUNT_OF(ops))];
	call->cmd = (uint16_t)(call->op == SEQ_RUN ? any(m, SEQ_RUNS)
						   : 1 + any(m, 3));
	call->n_refs = 1;
	call->refs[0].width = 4;
	call->refs[0].which = (uint8_t)(fd < SEQ_CALLS ? fd : 0);
}

static void hinted(struct make *m)
{
	if (!change_hinted(m))
		one_field(m);
}

static const struct {
	void (*change)(struct make *m);
	uint8_t weight[MAKE_TARGETS]; /* calls, prog, btf */
} changes[] = {
	{one_field, {20, 4, 6}}, {one_buf, {16, 50, 60}}, {one_ref, {8, 2, 2}},
	{hinted, {12, 12, 12}},	 {add_recipe, {7, 0, 2}}, {add_call, {8, 0, 1}},
	{add_op, {6, 0, 1}},	 {drop, {10, 0, 1}},	  {repeat, {6, 0, 1}},
	{move, {4, 0, 1}},	 {one_frame, {4, 1, 2}},  {one_kind, {4, 0, 0}},
};

void change(struct make *m)
{
	unsigned int sum = 0, at;

	if (!m->seq.n)
		return;
	for (size_t i = 0; i < COUNT_OF(changes); i++)
		sum += changes[i].weight[m->target];
	at = any(m, sum);
	for (size_t i = 0; i < COUNT_OF(changes); i++) {
		if (at < changes[i].weight[m->target]) {
			changes[i].change(m);
			return;
		}
		at -= changes[i].weight[m->target];
	}
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A sequence as a C program that stands alone: of each helper only what the
 * calls need, then a function for each call. */
#include "fields.h"
#include "print.h"
#include "parts.h"
#include "program.h"

static const uint64_t tcp =
	GIVEN_BIT(TCP_LISTEN) | GIVEN_BIT(TCP) | GIVEN_BIT(TCP_PEER);
static const uint64_t unix_pair = GIVEN_BIT(UNIX) | GIVEN_BIT(UNIX_PEER);

enum { OBJ_PIN = 6, OBJ_GET = 7, PROG_ATTACH = 8, PROG_DETACH = 9 };
enum { PROG_QUERY = 16, LINK_CREATE = 28 };

static uint64_t needs_of_refs(const struct seq_call *call)
{
	static const enum part_need by_kind[] = {
		[SEQ_REF_FD] = NEED_FD,
		[SEQ_REF_ID] = NEED_ID,
		[SEQ_REF_OUT] = NEED_OUT,
		[SEQ_REF_BTF] = NEED_BTF,
	};
	uint64_t needs = 0;

	for (unsigned int i = 0; i < call->n_refs; i++) {
		const struct seq_ref *ref = &call->refs[i];

		if (ref->kind != SEQ_REF_GIVEN)
			needs |= NEED(by_kind[ref->kind]);
		else if (ref->which != SEQ_GIVEN_PID)
			needs |= NEED(ref->which);
		if (call->op == SEQ_BPF || call->op == SEQ_BPF_COMMON)
			needs |=
				NEED(ref->width == 4 ? NEED_SET32 : NEED_SET64);
	}
	return needs;
}

static uint64_t needs_of_items(const struct seq_call *call, uint8_t in)
{
	struct seq_item item = {0};
	uint64_t needs = 0;

	while (seq_next_item(call, in, &item))
		if (item.field && item.len == 4)
			needs |= NEED(NEED_SET32);
		else if (item.field && item.len == 8 && item.buf < 0)
			needs |= NEED(NEED_SET64);
	return needs;
}

static uint64_t needs_of_bpf(const struct seq_call *call)
{
	uint64_t needs = NEED(NEED_PLACE);

	needs |= NEED(call->op == SEQ_BPF ? NEED_BPF : NEED_COMMON);
	needs |= needs_of_items(call, SEQ_IN_ATTR);
	needs |= needs_of_items(call, SEQ_IN_COMMON);
	if (call->place == SEQ_READONLY)
		needs |= NEED(NEED_SEAL);
	for (unsigned int i = 0; i < call->n_bufs; i++) {
		needs |= NEED(NEED_POINT);
		if (call->bufs[i].place == SEQ_READONLY)
			needs |= NEED(NEED_SEAL);
	}
	/* Paths are in a BPF filesystem; interfaces in a namespace. */
	if (call->cmd == OBJ_PIN || call->cmd == OBJ_GET)
		needs |= GIVEN_BIT(BPFFS);
	if (call->cmd == PROG_ATTACH || call->cmd == PROG_DETACH ||
	    call->cmd == PROG_QUERY || call->cmd == LINK_CREATE)
		needs |= NEED(NEED_NET);
	return needs;
}

static uint64_t needs_of(const struct seq_call *call)
{
	switch (call->op) {
	case SEQ_CLOSE:
		return NEED(NEED_CLOSE);
	case SEQ_DUP:
		return NEED(NEED_DUP);
	case SEQ_READ:
		return NEED(NEED_READ);
	case SEQ_MMAP:
		return NEED(NEED_MMAP);
	case SEQ_FORK:
		return NEED(NEED_FORK);
	case SEQ_JIT:
		return NEED(NEED_JIT);
	case SEQ_RUN:
		return NEED(NEED_RUN + call->cmd) |
		       (call->cmd == SEQ_RUN_PACKET ? GIVEN_BIT(UDP)
			: call->cmd == SEQ_RUN_TCP  ? tcp
						    : 0);
	default:
		return needs_of_bpf(call);
	}
}

static uint64_t all_needs(const struct seq *seq)
{
	uint64_t needs = 0;

	for (unsigned int i = 0; i < seq->n; i++) {
		if (program_keeps(seq, i))
			needs |= NEED(NEED_KEEP);
		needs |= needs_of(&seq->calls[i]) |
			 needs_of_refs(&seq->calls[i]);
	}
	if (needs & tcp)
		needs |= tcp;
	if (needs & unix_pair)
		needs |= unix_pair;
	if (needs & (tcp | GIVEN_BIT(UDP) | GIVEN_BIT(NETNS) | GIVEN_BIT(TCP6)))
		needs |= NEED(NEED_NET);
	return needs;
}

/* No comment ends in the middle or begins twice, no line goes on. */
void program_comment(struct text *text, const char *words)
{
	char last = '\0';

	for (; *words; last = *words++) {
		if ((last == '*' && *words == '/') ||
		    (last == '/' && *words == '*'))
			put(text, " ");
		put(text, "%c", *words < ' ' || *words > '~' ? '?' : *words);
	}
	if (last == '\\' || last == '*')
		put(text, " ");
}

static void write_parts(struct text *text, const struct part *parts,
			uint64_t needs)
{
	for (; parts->text; parts++)
		if (parts->by == UINT64_MAX || parts->by & needs)
			put(text, "%s", parts->text);
}

static void write_numbers(struct text *text, uint64_t needs)
{
	uint64_t given = needs & (NEED(SEQ_GIVENS) - 1);

	if (!given && !(needs & NEED(NEED_JIT)))
		return;
	put(text, "/* Descriptors that the calls find. */\nenum {\n");
	for (unsigned int i = 0; i < SEQ_GIVENS; i++)
		if (given >> i & 1)
			put(text, "\tGIVEN_%s = %u,\n", seq_given_name(i),
			    100 + i);
	if (needs & NEED(NEED_JIT))
		put(text, "\tJIT = 200,\n");
	put(text, "};\n\n");
}

static void write_calls(struct text *text, const struct seq *seq,
			uint64_t needs)
{
	put(text, "static void calls(void)\n{\n");
	write_parts(text, seq_part_setup, needs);
	for (unsigned int i = 0; i < seq->n; i++) {
		char name[32];
		struct text out = {name, sizeof(name), 0};

		if (seq->calls[i].op == SEQ_FORK) {
			put(text, "\tfork_here(%u);\n", i);
			continue;
		}
		program_call_name(&out, &seq->calls[i]);
		put(text, "\tcall(%u, \"%s\", call_%u);\n", i, name, i);
	}
	put(text, "}\n\n");
}

size_t seq_program(const struct seq *seq, const char *title, char *text,
		   size_t size)
{
	uint64_t needs = all_needs(seq);
	struct text out = {text, size, 0};

	if (size)
		*text = '\0';
	put(&out, "/* ");
	program_comment(&out, title);
	put(&out,
	    "\n *\n"
	    " * Calls of bpf(2), one after the other. Builds with cc alone; "
	    "run it as root\n"
	    " * on a kernel that may die. */\n");
	write_parts(&out, seq_part_memory, needs);
	write_parts(&out, seq_part_names, needs);
	write_numbers(&out, needs);
	write_parts(&out, seq_part_given, needs);
	write_parts(&out, seq_part_sockets, needs);
	write_parts(&out, seq_part_events, needs);
	write_parts(&out, seq_part_ops, needs);
	for (unsigned int i = 0; i < seq->n; i++)
		if (seq->calls[i].op != SEQ_FORK)
			program_call(&out, seq, i);
	write_calls(&out, seq, needs);
	write_parts(&out, seq_part_main, needs);
	return out.used;
}

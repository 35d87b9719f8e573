// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Reads sequences as people write them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "parse.h"
#include "words.h"

static bool finish_call(struct parser *p)
{
	if (!p->call)
		return true;
	for (unsigned int i = 0; i < p->call->n_bufs; i++)
		if (!p->told[i]) {
			parse_fail(p,
				   "no line before this one says what b%d is, "
				   "to which r%d points",
				   p->buf_label[i],
				   p->call_label[p->seq->n - 1]);
			return false;
		}
	return true;
}

static int start_call(struct parser *p, unsigned int label)
{
	if (!finish_call(p))
		return -EINVAL;
	if (p->seq->n == SEQ_CALLS)
		return parse_fail(p, "a sequence has %d calls at most",
				  SEQ_CALLS);
	for (unsigned int i = 0; i < p->seq->n; i++)
		if (p->call_label[i] == (int)label)
			return parse_fail(p, "r%u is there already", label);
	p->call_label[p->seq->n] = (int)label;
	p->call = &p->seq->calls[p->seq->n++];
	p->buf = -1;
	memset(p->call, 0, sizeof(*p->call));
	memset(p->told, 0, sizeof(p->told));
	return 0;
}

/* "size=92, guarded, common=24)" */
static int parse_sizes(struct parser *p)
{
	struct seq_call *call = p->call;
	const char *word;
	uint64_t value;
	size_t len;
	int place;

	while (!parse_is(p, ")")) {
		len = parse_word(p, &word);
		if (parse_is(p, "=")) {
			if (parse_number(p, UINT16_MAX, &value))
				return -EINVAL;
			if (len == 4 && !memcmp(word, "size", 4)) {
				call->size = (uint16_t)value;
			} else if (len == 6 && !memcmp(word, "common", 6)) {
				call->common_size = (uint16_t)value;
				call->op = SEQ_BPF_COMMON;
			} else {
				return parse_fail(p, "want size= or common=");
			}
		} else {
			place = seq_find_word(seq_place_word, word, len);
			if (place < 0)
				return parse_fail(p, "want size=, common= or "
						     "where the attr lies: "
						     "guarded, odd, readonly, "
						     "unmapped, null");
			call->place = (uint8_t)place;
		}
		if (!parse_is(p, ",") && *p->at != ')')
			return parse_fail(p, "want a comma or )");
	}
	return 0;
}

static int parse_bpf(struct parser *p, const char *word, size_t len)
{
	const struct bpfsys_command *cmd;
	uint64_t nr;
	char name[48];

	snprintf(name, sizeof(name), "%.*s", (int)len, word);
	cmd = len < sizeof(name) ? bpfsys_abi_find(name) : NULL;
	if (cmd) {
		p->call->cmd = (uint16_t)cmd->nr;
		p->call->size = cmd->group_end;
	} else if (!strncmp(name, "CMD_", 4)) {
		p->at = word + 4;
		if (parse_number(p, UINT16_MAX, &nr))
			return -EINVAL;
		p->call->cmd = (uint16_t)nr;
	} else {
		return parse_fail(p,
				  "%s is no command of bpf(2), nor close, "
				  "dup, read, mmap, run, fork, jit",
				  name);
	}
	if (parse_want(p, "(") || parse_sizes(p))
		return -EINVAL;
	while (!parse_end(p))
		if (parse_item(p))
			return -EINVAL;
	return 0;
}

static int parse_fd(struct parser *p)
{
	struct seq_ref *ref = &p->call->refs[0];
	int ret = parse_ref(p, ref);

	if (ret < 0)
		return ret;
	if (!ret || !seq_is_descriptor(ref))
		return parse_fail(p, "want a descriptor: r0 or given(CGROUP)");
	if (p->call->op == SEQ_CLOSE && ref->kind == SEQ_REF_GIVEN)
		return parse_fail(p, "what is given is not closed: dup it");
	ref->width = 4;
	p->ref_line[p->seq->n - 1][0] = p->line;
	p->call->n_refs = 1;
	return 0;
}

static int parse_plain(struct parser *p, unsigned int op)
{
	unsigned int choice = 0;
	int ret = 0;

	p->call->op = (uint8_t)op;
	if (parse_want(p, "("))
		return -EINVAL;
	if (op == SEQ_FORK && p->forked)
		return parse_fail(p, "a sequence forks once");
	p->forked |= op == SEQ_FORK;
	if (op >= SEQ_CLOSE && op <= SEQ_MMAP)
		ret = parse_fd(p);
	if (!ret && op == SEQ_MMAP)
		ret = parse_want(p, ",");
	if (!ret && op == SEQ_MMAP)
		ret = parse_choice(p, seq_mmap_word, 4, "read, write or both",
				   &choice);
	else if (!ret && op == SEQ_RUN)
		ret = parse_choice(p, seq_run_word, SEQ_RUNS,
				   "syscall, packet, tcp, fork, open, sysctl "
				   "or sockopt",
				   &choice);
	else if (!ret && op == SEQ_JIT)
		ret = parse_choice(p, seq_jit_word, 2, "on or off", &choice);
	if (ret || parse_want(p, ")"))
		return -EINVAL;
	if (op == SEQ_MMAP && !choice)
		return parse_fail(p, "want read, write or both");
	p->call->cmd = (uint16_t)choice;
	return parse_end(p) ? 0 : parse_fail(p, "want nothing behind )");
}

static int parse_line(struct parser *p)
{
	unsigned int label;
	const char *word;
	size_t len;
	int op;

	if (parse_end(p))
		return 0;
	if (parse_label(p, 'r', &label)) {
		if (parse_want(p, "=") || start_call(p, label))
			return -EINVAL;
		len = parse_word(p, &word);
		op = seq_find_word(seq_op_word, word, len);
		return op > 0 ? parse_plain(p, (unsigned int)op)
			      : parse_bpf(p, word, len);
	}
	word = p->at;
	if (parse_label(p, 'b', &label) && parse_is(p, ":"))
		return parse_buf(p, label);
	p->at = word;
	return parse_content(p);
}

/* Labels become numbers, now that all are known. */
static int resolve(struct parser *p)
{
	for (unsigned int i = 0; i < p->seq->n; i++)
		for (unsigned int k = 0; k < p->seq->calls[i].n_refs; k++) {
			struct seq_ref *ref = &p->seq->calls[i].refs[k];
			unsigned int which = 0;

			if (ref->kind == SEQ_REF_GIVEN ||
			    ref->kind == SEQ_REF_BTF)
				continue;
			while (which < p->seq->n &&
			       p->call_label[which] != ref->which)
				which++;
			if (which == p->seq->n) {
				p->line = p->ref_line[i][k];
				return parse_fail(p, "there is no call r%u",
						  ref->which);
			}
			ref->which = (uint8_t)which;
		}
	return 0;
}

int seq_parse(struct seq *seq, const char *text, uint8_t *pool,
	      size_t pool_size, char *why, size_t why_size)
{
	struct parser p = {.seq = seq,
			   .pool = pool,
			   .pool_size = pool_size,
			   .why = why,
			   .why_size = why_size,
			   .at = text,
			   .line = 1,
			   .buf = -1};

	seq->n = 0;
	seq->pool = pool;
	seq->pool_len = 0;
	if (why_size)
		*why = '\0';
	for (; *p.at; p.line++) {
		if (parse_line(&p))
			return -EINVAL;
		p.at += strcspn(p.at, "\n");
		p.at += *p.at == '\n';
	}
	if (!finish_call(&p))
		return -EINVAL;
	if (!seq->n)
		return parse_fail(&p, "there is no call");
	return resolve(&p);
}

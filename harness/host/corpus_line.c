// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a sequence gave, as a line. */
#include <stdlib.h>
#include <string.h>

#include <bpfsys/abi.h>

#include "corpus.h"

/* More than these are told by a sum. */
#define BYTES_MOST 64

/* What a call wrote in one place. */
struct place {
	uint32_t len; /* of what is used of the arrays below */
	uint8_t bytes[SEQ_BUF_MOST];
	uint8_t touched[SEQ_BUF_MOST];
	const char *what[SEQ_BUF_MOST]; /* NULL: no mask */
};

static const char *op_name(const struct seq_call *call)
{
	static const char *const names[SEQ_OPS] = {
		[SEQ_CLOSE] = "close", [SEQ_DUP] = "dup", [SEQ_READ] = "read",
		[SEQ_MMAP] = "mmap",   [SEQ_RUN] = "run", [SEQ_FORK] = "fork",
		[SEQ_JIT] = "jit",
	};
	const struct bpfsys_command *cmd;

	if (call->op != SEQ_BPF && call->op != SEQ_BPF_COMMON)
		return call->op < SEQ_OPS ? names[call->op] : "?";
	cmd = bpfsys_abi_command(call->cmd);
	return cmd ? cmd->name : "BPF";
}

static void print_ret(FILE *out, const struct seq *seq, unsigned int call,
		      int ret)
{
	const char *mask = corpus_mask_ret(seq, call, ret);
	const char *name = ret < 0 ? bpfsys_errno_name(-ret) : NULL;

	fprintf(out, "%s = ", op_name(&seq->calls[call]));
	if (mask)
		fputs(mask, out);
	else if (name)
		fputs(name, out);
	else
		fprintf(out, "%d", ret);
}

/* FNV-1a. */
static uint32_t sum(const uint8_t *at, uint32_t len)
{
	uint32_t hash = 2166136261U;

	while (len--)
		hash = (hash ^ *at++) * 16777619U;
	return hash;
}

static void print_run(FILE *out, const char *in, const struct place *p,
		      uint32_t from, uint32_t to)
{
	fprintf(out, " %s@%u:%u=", in, from, to - from);
	if (p->what[from])
		fputs(p->what[from], out);
	else if (to - from > BYTES_MOST)
		fprintf(out, "#%08x", sum(p->bytes + from, to - from));
	else
		for (; from < to; from++)
			fprintf(out, "%02x", p->bytes[from]);
}

/* Memory all of which is masked was written as far as the call succeeded:
 * whether it was what stood there is chance, too. */
static bool is_all_masked(const struct corpus_mask *masks, size_t n)
{
	return n == 1 && masks[0].to == UINT32_MAX;
}

/* A mask that one byte of was written stands there as a whole: whether the
 * others were is chance. */
static void apply(struct place *p, const struct corpus_mask *masks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const uint32_t to = masks[i].to < p->len ? masks[i].to : p->len;

		if (masks[i].from >= to ||
		    !memchr(p->touched + masks[i].from, 1, to - masks[i].from))
			continue;
		for (uint32_t at = masks[i].from; at < to; at++) {
			p->touched[at] = 1;
			p->what[at] = masks[i].what;
		}
	}
}

static void print_place(FILE *out, const char *in, struct place *p)
{
	uint32_t at = 0;

	while (at < p->len) {
		uint32_t end = at + 1;

		if (!p->touched[at]) {
			at++;
			continue;
		}
		while (end < p->len && p->touched[end] &&
		       p->what[end] == p->what[at])
			end++;
		if (!p->what[at] || *p->what[at])
			print_run(out, in, p, at, end);
		at = end;
	}
}

/* Of the pointer's field in the ABI table, where it is of the attr. */
static void place_name(const struct seq_call *call, uint8_t in, char *name,
		       size_t size)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(call->cmd);
	const struct bpfsys_field *fields = NULL;
	size_t count = 0;

	if (in == SEQ_IN_ATTR || in == SEQ_IN_COMMON) {
		snprintf(name, size, in == SEQ_IN_ATTR ? "attr" : "common");
		return;
	}
	snprintf(name, size, "buf%u", in - (unsigned int)SEQ_IN_BUF);
	if (cmd && call->bufs[in - SEQ_IN_BUF].in == SEQ_IN_ATTR)
		fields = bpfsys_abi_fields(cmd, &count);
	for (size_t i = 0; i < count; i++)
		if (fields[i].offset == call->bufs[in - SEQ_IN_BUF].at)
			snprintf(name, size, "%s", fields[i].name);
}

static uint32_t room_of(const struct seq_call *call, uint8_t in)
{
	if (in == SEQ_IN_ATTR)
		return call->size;
	if (in == SEQ_IN_COMMON)
		return call->common_size;
	return in - SEQ_IN_BUF < call->n_bufs ? call->bufs[in - SEQ_IN_BUF].len
					      : 0;
}

static void flush(FILE *out, const struct seq *seq, unsigned int call,
		  uint8_t in, struct place *p)
{
	struct corpus_mask masks[CORPUS_MASKS];
	char name[64];
	size_t n;

	if (!p->len)
		return;
	n = corpus_masks(seq, call, in, masks);
	apply(p, masks, n);
	place_name(&seq->calls[call], in, name, sizeof(name));
	if (!is_all_masked(masks, n))
		print_place(out, name, p);
	memset(p->touched, 0, p->len);
	memset(p->what, 0, p->len * sizeof(p->what[0]));
	p->len = 0;
}

/* LEN bytes of records, which the guest wrote. */
static void print_written(FILE *out, const struct seq *seq, unsigned int call,
			  const uint8_t *at, uint32_t len)
{
	static struct place p;
	struct exec_bytes head;
	uint8_t in = SEQ_IN_ATTR;

	while (len >= sizeof(head)) {
		memcpy(&head, at, sizeof(head));
		at += sizeof(head);
		len -= sizeof(head);
		if (head.in != in)
			flush(out, seq, call, in, &p);
		in = head.in;
		if ((head.len + 3U) / 4 * 4 > len ||
		    head.at + (uint64_t)head.len >
			    room_of(&seq->calls[call], in))
			break;
		p.len = room_of(&seq->calls[call], in);
		memcpy(p.bytes + head.at, at, head.len);
		memset(p.touched + head.at, 1, head.len);
		at += (head.len + 3U) / 4 * 4;
		len -= (head.len + 3U) / 4 * 4;
	}
	flush(out, seq, call, in, &p);
}

static void print_masked(FILE *out, const struct seq *seq, unsigned int call)
{
	struct corpus_mask masks[CORPUS_MASKS];
	char name[64];

	for (uint8_t in = SEQ_IN_BUF; in < SEQ_IN_BUF + seq->calls[call].n_bufs;
	     in++) {
		if (!is_all_masked(masks, corpus_masks(seq, call, in, masks)))
			continue;
		place_name(&seq->calls[call], in, name, sizeof(name));
		fprintf(out, " %s=%s", name, masks[0].what);
	}
}

void corpus_line(FILE *out, const struct seq *seq,
		 const struct fuzzvm_result *res)
{
	const uint8_t *at = res->bytes;

	for (unsigned int i = 0; i < seq->n && i < res->page.n_calls; i++) {
		const uint32_t written = res->page.calls[i].written;
		const int ret = res->page.calls[i].ret;

		fputs(i ? "; " : "", out);
		print_ret(out, seq, i, ret);
		print_written(out, seq, i, at, written);
		if (ret >= 0 && !corpus_mask_ret(seq, i, ret))
			print_masked(out, seq, i);
		at += written;
	}
	if (res->page.n_calls < seq->n)
		fputs("; the rest was not made", out);
	fputc('\n', out);
}

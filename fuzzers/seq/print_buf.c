// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What stands in buffers, as text: instructions and BTF with what they mean
 * behind them, which parsers skip. */
#include "fields.h"
#include "insn.h"
#include "print.h"
#include "words.h"

enum {
	SHORT = 32, /* bytes that have room in the buffer's line */
	A_LINE = 32,
};

/* Instructions show what is in their immediate in their own line. */
static bool in_imm(const struct seq_buf *buf, const struct seq_item *spot)
{
	return buf->kind == SEQ_INSNS && spot->ref && spot->len == 4 &&
	       spot->at % 8 == 4 && spot->at - 4 < buf->given;
}

static void print_spots(struct text *text, const struct seq_call *call,
			unsigned int i)
{
	const struct seq_buf *buf = &call->bufs[i];
	struct seq_item spot = {0};

	for (unsigned int k = 0; k < call->n_refs; k++) {
		const struct seq_ref *ref = &call->refs[k];

		spot = (struct seq_item){ref->at, ref->width, NULL, ref, -1};
		if (ref->in != SEQ_IN_BUF + i || in_imm(buf, &spot))
			continue;
		put(text, ref->width == 4 ? " +%u=" : " +%u/8=", ref->at);
		seq_print_ref(text, ref);
	}
	for (unsigned int k = i + 1; k < call->n_bufs; k++)
		if (call->bufs[k].in == SEQ_IN_BUF + i) {
			put(text, " +%u=", call->bufs[k].at);
			seq_print_pointer(text, call, k);
		}
}

/* The SIZE bytes at AT of a buffer, the last of which may be zeros that are
 * not given. */
static void part_of(const struct seq *seq, const struct seq_buf *buf,
		    uint32_t at, uint8_t *bytes, uint32_t size)
{
	uint32_t n = at < buf->given ? buf->given - at : 0;

	memset(bytes, 0, size);
	if (n)
		memcpy(bytes, seq->pool + buf->data + at, n < size ? n : size);
}

/* Where the memory ends early, what is left of it is no instruction. */
static void print_insns(struct text *text, const struct seq *seq,
			const struct seq_call *call, unsigned int i)
{
	const struct seq_buf *buf = &call->bufs[i];

	for (uint32_t at = 0; at < buf->given; at += 8) {
		uint32_t n = buf->len - at < 8 ? buf->len - at : 8;
		char words[INSN_WORDS], name[48] = "";
		struct text ref = {name, sizeof(name), 0};
		struct seq_item spot;
		uint8_t insn[8];

		part_of(seq, buf, at, insn, 8);
		put(text, "    ");
		seq_print_hex(text, insn, n);
		if (seq_spot_at(call, SEQ_IN_BUF + i, at + 4, &spot) &&
		    in_imm(buf, &spot)) {
			seq_print_ref(&ref, spot.ref);
			put(text, " imm=%s", name);
		}
		if (n == 8) {
			seq_insn_words(insn, *name ? name : NULL, words);
			put(text, "  # %s", words);
		}
		put(text, "\n");
	}
}

static void print_lines(struct text *text, const struct seq *seq,
			const struct seq_buf *buf)
{
	for (uint32_t at = 0; at < buf->given; at += A_LINE) {
		uint32_t n = buf->given - at;

		put(text, "    ");
		seq_print_hex(text, seq->pool + buf->data + at,
			      n < A_LINE ? n : A_LINE);
		put(text, "\n");
	}
}

void seq_print_buf(struct text *text, const struct seq *seq,
		   const struct seq_call *call, unsigned int i)
{
	const struct seq_buf *buf = &call->bufs[i];
	uint8_t bytes[SHORT];

	if (buf->place == SEQ_UNMAPPED)
		return;
	put(text, "  b%u: %u bytes", i, buf->len);
	if (buf->place)
		put(text, " %s", seq_place_word(buf->place));
	if (buf->kind)
		put(text, " %s", seq_kind_word(buf->kind));
	print_spots(text, call, i);
	if (buf->given && buf->kind == SEQ_TEXT) {
		put(text, " = ");
		seq_print_string(text, seq->pool + buf->data, buf->given);
	} else if (buf->given && buf->kind == SEQ_BYTES &&
		   buf->given <= SHORT) {
		uint32_t n = buf->len <= SHORT ? buf->len : buf->given;

		part_of(seq, buf, 0, bytes, n);
		put(text, " = ");
		seq_print_hex(text, bytes, n);
	}
	put(text, "\n");
	if (buf->kind == SEQ_INSNS)
		print_insns(text, seq, call, i);
	else if (buf->kind == SEQ_BTF)
		seq_print_btf(text, seq->pool + buf->data, buf->given);
	else if (buf->kind == SEQ_BYTES && buf->given > SHORT)
		print_lines(text, seq, buf);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A BPF instruction in words, as the verifier's log has it. */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "insn.h"

struct insn {
	uint8_t code, dst, src;
	int16_t off;
	int32_t imm;
	char imm_words[16];
};

static const char *const alu_signs[] = {
	"+=",  "-=", "*=", "/=", "|=", "&=",  "<<=",
	">>=", NULL, "%=", "^=", "=",  "s>>="};
static const char *const jmp_signs[] = {NULL, "==", ">",   ">=", "&",
					"!=", "s>", "s>=", NULL, NULL,
					"<",  "<=", "s<",  "s<="};

static const char *sign(const char *const *signs, size_t n, uint8_t code)
{
	return code >> 4 < n ? signs[code >> 4] : NULL;
}

static void alu(const struct insn *in, char *words, char r)
{
	const char *op = sign(alu_signs, sizeof(alu_signs) / sizeof(*alu_signs),
			      in->code);
	unsigned int how = in->code & 0xf0;

	if (how == BPF_NEG)
		snprintf(words, INSN_WORDS, "%c%d = -%c%d", r, in->dst, r,
			 in->dst);
	else if (how == BPF_END)
		snprintf(words, INSN_WORDS, "r%d = %s%d r%d", in->dst,
			 r == 'r'	    ? "bswap"
			 : in->code & BPF_X ? "be"
					    : "le",
			 in->imm, in->dst);
	else if (!op)
		return;
	else if (!(in->code & BPF_X))
		snprintf(words, INSN_WORDS, "%c%d %s %s", r, in->dst, op,
			 in->imm_words);
	else if (how == BPF_MOV && in->off)
		snprintf(words, INSN_WORDS, "%c%d = (s%d)%c%d", r, in->dst,
			 in->off, r, in->src);
	else
		snprintf(words, INSN_WORDS, "%c%d %s%s %c%d", r, in->dst,
			 in->off == 1 ? "s" : "", op, r, in->src);
}

static void call(const struct insn *in, char *words)
{
	static const char *const to[] = {"helper", "pc", "kfunc"};

	if (in->code & BPF_X)
		snprintf(words, INSN_WORDS, "callx r%d", in->dst);
	else if (in->src < 3)
		snprintf(words, INSN_WORDS, "call %s %s", to[in->src],
			 in->imm_words);
}

static void jmp(const struct insn *in, char *words, char r)
{
	const char *op = sign(jmp_signs, sizeof(jmp_signs) / sizeof(*jmp_signs),
			      in->code);
	unsigned int how = in->code & 0xf0;

	if (how == BPF_CALL)
		call(in, words);
	else if (how == BPF_EXIT)
		snprintf(words, INSN_WORDS, "exit");
	else if (how == BPF_JA)
		snprintf(words, INSN_WORDS, "goto %+d",
			 r == 'r' ? in->off : in->imm);
	else if (how == 0xe0)
		snprintf(words, INSN_WORDS, "may_goto %+d", in->off);
	else if (op && in->code & BPF_X)
		snprintf(words, INSN_WORDS, "if %c%d %s %c%d goto %+d", r,
			 in->dst, op, r, in->src, in->off);
	else if (op)
		snprintf(words, INSN_WORDS, "if %c%d %s %s goto %+d", r,
			 in->dst, op, in->imm_words, in->off);
}

static const char *size_of(const struct insn *in)
{
	static const char *const sizes[] = {"u32", "u16", "u8", "u64"};

	return sizes[in->code >> 3 & 3];
}

static void atomic(const struct insn *in, char *words)
{
	static const struct {
		int32_t imm;
		const char *name;
	} ops[] = {
		{BPF_ADD, "add"},
		{BPF_OR, "or"},
		{BPF_AND, "and"},
		{BPF_XOR, "xor"},
		{BPF_ADD | 1, "fetch_add"},
		{BPF_OR | 1, "fetch_or"},
		{BPF_AND | 1, "fetch_and"},
		{BPF_XOR | 1, "fetch_xor"},
		{0xe1, "xchg"},
		{0xf1, "cmpxchg"},
		{0x100, "load_acquire"},
		{0x110, "store_release"},
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		if (ops[i].imm == in->imm)
			snprintf(words, INSN_WORDS, "%s((%s *)(r%d %+d), r%d)",
				 ops[i].name, size_of(in), in->dst, in->off,
				 in->src);
}

static void load(const struct insn *in, char *words)
{
	bool sign_extended = (in->code & 0xe0) == 0x80;

	switch (in->code & 0xe0) {
	case BPF_IMM:
		if (in->code == (BPF_LD | BPF_DW | BPF_IMM))
			snprintf(words, INSN_WORDS,
				 in->src ? "r%d = %s ll, pseudo %d"
					 : "r%d = %s ll",
				 in->dst, in->imm_words, in->src);
		break;
	case BPF_ABS:
		snprintf(words, INSN_WORDS, "r0 = *(%s *)skb[%s]", size_of(in),
			 in->imm_words);
		break;
	case BPF_IND:
		snprintf(words, INSN_WORDS, "r0 = *(%s *)skb[r%d + %s]",
			 size_of(in), in->src, in->imm_words);
		break;
	case 0x80:
	case BPF_MEM:
		snprintf(words, INSN_WORDS, "r%d = *(%s%s *)(r%d %+d)", in->dst,
			 sign_extended ? "s" : "", size_of(in) + sign_extended,
			 in->src, in->off);
		break;
	}
}

static void store(const struct insn *in, char *words)
{
	bool reg = (in->code & 7) == BPF_STX;

	if (reg && (in->code & 0xe0) == BPF_ATOMIC)
		atomic(in, words);
	else if ((in->code & 0xe0) != BPF_MEM)
		return;
	else if (reg)
		snprintf(words, INSN_WORDS, "*(%s *)(r%d %+d) = r%d",
			 size_of(in), in->dst, in->off, in->src);
	else
		snprintf(words, INSN_WORDS, "*(%s *)(r%d %+d) = %s",
			 size_of(in), in->dst, in->off, in->imm_words);
}

void seq_insn_words(const uint8_t *insn, const char *imm,
		    char words[INSN_WORDS])
{
	struct insn in = {insn[0], insn[1] & 0xf, insn[1] >> 4, 0, 0, ""};

	memcpy(&in.off, insn + 2, 2);
	memcpy(&in.imm, insn + 4, 4);
	if (imm)
		snprintf(in.imm_words, sizeof(in.imm_words), "%s", imm);
	else
		snprintf(in.imm_words, sizeof(in.imm_words), "%d", in.imm);
	/* No instruction, but the second half of one. */
	snprintf(words, INSN_WORDS, "%s", in.code ? "?" : "...");
	if (!in.code)
		return;
	switch (in.code & 7) {
	case BPF_LD:
	case BPF_LDX:
		load(&in, words);
		break;
	case BPF_ST:
	case BPF_STX:
		store(&in, words);
		break;
	case BPF_ALU:
		alu(&in, words, 'w');
		break;
	case BPF_ALU64:
		alu(&in, words, 'r');
		break;
	case BPF_JMP:
		jmp(&in, words, 'r');
		break;
	case BPF_JMP32:
		jmp(&in, words, 'w');
		break;
	}
}

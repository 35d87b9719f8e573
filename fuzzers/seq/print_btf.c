// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BTF as hex in lines that each have a type, with what it says behind it. What
 * does not make sense is hex without words: the kernel gets it as it is. */
#include "print.h"

enum { HEADER = 24, A_LINE = 32 };

struct btf {
	const uint8_t *bytes;
	size_t len, types_end, strings, strings_end;
};

static uint32_t word(const struct btf *btf, size_t at)
{
	return (uint32_t)number_at(btf->bytes + at, 4);
}

/* Hex from AT to END, in lines of which the first says WORDS. */
static void print_lines(struct text *text, const struct btf *btf, size_t at,
			size_t end, const char *words)
{
	for (size_t n; at < end; at += n) {
		n = end - at < A_LINE ? end - at : A_LINE;
		put(text, "    ");
		seq_print_hex(text, btf->bytes + at, n);
		if (words)
			put(text, "  # %s", words);
		put(text, "\n");
		words = NULL;
	}
}

/* Where the header says that the parts are, as far as they are there. */
static void find_parts(struct btf *btf, size_t *types)
{
	size_t head = word(btf, 4), at = head + word(btf, 8);
	size_t strings = head + word(btf, 16);

	*types = btf->len;
	btf->types_end = btf->strings = btf->strings_end = btf->len;
	if (head < HEADER || head > btf->len || at > btf->len)
		return;
	*types = at;
	if (word(btf, 12) < btf->len - at)
		btf->types_end = at + word(btf, 12);
	if (strings < btf->types_end || strings > btf->len)
		return;
	btf->strings = strings;
	if (word(btf, 20) < btf->len - strings)
		btf->strings_end = strings + word(btf, 20);
}

/* Bytes behind the 12 that all types have. */
static size_t more_of(unsigned int kind, size_t vlen)
{
	switch (kind) {
	case 1:	 /* INT */
	case 14: /* VAR */
	case 17: /* DECL_TAG */
		return 4;
	case 3: /* ARRAY */
		return 12;
	case 4:	 /* STRUCT */
	case 5:	 /* UNION */
	case 15: /* DATASEC */
	case 19: /* ENUM64 */
		return 12 * vlen;
	case 6:	 /* ENUM */
	case 13: /* FUNC_PROTO */
		return 8 * vlen;
	}
	return 0;
}

static void print_name(struct text *text, const struct btf *btf, uint32_t off)
{
	const char *sep = " ";

	if (!off || off >= btf->strings_end - btf->strings)
		return;
	for (size_t at = btf->strings + off;
	     at < btf->strings_end && btf->bytes[at]; at++) {
		uint8_t c = btf->bytes[at];

		put(text, "%s%c", sep, c < ' ' || c > '~' ? '?' : c);
		sep = "";
	}
}

static void name_type(struct text *text, const struct btf *btf, size_t at,
		      unsigned int id)
{
	static const char *const kinds[] = {
		"VOID",	   "INT",      "PTR",	   "ARRAY",	 "STRUCT",
		"UNION",   "ENUM",     "FWD",	   "TYPEDEF",	 "VOLATILE",
		"CONST",   "RESTRICT", "FUNC",	   "FUNC_PROTO", "VAR",
		"DATASEC", "FLOAT",    "DECL_TAG", "TYPE_TAG",	 "ENUM64",
	};
	uint32_t info = word(btf, at + 4);
	unsigned int kind = info >> 24 & 0x1f;

	if (kind < sizeof(kinds) / sizeof(*kinds))
		put(text, "[%u] %s", id, kinds[kind]);
	else
		put(text, "[%u] kind %u", id, kind);
	print_name(text, btf, word(btf, at));
	put(text, ": vlen %u, %u", info & 0xffff, word(btf, at + 8));
}

void seq_print_btf(struct text *text, const uint8_t *bytes, size_t len)
{
	struct btf btf = {bytes, len, len, len, len};
	size_t at = 0, more;
	char words[128];

	if (len < HEADER) {
		print_lines(text, &btf, 0, len, NULL);
		return;
	}
	find_parts(&btf, &at);
	print_lines(text, &btf, 0, at, "header");
	for (unsigned int id = 1; at < btf.types_end; id++) {
		struct text type = {words, sizeof(words), 0};

		if (btf.types_end - at < 12)
			break;
		name_type(&type, &btf, at, id);
		more = more_of(bytes[at + 7] & 0x1f,
			       word(&btf, at + 4) & 0xffff);
		if (more > btf.types_end - at - 12)
			break;
		print_lines(text, &btf, at, at + 12 + more, words);
		at += 12 + more;
	}
	print_lines(text, &btf, at, btf.strings, NULL);
	print_lines(text, &btf, btf.strings, len, "strings");
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The reader of the text form: what parse*.c share. */
#ifndef BPFSYS_SEQ_PARSE_H
#define BPFSYS_SEQ_PARSE_H

#include <bpfsys/abi.h>

#include "seq.h"

struct parser {
	struct seq *seq;
	uint8_t *pool;
	size_t pool_size;
	char *why;
	size_t why_size;

	const char *at; /* in the text */
	unsigned int line;

	/* Numbers in the text are labels: calls may be left out. */
	int call_label[SEQ_CALLS];
	unsigned int ref_line[SEQ_CALLS][SEQ_REFS];

	struct seq_call *call; /* the current one, or NULL */
	int buf_label[SEQ_BUFS];
	bool told[SEQ_BUFS]; /* what is in it */
	int buf;	     /* the current one, or -1 */
	uint32_t mem;
	bool forked;
};

/* Says why, with the line's number; -EINVAL. */
int parse_fail(struct parser *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Spaces; true at the line's end or a comment. */
bool parse_end(struct parser *p);

/* WHAT, behind spaces. */
bool parse_is(struct parser *p, const char *what);
int parse_want(struct parser *p, const char *what);

/* A word of letters, digits, _ and dots; its length, 0: none is here. */
size_t parse_word(struct parser *p, const char **word);

/* What starts with an optional sign, 0x or a digit. */
bool parse_is_number(struct parser *p);
int parse_number(struct parser *p, uint64_t most, uint64_t *value);
/* One that fits into BYTES, negative ones too. */
int parse_signed(struct parser *p, unsigned int bytes, uint64_t *value);

/* PREFIX and a number behind it, with nothing of a word behind that: "b3". */
bool parse_label(struct parser *p, char prefix, unsigned int *label);

/* The number of the word that is here, or a number less than COUNT. */
int parse_choice(struct parser *p, const char *(*word_of)(unsigned int),
		 unsigned int count, const char *what, unsigned int *choice);

/* Bytes in hexadecimal without spaces; their number, or an error. */
int parse_hex(struct parser *p, uint8_t *bytes, size_t size);
/* "text", with \xNN for any byte. */
int parse_string(struct parser *p, uint8_t *bytes, size_t size);

/* A reference or a pointer, which stands in WIDTH bytes at AT of IN: 1, 0 where
 * it is neither, or an error. */
int parse_spot(struct parser *p, uint8_t in, uint64_t at, unsigned int width);
int parse_ref(struct parser *p, struct seq_ref *ref);

/* "+OFFSET" or "+OFFSET/WIDTH" and "=". */
int parse_offset(struct parser *p, uint64_t *at, unsigned int *width);

/* "name=value", "+OFFSET=..." of the current call's attr, and "common..." */
int parse_item(struct parser *p);

/* The line of a buffer behind its label, and one of its content. */
int parse_buf(struct parser *p, unsigned int label);
int parse_content(struct parser *p);

#endif

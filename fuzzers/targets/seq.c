/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Sequences of calls, in all their forms. Input: the bytes of one; else, text.
 * What is accepted has one form only, and comes back from text as it was. */
#include <stdlib.h>
#include <string.h>

#include "../seq/seq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MOST = 4 << 20, WHY = 200 };

static struct {
	struct seq seq, parsed;
	uint8_t bytes[SEQ_MOST], again[SEQ_MOST], read[SEQ_MOST];
	uint8_t pool[SEQ_POOL];
	char text[TEXT_MOST], why[WHY];
} s;

/* Both are told how long they are even where there is no room. */
static void write_into(size_t (*write)(const struct seq *, char *, size_t),
		       size_t room)
{
	size_t whole = write(&s.seq, s.text, sizeof(s.text));
	char *exact;

	if (whole >= sizeof(s.text) || strlen(s.text) != whole)
		abort();
	exact = malloc(room + 1);
	if (!exact)
		return;
	if (write(&s.seq, exact, room) != whole ||
	    (room && strlen(exact) != (room <= whole ? room - 1 : whole)) ||
	    (room && strncmp(exact, s.text, strlen(exact)) != 0))
		abort();
	free(exact);
}

static size_t program(const struct seq *seq, char *text, size_t size)
{
	return seq_program(seq, "a program", text, size);
}

/* The LEN bytes at DATA decode: all forms say the same. */
static void check_forms(const uint8_t *data, size_t len)
{
	if (seq_encode(&s.seq, s.bytes, sizeof(s.bytes)) != len ||
	    memcmp(s.bytes, data, len) != 0 ||
	    seq_encode(&s.seq, s.again, len - 1))
		abort();
	write_into(program, len);
	write_into(seq_print, len);
	if (seq_parse(&s.parsed, s.text, s.pool, sizeof(s.pool), s.why,
		      sizeof(s.why)))
		abort();
	if (seq_encode(&s.parsed, s.again, sizeof(s.again)) != len ||
	    memcmp(s.again, data, len) != 0)
		abort();
}

static void check_text(const uint8_t *data, size_t size)
{
	size_t len;
	char *text = malloc(size + 1);

	if (!text)
		return;
	memcpy(text, data, size);
	text[size] = '\0';
	if (seq_parse(&s.parsed, text, s.pool, sizeof(s.pool), s.why,
		      sizeof(s.why))) {
		if (strncmp(s.why, "line ", 5) != 0)
			abort();
		free(text);
		return;
	}
	free(text);
	len = seq_encode(&s.parsed, s.read, sizeof(s.read));
	if (!len || seq_decode(&s.seq, s.read, len))
		abort();
	check_forms(s.read, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (seq_decode(&s.seq, data, size))
		check_text(data, size);
	else
		check_forms(data, size);
	return 0;
}

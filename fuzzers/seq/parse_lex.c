// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Words, numbers and strings of the text form. A line's end stops them all. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "words.h"

int parse_fail(struct parser *p, const char *format, ...)
{
	va_list ap;
	int n = snprintf(p->why, p->why_size, "line %u: ", p->line);

	if (n < 0 || (size_t)n >= p->why_size)
		return -EINVAL;
	va_start(ap, format);
	vsnprintf(p->why + n, p->why_size - (size_t)n, format, ap);
	va_end(ap);
	return -EINVAL;
}

bool parse_end(struct parser *p)
{
	while (*p->at == ' ' || *p->at == '\t' || *p->at == '\r')
		p->at++;
	return !*p->at || *p->at == '\n' || *p->at == '#';
}

bool parse_is(struct parser *p, const char *what)
{
	size_t len = strlen(what);

	if (parse_end(p) || strncmp(p->at, what, len))
		return false;
	p->at += len;
	return true;
}

int parse_want(struct parser *p, const char *what)
{
	return parse_is(p, what) ? 0 : parse_fail(p, "want %s", what);
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

size_t parse_word(struct parser *p, const char **word)
{
	size_t len = 0;

	parse_end(p);
	*word = p->at;
	while (in_word((*word)[len]))
		len++;
	p->at += len;
	return len;
}

bool parse_is_number(struct parser *p)
{
	return !parse_end(p) &&
	       (isdigit((unsigned char)*p->at) ||
		(*p->at == '-' && isdigit((unsigned char)p->at[1])));
}

int parse_number(struct parser *p, uint64_t most, uint64_t *value)
{
	char *end;

	if (!parse_is_number(p) || *p->at == '-')
		return parse_fail(p, "want a number");
	errno = 0;
	*value = strtoull(p->at, &end, 0);
	if (errno || *value > most)
		return parse_fail(p, "want a number up to %llu",
				  (unsigned long long)most);
	p->at = end;
	return in_word(*end) ? parse_fail(p, "want a number") : 0;
}

int parse_signed(struct parser *p, unsigned int bytes, uint64_t *value)
{
	bool negative = parse_is(p, "-");
	uint64_t most = bytes < 8 ? (1ull << (8 * bytes)) - 1 : UINT64_MAX;

	if (parse_number(p, negative ? most / 2 + 1 : most, value))
		return -EINVAL;
	if (negative)
		*value = 0 - *value;
	return 0;
}

bool parse_label(struct parser *p, char prefix, unsigned int *label)
{
	const char *at;

	if (parse_end(p) || *p->at != prefix)
		return false;
	*label = 0;
	for (at = p->at + 1; isdigit((unsigned char)*at); at++) {
		*label = *label * 10 + (unsigned int)(*at - '0');
		if (*label > UINT8_MAX)
			return false;
	}
	if (at == p->at + 1 || in_word(*at))
		return false;
	p->at = at;
	return true;
}

int parse_choice(struct parser *p, const char *(*word_of)(unsigned int),
		 unsigned int count, const char *what, unsigned int *choice)
{
	const char *word;
	uint64_t value;
	size_t len;
	int found;

	if (parse_is_number(p)) {
		if (parse_number(p, count - 1, &value))
			return -EINVAL;
		*choice = (unsigned int)value;
		return 0;
	}
	len = parse_word(p, &word);
	found = seq_find_word(word_of, word, len);
	if (found < 0)
		return parse_fail(p, "want %s", what);
	*choice = (unsigned int)found;
	return 0;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int parse_hex(struct parser *p, uint8_t *bytes, size_t size)
{
	size_t n = 0;

	parse_end(p);
	while (digit(*p->at) >= 0) {
		if (digit(p->at[1]) < 0)
			return parse_fail(p, "want two digits for each byte");
		if (n == size)
			return parse_fail(p, "there is room for %zu bytes",
					  size);
		bytes[n++] = (uint8_t)(digit(p->at[0]) << 4 | digit(p->at[1]));
		p->at += 2;
	}
	return (int)n;
}

int parse_string(struct parser *p, uint8_t *bytes, size_t size)
{
	size_t n = 0;

	for (; *p->at != '"'; p->at++) {
		uint8_t byte = (uint8_t)*p->at;

		if (!byte || byte == '\n')
			return parse_fail(p, "the string has no end");
		if (byte == '\\') {
			if (p->at[1] != 'x' || digit(p->at[2]) < 0 ||
			    digit(p->at[3]) < 0)
				return parse_fail(p, "want \\xNN behind a \\");
			byte = (uint8_t)(digit(p->at[2]) << 4 |
					 digit(p->at[3]));
			p->at += 3;
		}
		if (n == size)
			return parse_fail(p, "there is room for %zu bytes",
					  size);
		bytes[n++] = byte;
	}
	p->at++;
	return (int)n;
}

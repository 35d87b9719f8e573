// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Makes text of unknown origin printable. */
#include <stdio.h>
#include <string.h>

#include "text.h"

static size_t clean_byte(char out[5], unsigned char byte)
{
	switch (byte) {
	case '\n':
		return (size_t)sprintf(out, "\\n");
	case '\t':
		return (size_t)sprintf(out, "\\t");
	default:
		if (byte >= 0x20 && byte < 0x7f)
			return (size_t)sprintf(out, "%c", byte);
		return (size_t)sprintf(out, "\\x%02x", byte);
	}
}

void text_clean(char *out, size_t size, const char *text, size_t len)
{
	static const char more[] = "...";
	size_t used = 0, fits = 0;

	for (size_t i = 0; i < len; i++) {
		char byte[5];
		size_t n = clean_byte(byte, (unsigned char)text[i]);

		if (used + n >= size) {
			/* FITS leaves room for the dots. */
			snprintf(out + fits, size - fits, "%s", more);
			return;
		}
		memcpy(out + used, byte, n);
		used += n;
		if (used + sizeof(more) <= size)
			fits = used;
	}
	out[used] = '\0';
}

void text_clean_str(char *out, size_t size, const char *text)
{
	text_clean(out, size, text, strlen(text));
}

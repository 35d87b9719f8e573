/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A string that grows to the end of its buffer and no further. */
#ifndef BPFSYS_TEXT_H
#define BPFSYS_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct text {
	char *buf;
	size_t size;
	size_t used; /* what there is to say, the room for it or not */
};

static inline void __attribute__((format(printf, 2, 3)))
put(struct text *text, const char *format, ...)
{
	size_t at = text->used < text->size ? text->used : text->size;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(at < text->size ? text->buf + at : NULL, text->size - at,
		      format, ap);
	va_end(ap);
	if (n > 0)
		text->used += (size_t)n;
}

/* The number of SIZE bytes at AT, which need not be aligned; 0 where numbers
 * are of no such size. */
static inline uint64_t number_at(const uint8_t *at, size_t size)
{
	uint64_t v64 = 0;
	uint32_t v32;

	if (size == 1)
		return *at;
	if (size == 4) {
		memcpy(&v32, at, 4);
		return v32;
	}
	if (size == 8)
		memcpy(&v64, at, 8);
	return v64;
}

#endif

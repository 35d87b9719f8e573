// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Lines out of chunks of a stream. */
#include <string.h>

#include "reader.h"

void reader_init(struct reader *reader, reader_line_fn *line, void *ctx)
{
	reader->line = line;
	reader->ctx = ctx;
	reader->len = 0;
	reader->dropping = false;
	reader->too_long = 0;
}

static void append(struct reader *reader, const char *data, size_t len)
{
	if (reader->dropping)
		return;
	if (len > sizeof(reader->buf) - reader->len) {
		reader->dropping = true;
		reader->too_long++;
		reader->len = 0;
		return;
	}
	memcpy(reader->buf + reader->len, data, len);
	reader->len += len;
}

static void end_line(struct reader *reader)
{
	if (!reader->dropping)
		reader->line(reader->ctx, reader->buf, reader->len);
	reader->dropping = false;
	reader->len = 0;
}

void reader_feed(struct reader *reader, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		const char *newline = memchr(at, '\n', len);
		size_t n = newline ? (size_t)(newline - at) : len;

		append(reader, at, n);
		if (!newline)
			return;
		end_line(reader);
		at += n + 1;
		len -= n + 1;
	}
}

void reader_finish(struct reader *reader)
{
	if (reader->len || reader->dropping)
		end_line(reader);
}

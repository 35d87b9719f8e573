/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Cuts a stream of unknown origin into lines, in a fixed amount of memory. */
#ifndef BPFABI_READER_H
#define BPFABI_READER_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes; a longer line is dropped as a whole, and counted. */
#define READER_LINE_MAX 65536

/* LINE is LEN bytes without the newline, and not NUL-terminated. */
typedef void reader_line_fn(void *ctx, const char *line, size_t len);

struct reader {
	reader_line_fn *line;
	void *ctx;
	size_t len;
	bool dropping;
	unsigned long too_long; /* lines that were dropped */
	char buf[READER_LINE_MAX];
};

void reader_init(struct reader *reader, reader_line_fn *line, void *ctx);

/* LEN bytes of the stream; calls line() for each line that ends in them. */
void reader_feed(struct reader *reader, const void *data, size_t len);

/* The stream ended: hands over the last line where no newline ended it. */
void reader_finish(struct reader *reader);

#endif

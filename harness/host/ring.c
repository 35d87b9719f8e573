// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The last bytes of a stream. */
#include <string.h>

#include "ring.h"
#include "text.h"

void ring_reset(struct ring *ring)
{
	ring->total = 0;
}

void ring_feed(struct ring *ring, const void *data, size_t len)
{
	const char *at = data;

	if (len > RING_SIZE) {
		ring->total += len - RING_SIZE;
		at += len - RING_SIZE;
		len = RING_SIZE;
	}
	while (len) {
		size_t pos = ring->total % RING_SIZE;
		size_t n = len < RING_SIZE - pos ? len : RING_SIZE - pos;

		memcpy(ring->buf + pos, at, n);
		ring->total += n;
		at += n;
		len -= n;
	}
}

static char byte_at(const struct ring *ring, size_t pos)
{
	return ring->buf[pos % RING_SIZE];
}

void ring_print(const struct ring *ring, FILE *stream, const char *prefix)
{
	size_t pos = 0;

	if (ring->total > RING_SIZE) {
		pos = ring->total - RING_SIZE;
		fprintf(stream, "%s(%zu bytes before this)\n", prefix, pos);
	}
	while (pos < ring->total) {
		char line[256], clean[1024];
		size_t n = 0;

		while (n < sizeof(line) && pos < ring->total &&
		       byte_at(ring, pos) != '\n')
			line[n++] = byte_at(ring, pos++);
		if (n < sizeof(line) && pos < ring->total)
			pos++; /* the newline */
		if (n && line[n - 1] == '\r')
			n--;
		text_clean(clean, sizeof(clean), line, n);
		fprintf(stream, "%s%s\n", prefix, clean);
	}
}

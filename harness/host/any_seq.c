// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Reads sequences in either of their forms. */
#include <stdio.h>
#include <string.h>

#include "any_seq.h"

size_t any_seq_encode(const char *data, size_t len, uint8_t *bytes, char *why,
		      size_t why_size)
{
	static uint8_t pool[SEQ_POOL];
	static struct seq seq;
	size_t n;

	/* What decodes encodes to the same bytes. */
	if (seq_decode(&seq, (const uint8_t *)data, len) == 0) {
		memcpy(bytes, data, len);
		return len;
	}
	if (strlen(data) != len) {
		snprintf(why, why_size, "neither encoded nor text");
		return 0;
	}
	if (seq_parse(&seq, data, pool, sizeof(pool), why, why_size))
		return 0;
	n = seq_encode(&seq, bytes, SEQ_MOST);
	if (!n)
		snprintf(why, why_size, "no valid sequence: too long?");
	return n;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The last inputs of an engine. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "files.h"
#include "recent.h"

#define MAGIC 0x31434552u /* "REC1" */

struct recent {
	uint32_t magic, pad;
	uint64_t n;	/* inputs so far */
	uint64_t bytes; /* of all of them, and of ends left free */
	struct {
		uint64_t at; /* in the stream of all bytes */
		uint64_t len;
	} index[RECENT_MOST];
	uint8_t data[RECENT_BYTES];
};

struct recent *recent_open(const char *path)
{
	struct recent *recent = file_map(path, sizeof(*recent));

	if (recent && recent->magic != MAGIC) {
		memset(recent, 0, sizeof(*recent));
		recent->magic = MAGIC;
	}
	return recent;
}

void recent_close(struct recent *recent)
{
	munmap(recent, sizeof(*recent));
}

void recent_put(struct recent *recent, const uint8_t *data, size_t len)
{
	uint64_t at = recent->bytes;
	const uint64_t n = recent->n;

	if (at % RECENT_BYTES + len > RECENT_BYTES)
		at += RECENT_BYTES - at % RECENT_BYTES;
	memcpy(&recent->data[at % RECENT_BYTES], data, len);
	recent->index[n % RECENT_MOST].at = at;
	recent->index[n % RECENT_MOST].len = len;
	recent->bytes = at + len;
	recent->n = n + 1;
}

const uint8_t *recent_get(const struct recent *recent, size_t back, size_t *len)
{
	uint64_t n, at;

	if (back >= recent->n || back >= RECENT_MOST)
		return NULL;
	n = (recent->n - 1 - back) % RECENT_MOST;
	at = recent->index[n].at;
	*len = recent->index[n].len;
	/* The file may be of another hand. */
	if (at > recent->bytes || recent->bytes - at > RECENT_BYTES ||
	    *len > RECENT_BYTES - at % RECENT_BYTES)
		return NULL;
	return &recent->data[at % RECENT_BYTES];
}

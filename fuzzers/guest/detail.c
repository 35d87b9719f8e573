// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a call wrote: memory is compared with a copy from before. Whole words
 * are told, so that what a run is does not hang on a byte that happens to stay
 * the same. */
#include <string.h>
#include <sys/mman.h>

#include "executor.h"

#define WORD	 4
#define RUN_MOST 4096
#define STRIDE	 (size_t) SEQ_BUF_MOST

static uint8_t *copies;

bool detail_init(void)
{
	copies = mmap(NULL, SLOTS * STRIDE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return copies != MAP_FAILED;
}

void detail_before(const struct laid *laid)
{
	for (unsigned int slot = 0; slot < SLOTS; slot++)
		if (laid->len[slot])
			memcpy(copies + slot * STRIDE, laid->at[slot],
			       laid->len[slot]);
}

static bool differs(const uint8_t *a, const uint8_t *b, uint32_t at,
		    uint32_t len)
{
	return at < len &&
	       memcmp(a + at, b + at, len - at < WORD ? len - at : WORD) != 0;
}

static uint32_t padded(uint32_t len)
{
	return (len + 3) / 4 * 4;
}

/* False: there is no room for more. */
static bool record(unsigned int call, uint8_t in, uint32_t at,
		   const uint8_t *from, uint32_t len)
{
	struct exec_bytes head = {(uint8_t)call, in, (uint16_t)len, at};
	uint32_t used = 0;
	uint8_t *to;

	for (unsigned int i = 0; i <= call; i++)
		used += page->calls[i].written;
	if (used + sizeof(head) + padded(len) > EXEC_BYTES_MOST)
		return false;
	to = window + EXEC_BYTES + used;
	memcpy(to, &head, sizeof(head));
	memset(to + sizeof(head), 0, padded(len));
	memcpy(to + sizeof(head), from, len);
	page->calls[call].written += (uint32_t)sizeof(head) + padded(len);
	return true;
}

static void compare(unsigned int call, uint8_t in, const uint8_t *before,
		    const uint8_t *after, uint32_t len)
{
	uint32_t at = 0, end;

	if (!len || memcmp(before, after, len) == 0)
		return;
	while (at < len) {
		if (!differs(before, after, at, len)) {
			at += WORD;
			continue;
		}
		end = at;
		while (end - at < RUN_MOST && differs(before, after, end, len))
			end += WORD;
		end = end < len ? end : len;
		if (!record(call, in, at, after + at, end - at))
			return;
		at = end;
	}
}

void detail_after(unsigned int call, const struct laid *laid)
{
	static const unsigned int first[] = {SLOT_ATTR, SLOT_COMMON};

	for (uint8_t in = 0; in < SEQ_IN_BUF + laid->n_bufs; in++) {
		const unsigned int slot =
			in < SEQ_IN_BUF ? first[in]
					: (unsigned int)in - SEQ_IN_BUF;

		compare(call, in, copies + slot * STRIDE, laid->at[slot],
			laid->len[slot]);
	}
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Chooses inputs by what they reach: greedy set cover. */
#include <errno.h>
#include <stdlib.h>

#include "fuzz_merge.h"

struct candidate {
	size_t at;
	uint32_t gain; /* what it brings, at most: it only becomes less */
};

static uint32_t gain_of(const uint32_t *set, uint32_t n, const bool *covered)
{
	uint32_t gain = 0;

	for (uint32_t i = 0; i < n; i++)
		gain += !covered[set[i]];
	return gain;
}

static bool is_better(const struct candidate *a, const struct candidate *b,
		      const size_t *bytes)
{
	if (a->gain != b->gain)
		return a->gain > b->gain;
	if (bytes[a->at] != bytes[b->at])
		return bytes[a->at] < bytes[b->at];
	return a->at < b->at;
}

/* Restores the order of a heap, the best on top, below AT. */
static void sink(struct candidate *heap, size_t n, size_t at,
		 const size_t *bytes)
{
	for (;;) {
		size_t best = at, child = 2 * at + 1;

		for (size_t i = child; i < child + 2 && i < n; i++)
			if (is_better(&heap[i], &heap[best], bytes))
				best = i;
		if (best == at)
			return;
		struct candidate c = heap[at];

		heap[at] = heap[best];
		heap[best] = c;
		at = best;
	}
}

long merge_choose(uint32_t *const *sets, const uint32_t *counts,
		  const size_t *bytes, size_t n, uint32_t universe, bool *keep)
{
	struct candidate *heap = calloc(n + 1, sizeof(*heap));
	bool *covered = calloc((size_t)universe + 1, sizeof(*covered));
	long kept = heap && covered ? 0 : -ENOMEM;
	size_t left = kept < 0 ? 0 : n;

	for (size_t i = 0; i < left; i++)
		heap[i] = (struct candidate){i, counts[i]};
	for (size_t i = left / 2; i-- > 0;)
		sink(heap, left, i, bytes);
	while (left && heap[0].gain) {
		const size_t at = heap[0].at;
		const uint32_t gain = gain_of(sets[at], counts[at], covered);

		/* Others have brought part of it since: back into the queue. */
		if (gain != heap[0].gain) {
			heap[0].gain = gain;
			sink(heap, left, 0, bytes);
			continue;
		}
		for (uint32_t i = 0; i < counts[at]; i++)
			covered[sets[at][i]] = true;
		keep[at] = true;
		kept++;
		heap[0] = heap[--left];
		sink(heap, left, 0, bytes);
	}
	free(covered);
	free(heap);
	return kept;
}

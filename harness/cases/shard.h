/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Which of the selected cases are a shard's, the same for bpfabi and the
 * suite. */
#ifndef BPFABI_SHARD_H
#define BPFABI_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define SHARDS_MAX 1000000

/* The cases nr, nr + of, nr + 2 * of...; of 0: all. */
struct shard {
	size_t nr, of;
};

/* Whether case AT of those that the filters leave is one of SHARD's. */
static inline bool shard_has(const struct shard *shard, size_t at)
{
	return shard->of == 0 || at % shard->of == shard->nr;
}

/* "2/4" is the second of four. False: ARG is no such thing. */
static inline bool shard_parse(struct shard *shard, const char *arg)
{
	unsigned int nr, of;
	int end = 0;

	/* Digits only: %u takes blanks and signs, too. */
	for (const char *c = arg; *c; c++)
		if ((*c < '0' || *c > '9') && *c != '/')
			return false;
	if (sscanf(arg, "%7u/%7u%n", &nr, &of, &end) != 2 || arg[end] ||
	    nr < 1 || nr > of || of > SHARDS_MAX)
		return false;
	shard->nr = nr - 1;
	shard->of = of;
	return true;
}

#endif

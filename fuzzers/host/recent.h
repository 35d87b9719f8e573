/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The last inputs of an engine, each on disk before it runs: a mapped file is
 * there after the engine was killed, and costs a memcpy(). */
#ifndef BPFSYS_RECENT_H
#define BPFSYS_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECENT_MOST = 8192,	/* inputs that are remembered, */
	RECENT_BYTES = 8 << 20, /* as far as they fit in here: 100 at least */
};

struct recent;

/* NULL: errno says why. */
struct recent *recent_open(const char *path);
void recent_close(struct recent *recent);

/* DATA of at most SEQ_MOST bytes runs next. */
void recent_put(struct recent *recent, const uint8_t *data, size_t len);

/* The input that came BACK inputs before the last (0: the last); NULL: it is no
 * longer there. */
const uint8_t *recent_get(const struct recent *recent, size_t back,
			  size_t *len);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Keeps the end of a stream: what a guest printed last, for when it is asked
 * for. */
#ifndef BPFABI_RING_H
#define BPFABI_RING_H

#include <stddef.h>
#include <stdio.h>

#define RING_SIZE 16384 /* bytes */

struct ring {
	size_t total; /* bytes that came by */
	char buf[RING_SIZE];
};

void ring_reset(struct ring *ring);

void ring_feed(struct ring *ring, const void *data, size_t len);

/* Prints what is kept, made printable, each line after PREFIX. */
void ring_print(const struct ring *ring, FILE *stream, const char *prefix);

#endif

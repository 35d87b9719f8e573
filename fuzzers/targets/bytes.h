/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* An input taken apart, and what has to hold of what is done with it. */
#ifndef FUZZ_BYTES_H
#define FUZZ_BYTES_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A broken promise ends the target, as a crash does. */
#define must(holds)                                                            \
	((holds) ? (void)0                                                     \
		 : (fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, \
			    #holds),                                           \
		    abort()))

struct bytes {
	const uint8_t *p;
	size_t left;
};

/* The next WIDTH bytes as a number, little-endian; zeros behind the end. */
static inline uint64_t take(struct bytes *in, unsigned int width)
{
	uint64_t v = 0;

	for (unsigned int i = 0; i < width && in->left; i++, in->left--)
		v |= (uint64_t)*in->p++ << 8 * i;
	return v;
}

/* The next MOST bytes, or what is left of them. */
static inline struct bytes take_bytes(struct bytes *in, size_t most)
{
	struct bytes out = {in->p, most < in->left ? most : in->left};

	in->p += out.left;
	in->left -= out.left;
	return out;
}

/* A copy that ends where memory ends, so that a step beyond it is seen. */
static inline void *exact(const void *data, size_t size)
{
	void *copy = malloc(size ? size : 1);

	must(copy);
	if (size)
		memcpy(copy, data, size);
	return copy;
}

#endif

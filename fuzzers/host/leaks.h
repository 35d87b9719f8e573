/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Objects and memory of the kernel that grow, though every input's descriptors
 * are closed when it ends. */
#ifndef BPFSYS_LEAKS_H
#define BPFSYS_LEAKS_H

#include "finds.h"

enum {
	LEAKS_EVERY = 256,	   /* inputs from one count to the next */
	LEAKS_COUNTS = 64,	   /* that are remembered */
	LEAKS_OBJECTS = 16,	   /* more than there were: no noise */
	LEAKS_SLAB_KIB = 96 << 10, /* KASAN keeps what is free: 1/32 of RAM */
	/* Which of the inputs is it? The last ones that left such a part. */
	LEAKS_PART_OBJECTS = 4,
	LEAKS_PART_SLAB_KIB = LEAKS_SLAB_KIB / 2,
};

/* Of one VM. */
struct leaks {
	struct leaks_count {
		uint64_t input; /* how many had run */
		uint64_t objects, slab_kib;
	} first, last[LEAKS_COUNTS]; /* when it was young, and since */
	unsigned int n;		     /* counts since */
};

uint64_t leaks_objects(const struct exec_page *page);

/* Takes a count (EXEC_COUNT) after so many INPUTS. If too much is left, FIND
 * says what; returned is how many of the last inputs are suspected, else 0. */
uint64_t leaks_look(struct leaks *leaks, const struct exec_page *page,
		    uint64_t inputs, struct find *find);

/* Whether the input leaves an object each time it runs; a suspicion, no proof.
 * FIND says how many. -1: the VM did not last. RES: of the last run, and count.
 */
int leaks_soon(struct fuzzvm *vm, const uint8_t *input, size_t len,
	       struct fuzzvm_result *res, struct find *find);

/* Finds the one of N inputs whose repetition leaks: objects or else MEMORY. Its
 * number, -1 if none does, or -2 if the VM did not last. FIND says how much. */
long leaks_search(struct fuzzvm *vm, const uint8_t *const *inputs,
		  const size_t *lens, size_t n, bool memory, struct find *find);

/* Whether repeating the one input leaks; -1: the VM did not last. */
int leaks_confirm(struct fuzzvm *vm, const uint8_t *input, size_t len,
		  struct find *find);

#endif

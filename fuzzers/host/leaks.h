/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Objects and memory of the kernel that grow, though every input's descriptors
 * are closed when it ends. */
#ifndef BPFSYS_LEAKS_H
#define BPFSYS_LEAKS_H

#include "finds.h"

enum {
	LEAKS_EVERY = 2048,	   /* inputs from one count to the next */
	LEAKS_OBJECTS = 64,	   /* more than there were: no noise */
	LEAKS_SLAB_KIB = 96 << 10, /* KASAN keeps what is free: 1/32 of RAM */
};

struct leaks {
	bool counted;
	uint64_t objects, slab_kib; /* of the VM when it was young */
};

uint64_t leaks_objects(const struct exec_page *page);

/* Takes a count (EXEC_COUNT); true, and FIND says what: too much is left. */
bool leaks_look(struct leaks *leaks, const struct exec_page *page,
		struct find *find);

/* Finds the one of N inputs whose repetition leaks. Its number, -1 if none
 * does, or -2 if the VM did not last. FIND says how much. */
long leaks_search(struct fuzzvm *vm, const uint8_t *const *inputs,
		  const size_t *lens, size_t n, struct find *find);

/* Whether repeating the one input leaks; -1: the VM did not last. */
int leaks_confirm(struct fuzzvm *vm, const uint8_t *input, size_t len,
		  struct find *find);

#endif

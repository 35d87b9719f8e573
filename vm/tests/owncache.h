/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A cache of a test's own, but for what had to be fetched. */
#ifndef BPFVM_OWNCACHE_H
#define BPFVM_OWNCACHE_H

#include <stddef.h>

/* Set up and torn down by cmocka. */
int own_cache(void **state);
int forget_cache(void **state);
/* $XDG_CACHE_HOME, and removing a path below it */
extern char cache[];
void drop(const char *sub);
/* Templates there are; path gets the RAM of one. */
unsigned templates(char *path, size_t size);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the element commands share: a hash map that holds one element. */
#ifndef BPFABI_MAP_ELEM_H
#define BPFABI_MAP_ELEM_H

#include "objects.h"

#define ELEM_KEY   0x1122334455667788ULL
#define ELEM_VALUE 0x99aabbccddeeff00ULL

/* world->map_fd: a hash of 8-byte keys and values, for 4 elements, holding
 * ELEM_KEY; also descriptor 0 of cut arguments. */
void make_hash(struct world *world);

/* key and value of ATTR point to keys[0] and values[0], ELEM_KEY and VALUE. */
void arm_elem(struct world *world, union argument *attr, uint64_t value);

/* Freezes world->map_fd. */
void freeze_map(struct world *world);

/* The value under KEY of an 8-byte map: 0 or a negative errno. */
int lookup_u64(int map_fd, const void *key, uint64_t *value);

#endif

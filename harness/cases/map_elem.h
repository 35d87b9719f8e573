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

/* The value under KEY: 0 or a negative errno. */
int lookup_value(int map_fd, const void *key, void *value);
/* The value under KEY of an 8-byte map: 0 or a negative errno. */
int lookup_u64(int map_fd, const void *key, uint64_t *value);

/* What errno cases of element commands break. */
break_fn break_map_fd;	   /* map_fd is not open */
break_fn break_key;	   /* key is NULL */
break_fn break_value;	   /* value is NULL */
break_fn break_frozen;	   /* the map is frozen */
break_fn break_read_only;  /* the map was created with BPF_F_RDONLY */
break_fn break_write_only; /* the map was created with BPF_F_WRONLY */

#endif

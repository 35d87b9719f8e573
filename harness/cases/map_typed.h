/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The element commands on a map of any type. */
#ifndef BPFABI_MAP_TYPED_H
#define BPFABI_MAP_TYPED_H

#include "map_shape.h"

typedef int elem_fn(const struct bpfsys_map_elem_attr *attr);

/* A map of map_shapes.def, and room for one element. */
struct typed {
	void **state;
	const struct map_shape *shape;
	int fd;
	uint32_t key[128];
	uint32_t value[2048];
};

/* False: the kernel has no maps of the type. */
bool typed_make(struct typed *map, void **state, enum map_number type);
/* The same, or the case is skipped. */
void typed_need(struct typed *map, void **state, enum map_number type);
void typed_drop(struct typed *map);

/* FN under KEY, a number (in a trie: the address with that prefix), with an
 * element whose first four bytes are VALUE, zeros behind. What was read is in
 * map->value then, and the next key in map->key. */
int typed_call(struct typed *map, elem_fn *fn, uint32_t key, uint32_t value,
	       uint64_t flags);

/* The same, and it must succeed. */
void typed_put(struct typed *map, uint32_t key, uint32_t value);

/* What is called how on maps of several types. */
struct typed_try {
	elem_fn *fn;
	uint32_t key, value;
	uint64_t flags;
};

/* On a new map of each of the COUNT types that the kernel has, the call
 * answers as the case's row says. */
void refuse_types(void **state, const enum map_number *types, size_t count,
		  const struct typed_try *try);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the batch commands share: maps of N_ELEMS numbered elements, of the
 * types that have batch operations, and the walk through one. */
#ifndef BPFABI_MAP_BATCH_H
#define BPFABI_MAP_BATCH_H

#include "map_elem.h"

#define N_ELEMS 64

/* A type of map whose keys are 8 bytes (4 in an array). */
struct batch_type {
	uint32_t map_type;
	uint32_t key_size;
	uint32_t flags;
	bool percpu;
	const char *label;
};

extern const struct batch_type batch_hash, batch_percpu_hash, batch_array,
	batch_lpm_trie, batch_percpu_array, batch_lru_hash,
	batch_lru_percpu_hash;

/* One map and the buffers of a batch of all its elements. */
struct batch_map {
	void **state;
	const struct batch_type *type;
	int fd;
	uint32_t cpus;		       /* values an element has */
	uint8_t keys[N_ELEMS * 8];     /* key_size apart */
	uint64_t values[N_ELEMS * 64]; /* cpus apart */
	bool seen[N_ELEMS];
};

/* An empty map (an array: of zeros), keys and values of all elements ready. */
void batch_map_make(struct batch_map *map, void **state,
		    const struct batch_type *type);
void batch_map_drop(struct batch_map *map);

/* Keys and values of all elements, in order. */
void batch_map_number(struct batch_map *map);

/* Stores all elements, one call each. */
void batch_map_fill(struct batch_map *map);

/* The elements that the map holds with their right values. */
unsigned int batch_map_held(struct batch_map *map);

/* The argument of a batch of COUNT elements of MAP's buffers. */
void batch_attr(const struct batch_map *map, uint32_t count,
		struct bpfsys_map_batch_attr *attr);

/* What walks: bpfsys_map_lookup_batch or bpfsys_map_lookup_and_delete_batch. */
typedef int batch_fn(struct bpfsys_map_batch_attr *attr);

/* Walks the full map in batches of STEP to its end, and holds each call to what
 * the kernel promises. */
void batch_walk(struct batch_map *map, batch_fn *fn, uint32_t step);

/* Skips the case where RET is ENOTSUPP and the kernel's tries or per-CPU arrays
 * are from before 5.13, when they got batch operations. */
void batch_skip_unsupported(struct batch_map *map, int ret);

/* What errno cases of batch commands break. */
break_fn break_batch_map_fd;	 /* map_fd is not open */
break_fn break_batch_keys;	 /* keys is NULL */
break_fn break_batch_elem_flags; /* elem_flags has an unknown bit */

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A map of every type, from map_shapes.def, and what becomes of it when one
 * field is another. */
#ifndef BPFABI_MAP_SHAPE_H
#define BPFABI_MAP_SHAPE_H

#include "progs.h"

/* From the UAPI, where the header that we build against may be older. */
enum {
	BPFABI_F_VTYPE_BTF_OBJ_FD = 1 << 15, /* BPF_F_VTYPE_BTF_OBJ_FD */
	BPFABI_F_SEGV_ON_FAULT = 1 << 17,    /* BPF_F_SEGV_ON_FAULT */
	BPFABI_F_NO_USER_CONV = 1 << 18,     /* BPF_F_NO_USER_CONV */
	BPFABI_F_RB_OVERWRITE = 1 << 19,     /* BPF_F_RB_OVERWRITE */
};

enum map_number {
#define SHAPE(type, number, ...) SHAPE_##type = (number),
#include "map_shapes.def"
#undef SHAPE
};

enum {
#define SHAPE(type, ...) SHAPE_ORDER_##type,
#include "map_shapes.def"
#undef SHAPE
	N_SHAPES
};

/* What a type wants besides sizes and flags. */
enum shape_with {
	ALONE,
	INNER, /* an inner map, an array of one 8-byte value */
	TYPED, /* types of key and value: an int each */
	OPS,   /* a type of the kernel's that has operations */
};

struct map_shape {
	uint32_t type;
	const char *name;	/* "ring buffer" */
	const char *enumerator; /* of enum bpf_map_type */
	uint32_t key_size, value_size, max_entries;
	enum shape_with with;
	uint32_t must, takes, may; /* flags: map_shapes.def */
	const char *config;
};

/* All of them, in *COUNT. */
const struct map_shape *map_shapes(size_t *count);
const struct map_shape *map_shape(enum map_number type);

/* The argument that makes SHAPE, and the descriptor that it refers to. */
struct shaped {
	struct bpfsys_map_create_attr attr;
	int with_fd;
};

/* Fills *SHAPED. False: the kernel has no maps of the type, and said so. The
 * case fails where it has them by what it says, and makes none. */
bool shape_fill(void **state, const struct map_shape *shape,
		struct shaped *shaped);
void shape_drop(struct shaped *shaped);

/* Whether the kernel makes maps of the type; fails the case as shape_fill(). */
bool shape_exists(void **state, enum map_number type);

/* The same for a case on one type, which is skipped where there is none. */
void shape_need(void **state, enum map_number type, struct shaped *shaped);

/* A map of the type; -1 where the kernel has none. */
int shape_make(void **state, enum map_number type);
/* The same, or the case is skipped. */
int shape_make_needed(void **state, enum map_number type);

/* How an argument differs from a good one. */
enum map_field {
	KEY_SIZE,
	VALUE_SIZE,
	MAX_ENTRIES,
	ADD_FLAGS,
	DROP_FLAGS,
	NUMA_NODE, /* with its flag */
	MAP_EXTRA,
	IFINDEX,
	KEY_TYPE,
	VALUE_TYPE,
};

struct map_change {
	enum map_field field;
	uint64_t value;
};

void shape_change(struct bpfsys_map_create_attr *attr,
		  const struct map_change *change);

/* Each of the COUNT changes, alone, makes a good argument for the TYPE what
 * the case's row says. */
void refuse_each(void **state, enum map_number type,
		 const struct map_change *changes, size_t count);

/* For a check that kernels before 5.11 lacked: there, each of the COUNT changes
 * is ERR, from further on, and the case is skipped. Those kernels charge maps
 * to RLIMIT_MEMLOCK, which shows in struct bpf_map. */
void skip_before_5_11(void **state, enum map_number type,
		      const struct map_change *changes, size_t count, int err);

/* Each, alone, leaves it good, and the map's info says what was asked for. */
void accept_each(void **state, enum map_number type,
		 const struct map_change *changes, size_t count);

/* BPF_MAP_CREATE of *ATTR on the way to nothing: the descriptor is closed. */
int try_create(struct bpfsys_map_create_attr *attr);

/* BPF_MAP_CREATE of *ATTR answers as the case's row says; TEXT says what is
 * wrong with it. */
void refuse_create(void **state, const char *text,
		   struct bpfsys_map_create_attr *attr);

#endif

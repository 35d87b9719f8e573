/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Maps whose keys and values have types: BTF with the structs that the kernel
 * takes for more than bytes. */
#ifndef BPFABI_MAP_TYPES_H
#define BPFABI_MAP_TYPES_H

#include "map_shape.h"

/* Ids in the BTF that make_types() loads, and sizes in bytes. */
enum type_id {
	TYPE_INT = 1,  /* 4 */
	TYPE_LONG,     /* 8, unsigned */
	TYPE_LOCK,     /* 4: struct bpf_spin_lock */
	TYPE_LOCKED,   /* 16: an int, a lock, a long */
	TYPE_TIMER,    /* 16: struct bpf_timer */
	TYPE_TIMED,    /* 24: a long, a timer */
	TYPE_PREFIX,   /* 8: two ints, as a trie's key */
	TYPE_TASK,     /* struct task_struct, empty */
	TYPE_TAG,      /* the type tag "kptr_untrusted" of it */
	TYPE_KPTR,     /* 8: a pointer to that */
	TYPE_POINTING, /* 8: a struct of that pointer */
};

/* A value of TYPE_LOCKED. */
struct locked {
	uint32_t number;
	uint32_t lock;
	uint64_t data;
};

/* The BTF, loaded; without the type tag and what refers to it where TAGS is
 * false: kernels before 5.17 do not know such, and the case is skipped. */
int make_types(void **state, bool tags);

/* The types of it up to TYPE_PREFIX, for a BTF with more; and that loaded and
 * freed: what BPF_BTF_LOAD answers, or the descriptor. */
struct btf;
void add_map_types(struct btf *btf);
int try_map_types(struct btf *btf);
int load_map_types(void **state, struct btf *btf);

/* ATTR, a good one, for values of TYPE, with a key that fits the type of map;
 * keeps BTF_FD. */
void type_values(struct bpfsys_map_create_attr *attr, int btf_fd,
		 enum type_id type);

/* A map of SHAPE_* and values of TYPE_LOCKED. */
int make_locked(void **state, enum map_number type);

#endif

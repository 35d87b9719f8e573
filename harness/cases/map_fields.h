/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Values with a field that is the kernel's: lists, pointers, work. */
#ifndef BPFABI_MAP_FIELDS_H
#define BPFABI_MAP_FIELDS_H

#include "map_types.h"

/* Where such a field is in its value; before it are 8 bytes of data, which
 * with the roots of lists and trees are a number and a spin lock. */
#define FIELD_AT 8

enum field_kind {
	FIELD_TIMER,
	FIELD_WORKQUEUE,
	FIELD_LIST,
	FIELD_TREE,
	FIELD_REFCOUNT,
	FIELD_TASK, /* a task, with a reference */
	FIELD_OWN,  /* an object of the program's, with a reference */
	FIELD_PERCPU,
	FIELD_USER, /* the user's memory */
	FIELD_RES_LOCK,
	FIELD_TASK_WORK,
};

/* Types of the BTF with FIELD_OWN. */
enum { TYPE_OWN_PROTO = TYPE_PREFIX + 1, TYPE_OWN_FUNC, TYPE_OWN_OBJECT };

struct field_type {
	const char *enumerator;	      /* of the kernel's enum btf_field_type */
	const char *name;	      /* "a list" */
	void (*add)(struct btf *btf); /* types, the last that of the field */
	uint64_t takers;	      /* bits: map types that take it */
};

const struct field_type *field_type(enum field_kind kind);

/* BTF with a value of that field; the case is skipped where the kernel does not
 * know such. The value's type and size. */
int make_field(void **state, enum field_kind kind, uint32_t *type,
	       uint32_t *size);

/* ATTR, a good one, with such values, of BTF_FD. */
void field_values(struct bpfsys_map_create_attr *attr, int btf_fd,
		  uint32_t type, uint32_t size);

/* A map of TYPE with such values. */
int make_field_map(void **state, enum map_number type, enum field_kind kind);

#endif

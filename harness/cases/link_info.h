/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Names in info structs: in goes a pointer and how many bytes there is room
 * for, out comes the name and how long it is. */
#ifndef BPFABI_LINK_INFO_H
#define BPFABI_LINK_INFO_H

#include <stddef.h>

#include "suite.h"

/* Where a name's pointer and length are in struct bpfsys_link_info; other
 * fields stay 0. */
struct name_at {
	size_t pointer, length;
};

#define NAME_AT(pointer_, length_)                                     \
	((struct name_at){offsetof(struct bpfsys_link_info, pointer_), \
			  offsetof(struct bpfsys_link_info, length_)})

/* The link FD has NAME: whole where there is room for it and its NUL, and its
 * length where none is asked for. Memory behind it stays. */
void check_name(void **state, int fd, struct name_at at, const char *name);

/* A room without a pointer and a pointer without room are what the case's row
 * says, and so is ROOM, which is too small for the name, and cut off there; and
 * what cannot be written. What there was in the info stays. */
void judge_half_name(void **state, int fd, struct name_at at);
void judge_short_name(void **state, int fd, struct name_at at,
		      const char *name);
void judge_unwritable_name(void **state, int fd, struct name_at at);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The arrays of struct bpf_prog_info: in goes a pointer and how many there is
 * room for, out comes how many there are. */
#ifndef BPFABI_PROG_INFO_H
#define BPFABI_PROG_INFO_H

#include "two_funcs.h"

enum prog_array {
	MAP_IDS,
	XLATED,
	JITED,
	KSYMS,
	FUNC_LENS,
	FUNC_INFO,
	LINE_INFO,
	JITED_LINES,
	TAGS,
	PROG_ARRAYS
};

#define ARRAY_ROOM 4096

/* INFO asks for COUNT of the array WHICH at ROOM, and for nothing else. */
void want_array(struct bpfsys_prog_info *info, enum prog_array which,
		const void *room, uint32_t count);

/* What INFO says of how many there are, and where. */
uint32_t array_count(const struct bpfsys_prog_info *info,
		     enum prog_array which);
uint64_t array_pointer(const struct bpfsys_prog_info *info,
		       enum prog_array which);
const char *array_name(enum prog_array which);

/* The whole array of FD into the ARRAY_ROOM bytes at ROOM; returns how many,
 * after the case has held each count of room to what it promises. */
uint32_t check_array(void **state, int fd, enum prog_array which, void *room);

/* The same without a look at anything. */
uint32_t get_array(void **state, int fd, enum prog_array which, void *room);

/* Skips the case where FD's program is interpreted, as its fdinfo says, too. */
void need_jited(void **state, int fd);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What /proc/self/fdinfo says of descriptors of BPF objects. */
#ifndef BPFABI_FDINFO_H
#define BPFABI_FDINFO_H

#include "suite.h"

/* The value behind "NAME:", up to the end of the line, in the SIZE bytes at
 * VALUE. The case fails where there is no such line. */
void fdinfo_value(void **state, int fd, const char *name, char *value,
		  size_t size);

/* The value is TEXT, or the number WANT in decimal. */
void expect_fdinfo(void **state, int fd, const char *name, const char *text);
void expect_fdinfo_u64(void **state, int fd, const char *name, uint64_t want);

/* Whether there is such a line. */
bool fdinfo_has(void **state, int fd, const char *name);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Ends of cases whose feature the kernel lacks, as its BTF says: each uses it
 * all the same, is refused with the errno that callers probe by, and skips. */
#ifndef BPFABI_LACKING_H
#define BPFABI_LACKING_H

#include "suite.h"

/* FIELD of the command ID (as in the table), which is past what the command
 * reads: E2BIG where it is past the kernel's union, too, else EINVAL. */
void skip_field(void **state, const char *id, const char *field)
	__attribute__((noreturn));

/* Links of ATTACH_TYPE, whose arguments are called MEMBER, for PROG_FD, which
 * is closed: BPF_LINK_CREATE is EINVAL. */
void skip_link(void **state, const char *member, int prog_fd,
	       uint32_t attach_type) __attribute__((noreturn));

/* Skips where the kernel's BTF has no programs of TYPE, called NAME there:
 * BPF_PROG_LOAD is EINVAL. Without BTF, what came with SINCE may be unknown. */
void need_prog_type(void **state, const char *name, uint32_t type,
		    uint32_t since);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* How large union bpf_attr has been, from the LAST rows: what its size says
 * about a kernel. */
#ifndef BPFSYS_UNION_H
#define BPFSYS_UNION_H

#include <bpfsys/abi.h>

/* sizeof(union bpf_attr), in bytes, of the releases before RELEASE. */
__attribute__((visibility("hidden"))) unsigned int bpfsys_union_size_before(
	uint32_t release);

/* The release that a kernel whose union has SIZE bytes is at least; 0 where the
 * size says nothing. */
__attribute__((visibility("hidden"))) uint32_t bpfsys_release_at_least(
	int size);

#endif

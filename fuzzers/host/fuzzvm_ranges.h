/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Where in a kernel's text the code stands whose coverage is wanted. */
#ifndef BPFSYS_FUZZVM_RANGES_H
#define BPFSYS_FUZZVM_RANGES_H

#include <elfutils/libdw.h>

#include "../exec.h"

struct fuzzvm_range {
	uint32_t from, to; /* bytes from _stext; to: exclusive */
};

/* Of VMLINUX, or of that of KERNEL's build tree where it is NULL: how many
 * there are in RANGES, at most EXEC_RANGES, or -errno. */
int ranges_find(const char *vmlinux, const char *kernel,
		struct fuzzvm_range *ranges);

/* NAME, a file of CU, as it is below the top of the source. */
const char *source_below(Dwarf_Die *cu, const char *name);

/* The address of a symbol, 0 if there is none. */
uint64_t elf_symbol(Elf *elf, const char *name);

#endif

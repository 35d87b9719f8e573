/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Types of map, program and hook by the ABI table, ABI_ before the kernel's
 * name: the kernel's own header may be older than what is fuzzed. */
#ifndef BPFSYS_KINDS_H
#define BPFSYS_KINDS_H

enum {
#define ENUMERATOR(kind, name, value, since) ABI_##name = value,
#include "abi/all.def"
};

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What every wrapper is made of: the command, its struct, and the size at
 * which the struct's last field ends, which the table knows. */
#ifndef BPFSYS_WIRE_H
#define BPFSYS_WIRE_H

#include <bpfsys/bpfsys.h>

enum {
#define GROUP(group, member, end) WIRE_SIZE_##group = (end),
#include "abi/all.def"
};

/* The kernel declares attr writable; the commands behind const wrappers have no
 * output field. */
#define WIRE(cmd, group, attr) \
	bpfsys(cmd, (void *)(uintptr_t)(attr), WIRE_SIZE_##group)

#endif

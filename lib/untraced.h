/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The door for what the library asks on its own account: never traced. */
#ifndef BPFSYS_UNTRACED_H
#define BPFSYS_UNTRACED_H

#include <bpfsys/bpfsys.h>

__attribute__((visibility("hidden"))) int untraced(unsigned int cmd, void *attr,
						   unsigned int size);

__attribute__((visibility("hidden"))) int untraced_common(
	unsigned int cmd, void *attr, unsigned int size,
	struct bpfsys_common_attr *common, unsigned int common_size);

#endif

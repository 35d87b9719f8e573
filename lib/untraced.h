/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The door for what the library asks on its own account, never traced; and the
 * hook by which a trace takes all other calls, so that a program that asks for
 * no trace has none of its code. */
#ifndef BPFSYS_UNTRACED_H
#define BPFSYS_UNTRACED_H

#include <stdatomic.h>

#include <bpfsys/bpfsys.h>

#include "hidden.h"

struct bpfsys_hook {
	int (*call)(unsigned int cmd, void *attr, unsigned int size);
	int (*common)(unsigned int cmd, void *attr, unsigned int size,
		      struct bpfsys_common_attr *common,
		      unsigned int common_size);
};

/* NULL: calls go to the kernel. All that a call costs that is not traced. */
extern HIDDEN const struct bpfsys_hook *_Atomic bpfsys_hook;

static inline const struct bpfsys_hook *bpfsys_hook_now(void)
{
	return atomic_load_explicit(&bpfsys_hook, memory_order_relaxed);
}

HIDDEN int bpfsys_untraced(unsigned int cmd, void *attr, unsigned int size);
HIDDEN int bpfsys_untraced_common(unsigned int cmd, void *attr,
				  unsigned int size,
				  struct bpfsys_common_attr *common,
				  unsigned int common_size);

#endif

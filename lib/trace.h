/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The trace, as the door sees it. */
#ifndef BPFSYS_TRACE_H
#define BPFSYS_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>

#include <bpfsys/bpfsys.h>

#include "untraced.h"

/* Whether calls are traced: all that one costs that is not. */
extern __attribute__((visibility("hidden"))) atomic_bool tracing;

static inline bool is_traced(void)
{
	return __builtin_expect(
		atomic_load_explicit(&tracing, memory_order_relaxed), false);
}

__attribute__((visibility("hidden"), cold)) int traced(unsigned int cmd,
						       void *attr,
						       unsigned int size);

__attribute__((visibility("hidden"), cold)) int traced_common(
	unsigned int cmd, void *attr, unsigned int size,
	struct bpfsys_common_attr *common, unsigned int common_size);

/* Up to SIZE bytes at FROM, which may be unreadable: that is asked of the
 * kernel, not tried. Returns how many came. errno may change. */
__attribute__((visibility("hidden"))) unsigned int peek(void *to,
							const void *from,
							size_t size);

#endif

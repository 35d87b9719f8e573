/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the trace needs of others. */
#ifndef BPFSYS_TRACE_H
#define BPFSYS_TRACE_H

#include <stddef.h>

/* Up to SIZE bytes at FROM, which may be unreadable: that is asked of the
 * kernel, not tried. Returns how many came. errno may change. */
__attribute__((visibility("hidden"))) unsigned int bpfsys_peek(void *to,
							       const void *from,
							       size_t size);

#endif

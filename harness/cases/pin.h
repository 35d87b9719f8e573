/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What pinning and getting share: a map and a name for it; objects of other
 * kinds. */
#ifndef BPFABI_PIN_H
#define BPFABI_PIN_H

#include "witness.h"

/* world->map_fd, its world->id, and a free world->path in /sys/fs/bpf. */
void make_pinnable(struct world *world);

/* The name in /sys/fs/bpf, ending in WHAT, at which FD is pinned; it holds
 * until the next one. */
const char *pin_object(void **state, int fd, const char *what);
/* A descriptor of what is pinned at PATH, which is close-on-exec. */
int get_pinned(void **state, const char *path, uint32_t flags);

#endif

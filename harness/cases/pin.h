/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What pinning and getting share: a map and a name for it. */
#ifndef BPFABI_PIN_H
#define BPFABI_PIN_H

#include "witness.h"

/* world->map_fd, its world->id, and a free world->path in /sys/fs/bpf. */
void make_pinnable(struct world *world);

#endif

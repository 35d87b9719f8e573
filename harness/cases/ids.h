/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Objects with an id, one maker for each kind: the descriptor in the world's
 * field of its kind, the id in world->id. */
#ifndef BPFABI_IDS_H
#define BPFABI_IDS_H

#include "witness.h"

void make_prog_id(struct world *world);
void make_map_id(struct world *world);
void make_btf_id(struct world *world);
void make_link_id(struct world *world);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What both engines mutate with: make.h, and what the kernel compared. */
#ifndef BPFSYS_MUTATE_H
#define BPFSYS_MUTATE_H

#include "../make/make.h"

/* Once in a process; work directory of $BPFSYS_WORK. */
void mutate_open(enum make_target target);

size_t mutate(uint64_t seed, uint8_t *data, size_t len, size_t size);
size_t mutate_cross(uint64_t seed, const uint8_t *a, size_t a_len,
		    const uint8_t *b, size_t b_len, uint8_t *out, size_t size);

#endif

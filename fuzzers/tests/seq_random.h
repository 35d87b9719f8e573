/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Sequences at random, for tests of what they become. */
#ifndef BPFSYS_SEQ_RANDOM_H
#define BPFSYS_SEQ_RANDOM_H

#include "../seq/seq.h"

/* Content for the pool of any sequence: SEQ_POOL bytes. */
void random_pool(uint64_t seed, uint8_t *pool);

/* The sequence of SEED, most often one that has an encoding. */
void random_seq(uint64_t seed, struct seq *seq, const uint8_t *pool);

#endif

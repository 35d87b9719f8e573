/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Numbers that follow from a seed and from nothing else. */
#ifndef BPFSYS_MAKE_RNG_H
#define BPFSYS_MAKE_RNG_H

#include <stdbool.h>
#include <stdint.h>

/* splitmix64 */
static inline uint64_t rng_next(uint64_t *rng)
{
	uint64_t z = *rng += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* 0 to N, exclusive; 0 if N is. */
static inline uint32_t rng_below(uint64_t *rng, uint32_t n)
{
	return (uint32_t)(((rng_next(rng) >> 32) * n) >> 32);
}

#endif

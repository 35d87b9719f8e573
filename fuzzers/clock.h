/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Seconds since some moment. */
#ifndef BPFSYS_CLOCK_H
#define BPFSYS_CLOCK_H

#include <time.h>

static inline double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif

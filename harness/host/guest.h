/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Finds the suite's program. */
#ifndef BPFABI_GUEST_H
#define BPFABI_GUEST_H

#include "bpfabi.h"
#include "run_options.h"

struct guest {
	char path[4096];
	bool compat32; /* a program of 32 bits, for a kernel of 64 */
};

/* A line on standard error where there is none, or not the one wanted. */
enum status guest_find(const struct run_options *options, struct guest *guest);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Deviations of released kernels from a rule, each with its evidence. */
#ifndef BPFABI_KNOWN_H
#define BPFABI_KNOWN_H

#include "suite.h"

/* The reference where OBSERVED ("bytes 4..7") is exactly what kernels of this
 * release are known to do in the case RUN; NULL where it is news. */
const char *known_deviation(const struct run *run, const char *observed);

/* The same for the running case, which it makes one of a known deviation. */
bool is_known(void **state, const char *observed);

#endif

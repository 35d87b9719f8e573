/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What a case may leave behind in the kernel: ids, pins, mounts, cgroups,
 * network devices, processes. */
#ifndef BPFABI_LEAKS_H
#define BPFABI_LEAKS_H

#include <stdbool.h>
#include <stddef.h>

/* The VM ends with the case that is run now: names (pins, mounts, cgroups,
 * network devices), which no other case will find, are not looked for. Looking
 * is a fifth of what a clone has to run. */
void leaks_of_one_case(void);

/* Notes what there is. FOR_GOOD: the case changes its process so that it cannot
 * look again, and another process does. Returns 0 or a negative errno. */
int leaks_begin(bool for_good);

/* Waits, for a bounded time, for what is being freed. Whether there is more
 * than before; then what, by name, at WHAT. */
bool leaks_end(char *what, size_t size);

/* A case ran that nobody looked behind. */
void leaks_forget(void);

#endif

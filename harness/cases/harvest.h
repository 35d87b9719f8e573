/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Makes sequences for the fuzzers of what the cases call: seeds that get as far
 * as the suite does. Off unless harvest_into() was called. */
#ifndef BPFABI_HARVEST_H
#define BPFABI_HARVEST_H

/* Sequences of each case go into DIR, which is made: <command>-<what>-<n>. */
void harvest_into(const char *dir);

/* The calls between are those of case NAME, "map_freeze/frozen_twice". */
void harvest_begin(const char *name);
void harvest_end(void);

#endif

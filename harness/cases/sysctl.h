/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Switches of the kernel, by their files under /proc/sys. */
#ifndef BPFABI_SYSCTL_H
#define BPFABI_SYSCTL_H

#include "suite.h"

/* What a write of the text VALUE to the switch NAME ("kernel/kptr_restrict")
 * answers: 0 or a negative errno. */
int sysctl_write(const char *name, const char *value);
/* The first character of its text. Fails the case where it cannot be read. */
char sysctl_read(void **state, const char *name);
/* Writes one character, which must succeed; what was there. */
char sysctl_swap(void **state, const char *name, char value);

#endif

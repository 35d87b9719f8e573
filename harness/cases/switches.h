/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Switches of the system below /proc/sys that a case turns, and turns back. */
#ifndef BPFABI_SWITCHES_H
#define BPFABI_SWITCHES_H

#include "suite.h"

/* The switch PATH becomes VALUE; returns what it was. Skips the case where
 * there is none, or where it does not take VALUE. */
int64_t turn_switch(void **state, const char *path, int64_t value);

#define KPTR_RESTRICT	 "/proc/sys/kernel/kptr_restrict"
#define JIT_ENABLE	 "/proc/sys/net/core/bpf_jit_enable"
#define JIT_HARDEN	 "/proc/sys/net/core/bpf_jit_harden"
#define UNPRIVILEGED_OFF "/proc/sys/kernel/unprivileged_bpf_disabled"
#define FILE_MAX	 "/proc/sys/fs/file-max"

#endif

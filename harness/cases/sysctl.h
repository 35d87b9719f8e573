/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The kernel's files of text, and its switches under /proc/sys. */
#ifndef BPFABI_SYSCTL_H
#define BPFABI_SYSCTL_H

#include "suite.h"

/* What a write of TEXT to the file NAME in DIR answers: 0 or a negative
 * errno. */
int write_text(const char *dir, const char *name, const char *text);
/* What is in it, SIZE - 1 bytes at the most. Fails the case where it cannot be
 * read. */
void read_text(void **state, const char *dir, const char *name, char *text,
	       size_t size);

/* What a write of the text VALUE to the switch NAME ("kernel/kptr_restrict")
 * answers: 0 or a negative errno. */
int sysctl_write(const char *name, const char *value);
/* The first character of its text. Fails the case where it cannot be read. */
char sysctl_read(void **state, const char *name);
/* Writes one character, which must succeed; what was there. */
char sysctl_swap(void **state, const char *name, char value);

/* The switch NAME becomes VALUE; returns what it was. Skips the case where
 * there is none, or where it does not take VALUE. */
int64_t turn_switch(void **state, const char *name, int64_t value);

#define KPTR_RESTRICT "kernel/kptr_restrict"
#define JIT_ENABLE    "net/core/bpf_jit_enable"
#define JIT_HARDEN    "net/core/bpf_jit_harden"
#define FILE_MAX      "fs/file-max"

#endif

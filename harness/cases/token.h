/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A user namespace with a bpf filesystem that delegates, and its tokens. */
#ifndef BPFABI_TOKEN_H
#define BPFABI_TOKEN_H

#include "hooks.h"

#define CMD_BIT(name) (1ull << BPFSYS_##name)

/* The filesystem's options, as masks; all zero: none is given. */
struct delegation {
	uint64_t cmds, maps, progs, attachs;
};

/* RET, or the case fails with WHAT and errno. */
int check_call(void **state, const char *what, int ret);

/* Moves this process to a user namespace of its own, for good; the root
 * directory of its bpf filesystem, which delegates WHAT. */
int token_enter_userns(void **state, const struct delegation *what);

/* The same of a bpf filesystem of the user namespace that the process is in,
 * without delegation. */
int token_mount_bpffs(void **state);

/* BPF_TOKEN_CREATE, as it answers. */
int token_create(int dir_fd);

#endif

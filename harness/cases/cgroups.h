/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A cgroup with one below it, what hangs at any hook of theirs, and processes
 * that act in them. */
#ifndef BPFABI_CGROUPS_H
#define BPFABI_CGROUPS_H

#include "progs.h"

/* From the UAPI, where the header that we build against may be older. */
enum {
	BPFABI_F_PREORDER = 1 << 6, /* BPF_F_PREORDER */
};

struct cgroups {
	void **state;
	struct world above, below;
	int progs[4]; /* -1: none */
};

/* Both, and N programs (4 at most) for CGROUP_HOOK that let all pass. */
void cgroups_make(struct cgroups *cgroups, void **state, int n);
/* Closes the programs and removes the cgroups with what hangs there. */
void cgroups_drop(struct cgroups *cgroups);

/* BPF_PROG_ATTACH, _DETACH and BPF_LINK_CREATE at the cgroup of DIR_FD, as they
 * answer. */
int attach_at(int dir_fd, uint32_t hook, int prog_fd, uint32_t flags);
int detach_at(int dir_fd, uint32_t hook, int prog_fd);
int link_at(int dir_fd, uint32_t hook, int prog_fd);

/* BPF_PROG_QUERY of a hook, with room for ROOM programs, 8 at most. */
struct hook_list {
	uint32_t count;
	uint64_t revision;
	uint32_t ids[8]; /* 0x7f7f7f7f where nothing was written */
};
int list_hook(int dir_fd, uint32_t hook, uint32_t flags, uint32_t room,
	      struct hook_list *list);

/* The list of the hook with query_flags FLAGS is the N programs PROG_FDS. */
void expect_hook(void **state, const char *what, int dir_fd, uint32_t hook,
		 uint32_t flags, const int *prog_fds, uint32_t n);

/* What ACT, run by a child in the cgroup, returned: 0 or a positive errno. */
int act_in(void **state, int dir_fd, int (*act)(void));

/* errno of socket(2), for a datagram socket of IPv4; it is closed again. */
int act_socket(void);

/* Whether programs before those of cgroups below can be asked for: skips the
 * case where the kernel has no BPF_F_PREORDER. */
void need_preorder(void **state);

/* Revisions of a cgroup's hooks, and places there that a caller can name. */
void need_revisions(void **state);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Links of every family that a VM can host: each made in one call, so that a
 * case can vary one thing. */
#ifndef BPFABI_LINKS_H
#define BPFABI_LINKS_H

#include "progs.h"

/* A program, what it is attached to, and the argument that attaches it. */
struct hook {
	void **state;
	int prog_fd;
	int other_fd;  /* a second program of the kind */
	int target_fd; /* -1 where the target is no descriptor */
	/* As wide as a kernel of 64 bit takes them: names of functions, and
	 * places in the file of this program. */
	uint64_t symbols[2], offsets[2];
	struct bpfsys_link_create_attr attr;
};

/* A family: the hook, filled so that BPF_LINK_CREATE succeeds. Skips the case
 * where the kernel does not have it. */
typedef void hook_fn(struct hook *hook, void **state);

hook_fn hook_xdp, hook_tcx, hook_netns, hook_sk_lookup, hook_sockmap,
	hook_netfilter, hook_fentry, hook_iter, hook_perf_event,
	hook_kprobe_multi, hook_uprobe_multi;

/* A perf event on context switches of this process, with what else is set in
 * EVENT. */
struct perf_event_attr;
int open_own_event(void **state, struct perf_event_attr *event);

/* Where the code at the address AT is in the file that is running. */
unsigned long offset_in_file(void **state, uintptr_t at);

void hook_drop(struct hook *hook);

/* BPF_LINK_UPDATE of the link FD to the program PROG_FD without flags, and
 * BPF_LINK_DETACH of it, as they answer; and the program that its info names.
 */
int link_update_to(int fd, int prog_fd);
int link_detach(int fd);
uint32_t link_prog_id(void **state, int fd);

/* How a case differs from the hook as it is. */
typedef void hook_change(struct hook *hook);

/* Makes, changes, creates the link, closes it, and judges by the row. */
void judge_link(void **state, hook_fn *make, hook_change *change);

/* The same where one link of the hook is there already. */
void judge_second_link(void **state, hook_fn *make, hook_change *change);

#endif

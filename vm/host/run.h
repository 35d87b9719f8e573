/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the parts of bpfvm_run() share. */
#ifndef BPFVM_RUN_H
#define BPFVM_RUN_H

#include "session.h"

struct run {
	const struct bpfvm_config *cfg;
	struct bpfvm_result *res;
	struct why why;
	const struct arch *arch;
	struct qemu qemu;
	char kernel_path[PATH_MAX];
	struct kernel kernel; /* fd is -1 until it is needed */
	struct program prog;
	int initrd;
	struct template tmpl;
	bool clone;	   /* the attempt under way starts from tmpl */
	bool no_bulk;	   /* this QEMU has no such device */
	bool kvm, probing; /* probing: not known whether KVM works */
};

/* run.c */
struct vm_setup run_setup(struct run *r);
/* What goes into the initramfs, by identity; 0 or -errno. */
int run_identify(struct run *r, struct hash *id);
/* Kernel and initramfs, which a clone can do without. */
int run_need_boot(struct run *r);
/* One boot or clone; again says whether to try another. */
int run_attempt(struct run *r, bool *again);

/* verdict.c: how the session ended; says so in r->why */
enum bpfvm_outcome run_judge(struct run *r, const struct session *s);

/* clones.c: sets *again where the program has not run and a cold boot is to
 * follow */
int run_clones(struct run *r, bool *again);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What QEMU is denied before it starts, its own sandbox aside. */
#ifndef BPFVM_SEAL_H
#define BPFVM_SEAL_H

#include "vm.h"

struct seal {
	bool drop;		/* root becomes nobody */
	int kvm_gid;		/* the one group that it keeps, or -1 */
	uint64_t memory, file;	/* most bytes of address space, of a file */
	const char *dir;	/* it starts in */
	char program[PATH_MAX]; /* as seen from there */
};

/* setup's template files are made readable for nobody if need be. */
void seal_plan(struct seal *seal, const struct vm_setup *setup);
/* In the child; only system calls. What cannot be denied here is not. */
void seal_apply(const struct seal *seal);

/* A memfd (made with MFD_ALLOW_SEALING) never changes again. */
int seal_memfd(int fd);
/* Opened for reading; as a copy in memory where QEMU could not open it. */
int seal_open(const char *path);

#endif

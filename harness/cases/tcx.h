/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Programs at the loopback device's hook for what leaves it: BPF_TCX_EGRESS,
 * where several hang in an order that a caller can ask for. */
#ifndef BPFABI_TCX_H
#define BPFABI_TCX_H

#include "progs.h"

#define TCX_DEVICE 1 /* lo */

/* Three classifiers, of which none is attached yet. */
struct tcx {
	void **state;
	int progs[3];
	uint32_t ids[3];
	int link_fd; /* -1: none */
};

/* Skips the case where the kernel has no such hook. */
void tcx_make(struct tcx *tcx, void **state);
/* Detaches and closes them. */
void tcx_drop(struct tcx *tcx);

/* BPF_PROG_ATTACH's and _DETACH's argument for program WHICH. */
void tcx_fill(const struct tcx *tcx, struct bpfsys_prog_attach_attr *attr,
	      int which);

/* BPF_PROG_ATTACH of program WHICH, and its link, as they answer. */
int tcx_attach(const struct tcx *tcx, int which);
void tcx_fill_link(const struct tcx *tcx, struct bpfsys_link_create_attr *attr,
		   int which);

/* What BPF_PROG_QUERY says. */
struct tcx_list {
	uint32_t count;
	uint64_t revision;
	uint32_t prog_ids[4], link_ids[4];
	uint32_t prog_flags[4], link_flags[4];
};
int tcx_query(struct tcx_list *list, uint32_t room);

/* The programs at the hook are ORDER ("012": their numbers). */
void tcx_expect(struct tcx *tcx, const char *what, const char *order,
		const struct tcx_list *list);

#endif

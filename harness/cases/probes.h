/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Perf events that a program can hang at: probes of a kernel function and of
 * this program's code, and a tracepoint. */
#ifndef BPFABI_PROBES_H
#define BPFABI_PROBES_H

#include "progs.h"

enum probe_kind {
	PROBE_KPROBE,
	PROBE_KRETPROBE,
	PROBE_ADDRESS, /* a kprobe that was made without a name */
	PROBE_UPROBE,
	PROBE_URETPROBE,
	PROBE_TRACEPOINT,
	PROBE_SYSCALL, /* the tracepoint of a system call */
	PROBE_KINDS
};

struct probe {
	int fd; /* the event's */
	int prog_fd;
	const char *name; /* of the function, file or tracepoint, or "" */
	uint64_t offset;
	uint32_t fd_type;   /* enum bpf_task_fd_type */
	uint32_t perf_type; /* enum bpf_perf_event_type */
	bool in_kernel;	    /* it has an address there */
};

/* The event, and a program for it that does nothing. Skips the case where the
 * kernel has no such events. */
void make_probe(struct probe *probe, void **state, enum probe_kind kind);
void drop_probe(struct probe *probe);

/* BPF_LINK_CREATE of program and event, as it answers. */
int link_probe(struct probe *probe, uint64_t cookie);

/* How many bytes of PROBE_TRACEPOINT a program may read. */
uint32_t tracepoint_size(void **state);

/* The function that kernel probes are at, and where it is. */
#define PROBE_FUNCTION "vfs_read"
uint64_t probe_address(void **state);

#endif

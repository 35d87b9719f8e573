/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Calls from inside the kernel: a program of BPF_PROG_TYPE_SYSCALL that calls
 * one helper with what lies in an area that we share with it. */
#ifndef BPFABI_INSIDE_H
#define BPFABI_INSIDE_H

#include "progs.h"

/* The value of a map, mapped: what the program reads and writes. */
struct inside_area {
	uint32_t cmd;
	uint32_t size; /* of the argument */
	uint64_t base; /* where the kernel has the area */
	int64_t ret;   /* what the helper returned */
	uint64_t result;
	union argument attr;
	char text[256];
	uint64_t words[64];
};

struct inside {
	void **state;
	int map_fd, prog_fd;
	struct inside_area *area;
};

/* A program that calls bpf_sys_bpf(cmd, &attr, size), and knows base. */
void inside_make_sys_bpf(struct inside *in, void **state);
/* One that calls bpf_sys_close(cmd). */
void inside_make_sys_close(struct inside *in, void **state);
/* One that calls bpf_btf_find_by_name_kind(text, NAME_SIZE, cmd, FLAGS), and
 * one that calls bpf_kallsyms_lookup_name(text, NAME_SIZE, FLAGS, &result). */
void inside_make_find(struct inside *in, void **state, uint32_t name_size,
		      int32_t flags);
void inside_make_lookup(struct inside *in, void **state, uint32_t name_size,
			int32_t flags);
void inside_drop(struct inside *in);

/* Runs the program; what the helper returned. */
int64_t inside_run(struct inside *in);

/* bpf(CMD, area->attr, SIZE), called by the program. */
int inside_call(struct inside *in, uint32_t cmd, uint32_t size);

/* The kernel's address of something in the area. */
uint64_t inside_ptr(const struct inside *in, const void *p);

#endif

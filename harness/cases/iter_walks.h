/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Iterators that write a number of 8 bytes for each object that they meet. */
#ifndef BPFABI_ITER_WALKS_H
#define BPFABI_ITER_WALKS_H

#include "hooks.h"

/* What an iterator's program writes: the last of a chain of members. */
struct walk {
	const char *target;    /* the function that stands for the iterator */
	const char *member[2]; /* "bpf_prog.aux", "bpf_prog_aux.id" */
};

/* The ids of maps. */
extern const struct walk walk_maps;

/* union bpf_iter_link_info: of a map's elements, of a task, and of a cgroup. */
union target {
	struct {
		uint32_t fd;
	} map;
	struct {
		uint32_t tid, pid, pid_fd;
	} task;
	struct {
		uint32_t order, fd;
		uint64_t id;
	} cgroup;
};

/* What one walk wrote. */
struct numbers {
	uint64_t all[4096];
	size_t n;
};

/* Where the kernel's BTF has a member, and its size; skips the case where it
 * has none. */
int16_t need_offset(void **state, const char *path, uint32_t *size);

/* The program, and a link of it; TARGET may be NULL. */
int make_walker(void **state, const struct walk *walk);
int link_walker(int prog_fd, const union target *target);

/* A link of PROG_FD to the elements of a map; and BPF_ITER_CREATE. */
int link_to_map(void **state, int prog_fd, int map_fd);
int make_iter(void **state, int link_fd);

/* An iterator of the link LINK_FD, read STEP numbers at a time. */
void read_walk(void **state, int link_fd, size_t step, struct numbers *numbers);

/* All of it, once. */
void walk_all(void **state, const struct walk *walk, const union target *target,
	      struct numbers *numbers);

/* How often NUMBER is among them. */
unsigned int times(const struct numbers *numbers, uint64_t number);

#endif

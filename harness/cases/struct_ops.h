/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* TCP congestion control made of programs: the struct_ops type that every
 * kernel with struct_ops has. */
#ifndef BPFABI_STRUCT_OPS_H
#define BPFABI_STRUCT_OPS_H

#include "progs.h"

enum { BPFABI_ATTACH_STRUCT_OPS = 44 }; /* BPF_STRUCT_OPS */

/* Skips the case where the kernel has no links to such maps. */
void need_struct_ops_links(void **state);

/* A program for the member MEMBER of struct tcp_congestion_ops. */
int make_struct_ops_prog(void **state, const char *member);

/* A map with FLAGS; with BPF_F_LINK; and one that can be registered, as NAME.
 */
int make_struct_ops_map_with(void **state, uint32_t flags);
int make_struct_ops_map(void **state);
int make_ready_struct_ops(void **state, const char *name);

/* Where a member of struct tcp_congestion_ops is in the map's value. */
uint32_t struct_ops_offset(void **state, const char *member);

/* The value to be registered as NAME: its programs are for what a congestion
 * control has to have. */
enum { STRUCT_OPS_PROGS = 3 };
struct struct_ops {
	uint8_t value[4096];
	int progs[STRUCT_OPS_PROGS];
};
void fill_struct_ops(struct struct_ops *ops, void **state, const char *name);
void drop_struct_ops(struct struct_ops *ops);

#endif

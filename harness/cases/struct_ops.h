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

/* A map with BPF_F_LINK; and one that can be registered, as NAME. */
int make_struct_ops_map(void **state);
int make_ready_struct_ops(void **state, const char *name);

#endif

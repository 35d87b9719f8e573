/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What cases on programs and their hooks share: loads that are judged, less
 * capabilities for a while, and constants that our <linux/bpf.h> may lack. */
#ifndef BPFABI_PROGS_H
#define BPFABI_PROGS_H

#include <linux/capability.h>

#include "hooks.h"

/* From the UAPI, where the header that we build against may be older. */
enum {
	BPFABI_LOG_STATS = 4,		 /* BPF_LOG_STATS */
	BPFABI_LOG_FIXED = 8,		 /* BPF_LOG_FIXED */
	BPFABI_PROG_TYPE_NETFILTER = 32, /* BPF_PROG_TYPE_NETFILTER */
	BPFABI_TCX_EGRESS = 47,		 /* BPF_TCX_EGRESS */
	BPFABI_F_BEFORE = 1 << 3,	 /* BPF_F_BEFORE */
	BPFABI_F_AFTER = 1 << 4,	 /* BPF_F_AFTER */
	BPFABI_F_ID = 1 << 5,		 /* BPF_F_ID */
	BPFABI_F_LINK = 1 << 13,	 /* BPF_F_LINK */
};

/* An address where nothing can be read or written. */
#define BAD_ADDRESS 8

#define CAP_BIT(cap) (1ull << (cap))

/* Takes CAPS (CAP_BIT) out of the effective set, and puts them back. */
void drop_caps(void **state, uint64_t caps);
void regain_caps(void **state);

/* Loads ATTR, closes what comes, and judges by the case's row. */
void judge_load(void **state, struct bpfsys_prog_load_attr *attr);

/* The same for a program of COUNT instructions. */
void judge_insns(void **state, uint32_t type, const struct bpf_insn *insns,
		 uint32_t count);

/* Loads ATTR and closes it; the case fails where that does not succeed. */
void expect_load(void **state, const char *what,
		 struct bpfsys_prog_load_attr *attr);

/* ATTR: a socket filter that returns 1. Its instructions live for good. */
void fill_filter(struct bpfsys_prog_load_attr *attr);

/* 5.10 knows what function a program is for until it is attached, not longer.
 * Skips the case where RET, of attaching it again, says so. */
void skip_where_forgotten(void **state, int ret);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What C programs of sequences are made of: functions and lines of main() that
 * only those get that need them. */
#ifndef BPFSYS_SEQ_PARTS_H
#define BPFSYS_SEQ_PARTS_H

#include "seq.h"

/* Numbers from SEQ_GIVENS on: what a program does. Those below: what it is
 * given. */
enum part_need {
	NEED_BPF = SEQ_GIVENS,
	NEED_COMMON,
	NEED_PLACE,
	NEED_SET32,
	NEED_SET64,
	NEED_POINT,
	NEED_SEAL,
	NEED_FD, /* what a call returned */
	NEED_ID,
	NEED_OUT,  /* what a call has left in its attr */
	NEED_KEEP, /* of one that was before */
	NEED_BTF,
	NEED_FORK,
	NEED_CLOSE,
	NEED_DUP,
	NEED_READ,
	NEED_MMAP,
	NEED_JIT,
	NEED_NET, /* a network namespace of its own */
	NEED_RUN, /* + enum seq_run */
	NEED_END = NEED_RUN + SEQ_RUNS,
};

#define NEED(what)	(1ull << (what))
#define GIVEN_BIT(name) NEED(SEQ_GIVEN_##name)

struct part {
	uint64_t by; /* one of these needs is enough; all ones: always */
	const char *text;
};

/* Functions in their order, and what is done before the first call. */
extern const struct part seq_part_memory[], seq_part_names[], seq_part_given[],
	seq_part_sockets[], seq_part_events[], seq_part_ops[], seq_part_setup[],
	seq_part_main[];

#endif

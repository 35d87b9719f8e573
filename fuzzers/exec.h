/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The memory between the engine on the host and the executor in the VM: bpfvm's
 * window. The host writes an input and rings; the executor runs it, writes what
 * came of it, and answers. Both poll one word each. The host distrusts all that
 * the guest writes: it copies and bounds it. */
#ifndef BPFSYS_EXEC_H
#define BPFSYS_EXEC_H

#include <stdint.h>

#include "seq/seq.h"

#define EXEC_MAGIC 0x43455845u /* "EXEC" */

enum {
	EXEC_INPUT = 64 << 10, /* offset of the input, SEQ_MOST bytes */
	EXEC_PCS = 256 << 10,  /* offset of coverage, uint32_t each */
	EXEC_PCS_MOST = 128 << 10,
	EXEC_CMPS = 768 << 10, /* offset of struct exec_cmp */
	EXEC_CMPS_MOST = 4096,
	EXEC_BYTES = 1024 << 10, /* offset of what calls wrote (EXEC_DETAIL) */
	EXEC_BYTES_MOST = 1024 << 10,
	EXEC_WINDOW = 2048 << 10,
	EXEC_RANGES = 16,
};

/* What is wanted of one run. */
enum exec_flags {
	EXEC_COVER = 1,	 /* PCs, in the ranges */
	EXEC_CMP = 2,	 /* comparisons instead of PCs (KCOV_TRACE_CMP) */
	EXEC_DETAIL = 4, /* what each call wrote, in EXEC_BYTES */
	EXEC_FRESH = 8,	 /* in a process, cgroup and namespaces of its own: what
			  * is seen does not depend on what ran before */
	EXEC_COUNT = 16, /* count objects and memory afterwards (slow) */
	EXEC_LOOP = 32,	 /* run the input REPEAT times before answering */
};

struct exec_call {
	int32_t ret;	  /* what the call returned: >= 0 or a negative errno */
	uint32_t written; /* EXEC_DETAIL: bytes of its records in EXEC_BYTES */
};

/* EXEC_DETAIL: a run of bytes that a call changed, followed by the new ones,
 * padded to 4; of call 0 first. */
struct exec_bytes {
	uint8_t call;
	uint8_t in;   /* enum seq_in, as of a reference */
	uint16_t len; /* at most 4096; what is longer is several */
	uint32_t at;
};

struct exec_cmp {
	uint64_t a, b; /* b is the constant, where one is */
	uint32_t size; /* bytes: 1, 2, 4, 8 */
	uint32_t constant;
};

/* At offset 0; numbers are little-endian. */
struct exec_page {
	/* By the executor once, before it is ready. */
	uint32_t magic, version;
	uint32_t kcov; /* 1: there is KCOV, 0: blind */
	uint32_t unused;
	uint64_t text; /* _stext as /proc/kallsyms has it: PCs are from here */
	uint8_t pad0[40];
	/* By the host, before it rings. */
	uint32_t flags, input_len, repeat, n_ranges;
	struct {
		uint32_t from, to; /* PCs from text, which are wanted */
	} ranges[EXEC_RANGES];
	uint8_t pad1[48];
	uint32_t ring; /* host: number of the input, never 0 */
	uint8_t pad2[60];
	uint32_t done; /* executor: the same, once it has run */
	uint8_t pad3[60];
	/* By the executor, before it is done. */
	uint32_t n_calls; /* made */
	uint32_t n_pcs, pcs_lost, n_cmps;
	uint32_t n_progs, n_maps, n_links, n_btfs; /* EXEC_COUNT: living */
	uint64_t mem_free, slab;		   /* EXEC_COUNT: KiB */
	uint64_t ns; /* what the calls took, by the guest's clock */
	struct exec_call calls[SEQ_CALLS];
};

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The bytes of a sequence, for decode.c and encode.c. Numbers are
 * little-endian:
 *
 *	"bpfq", version, number of calls
 *	for each call
 *		op, place, cmd:2, size:2, attr_len:2, common_size:2,
 *		common_len, n_refs, n_bufs
 *		the attr's bytes, the common attr's bytes
 *		for each reference: in, kind, which, width, at:2, more:2
 *		for each buffer: in, kind, place, at:2, len:4, given:2
 *	the content of all buffers in this order (the pool)
 *
 * What has no meaning for an op is zero. References and buffers stand in the
 * order of where they are: the attr, the common attr, buffer 0, ...; and there
 * by offset. */
#ifndef BPFSYS_SEQ_FORMAT_H
#define BPFSYS_SEQ_FORMAT_H

#include "seq.h"

#define SEQ_MAGIC "bpfq"

enum {
	SEQ_VERSION = 1,
	SEQ_HEAD = 6, /* bytes */
	SEQ_CALL_HEAD = 13,
	SEQ_REF_BYTES = 8,
	SEQ_BUF_BYTES = 11,
};

/* Does call I hold to every rule? Its buffers' content lies in the pool. */
bool seq_call_valid(const struct seq *seq, unsigned int i);

/* And all of them together. */
bool seq_valid(const struct seq *seq);

static inline bool seq_is_bpf(const struct seq_call *call)
{
	return call->op == SEQ_BPF || call->op == SEQ_BPF_COMMON;
}

/* Is there memory at PLACE that has content? */
static inline bool seq_is_memory(uint8_t place)
{
	return place != SEQ_UNMAPPED && place != SEQ_NULL;
}

/* Where something stands in what it is in, to compare. */
static inline uint32_t seq_spot(uint8_t in, uint16_t at)
{
	return (uint32_t)in << 20 | at;
}

#endif

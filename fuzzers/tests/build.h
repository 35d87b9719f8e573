/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Builds sequences by hand. */
#ifndef BPFSYS_TESTS_BUILD_H
#define BPFSYS_TESTS_BUILD_H

#include "../seq/seq.h"

struct built {
	struct seq seq;
	uint8_t pool[SEQ_POOL];
};

void build_begin(struct built *b);
/* Another call, whose number is returned. */
unsigned int build_bpf(struct built *b, unsigned int cmd, unsigned int size);
unsigned int build_op(struct built *b, enum seq_op op, unsigned int cmd);

/* Of the last call: WIDTH bytes at AT of its attr. */
void build_u32(struct built *b, unsigned int at, uint32_t value);
void build_ref(struct built *b, enum seq_ref_kind kind, unsigned int which,
	       unsigned int at);
/* Memory of LEN bytes with GIVEN of FROM in it, whose address is at AT. */
struct seq_buf *build_buf(struct built *b, unsigned int at, uint32_t len,
			  const void *from, uint32_t given);
struct seq_call *build_last(struct built *b);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What of its stack frame a program has written on every way to an instruction:
 * the kernel lets a privileged one read the rest, too, where anything stands.
 */
#ifndef BPFSYS_MAKE_FRAME_H
#define BPFSYS_MAKE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

enum { FRAME_SIZE = 512, FRAME_REGS = 11 };

/* The helpers whose way with memory is known; frame_step() lets no other
 * through. */
enum {
	HELPER_MAP_LOOKUP = 1,
	HELPER_SKB_LOAD_BYTES = 26,
	HELPER_CSUM_DIFF = 28,
};

struct frame {
	/* A register's value, where it is the same on every way. */
	enum frame_value {
		FRAME_UNKNOWN,
		FRAME_NUMBER,
		FRAME_OFFSET
	} kind[FRAME_REGS];
	int32_t value[FRAME_REGS]; /* or, of FRAME_OFFSET, from R10 */
	bool holds;		   /* a pointer to it may be stored in it */
	uint16_t may_point;	   /* bits: registers that may point here */
	uint64_t written[FRAME_SIZE / 64]; /* bits: bytes */
};

/* As a program begins. */
void frame_begin(struct frame *frame);
/* What holds on FRAME's ways and on those of FROM; whether FRAME changed. */
bool frame_meet(struct frame *frame, const struct frame *from);

/* The frame after the instruction. False: it may read what it has not written,
 * or that cannot be told. */
bool frame_step(struct frame *frame, const uint8_t *insn);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What explain.c and explain_size.c share: a call that failed, and the causes
 * in the order of how likely they are. */
#ifndef BPFSYS_EXPLAIN_INTERNAL_H
#define BPFSYS_EXPLAIN_INTERNAL_H

#include <stdbool.h>

#include <bpfsys/abi.h>

#include "hidden.h"

#include "show.h"

/* How likely a cause is. What lies between LIKELY and PROVEN counts what of
 * attr points to it. */
enum {
	RANK_GENERAL = 1, /* any command says this for this reason */
	RANK_POSSIBLE,	  /* nothing in attr speaks for it or against it */
	RANK_LIKELY,
	RANK_PROVEN = 10,
};

/* What is known of the kernel: <= 0 where it is not. */
struct kernel {
	int attr_size;	 /* bytes */
	int has_command; /* 1: yes, 0: no, negative: not known */
};

struct failure {
	const struct bpfsys_command *cmd;
	const uint8_t *attr; /* NULL: not at hand */
	unsigned int size;   /* as passed */
	int err;
	struct kernel kernel;
	/* The causes of this rank are written, the others passed over. */
	int rank;
	unsigned int causes;
	bool proven;
	struct text text;
};

/* Starts a line if causes of RANK are wanted now. */
HIDDEN bool bpfsys_cause(struct failure *f, int rank);

/* The number at OFFSET of attr: what lies past its size reads as zero. */
HIDDEN uint64_t bpfsys_attr_number(const struct failure *f, unsigned int offset,
				   unsigned int size);

/* Causes that lie in the size of attr and in what stands past its fields. */
HIDDEN void bpfsys_size_causes(struct failure *f);

/* As bpfsys_explain(), of a kernel that is told, not asked. */
HIDDEN int bpfsys_explain_on(const struct kernel *kernel, unsigned int cmd,
			     const void *attr, unsigned int size, int err,
			     char *buf, size_t len);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A corpus of sequences, replayed: a line for each entry, the same for the same
 * kernel every time. */
#ifndef BPFABI_CORPUS_H
#define BPFABI_CORPUS_H

#include <stdio.h>

#include "host/fuzzvm.h"

#include "bpfabi.h"
#include "run_options.h"

struct corpus_entry {
	char *name; /* below the folder */
	uint8_t *bytes;
	size_t len;
};

struct corpus {
	struct corpus_entry *entries; /* by name */
	size_t n;
};

/* Reads all files below DIR, encoded or text. Complains of what is none. */
enum status corpus_read(struct corpus *corpus, const char *dir);
void corpus_free(struct corpus *corpus);

/* "MAP_CREATE = fd; ..." of what a run of SEQ with EXEC_DETAIL gave. */
void corpus_line(FILE *out, const struct seq *seq,
		 const struct fuzzvm_result *res);

/* What stands in the result of a call for what no two runs share. */
struct corpus_mask {
	uint32_t from, to; /* bytes; to: exclusive */
	const char *what;  /* "id"; "": it is not told at all */
};

enum { CORPUS_MASKS = 48 };

/* Of what CALL wrote in IN: how many there are in MASKS. */
size_t corpus_masks(const struct seq *seq, unsigned int call, uint8_t in,
		    struct corpus_mask masks[CORPUS_MASKS]);
/* What stands for the return value RET, or NULL where that is stable. */
const char *corpus_mask_ret(const struct seq *seq, unsigned int call, int ret);

/* bpfabi run --corpus. */
enum status corpus_run(const struct run_options *options);

#endif

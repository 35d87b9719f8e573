/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Reads what the suite says from inside one VM (../README.md) into results.
 * The kernel under test may have ruined it: nothing in it is believed that
 * does not fit the catalogue, and nothing in it can hurt. */
#ifndef BPFABI_RECORDS_H
#define BPFABI_RECORDS_H

#include "reader.h"
#include "result.h"

/* No case. */
#define NO_CASE ((size_t)-1)

/* Bytes that one VM may say; a guest that says more is stopped. */
#define RECORDS_MAX (64u << 20)

struct records {
	struct reader reader;
	struct kernel_run *k;
	size_t start;	/* the first case that this VM was asked for */
	size_t running; /* started, without result; or NO_CASE */
	size_t last;	/* with the latest result; or NO_CASE */
	size_t reached; /* one past the furthest case seen, start at least */
	size_t results; /* of this VM */
	size_t bytes;
	bool header;
	bool ended; /* the "end" record was seen */
	/* Called for each start; may be NULL. */
	void (*started)(void *ctx, size_t at);
	void *ctx;
};

/* Results go to K, whose cases before START the VM leaves out. */
void records_init(struct records *records, struct kernel_run *k, size_t start);

/* LEN bytes of the suite's output. -EFBIG: the guest floods, stop it. */
int records_feed(struct records *records, const void *data, size_t len);

/* The VM is gone. */
void records_finish(struct records *records);

#endif

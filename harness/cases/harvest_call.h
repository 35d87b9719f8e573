/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* One call as harvest.c keeps it. */
#ifndef BPFABI_HARVEST_CALL_H
#define BPFABI_HARVEST_CALL_H

#include "../../fuzzers/seq/seq.h"

#define HARVEST_CALLS 400 /* of a case; what is beyond is not kept */

struct harvested {
	struct seq_call call; /* data of its buffers are offsets into pool */
	unsigned int needs[SEQ_REFS]; /* SEQ_REF_FD, _ID: which of the case */
	uint8_t *pool;
	uint32_t pool_len;
};

/* Whether reference I is to another call, needs[I]. */
bool harvested_needs(const struct harvested *call, unsigned int i);
void harvested_free(struct harvested *call);

/* Fills CALL, which is zero, before the call is made. False: it cannot be told
 * in a sequence. */
bool harvest_look(struct harvested *call, unsigned int cmd, const void *attr,
		  unsigned int size, const void *common,
		  unsigned int common_size);

/* Descriptors that calls of the case returned, in harvest_fds.c. */
void harvest_fds_forget(void);
void harvest_fd_made(const struct harvested *call, int ret, unsigned int at);
/* Fills in a reference to what FD is, where the sequence finds the same. */
void harvest_fd_ref(struct harvested *call, int fd, unsigned int in,
		    unsigned int at, unsigned int width);
/* The same for an object's ID, if it is one of a call's. */
bool harvest_id_ref(struct harvested *call, uint32_t id, unsigned int at);
/* The same for this process. */
bool harvest_pid_ref(struct harvested *call, pid_t pid, unsigned int at);
/* The same for a type of the kernel's BTF, if it is one of names.def. */
bool harvest_btf_ref(struct harvested *call, uint32_t id, unsigned int at);

#endif

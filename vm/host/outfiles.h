/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Files that come out of the guest: where they go, and how much may. */
#ifndef BPFVM_OUTFILES_H
#define BPFVM_OUTFILES_H

#include <stdbool.h>
#include <stdint.h>

#include "../proto/proto.h"
#include "bpfvm/bpfvm.h"

struct outfiles {
	uint64_t used; /* of cfg->out_max */
	int fd;	       /* the file being received, if open */
	bool open;     /* a BEGIN waits for its END */
	unsigned said;
	/* HOST was a directory before any of this: it goes into it. */
	bool into[PROTO_WANT_MOST];
	char name[256]; /* of it, for people */
	char why[256];	/* what stopped it all */
};

struct why;

/* Can all that is asked for be asked for? */
int outfiles_check(const struct bpfvm_config *cfg, const struct why *why);
/* Readies *o. */
void outfiles_init(struct outfiles *o, const struct bpfvm_config *cfg);
/* The frames that ask for them, into out (NULL: none); returns their size. */
size_t outfiles_request(const struct bpfvm_config *cfg, uint8_t *out,
			uint32_t *seq);
/* Takes OUT_BEGIN, OUT_DATA or OUT_END. 0; -EPROTO if it makes no sense;
 * another -errno with why filled in when no more is to be taken. */
int outfiles_take(struct outfiles *o, const struct bpfvm_config *cfg,
		  const struct proto_frame *f);
void outfiles_end(struct outfiles *o);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Files that go into a guest that is up, as a row of frames. */
#ifndef BPFVM_INFILES_H
#define BPFVM_INFILES_H

#include <fts.h>
#include <limits.h>
#include <stdint.h>

#include "../proto/proto.h"
#include "bpfvm/bpfvm.h"

struct infiles {
	const struct bpfvm_file *file; /* the next to begin with */
	size_t left;
	FTS *fts; /* of the one under way */
	char root[PATH_MAX], guest[PATH_MAX];
	char link[PATH_MAX]; /* target that is to be sent, or "" */
	int fd;		     /* contents that are, or -1 */
	bool over;	     /* the end was sent */
	unsigned untaken;    /* frames on the serial port */
};

struct why;

/* Can they be sent? */
int infiles_check(const struct bpfvm_config *cfg, const struct why *why);
void infiles_init(struct infiles *in, const struct bpfvm_config *cfg);
/* The next frame's payload, at most room (PATH_MAX or more) bytes of it, and
 * its type; -errno, which ends it. */
int infiles_next(struct infiles *in, uint8_t *type, uint8_t *buf, size_t room,
		 const struct why *why);
void infiles_end(struct infiles *in);

#endif

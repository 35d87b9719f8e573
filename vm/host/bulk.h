/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The host's end of the bulk channel: memory that the guest has as a PCI
 * device, and may write to at any time. */
#ifndef BPFVM_BULK_H
#define BPFVM_BULK_H

#include "../proto/proto.h"
#include "../proto/ring.h"
#include "bpfvm/bpfvm.h"

#define BULK_DEFAULT_MIB 1
#define BULK_MOST_MIB	 1024

struct bulk {
	int fd; /* a memfd */
	size_t size;
	struct bulk_header *mem; /* NULL: no such channel */
	bool on;		 /* the guest has it mapped, too */
	struct ring in, out;
	unsigned idle; /* looks in vain since the last record */
	struct ring_record *rec;
};

struct why;

/* In bytes; 0: the user wants none. */
size_t bulk_size(const struct bpfvm_config *cfg);
/* Is bulk_mib a number that can be? */
int bulk_check(const struct bpfvm_config *cfg, const struct why *why);
/* A size of 0 makes none. */
int bulk_create(struct bulk *b, size_t size, const struct why *why);
void bulk_destroy(struct bulk *b);
/* Tells the device at the other end of the socket what its memory is. */
int bulk_serve(const struct bulk *b, int sock);
/* 1: *f is the next record of the guest, valid until the next call; 0: there
 * is none; -EPROTO, for good. */
int bulk_next(struct bulk *b, struct proto_frame *f);
/* 1: len (at most RING_PAYLOAD) bytes are on their way; 0: there is no room for
 * them yet; -EPROTO. */
int bulk_put(struct bulk *b, uint8_t type, const void *data, size_t len);
/* How long to wait for other news before looking again. Asks for a bell when
 * there were no records for a while. */
long bulk_wait_ns(struct bulk *b);

#endif

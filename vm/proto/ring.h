/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Records in memory that host and guest share, written by one of them and
 * read by the other; libc only, because the guest links it. The reader trusts
 * nothing that it finds there: it copies first and checks the copy. */
#ifndef BPFVM_RING_H
#define BPFVM_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define RING_PAYLOAD (64 * 1024) /* bytes that a record may carry */
#define RING_ALIGN   32		 /* of a record, and the size of its header */

/* The shared memory: this at offset 0, at an eighth of it the ring to the
 * guest, at a quarter the ring to the host (each as long as that fraction, but
 * at most BULK_RING_MOST), and from its half on the user's window. All
 * numbers are little-endian; each index has a cache line of its own. */
#define BULK_MAGIC     0x31424d5646504221ULL
#define BULK_RING_MOST (512 * 1024)
#define BULK_LEAST     (1024 * 1024)

struct bulk_header {
	uint64_t magic, size;
	uint8_t pad0[48];
	uint32_t out_head, pad1[15]; /* guest: bytes written so far */
	uint32_t out_tail, pad2[15]; /* host: bytes read so far */
	uint32_t in_head, pad3[15];
	uint32_t in_tail, pad4[15];
	/* Host: 1, it is about to sleep. Guest: 0, it sends a PROTO_BELL. Only
	 * stored to, never exchanged: TCG with one processor makes no atomic
	 * read-modify-write of those. */
	uint32_t host_waits, pad5[15];
};

/* One end of a ring. */
struct ring {
	uint8_t *data;
	uint32_t size; /* a power of two */
	uint32_t *head, *tail;
	uint32_t at; /* own index: the other side's word is never taken */
	uint32_t seq;
};

/* A record as it was taken; data is a private copy. */
struct ring_record {
	uint32_t type, len;
	uint64_t data[RING_PAYLOAD / 8];
};

/* The rings of such memory, of which size bytes are mapped; in is the one to
 * the guest. */
void bulk_rings(void *mem, size_t size, struct ring *in, struct ring *out);
size_t bulk_window(size_t size); /* its offset, and its size, too */

uint32_t ring_load(const uint32_t *word);
void ring_store(uint32_t *word, uint32_t value);

/* Where the next record's payload goes: the bytes that there is room for, at
 * most RING_PAYLOAD and 0 when the reader is behind, in one or two pieces;
 * -EPROTO if the reader's index makes no sense. */
int ring_room(const struct ring *r, struct iovec iov[2]);
/* Publishes a record of the first len bytes there. */
void ring_put(struct ring *r, uint32_t type, uint32_t len);
/* 1: *rec is the next record, 0: there is none, -EPROTO: what is there is no
 * record, which is final. */
int ring_take(struct ring *r, struct ring_record *rec);
bool ring_empty(const struct ring *r);

/* XXH64; only the last piece may have a length that is no multiple of 32. */
uint64_t ring_sum(uint64_t seed, const struct iovec *iov, size_t n);

#endif

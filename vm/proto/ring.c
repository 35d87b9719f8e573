/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* See ring.h. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "ring.h"

#define MAGIC 0x1f4d56b8U

/* In front of each record's payload. */
struct header {
	uint32_t magic, type, len, seq;
	uint64_t sum, zero;
};

_Static_assert(sizeof(struct header) == RING_ALIGN, "payload is aligned");
_Static_assert(sizeof(struct bulk_header) <= 4096, "one page");

/* The checksum is XXH64: by words of 64 bits it is fast enough for memory even
 * where each instruction is emulated, which a table of CRC is not. */
#define P1 0x9e3779b185ebca87ULL
#define P2 0xc2b2ae3d27d4eb4fULL
#define P3 0x165667b19e3779f9ULL
#define P4 0x85ebca77c2b2ae63ULL
#define P5 0x27d4eb2f165667c5ULL

static uint64_t rotl(uint64_t v, int n)
{
	return v << n | v >> (64 - n);
}

static uint64_t word(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static uint64_t mix(uint64_t acc, uint64_t v)
{
	return rotl(acc + v * P2, 31) * P1;
}

static uint64_t fold(uint64_t h, uint64_t lane)
{
	return (h ^ mix(0, lane)) * P1 + P4;
}

/* The last up to 31 bytes, then the avalanche. */
static uint64_t last_bytes(uint64_t h, const uint8_t *p, size_t len)
{
	uint32_t half;

	for (; len >= 8; len -= 8, p += 8)
		h = rotl(h ^ mix(0, word(p)), 27) * P1 + P4;
	if (len >= 4) {
		memcpy(&half, p, sizeof(half));
		h = rotl(h ^ le32toh(half) * P1, 23) * P2 + P3;
		len -= 4;
		p += 4;
	}
	for (; len; len--)
		h = rotl(h ^ *p++ * P5, 11) * P1;
	h = (h ^ h >> 33) * P2;
	h = (h ^ h >> 29) * P3;
	return h ^ h >> 32;
}

uint64_t ring_sum(uint64_t seed, const struct iovec *iov, size_t n)
{
	uint64_t a = seed + P1 + P2, b = seed + P2, c = seed, d = seed - P1;
	const uint8_t *p = NULL;
	uint64_t total = 0, h;
	size_t len = 0;

	for (; n; n--, iov++) {
		p = iov->iov_base;
		total += len = iov->iov_len;
		for (; len >= 32; len -= 32, p += 32) {
			a = mix(a, word(p));
			b = mix(b, word(p + 8));
			c = mix(c, word(p + 16));
			d = mix(d, word(p + 24));
		}
	}
	if (total < 32)
		return last_bytes(seed + P5 + total, p, len);
	h = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
	h = fold(fold(fold(fold(h, a), b), c), d);
	return last_bytes(h + total, p, len);
}

uint32_t ring_load(const uint32_t *word_)
{
	return le32toh(__atomic_load_n(word_, __ATOMIC_ACQUIRE));
}

void ring_store(uint32_t *word_, uint32_t value)
{
	__atomic_store_n(word_, htole32(value), __ATOMIC_RELEASE);
}

void bulk_rings(void *mem, size_t size, struct ring *in, struct ring *out)
{
	size_t in_size = size / 8, out_size = size / 4;
	struct bulk_header *h = mem;

	in_size = in_size < BULK_RING_MOST ? in_size : BULK_RING_MOST;
	out_size = out_size < BULK_RING_MOST ? out_size : BULK_RING_MOST;
	*in = (struct ring){.data = (uint8_t *)mem + size / 8,
			    .size = in_size,
			    .head = &h->in_head,
			    .tail = &h->in_tail};
	*out = (struct ring){.data = (uint8_t *)mem + size / 4,
			     .size = out_size,
			     .head = &h->out_head,
			     .tail = &h->out_tail};
}

size_t bulk_window(size_t size)
{
	return size / 2;
}

static size_t pieces(const struct ring *r, uint32_t at, size_t len,
		     struct iovec iov[2])
{
	uint32_t from = at & (r->size - 1);
	size_t first = r->size - from;

	first = len < first ? len : first;
	iov[0] = (struct iovec){r->data + from, first};
	iov[1] = (struct iovec){r->data, len - first};
	return len > first ? 2 : 1;
}

static uint32_t whole(uint32_t len)
{
	return RING_ALIGN + ((len + RING_ALIGN - 1) & ~(RING_ALIGN - 1U));
}

/* What the checksum has to cover besides the payload. */
static uint64_t seed_of(uint32_t type, uint32_t len, uint32_t seq)
{
	return (uint64_t)seq << 32 | (type & 0xff) << 24 | (len & 0xffffff);
}

int ring_room(const struct ring *r, struct iovec iov[2])
{
	uint32_t used = r->at - ring_load(r->tail), room;

	if (used > r->size || used % RING_ALIGN)
		return -EPROTO;
	room = r->size - used;
	if (room <= RING_ALIGN)
		return 0;
	room -= RING_ALIGN;
	room = room < RING_PAYLOAD ? room : RING_PAYLOAD;
	pieces(r, r->at + RING_ALIGN, room, iov);
	return room;
}

void ring_put(struct ring *r, uint32_t type, uint32_t len)
{
	struct header h = {htole32(MAGIC),
			   htole32(type),
			   htole32(len),
			   htole32(r->seq),
			   0,
			   0};
	struct iovec iov[2];
	size_t n = pieces(r, r->at + RING_ALIGN, len, iov);

	h.sum = htole64(ring_sum(seed_of(type, len, r->seq), iov, n));
	/* Records are aligned, so that a header is always in one piece. */
	memcpy(r->data + (r->at & (r->size - 1)), &h, sizeof(h));
	r->seq++;
	r->at += whole(len);
	ring_store(r->head, r->at);
}

int ring_take(struct ring *r, struct ring_record *rec)
{
	uint32_t there = ring_load(r->head) - r->at;
	struct iovec iov[2];
	struct header h;
	size_t n, i;
	char *to;

	if (!there)
		return 0;
	if (there > r->size || there < RING_ALIGN || there % RING_ALIGN)
		return -EPROTO;
	memcpy(&h, r->data + (r->at & (r->size - 1)), sizeof(h));
	/* The other side may be writing still: from here on only the copy
	 * counts. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	rec->type = le32toh(h.type);
	rec->len = le32toh(h.len);
	if (h.magic != htole32(MAGIC) || h.zero || rec->type > 0xff ||
	    rec->len > RING_PAYLOAD || whole(rec->len) > there ||
	    le32toh(h.seq) != r->seq)
		return -EPROTO;
	n = pieces(r, r->at + RING_ALIGN, rec->len, iov);
	for (i = 0, to = (char *)rec->data; i < n; i++) {
		memcpy(to, iov[i].iov_base, iov[i].iov_len);
		to += iov[i].iov_len;
	}
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	iov[0] = (struct iovec){rec->data, rec->len};
	if (le64toh(h.sum) !=
	    ring_sum(seed_of(rec->type, rec->len, r->seq), iov, 1))
		return -EPROTO;
	r->seq++;
	r->at += whole(rec->len);
	ring_store(r->tail, r->at);
	return 1;
}

bool ring_empty(const struct ring *r)
{
	return ring_load(r->head) == r->at;
}

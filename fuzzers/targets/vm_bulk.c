/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The host's reader of the ring that the guest writes. Input: operations of
 * 8 bytes: what, one more, le16 number, le32 number; raw bytes take theirs from
 * what follows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../vm/proto/proto.h"
#include "../../vm/proto/ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RECORD, TAKE, RAW, HEAD, HEAD_BY, WORD, TAIL, KINDS };

struct op {
	uint8_t what, more;
	uint16_t n;
	uint32_t v;
};

/* What the host must get if nobody meddles. */
struct expected {
	struct {
		uint32_t type, len, fill;
	} queue[BULK_LEAST / 4 / RING_ALIGN + 1];
	size_t first, n;
	bool honest;
};

struct bench {
	uint8_t *mem;
	struct ring host, guest;
	struct ring_record *rec;
	struct expected *want;
};

static void put(struct bench *b, const struct op *op)
{
	struct iovec iov[2];
	int room = ring_room(&b->guest, iov);
	size_t len = op->n,
	       slots = sizeof(b->want->queue) / sizeof(*b->want->queue), at;

	if (room <= 0)
		return;
	len = len < (size_t)room ? len : (size_t)room;
	memset(iov[0].iov_base, op->v, iov[0].iov_len);
	memset(iov[1].iov_base, op->v, iov[1].iov_len);
	ring_put(&b->guest, op->more, len);
	if (!b->want->honest)
		return;
	at = (b->want->first + b->want->n++) % slots;
	b->want->queue[at].type = op->more;
	b->want->queue[at].len = len;
	b->want->queue[at].fill = op->v & 0xff;
}

static void compare(struct bench *b, int ret)
{
	struct expected *w = b->want;
	const uint8_t *p = (const uint8_t *)b->rec->data;
	size_t slots = sizeof(w->queue) / sizeof(*w->queue), i;

	if (ret != (w->n ? 1 : 0))
		abort();
	if (!ret)
		return;
	if (b->rec->type != w->queue[w->first].type ||
	    b->rec->len != w->queue[w->first].len)
		abort();
	for (i = 0; i < b->rec->len; i++)
		if (p[i] != w->queue[w->first].fill)
			abort();
	w->first = (w->first + 1) % slots;
	w->n--;
}

/* Returns false once the host would end the run. */
static bool take(struct bench *b)
{
	const uint32_t at = b->host.at, there = ring_load(b->host.head) - at;
	int ret = ring_take(&b->host, b->rec);

	if (ret == 1 ? b->rec->len > RING_PAYLOAD || b->host.at == at
		     : b->host.at != at)
		abort();
	/* What cannot be is seen at once, and nobody goes past the head. */
	if (there > b->host.size || there % RING_ALIGN ? ret != -EPROTO
						       : !there && ret)
		abort();
	if (b->host.at - at > there)
		abort();
	if (ret < 0 && ret != -EPROTO)
		abort();
	if (b->want->honest)
		compare(b, ret);
	return ret >= 0;
}

static size_t raw(struct bench *b, const struct op *op, const uint8_t *p,
		  size_t left)
{
	size_t at = op->v % BULK_LEAST, n = op->n < left ? op->n : left;

	n = n < BULK_LEAST - at ? n : BULK_LEAST - at;
	memcpy(b->mem + at, p, n);
	return n;
}

/* Returns how much of what follows it took. */
static size_t meddle(struct bench *b, const struct op *op, const uint8_t *p,
		     size_t left)
{
	b->want->honest = false;
	if (op->what == HEAD)
		ring_store(b->host.head, op->v);
	else if (op->what == HEAD_BY)
		ring_store(b->host.head, ring_load(b->host.head) + op->n * 32U);
	else if (op->what == TAIL)
		ring_store(b->host.tail, op->v);
	else if (op->what == WORD)
		/* Near where the host reads next. */
		proto_put32(b->host.data + ((b->host.at + op->n % 512 * 4) &
					    (b->host.size - 1)),
			    op->v);
	else
		return raw(b, op, p, left);
	return 0;
}

static void play(struct bench *b, const uint8_t *p, size_t left)
{
	struct op op;
	size_t n;

	while (left >= sizeof(op)) {
		op.what = p[0] % KINDS;
		op.more = p[1];
		op.n = p[2] | p[3] << 8;
		op.v = proto_get32(p + 4);
		p += sizeof(op);
		left -= sizeof(op);
		if (op.what == RECORD)
			put(b, &op);
		if (op.what == TAKE && !take(b))
			return;
		if (op.what <= TAKE)
			continue;
		n = meddle(b, &op, p, left);
		p += n;
		left -= n;
	}
	while (ring_load(b->host.head) != b->host.at && take(b))
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bench b = {.mem = calloc(1, BULK_LEAST),
			  .rec = malloc(sizeof(*b.rec)),
			  .want = malloc(sizeof(*b.want))};
	struct ring unused;

	if (b.mem && b.rec && b.want) {
		b.want->first = b.want->n = 0;
		b.want->honest = true;
		bulk_rings(b.mem, BULK_LEAST, &unused, &b.host);
		b.guest = b.host;
		play(&b, data, size);
	}
	free(b.mem);
	free(b.rec);
	free(b.want);
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The reader of the control channel's frames. Input: le16 portion, then
 * pieces: a byte with the high bit set and 7 bits of length before raw bytes,
 * else type, le16 length, le32 sequence number and bytes of a frame that gets
 * its checksum here. */
#include <stdlib.h>
#include <string.h>

#include "../../vm/proto/proto.h"

#define STREAM_MOST (256 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as the bytes that a guest sends. */
static size_t stream_of(uint8_t *out, const uint8_t *p, size_t left)
{
	size_t at = 0, n;

	while (left > 7 && at + 2 * PROTO_FRAME < STREAM_MOST) {
		if (*p & 0x80) {
			n = *p++ & 0x7f;
			left--;
			n = n < left ? n : left;
			memcpy(out + at, p, n);
			at += n;
		} else {
			n = p[1] | p[2] << 8;
			left -= 7;
			n = n < left ? n : left;
			at += proto_pack(out + at, *p, proto_get32(p + 3),
					 p + 7, n);
			p += 7;
		}
		p += n;
		left -= n;
	}
	return at;
}

static void check(const struct proto_reader *r, const struct proto_frame *f)
{
	if (f->len > PROTO_PAYLOAD || f->data < r->buf ||
	    f->data + f->len > r->buf + sizeof(r->buf))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t stream[STREAM_MOST];
	size_t portion, len, at = 0, room, n;
	/* Of its own, so that a step beyond it is seen. */
	struct proto_reader *r = calloc(1, sizeof(*r));
	struct proto_frame f;
	uint64_t taken = 0;
	uint8_t *to;

	if (!r || size < 2) {
		free(r);
		return 0;
	}
	portion = (data[0] | data[1] << 8) + 1;
	len = stream_of(stream, data + 2, size - 2);
	while (at < len) {
		to = proto_room(r, &room);
		/* Without room it would be read for ever. */
		if (!room)
			abort();
		n = room < portion ? room : portion;
		n = n < len - at ? n : len - at;
		memcpy(to, stream + at, n);
		proto_fed(r, n);
		at += n;
		while (proto_next(r, &f)) {
			check(r, &f);
			taken += PROTO_HEADER + f.len;
		}
	}
	/* Each byte was one of a frame, was skipped, or is waited with. */
	if (taken + r->skipped + (r->end - r->start) != len)
		abort();
	free(r);
	return 0;
}

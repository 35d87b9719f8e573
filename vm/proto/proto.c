/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Framing of the control channel; libc only, because the guest links it. */
#include <errno.h>
#include <string.h>

#include "proto.h"

static const uint8_t magic[4] = {0xb7, 'V', 'M', 0x1f};

/* CRC-32 (reflected 0xedb88320) by nibbles: small, and faster than the UART. */
static uint32_t crc32_add(uint32_t crc, const uint8_t *p, size_t len)
{
	static const uint32_t nibble[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};

	for (; len; len--) {
		crc ^= *p++;
		crc = (crc >> 4) ^ nibble[crc & 15];
		crc = (crc >> 4) ^ nibble[crc & 15];
	}
	return crc;
}

uint32_t proto_get32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

void proto_put32(uint8_t *p, uint32_t v)
{
	p[0] = v;
	p[1] = v >> 8;
	p[2] = v >> 16;
	p[3] = v >> 24;
}

/* Header: magic[4], type, zero, le16 length, le32 sequence number, le32 CRC
 * of everything but itself. */
static uint32_t frame_crc(const uint8_t *frame, size_t len)
{
	uint32_t crc = ~0U;

	crc = crc32_add(crc, frame, 12);
	return ~crc32_add(crc, frame + PROTO_HEADER, len);
}

size_t proto_pack(uint8_t *out, uint8_t type, uint32_t seq, const void *data,
		  size_t len)
{
	if (len > PROTO_PAYLOAD)
		len = PROTO_PAYLOAD;
	memcpy(out, magic, sizeof(magic));
	out[4] = type;
	out[5] = 0;
	out[6] = len;
	out[7] = len >> 8;
	proto_put32(out + 8, seq);
	if (len)
		memcpy(out + PROTO_HEADER, data, len);
	proto_put32(out + 12, frame_crc(out, len));
	return PROTO_HEADER + len;
}

uint8_t *proto_room(struct proto_reader *r, size_t *room)
{
	if (r->start) {
		memmove(r->buf, r->buf + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	*room = sizeof(r->buf) - r->end;
	return r->buf + r->end;
}

void proto_fed(struct proto_reader *r, size_t len)
{
	r->end += len;
}

/* 1: whole and sound, 0: may become a frame, -1: is none. */
static int frame_at(const uint8_t *p, size_t avail, size_t *len)
{
	size_t known = avail < sizeof(magic) ? avail : sizeof(magic);

	if (memcmp(p, magic, known))
		return -1;
	if (avail < PROTO_HEADER)
		return 0;
	*len = p[6] | p[7] << 8;
	if (*len > PROTO_PAYLOAD || p[5])
		return -1;
	if (avail < PROTO_HEADER + *len)
		return 0;
	return proto_get32(p + 12) == frame_crc(p, *len) ? 1 : -1;
}

int proto_next(struct proto_reader *r, struct proto_frame *f)
{
	const uint8_t *p;
	uint32_t seq;
	size_t len;
	int ret;

	for (; r->start < r->end; r->start++, r->skipped++) {
		p = r->buf + r->start;
		ret = frame_at(p, r->end - r->start, &len);
		if (ret < 0)
			continue;
		if (ret == 0)
			return 0;
		f->type = p[4];
		f->len = len;
		f->data = p + PROTO_HEADER;
		r->start += PROTO_HEADER + len;
		seq = r->seq;
		r->seq = proto_get32(p + 8) + 1;
		return proto_get32(p + 8) == seq ? 1 : -EPROTO;
	}
	return 0;
}

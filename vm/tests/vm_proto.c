/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The frame reader against what a hostile or broken guest may send. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../proto/proto.h"

static void feed(struct proto_reader *r, const void *data, size_t len)
{
	size_t room;
	uint8_t *p = proto_room(r, &room);

	assert_true(len <= room);
	memcpy(p, data, len);
	proto_fed(r, len);
}

static void frame_round_trip(void **state)
{
	struct proto_reader *r = calloc(1, sizeof(*r));
	uint8_t buf[PROTO_FRAME], data[PROTO_PAYLOAD];
	struct proto_frame f;
	size_t len, i;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = i * 7;
	for (i = 0; i <= sizeof(data); i += 512) {
		len = proto_pack(buf, PROTO_STDOUT, i / 512, data, i);
		feed(r, buf, len);
		assert_int_equal(proto_next(r, &f), 1);
		assert_int_equal(f.type, PROTO_STDOUT);
		assert_int_equal(f.len, i);
		assert_memory_equal(f.data, data, i);
		assert_int_equal(proto_next(r, &f), 0);
	}
	assert_int_equal(r->skipped, 0);
	free(r);
}

static void byte_by_byte(void **state)
{
	struct proto_reader *r = calloc(1, sizeof(*r));
	uint8_t buf[PROTO_FRAME];
	struct proto_frame f;
	size_t len = proto_pack(buf, PROTO_READY, 0, "hello", 5), i;

	(void)state;
	for (i = 0; i < len; i++) {
		assert_int_equal(proto_next(r, &f), 0);
		feed(r, buf + i, 1);
	}
	assert_int_equal(proto_next(r, &f), 1);
	assert_memory_equal(f.data, "hello", 5);
	free(r);
}

static void resync_after_noise(void **state)
{
	struct proto_reader *r = calloc(1, sizeof(*r));
	uint8_t buf[PROTO_FRAME];
	struct proto_frame f;
	size_t len;

	(void)state;
	feed(r, "noise\xb7VM\xb7V", 10);
	len = proto_pack(buf, PROTO_READY, 0, "x", 1);
	feed(r, buf, len);
	assert_int_equal(proto_next(r, &f), 1);
	assert_int_equal(f.type, PROTO_READY);
	assert_int_equal(r->skipped, 10);
	free(r);
}

/* Any one byte that is wrong makes it no frame; the next one is read, but
 * the gap is reported. */
static void damaged_frame(void **state)
{
	struct proto_reader *r = calloc(1, sizeof(*r));
	uint8_t bad[PROTO_FRAME], good[PROTO_FRAME];
	struct proto_frame f;
	size_t len, good_len, i;

	(void)state;
	good_len = proto_pack(good, PROTO_STDERR, 1, "good", 4);
	len = proto_pack(bad, PROTO_STDOUT, 0, "data", 4);
	for (i = 0; i < len; i++) {
		memset(r, 0, sizeof(*r));
		bad[i] ^= 0x10;
		feed(r, bad, len);
		/* A longer length may have to see more bytes first. */
		assert_int_not_equal(proto_next(r, &f), 1);
		feed(r, good, good_len);
		if (i != 6 && i != 7) {
			assert_int_equal(proto_next(r, &f), -EPROTO);
			assert_int_equal(f.type, PROTO_STDERR);
		}
		bad[i] ^= 0x10;
	}
	free(r);
}

static void huge_length(void **state)
{
	struct proto_reader *r = calloc(1, sizeof(*r));
	uint8_t buf[PROTO_FRAME];
	struct proto_frame f;
	size_t len = proto_pack(buf, PROTO_STDOUT, 0, "x", 1);

	(void)state;
	buf[6] = buf[7] = 0xff;
	feed(r, buf, len);
	assert_int_equal(proto_next(r, &f), 0);
	/* Refused on sight, not waited for. */
	assert_int_equal(r->start, r->end);
	free(r);
}

static void lost_frame(void **state)
{
	struct proto_reader *r = calloc(1, sizeof(*r));
	uint8_t buf[PROTO_FRAME] = {0};
	struct proto_frame f;

	(void)state;
	feed(r, buf, proto_pack(buf, PROTO_STDOUT, 0, "a", 1));
	feed(r, buf, proto_pack(buf, PROTO_STDOUT, 2, "c", 1));
	assert_int_equal(proto_next(r, &f), 1);
	assert_int_equal(proto_next(r, &f), -EPROTO);
	free(r);
}

/* Random bytes, many of them magic, in random portions: never a frame, never
 * out of room. */
static void endless_garbage(void **state)
{
	struct proto_reader *r = calloc(1, sizeof(*r));
	static const uint8_t magic[] = {0xb7, 'V', 'M', 0x1f};
	struct proto_frame f;
	uint32_t x = 12345;
	uint64_t fed = 0;
	size_t room, i, n;
	uint8_t *p;

	(void)state;
	while (fed < 4 * 1024 * 1024) {
		p = proto_room(r, &room);
		assert_true(room > 0);
		n = (x >> 8) % room + 1;
		for (i = 0; i < n; i++) {
			x = x * 1664525 + 1013904223;
			p[i] = (x >> 30) ? magic[i % 4] : x >> 16;
		}
		proto_fed(r, n);
		fed += n;
		assert_int_equal(proto_next(r, &f), 0);
	}
	assert_true(r->skipped > fed - sizeof(r->buf));
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frame_round_trip),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(resync_after_noise),
		cmocka_unit_test(damaged_frame),
		cmocka_unit_test(huge_length),
		cmocka_unit_test(lost_frame),
		cmocka_unit_test(endless_garbage),
	};

	return cmocka_run_group_tests_name("vm_proto", tests, NULL, NULL) != 0;
}

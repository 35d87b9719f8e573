/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The ring of the bulk channel against what a hostile or broken guest may
 * write to it, and when. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "../host/bulk.h"
#include "../host/vm.h"

#define MIB (1 << 20)

/* Both ends of one memory: bulk.out is the host's, guest the other. */
static struct bulk bulk;
static struct ring guest;

static int setup(void **state)
{
	struct ring unused;

	(void)state;
	if (bulk_create(&bulk, MIB, NULL))
		return -1;
	bulk.on = true;
	bulk_rings(bulk.mem, MIB, &unused, &guest);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bulk_destroy(&bulk);
	return 0;
}

static uint32_t next_random(uint32_t *x)
{
	return *x = *x * 1664525 + 1013904223;
}

/* What the n-th record carries. */
static uint8_t byte_of(uint32_t n, uint32_t i)
{
	return n * 13 + i * 7 + (i >> 8);
}

static void put(uint32_t n, uint32_t len)
{
	struct iovec iov[2];
	uint32_t i;

	assert_true(ring_room(&guest, iov) >= (int)len);
	for (i = 0; i < len; i++) {
		if (i < iov[0].iov_len)
			((uint8_t *)iov[0].iov_base)[i] = byte_of(n, i);
		else
			((uint8_t *)iov[1].iov_base)[i - iov[0].iov_len] =
				byte_of(n, i);
	}
	ring_put(&guest, n & 0xff, len);
}

static void check(uint32_t n, uint32_t len)
{
	struct proto_frame f;
	uint32_t i;

	assert_int_equal(bulk_next(&bulk, &f), 1);
	assert_int_equal(f.type, n & 0xff);
	assert_int_equal(f.len, len);
	for (i = 0; i < len; i++)
		if (f.data[i] != byte_of(n, i))
			fail_msg("record %u: byte %u of %u", n, i, len);
}

static int next(void)
{
	struct proto_frame f;

	return bulk_next(&bulk, &f);
}

static uint64_t sum(uint64_t seed, const char *text, size_t first)
{
	struct iovec iov[2] = {{(char *)text, first},
			       {(char *)text + first, strlen(text) - first}};

	return ring_sum(seed, iov, 2);
}

/* As other implementations of XXH64 have it. */
static void sum_is_xxh64(void **state)
{
	static const char text[] = "Nobody inspects the spammish repetition";

	(void)state;
	assert_true(sum(0, "", 0) == 0xef46db3751d8e999ULL);
	assert_true(sum(0, "abc", 0) == 0x44bc2cf5ad770999ULL);
	assert_true(sum(0, text, 0) == 0xfbcea83c8a378bf1ULL);
	assert_true(sum(0, text, 32) == 0xfbcea83c8a378bf1ULL);
	assert_true(sum(20141025, "xxhash", 0) == 0xb559b98d844e0635ULL);
}

/* Of all lengths, many times around, with a few under way. */
static void wraps_around(void **state)
{
	uint32_t len[4], x = 1, n;
	uint64_t bytes = 0;

	(void)state;
	for (n = 0; n < 4000; n++) {
		len[n % 3] = next_random(&x) % (RING_PAYLOAD + 1);
		if (n % 5 == 0)
			len[n % 3] = n % 70;
		put(n, len[n % 3]);
		bytes += len[n % 3];
		if (n >= 2)
			check(n - 2, len[(n - 2) % 3]);
	}
	assert_true(bytes > 100 * guest.size);
}

static void full_is_left_alone(void **state)
{
	struct iovec iov[2];
	uint32_t n = 0, big, i;

	(void)state;
	while (ring_room(&guest, iov) >= 5000)
		put(n++, 5000);
	big = n;
	while (ring_room(&guest, iov) > 0)
		put(n++, 0);
	assert_int_equal(ring_room(&guest, iov), 0);
	for (i = 0; i < n; i++)
		check(i, i < big ? 5000 : 0);
	assert_int_equal(next(), 0);
}

/* Each bit of header and payload that is not what it was makes it no record,
 * and nothing after it is one. */
static void each_bit_counts(void **state)
{
	const uint32_t len = 100;
	uint32_t bit;

	(void)state;
	put(0, len);
	put(1, len);
	for (bit = 0; bit < (RING_ALIGN + len) * 8; bit++) {
		guest.data[bit / 8] ^= 1 << bit % 8;
		assert_int_equal(next(), -EPROTO);
		assert_int_equal(next(), -EPROTO);
		guest.data[bit / 8] ^= 1 << bit % 8;
	}
	check(0, len);
	check(1, len);
}

static void set_word(size_t at, uint32_t value)
{
	uint8_t *p = guest.data + at;

	proto_put32(p, value);
}

static void lengths_that_cannot_be(void **state)
{
	static const uint32_t bad[] = {RING_PAYLOAD + 1, 0x7fffffff, 0x80000000,
				       0xffffffe0,	 0xffffffff, 33};
	size_t i;

	(void)state;
	put(0, 32);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		set_word(8, bad[i]);
		assert_int_equal(next(), -EPROTO);
	}
	set_word(8, 32);
	check(0, 32);
}

static void indices_that_cannot_be(void **state)
{
	static const uint32_t bad[] = {1, 31, 33, 0x7fffffe0, 0xffffffe0};
	struct iovec iov[2];
	size_t i;

	(void)state;
	put(0, 64);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ring_store(guest.head, bad[i]);
		assert_int_equal(next(), -EPROTO);
		ring_store(guest.tail, guest.at - bad[i]);
		assert_int_equal(ring_room(&guest, iov), -EPROTO);
	}
	ring_store(guest.head, guest.size + 32);
	assert_int_equal(next(), -EPROTO);
	/* The last record is not all there, or more than that is. */
	ring_store(guest.head, guest.at + 1);
	assert_int_equal(next(), -EPROTO);
	ring_store(guest.head, guest.at - 32);
	assert_int_equal(next(), -EPROTO);
	ring_store(guest.head, guest.at);
	ring_store(guest.tail, 0);
	/* Where it reads from is the host's own business. */
	check(0, 64);
	assert_int_equal(next(), 0);
}

static void torn(void **state)
{
	(void)state;
	put(0, 5000);
	memset(guest.data + 3000, 0, 1000);
	assert_int_equal(next(), -EPROTO);
}

/* Good records both, but not in this order. */
static void lost_and_replayed(void **state)
{
	uint8_t first[64];

	(void)state;
	put(0, 32);
	memcpy(first, guest.data, 64);
	check(0, 32);
	put(1, 32);
	memcpy(guest.data + 64, first, 64);
	assert_int_equal(next(), -EPROTO);
	guest.seq++;
	guest.at -= 64;
	put(1, 32);
	assert_int_equal(next(), -EPROTO);
}

static volatile bool over, anew;

/* Both ends as at the start: asked for by the reader, done by the writer. */
static void start_anew(void)
{
	struct ring unused;

	bulk_rings(bulk.mem, MIB, &unused, &bulk.out);
	ring_store(bulk.out.head, 0);
	ring_store(bulk.out.tail, 0);
	guest = bulk.out;
	__atomic_store_n(&anew, false, __ATOMIC_SEQ_CST);
}

/* Good records, and now and then a word that is wrong. */
static void *scribble(void *arg)
{
	volatile uint32_t *words = (uint32_t *)guest.data;
	uint32_t x = 7, k;
	struct iovec iov[2];

	(void)arg;
	while (!over) {
		if (__atomic_load_n(&anew, __ATOMIC_SEQ_CST))
			start_anew();
		if (ring_room(&guest, iov) > 3000)
			ring_put(&guest, 1, next_random(&x) >> 20);
		else
			sched_yield();
		if (next_random(&x) >> 26)
			continue;
		k = next_random(&x);
		words[(k >> 4) % (guest.size / 4)] = x;
		if (k >> 29 == 0)
			ring_store(guest.head, x);
	}
	return NULL;
}

/* What was taken is private and bounded. */
static void check_taken(const struct proto_frame *f)
{
	struct iovec iov = {(void *)f->data, f->len};
	uint64_t sum_now = ring_sum(0, &iov, 1);

	assert_true(f->len <= RING_PAYLOAD);
	assert_true(f->data == (void *)bulk.rec->data);
	sched_yield();
	assert_true(sum_now == ring_sum(0, &iov, 1));
}

static void changes_while_it_is_read(void **state)
{
	uint32_t good = 0, bad = 0;
	time_t limit = time(NULL) + 30;
	struct proto_frame f;
	pthread_t thread;
	int ret;

	(void)state;
	over = anew = false;
	assert_int_equal(pthread_create(&thread, NULL, scribble, NULL), 0);
	while ((good < 5000 || bad < 100) && time(NULL) < limit) {
		ret = bulk_next(&bulk, &f);
		if (ret == 1) {
			good++;
			check_taken(&f);
		} else if (ret < 0) {
			assert_int_equal(ret, -EPROTO);
			bad++;
			__atomic_store_n(&anew, true, __ATOMIC_SEQ_CST);
			while (__atomic_load_n(&anew, __ATOMIC_SEQ_CST))
				sched_yield();
		} else {
			sched_yield();
		}
	}
	over = true;
	pthread_join(thread, NULL);
	assert_true(good >= 5000);
	assert_true(bad >= 100);
}

static void asks_for_a_bell(void **state)
{
	unsigned looks = 0;
	long first, ns;

	(void)state;
	first = ns = bulk_wait_ns(&bulk);
	while (looks++ < 100 && !ring_load(&bulk.mem->host_waits))
		ns = bulk_wait_ns(&bulk);
	/* A sleeping guest costs the host nothing. */
	assert_true(looks < 20 && ns > 10 * first && ns >= 50000000);
	put(0, 10);
	assert_int_equal(bulk_wait_ns(&bulk), 0);
	check(0, 10);
	assert_int_equal(bulk_wait_ns(&bulk), first);
	bulk.on = false;
	assert_int_equal(next(), 0);
	assert_true(bulk_wait_ns(&bulk) >= 50000000);
}

static void memory_keeps_its_size(void **state)
{
	(void)state;
	assert_int_equal(ftruncate(bulk.fd, 4096), -1);
	assert_int_equal(ftruncate(bulk.fd, 2 * MIB), -1);
	assert_int_equal(lseek(bulk.fd, 0, SEEK_END), MIB);
}

static void sizes(void **state)
{
	struct bpfvm_config cfg;
	char line[128];
	const struct why why = {line, sizeof(line)};

	(void)state;
	bpfvm_config_init(&cfg);
	assert_int_equal(bulk_size(&cfg), MIB);
	for (cfg.bulk_mib = 1; cfg.bulk_mib <= 1024; cfg.bulk_mib *= 2)
		assert_int_equal(bulk_check(&cfg, &why), 0);
	assert_int_equal(bulk_check(&cfg, &why), -EINVAL);
	cfg.bulk_mib = 3;
	assert_int_equal(bulk_check(&cfg, &why), -EINVAL);
	assert_non_null(strstr(line, "no power of two"));
	cfg.no_bulk = true;
	assert_int_equal(bulk_size(&cfg), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sum_is_xxh64),
		TEST(wraps_around),
		TEST(full_is_left_alone),
		TEST(each_bit_counts),
		TEST(lengths_that_cannot_be),
		TEST(indices_that_cannot_be),
		TEST(torn),
		TEST(lost_and_replayed),
		TEST(changes_while_it_is_read),
		TEST(asks_for_a_bell),
		TEST(memory_keeps_its_size),
		TEST(sizes),
	};

	return cmocka_run_group_tests_name("vm_bulk", tests, NULL, NULL) != 0;
}

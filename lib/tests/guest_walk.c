// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Walks over maps of a real kernel: every element once, whatever the room, the
 * map's type, and what happens to the map meanwhile. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>

#include "guest.h"
#include "guest_tests.h"

#define MANY 5000

/* How often each of the keys 0 to MANY came. */
static unsigned char seen[MANY];

static uint64_t value_of(uint32_t key)
{
	return 0x100000001ull * key + 7;
}

static int filled(uint32_t type, uint32_t count)
{
	int map = new_map(type, 4, 8, count);

	for (uint32_t key = 0; key < count; key++) {
		uint64_t value = value_of(key);

		put(map, &key, &value);
	}
	return map;
}

static void note(const struct bpfsys_walk *walk)
{
	uint64_t value;
	uint32_t key;

	for (uint32_t i = 0; i < walk->count; i++) {
		memcpy(&key, bpfsys_walk_key(walk, i), sizeof(key));
		memcpy(&value, bpfsys_walk_value(walk, i), sizeof(value));
		assert_true(key < MANY);
		assert_true(value == value_of(key));
		seen[key]++;
	}
}

static void assert_seen(uint32_t from, uint32_t to, unsigned char times)
{
	for (uint32_t key = from; key < to; key++)
		assert_int_equal(seen[key], times);
}

/* Each of COUNT elements once, with ROOM for that many at first (0: as begin
 * has it); the room at the end. */
static uint32_t once_each(int map, uint32_t count, uint32_t room, bool take)
{
	struct bpfsys_walk walk;
	int ret = bpfsys_walk_begin(&walk, map);

	assert_int_equal(ret, 0);
	memset(seen, 0, sizeof(seen));
	walk.take = take;
	if (room)
		walk.room = room;
	while (bpfsys_walk_next(&walk, &ret))
		note(&walk);
	assert_int_equal(ret, 0);
	assert_seen(0, count, 1);
	assert_seen(count, MANY, 0);
	assert_false(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(ret, 0);
	room = walk.room;
	bpfsys_walk_end(&walk);
	bpfsys_walk_end(&walk);
	return room;
}

static void hash(void **state)
{
	int map = filled(BPF_MAP_TYPE_HASH, MANY);

	(void)state;
	once_each(map, MANY, 0, false);
	once_each(map, MANY, MANY, false);
	once_each(map, MANY, 97, false);
	close(map);
}

/* As many elements as buckets: some have several, and room for one is none. */
static void bucket_larger_than_room(void **state)
{
	int map = filled(BPF_MAP_TYPE_HASH, 4096);

	(void)state;
	assert_in_range(once_each(map, 4096, 1, false), 2, 64);
	close(map);
}

static void few(void **state)
{
	int map = new_map(BPF_MAP_TYPE_HASH, 4, 8, 10);
	uint64_t value = value_of(0);
	uint32_t key = 0;

	(void)state;
	once_each(map, 0, 0, false);
	put(map, &key, &value);
	once_each(map, 1, 0, false);
	once_each(map, 1, 1, false);
	close(map);
}

static void array(void **state)
{
	int map = filled(BPF_MAP_TYPE_ARRAY, 1000);

	(void)state;
	once_each(map, 1000, 0, false);
	assert_int_equal(once_each(map, 1000, 7, false), 7);
	assert_int_equal(once_each(map, 1000, 1, false), 1);
	close(map);
}

static void taken(void **state)
{
	int map = filled(BPF_MAP_TYPE_HASH, 4096);

	(void)state;
	once_each(map, 4096, 1, true);
	once_each(map, 0, 0, false);
	close(map);
}

/* The kernel's cursor has four bytes where keys have one. */
static void short_keys(void **state)
{
	int map = new_map(BPF_MAP_TYPE_HASH, 1, 1, 256), ret;
	unsigned int count = 0, sum = 0;
	struct bpfsys_walk walk;

	(void)state;
	for (unsigned int i = 0; i < 256; i++) {
		unsigned char key = (unsigned char)i;

		put(map, &key, &key);
	}
	assert_int_equal(bpfsys_walk_begin(&walk, map), 0);
	for (walk.room = 3; bpfsys_walk_next(&walk, &ret);)
		for (uint32_t i = 0; i < walk.count; i++, count++)
			sum += *(unsigned char *)bpfsys_walk_value(&walk, i);
	assert_int_equal(ret, 0);
	assert_int_equal(count, 256);
	assert_int_equal(sum, 255 * 128);
	bpfsys_walk_end(&walk);
	close(map);
}

/* Each CPU's slot has what was stored for it. */
static void per_cpu_map(uint32_t type, uint32_t entries)
{
	int map = new_map(type, 4, 12, entries), cpus = bpfsys_possible_cpus(),
	    ret;
	struct bpfsys_walk walk;
	uint32_t elements = 0, want;
	char value[64 * 16];

	assert_in_range(cpus, 1, 64);
	for (uint32_t key = 0; key < 50; key++) {
		memset(value, 0, sizeof(value));
		for (uint32_t i = 0; i < (uint32_t)cpus; i++) {
			want = key * 100 + i;
			memcpy(bpfsys_percpu_slot(value, 12, i), &want, 4);
		}
		put(map, &key, value);
	}
	assert_int_equal(bpfsys_walk_begin(&walk, map), 0);
	assert_int_equal(walk.value_size, 16 * cpus);
	for (walk.room = 1; bpfsys_walk_next(&walk, &ret);)
		for (uint32_t e = 0; e < walk.count; e++, elements++)
			for (uint32_t i = 0; i < (uint32_t)cpus; i++) {
				memcpy(&want, bpfsys_walk_key(&walk, e), 4);
				want = want * 100 + i;
				assert_memory_equal(
					bpfsys_percpu_slot(
						bpfsys_walk_value(&walk, e), 12,
						i),
					&want, 4);
			}
	assert_int_equal(ret, 0);
	assert_int_equal(elements, 50);
	bpfsys_walk_end(&walk);
	close(map);
}

static void per_cpu(void **state)
{
	(void)state;
	assert_int_equal(bpfsys_possible_cpus(), sysconf(_SC_NPROCESSORS_CONF));
	per_cpu_map(BPF_MAP_TYPE_PERCPU_HASH, 50);
	per_cpu_map(BPF_MAP_TYPE_PERCPU_ARRAY, 50);
	/* Room enough that none is evicted. */
	per_cpu_map(BPF_MAP_TYPE_LRU_PERCPU_HASH, 2000);
}

/* After each batch the lower half loses some keys, read or not: the upper half
 * comes once all the same. */
static void deleted_meanwhile(void **state)
{
	int map = filled(BPF_MAP_TYPE_HASH, MANY), ret;
	struct bpfsys_walk walk;
	uint32_t next = 0;

	(void)state;
	memset(seen, 0, sizeof(seen));
	assert_int_equal(bpfsys_walk_begin(&walk, map), 0);
	for (walk.room = 10; bpfsys_walk_next(&walk, &ret);) {
		note(&walk);
		for (int i = 0; i < 8 && next < MANY / 2; i++, next++)
			drop(map, &next);
	}
	assert_int_equal(ret, 0);
	assert_int_equal(next, MANY / 2);
	for (uint32_t key = 0; key < MANY / 2; key++)
		assert_in_range(seen[key], 0, 1);
	assert_seen(MANY / 2, MANY, 1);
	bpfsys_walk_end(&walk);
	close(map);
}

static atomic_bool stop;

struct churn {
	int map;
	uint32_t from, to;
};

/* Keys come and go, until told to stop. */
static void *churn(void *arg)
{
	const struct churn *c = arg;

	while (!stop)
		for (uint32_t key = c->from; key < c->to && !stop; key++) {
			uint64_t value = value_of(key);

			put(c->map, &key, &value);
			drop(c->map, &key);
		}
	return NULL;
}

static void changed_by_another_thread(void **state)
{
	int map = new_map(BPF_MAP_TYPE_HASH, 4, 8, MANY), ret;
	struct churn c = {map, 4000, MANY};
	struct bpfsys_walk walk;
	pthread_t thread;

	(void)state;
	for (uint32_t key = 0; key < 4000; key++) {
		uint64_t value = value_of(key);

		put(map, &key, &value);
	}
	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, churn, &c), 0);
	for (int round = 0; round < 10; round++) {
		memset(seen, 0, sizeof(seen));
		assert_int_equal(bpfsys_walk_begin(&walk, map), 0);
		walk.room = 1;
		do
			while (bpfsys_walk_next(&walk, &ret))
				note(&walk);
		while (ret == -EINTR || ret == -EBUSY);
		assert_int_equal(ret, 0);
		assert_seen(0, 4000, 1);
		bpfsys_walk_end(&walk);
	}
	stop = true;
	pthread_join(thread, NULL);
	close(map);
}

struct lpm {
	uint32_t bits, address;
};

/* A walk by key starts over when its key goes; one that always does ends. */
static void key_deleted(void **state)
{
	struct lpm keys[3] = {{32, 1}, {32, 2}, {32, 3}}, at = keys[0];
	int map = new_map(BPF_MAP_TYPE_LPM_TRIE, sizeof(at), 4, 3), ret;
	uint32_t batches = 0;
	struct bpfsys_walk walk;

	(void)state;
	for (int i = 0; i < 3; i++)
		put(map, &keys[i], &i);
	assert_int_equal(bpfsys_walk_begin(&walk, map), 0);
	for (walk.room = 1; bpfsys_walk_next(&walk, &ret); batches++)
		assert_int_equal(walk.count, 1);
	assert_int_equal(ret, 0);
	assert_int_equal(batches, 3);
	bpfsys_walk_end(&walk);

	batches = 0;
	assert_int_equal(bpfsys_walk_begin(&walk, map), 0);
	for (walk.room = 1; bpfsys_walk_next(&walk, &ret); batches++) {
		if (batches)
			put(map, &at, &batches);
		memcpy(&at, bpfsys_walk_key(&walk, 0), sizeof(at));
		drop(map, &at);
	}
	assert_int_equal(ret, -ELOOP);
	assert_int_equal(batches, 4 * 3);
	assert_false(bpfsys_walk_next(&walk, &ret));
	bpfsys_walk_end(&walk);
	close(map);
}

static void refused(int fd, int want)
{
	struct bpfsys_walk walk;
	int ret = bpfsys_walk_begin(&walk, fd);

	assert_int_equal(ret, 0);
	assert_false(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(ret, want);
	bpfsys_walk_end(&walk);
}

static void no_batches(void **state)
{
	int map = new_map(BPF_MAP_TYPE_QUEUE, 0, 4, 4), ret;
	struct bpfsys_walk walk;

	(void)state;
	refused(map, -BPFSYS_ENOTSUPP);
	close(map);
	map = new_map(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096);
	refused(map, -BPFSYS_ENOTSUPP);
	close(map);
	map = load_with_maps(NULL, 0);
	refused(map, -EINVAL);
	close(map);
	assert_int_equal(bpfsys_walk_begin(&walk, -1), -EBADFD);
	assert_false(bpfsys_walk_next(&walk, &ret));
	bpfsys_walk_end(&walk);
	map = new_map(BPF_MAP_TYPE_HASH, 4, 8, 4);
	assert_int_equal(bpfsys_walk_begin(&walk, map), 0);
	walk.elem_flags = 1ull << 60;
	assert_false(bpfsys_walk_next(&walk, &ret));
	assert_int_equal(ret, -EINVAL);
	assert_int_equal(walk.count, 0);
	bpfsys_walk_end(&walk);
	close(map);
}

const struct CMUnitTest walk_tests[] = {
	cmocka_unit_test(hash),
	cmocka_unit_test(bucket_larger_than_room),
	cmocka_unit_test(few),
	cmocka_unit_test(array),
	cmocka_unit_test(taken),
	cmocka_unit_test(short_keys),
	cmocka_unit_test(per_cpu),
	cmocka_unit_test(deleted_meanwhile),
	cmocka_unit_test(changed_by_another_thread),
	cmocka_unit_test(key_deleted),
	cmocka_unit_test(no_batches),
};

const size_t walk_count = sizeof(walk_tests) / sizeof(walk_tests[0]);

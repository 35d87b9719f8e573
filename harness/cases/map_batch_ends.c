// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The batch commands: where a batch begins and ends, and what count says when
 * it ends early. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_batch.h"
#include "map_typed.h"

/* Nothing else is looked at with count 0, nothing is written. */
static void count_zero(void **state, batch_fn *fn)
{
	struct bpfsys_map_batch_attr attr;
	struct world world;
	int ret;

	world_make(&world, state);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)world.map_fd;
	ret = fn(&attr);
	world_drop(&world);
	expect_ok(state, "a batch of count 0 and NULL pointers", ret);
	expect_u64(state, "count", 0, attr.count);
}

void map_lookup_batch__count_zero_null(void **state)
{
	count_zero(state, bpfsys_map_lookup_batch);
}

void map_lookup_and_delete_batch__count_zero(void **state)
{
	count_zero(state, bpfsys_map_lookup_and_delete_batch);
}

void map_update_batch__count_zero(void **state)
{
	count_zero(state, bpfsys_map_update_batch);
}

void map_delete_batch__count_zero(void **state)
{
	count_zero(state, bpfsys_map_delete_batch);
}

/* Memory of which SIZE bytes are there, and nothing behind. */
struct brink {
	uint8_t *base;
	size_t page;
	void *at;
};

static void brink_make(void **state, struct brink *brink, size_t size)
{
	brink->page = (size_t)sysconf(_SC_PAGESIZE);
	brink->base = mmap(NULL, 2 * brink->page, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(state, "mmap", brink->base == MAP_FAILED ? -errno : 0);
	munmap(brink->base + brink->page, brink->page);
	brink->at = brink->base + brink->page - size;
}

static void brink_drop(const struct brink *brink)
{
	munmap(brink->base, brink->page);
}

/* How many of the first N_ELEMS keys an 8-byte hash holds. */
static unsigned int held(int map_fd)
{
	unsigned int count = 0;
	uint64_t value;

	for (uint64_t key = 1; key <= 8; key++)
		count += lookup_u64(map_fd, &key, &value) == 0;
	return count;
}

/* A hash of up to 8 elements; PUT of them are there: keys from 1, values 10
 * times as much. */
static int make_eight(void **state, uint64_t put)
{
	int fd = make_map(state, BPF_MAP_TYPE_HASH, 8, 8, 8, BPF_F_ZERO_SEED);

	for (uint64_t key = 1; key <= put; key++) {
		uint64_t value = key * 10;

		put_elem(state, fd, &key, &value);
	}
	return fd;
}

static void eight_attr(struct bpfsys_map_batch_attr *attr, int fd,
		       const uint64_t keys[8], const void *values)
{
	memset(attr, 0, sizeof(*attr));
	attr->map_fd = (uint32_t)fd;
	attr->keys = bpfsys_ptr(keys);
	attr->values = bpfsys_ptr(values);
	attr->count = 8;
}

static const uint64_t eight[8] = {1, 2, 3, 4, 5, 6, 7, 8};

/* Three values can be read: three elements are stored. */
void map_update_batch__values_end(void **state)
{
	struct bpfsys_map_batch_attr attr;
	struct brink brink;
	unsigned int there;
	int ret, fd = make_eight(state, 0);

	brink_make(state, &brink, 3 * 8);
	eight_attr(&attr, fd, eight, brink.at);
	ret = bpfsys_map_update_batch(&attr);
	there = held(fd);
	brink_drop(&brink);
	close(fd);
	expect_errno(state, ret);
	expect_u64(state, "count: elements stored", 3, attr.count);
	expect_u64(state, "elements in the map", 3, there);
}

/* The same with three keys. */
void map_delete_batch__keys_end(void **state)
{
	struct bpfsys_map_batch_attr attr;
	struct brink brink;
	unsigned int there;
	int ret, fd = make_eight(state, 8);

	brink_make(state, &brink, 3 * 8);
	memcpy(brink.at, eight, 3 * 8);
	eight_attr(&attr, fd, brink.at, NULL);
	ret = bpfsys_map_delete_batch(&attr);
	there = held(fd);
	brink_drop(&brink);
	close(fd);
	expect_errno(state, ret);
	expect_u64(state, "count: elements deleted", 3, attr.count);
	expect_u64(state, "elements in the map", 5, there);
}

/* Room for three values: count says that nothing counts, array and hash. */
void map_lookup_batch__values_end(void **state)
{
	static const uint32_t types[] = {BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH};
	struct bpfsys_map_batch_attr attr;
	uint64_t keys[8], out[2] = {0};
	struct brink brink;
	int ret, fd;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		fd = i ? make_eight(state, 8)
		       : make_map(state, types[i], 4, 8, 8, 0);
		brink_make(state, &brink, 3 * 8);
		eight_attr(&attr, fd, keys, brink.at);
		attr.out_batch = bpfsys_ptr(out);
		ret = bpfsys_map_lookup_batch(&attr);
		brink_drop(&brink);
		close(fd);
		expect_errno(state, ret);
		expect_u64(state, "count", 0, attr.count);
	}
}

static void no_out_batch(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_batch.out_batch = 0;
}

void map_lookup_batch__null_out_batch(void **state)
{
	struct bpfsys_map_batch_attr attr;
	uint64_t keys[8], values[8];
	int ret, fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 8, 0);

	judge_broken(state, no_out_batch);
	eight_attr(&attr, fd, keys, values);
	attr.count = 4;
	ret = bpfsys_map_lookup_batch(&attr);
	close(fd);
	expect_errno(state, ret);
}

void map_lookup_and_delete_batch__null_out_batch(void **state)
{
	judge_broken(state, no_out_batch);
}

static void bad_in_batch(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_batch.in_batch = 8;
}

void map_lookup_batch__unreadable_in_batch(void **state)
{
	judge_broken(state, bad_in_batch);
}

void map_lookup_and_delete_batch__unreadable_in_batch(void **state)
{
	judge_broken(state, bad_in_batch);
}

/* FN on a full hash of eight from bucket IN_BATCH on. */
static int from_bucket(void **state, batch_fn *fn, uint32_t in_batch,
		       struct bpfsys_map_batch_attr *attr)
{
	uint64_t keys[8], values[8];
	uint32_t out = 0;
	int ret, fd = make_eight(state, 8);

	eight_attr(attr, fd, keys, values);
	attr->in_batch = bpfsys_ptr(&in_batch);
	attr->out_batch = bpfsys_ptr(&out);
	ret = fn(attr);
	close(fd);
	return ret;
}

/* The hash has eight buckets. */
static void beyond_buckets(void **state, batch_fn *fn)
{
	static const uint32_t batches[] = {8, 1U << 30, UINT32_MAX};
	struct bpfsys_map_batch_attr attr;
	int ret;

	for (size_t i = 0; i < COUNT_OF(batches); i++) {
		ret = from_bucket(state, fn, batches[i], &attr);
		expect_errno(state, ret);
		expect_u64(state, "count", 0, attr.count);
	}
	/* The first bucket, where the walk begins. */
	ret = from_bucket(state, fn, 0, &attr);
	expect_error(state, "a batch of all from bucket 0", ENOENT, ret);
	expect_u64(state, "count of a batch of all", 8, attr.count);
}

void map_lookup_batch__in_batch_beyond(void **state)
{
	beyond_buckets(state, bpfsys_map_lookup_batch);
}

void map_lookup_and_delete_batch__in_batch_beyond(void **state)
{
	beyond_buckets(state, bpfsys_map_lookup_and_delete_batch);
}

/* Hash maps do not take batch.flags; arrays and tries do not look at them. */
static void flagged_batch(void **state, batch_fn *fn)
{
	struct bpfsys_map_batch_attr attr;
	uint64_t keys[8], values[8], out;
	int ret, fd = make_eight(state, 8);

	eight_attr(&attr, fd, keys, values);
	attr.out_batch = bpfsys_ptr(&out);
	attr.flags = 1;
	ret = fn(&attr);
	close(fd);
	expect_errno(state, ret);
	expect_u64(state, "count", 8, attr.count);
}

void map_lookup_batch__hash_flags(void **state)
{
	flagged_batch(state, bpfsys_map_lookup_batch);
}

void map_lookup_and_delete_batch__hash_flags(void **state)
{
	flagged_batch(state, bpfsys_map_lookup_and_delete_batch);
}

/* Two keys in one of two buckets: the first pair that a batch of one cannot
 * take. Keys fall into buckets as they do: the seed is 0. */
static int find_pair(void **state, uint64_t pair[2])
{
	struct bpfsys_map_batch_attr attr;
	uint64_t keys[2], values[2], value = 5;
	uint32_t out;

	pair[0] = 1;
	for (pair[1] = 2; pair[1] < 64; pair[1]++) {
		int ret, fd = make_map(state, BPF_MAP_TYPE_HASH, 8, 8, 2,
				       BPF_F_ZERO_SEED);

		put_elem(state, fd, &pair[0], &value);
		put_elem(state, fd, &pair[1], &value);
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (uint32_t)fd;
		attr.keys = bpfsys_ptr(keys);
		attr.values = bpfsys_ptr(values);
		attr.out_batch = bpfsys_ptr(&out);
		attr.count = 1;
		ret = bpfsys_map_lookup_batch(&attr);
		if (ret != 0)
			return fd;
		close(fd);
	}
	expect_true(state, "two of 64 keys share a bucket", false);
	return -1;
}

/* Nothing comes, and the walk goes on from where it was with more room. */
static void bucket_too_full(void **state, batch_fn *fn)
{
	struct bpfsys_map_batch_attr attr;
	uint64_t pair[2], keys[2] = {0}, values[2] = {0};
	uint32_t out = UINT32_MAX, first;
	int ret, again, fd = find_pair(state, pair);

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.keys = bpfsys_ptr(keys);
	attr.values = bpfsys_ptr(values);
	attr.out_batch = bpfsys_ptr(&out);
	attr.count = 1;
	ret = fn(&attr);
	expect_errno(state, ret);
	expect_u64(state, "count", 0, attr.count);
	expect_u64(state, "first key", 0, keys[0]);
	expect_range(state, "*out_batch: the bucket", 0, 1, out);
	first = out;
	attr.in_batch = bpfsys_ptr(&first);
	attr.count = 2;
	again = fn(&attr);
	close(fd);
	if (again != 0)
		expect_error(state, "a batch of two", ENOENT, again);
	expect_u64(state, "count of a batch of two", 2, attr.count);
	expect_u64(state, "sum of the keys", pair[0] + pair[1],
		   keys[0] + keys[1]);
}

void map_lookup_batch__bucket_too_full(void **state)
{
	bucket_too_full(state, bpfsys_map_lookup_batch);
}

void map_lookup_and_delete_batch__bucket_too_full(void **state)
{
	bucket_too_full(state, bpfsys_map_lookup_and_delete_batch);
}

/* What was there at the first batch is gone at the second. */
void map_lookup_batch__emptied_between(void **state)
{
	struct bpfsys_map_batch_attr attr;
	uint64_t keys[8], values[8];
	uint32_t in = 0;
	int ret, fd = make_eight(state, 8);

	eight_attr(&attr, fd, eight, values);
	need(state, "BPF_MAP_DELETE_BATCH", bpfsys_map_delete_batch(&attr));
	eight_attr(&attr, fd, keys, values);
	attr.in_batch = attr.out_batch = bpfsys_ptr(&in);
	ret = bpfsys_map_lookup_batch(&attr);
	close(fd);
	expect_error(state, "a batch of an emptied map", ENOENT, ret);
	expect_u64(state, "count", 0, attr.count);
}

/* The index behind the array's last: two elements were stored. */
void map_update_batch__array_index(void **state)
{
	static const uint32_t keys[] = {0, 1, 4, 2};
	uint64_t values[4] = {10, 11, 12, 13}, value = 99;
	struct bpfsys_map_batch_attr attr;
	int ret, fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.keys = bpfsys_ptr(keys);
	attr.values = bpfsys_ptr(values);
	attr.count = 4;
	ret = bpfsys_map_update_batch(&attr);
	need(state, "lookup", lookup_u64(fd, &keys[3], &value));
	close(fd);
	expect_errno(state, ret);
	expect_u64(state, "count: elements stored", 2, attr.count);
	expect_u64(state, "value behind the one that failed", 0, value);
}

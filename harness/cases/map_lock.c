// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_F_LOCK, on values that have a spin lock. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_typed.h"
#include "map_types.h"

static void fill(struct bpfsys_map_elem_attr *attr, int fd, const uint32_t *key,
		 struct locked *value, uint64_t flags)
{
	memset(attr, 0, sizeof(*attr));
	attr->map_fd = (uint32_t)fd;
	attr->key = bpfsys_ptr(key);
	attr->value = bpfsys_ptr(value);
	attr->flags = flags;
}

static int update(int fd, uint32_t key, struct locked value, uint64_t flags)
{
	struct bpfsys_map_elem_attr attr;

	fill(&attr, fd, &key, &value, flags);
	return bpfsys_map_update_elem(&attr);
}

static int lookup(int fd, uint32_t key, struct locked *value, uint64_t flags)
{
	struct bpfsys_map_elem_attr attr;

	memset(value, 0x5a, sizeof(*value));
	fill(&attr, fd, &key, value, flags);
	return bpfsys_map_lookup_elem(&attr);
}

static const enum map_number types[] = {SHAPE_HASH, SHAPE_ARRAY};
static const uint64_t modes[] = {0, BPF_F_LOCK};

/* Whatever is stored where the lock is, nothing of a lock comes back. */
void map_lookup_elem__lock_hidden(void **state)
{
	const struct locked stored = {7, 0xffffffff, 0x123456789ULL};
	struct locked value;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		int fd = make_locked(state, types[i]);

		for (size_t mode = 0; mode < 4; mode++) {
			expect_ok(state, "update of a value with a lock",
				  update(fd, 1, stored, modes[mode / 2]));
			expect_ok(state, "lookup of a value with a lock",
				  lookup(fd, 1, &value, modes[mode % 2]));
			expect_u64(state, "number before the lock", 7,
				   value.number);
			expect_u64(state, "lock", 0, value.lock);
			expect_u64(state, "data behind the lock", 0x123456789,
				   value.data);
		}
		close(fd);
	}
}

/* With the lock the other flags mean what they mean without. */
void map_update_elem__lock_flags(void **state)
{
	const struct locked stored = {1, 0, 2};
	int hash = make_locked(state, SHAPE_HASH);
	int array = make_locked(state, SHAPE_ARRAY);

	expect_error(state, "BPF_F_LOCK | BPF_EXIST, no such key", ENOENT,
		     update(hash, 1, stored, BPF_F_LOCK | BPF_EXIST));
	expect_ok(state, "BPF_F_LOCK, no such key",
		  update(hash, 1, stored, BPF_F_LOCK));
	expect_ok(state, "BPF_F_LOCK | BPF_EXIST",
		  update(hash, 1, stored, BPF_F_LOCK | BPF_EXIST));
	expect_error(state, "BPF_F_LOCK | BPF_NOEXIST in an array", EEXIST,
		     update(array, 1, stored, BPF_F_LOCK | BPF_NOEXIST));
	expect_error(state, "BPF_F_LOCK | 3 in an array", EINVAL,
		     update(array, 1, stored, BPF_F_LOCK | 3));
	expect_error(state, "BPF_F_LOCK beyond an array", E2BIG,
		     update(array, 4, stored, BPF_F_LOCK));
	close(hash);
	close(array);
}

/* BPF_F_LOCK in both directions of a batch. */
void map_lookup_batch__locked(void **state)
{
	uint32_t keys[4] = {0, 1, 2, 3}, out = 0;
	struct bpfsys_map_batch_attr attr;
	struct locked values[4];
	int ret, fd = make_locked(state, SHAPE_ARRAY);

	memset(values, 0, sizeof(values));
	for (uint32_t i = 0; i < 4; i++)
		values[i] = (struct locked){i, 9, 10 + i};
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.keys = bpfsys_ptr(keys);
	attr.values = bpfsys_ptr(values);
	attr.out_batch = bpfsys_ptr(&out);
	attr.count = 4;
	attr.elem_flags = BPF_F_LOCK;
	expect_ok(state, "a batch of updates with BPF_F_LOCK",
		  bpfsys_map_update_batch(&attr));
	memset(values, 0x5a, sizeof(values));
	ret = bpfsys_map_lookup_batch(&attr);
	close(fd);
	expect_ok(state, "a batch of lookups with BPF_F_LOCK", ret);
	for (uint32_t i = 0; i < 4; i++) {
		expect_u64(state, "number", i, values[i].number);
		expect_u64(state, "lock", 0, values[i].lock);
		expect_u64(state, "data", 10 + i, values[i].data);
	}
}

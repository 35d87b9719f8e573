// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What the batch commands share. Hash maps get BPF_F_ZERO_SEED: how many
 * elements a batch takes depends on how they fall into buckets. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "map_batch.h"

const struct batch_type batch_hash = {BPF_MAP_TYPE_HASH, 8, BPF_F_ZERO_SEED,
				      false, "hash"};
const struct batch_type batch_percpu_hash = {
	BPF_MAP_TYPE_PERCPU_HASH, 8, BPF_F_ZERO_SEED, true, "per-CPU hash"};
const struct batch_type batch_array = {BPF_MAP_TYPE_ARRAY, 4, 0, false,
				       "array"};
const struct batch_type batch_lpm_trie = {BPF_MAP_TYPE_LPM_TRIE, 8,
					  BPF_F_NO_PREALLOC, false, "LPM trie"};
const struct batch_type batch_percpu_array = {BPF_MAP_TYPE_PERCPU_ARRAY, 4, 0,
					      true, "per-CPU array"};
const struct batch_type batch_lru_hash = {BPF_MAP_TYPE_LRU_HASH, 8,
					  BPF_F_ZERO_SEED, false, "LRU hash"};
const struct batch_type batch_lru_percpu_hash = {BPF_MAP_TYPE_LRU_PERCPU_HASH,
						 8, BPF_F_ZERO_SEED, true,
						 "LRU per-CPU hash"};

/* Element INDEX's key: the number itself; in an LPM trie, an address of full
 * length. */
static void put_key(const struct batch_map *map, uint32_t index, uint8_t *key)
{
	uint32_t words[2] = {index, 0};

	if (map->type->map_type == BPF_MAP_TYPE_LPM_TRIE) {
		words[0] = 32;
		words[1] = index;
	}
	memcpy(key, words, map->type->key_size);
}

/* Which element KEY is, N_ELEMS where it is none. */
static uint32_t index_of(const struct batch_map *map, const uint8_t *key)
{
	uint8_t want[8];

	for (uint32_t i = 0; i < N_ELEMS; i++) {
		put_key(map, i, want);
		if (memcmp(want, key, map->type->key_size) == 0)
			return i;
	}
	return N_ELEMS;
}

static uint64_t value_of(uint32_t index, uint32_t cpu)
{
	return ((uint64_t)(cpu + 1) << 32) + index + 1;
}

void batch_map_number(struct batch_map *map)
{
	for (uint32_t i = 0; i < N_ELEMS; i++) {
		put_key(map, i, map->keys + i * map->type->key_size);
		for (uint32_t cpu = 0; cpu < map->cpus; cpu++)
			map->values[i * map->cpus + cpu] = value_of(i, cpu);
	}
}

void batch_map_make(struct batch_map *map, void **state,
		    const struct batch_type *type)
{
	memset(map, 0, sizeof(*map));
	map->state = state;
	map->type = type;
	map->cpus = type->percpu ? kernel_possible_cpus() : 1;
	expect_range(state, "possible CPUs", 1, 64, map->cpus);
	map->fd = make_map(state, type->map_type, type->key_size, 8, N_ELEMS,
			   type->flags);
	batch_map_number(map);
}

void batch_map_drop(struct batch_map *map)
{
	close(map->fd);
}

void batch_map_fill(struct batch_map *map)
{
	batch_map_number(map);
	for (uint32_t i = 0; i < N_ELEMS; i++)
		put_elem(map->state, map->fd,
			 map->keys + i * map->type->key_size,
			 map->values + i * map->cpus);
}

unsigned int batch_map_held(struct batch_map *map)
{
	uint64_t values[64];
	unsigned int held = 0;
	uint8_t key[8];

	for (uint32_t i = 0; i < N_ELEMS; i++) {
		bool right = true;

		put_key(map, i, key);
		memset(values, 0, sizeof(values));
		if (lookup_u64(map->fd, key, values) != 0)
			continue;
		for (uint32_t cpu = 0; cpu < map->cpus; cpu++)
			right = right && values[cpu] == value_of(i, cpu);
		held += right;
	}
	return held;
}

void batch_attr(const struct batch_map *map, uint32_t count,
		struct bpfsys_map_batch_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->map_fd = (uint32_t)map->fd;
	attr->keys = bpfsys_ptr(map->keys);
	attr->values = bpfsys_ptr(map->values);
	attr->count = count;
}

/* COUNT elements came: each is new, and its value its own. */
static void check_elements(struct batch_map *map, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t index =
			index_of(map, map->keys + i * map->type->key_size);

		expect_range(map->state, "index of a key of the batch", 0,
			     N_ELEMS - 1, index);
		expect_true(map->state, "an element comes once in the walk",
			    !map->seen[index]);
		map->seen[index] = true;
		for (uint32_t cpu = 0; cpu < map->cpus; cpu++)
			expect_u64(map->state, "value of the batch",
				   value_of(index, cpu),
				   map->values[i * map->cpus + cpu]);
	}
}

/* bpf_for_each_map_elem came with 5.13 too, and BTF shows it. */
void batch_skip_unsupported(struct batch_map *map, int ret)
{
	uint32_t offset, size;

	if (ret == -BPFSYS_ENOTSUPP &&
	    (map->type->map_type == BPF_MAP_TYPE_LPM_TRIE ||
	     map->type->map_type == BPF_MAP_TYPE_PERCPU_ARRAY) &&
	    kernel_has_btf() &&
	    !kernel_member("bpf_map_ops.map_for_each_callback", &offset,
			   &size)) {
		batch_map_drop(map);
		skip_case(map->state, "no batch operations on tries and "
				      "per-CPU arrays before 5.13: ENOTSUPP");
	}
}

void batch_walk(struct batch_map *map, batch_fn *fn, uint32_t step)
{
	struct bpfsys_map_batch_attr attr;
	uint8_t in[8], out[16];
	uint32_t total = 0, calls = 0;
	int ret;

	do {
		memset(out, 0x5a, sizeof(out));
		memset(map->keys, 0x5a, sizeof(map->keys));
		memset(map->values, 0x5a, sizeof(map->values));
		batch_attr(map, step, &attr);
		attr.in_batch = calls ? bpfsys_ptr(in) : 0;
		attr.out_batch = bpfsys_ptr(out);
		ret = fn(&attr);
		if (!calls)
			batch_skip_unsupported(map, ret);
		if (ret != -ENOENT)
			expect_ok(map->state, "a batch of the walk", ret);
		expect_range(map->state, "count of a batch", ret ? 0 : 1, step,
			     attr.count);
		check_elements(map, attr.count);
		expect_u64(
			map->state, "memory behind the batch's last key", 0x5a,
			attr.count == N_ELEMS
				? 0x5a
				: map->keys[attr.count * map->type->key_size]);
		expect_u64(map->state, "memory behind *out_batch", 0x5a,
			   out[8]);
		total += attr.count;
		memcpy(in, out, sizeof(in));
		expect_range(map->state, "calls of the walk", 0, N_ELEMS + 1,
			     ++calls);
	} while (ret == 0);
	expect_u64(map->state, "elements of the walk", N_ELEMS, total);
}

void break_batch_map_fd(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_batch.map_fd = CLOSED_FD;
}

void break_batch_keys(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_batch.keys = 0;
}

void break_batch_elem_flags(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_batch.elem_flags = 1ULL << 40;
}

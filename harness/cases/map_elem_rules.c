// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The element commands: which check comes first, what is written and what is
 * not, and which element a key finds. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_elem.h"
#include "map_typed.h"

/* A hash of 8-byte keys and values that holds ELEM_KEY; its argument. */
static void fill(struct world *world, union argument *attr, void **state)
{
	memset(world, 0, sizeof(*world));
	world->state = state;
	world->prog_fd = world->prog2_fd = world->link_fd = -1;
	world->btf_fd = world->dir_fd = -1;
	make_hash(world);
	memset(attr, 0, sizeof(*attr));
	arm_elem(world, attr, ELEM_VALUE);
}

/* Nothing is found, so nothing is copied to where it cannot be. */
void map_lookup_elem__missing_before_value(void **state)
{
	union argument attr;
	struct world world;
	int ret;

	fill(&world, &attr, state);
	world.keys[0]++;
	attr.map_elem.value = 0;
	ret = bpfsys_map_lookup_elem(&attr.map_elem);
	world_drop(&world);
	expect_error(state, "a missing key and no value", ENOENT, ret);
}

/* Key and value are copied before the map sees the flags. */
void map_update_elem__pointers_before_flags(void **state)
{
	union argument attr;
	struct world world;
	int value, key;

	fill(&world, &attr, state);
	attr.map_elem.flags = BPF_NOEXIST;
	attr.map_elem.value = 8;
	value = bpfsys_map_update_elem(&attr.map_elem);
	attr.map_elem.key = 8;
	key = bpfsys_map_update_elem(&attr.map_elem);
	world_drop(&world);
	expect_error(state, "a key that exists and no value", EFAULT, value);
	expect_error(state, "neither key nor value", EFAULT, key);
}

/* Who may not write hears that, whatever else is wrong. */
void map_update_elem__permission_first(void **state)
{
	union argument attr;
	struct world world;
	int update, delete, take;

	fill(&world, &attr, state);
	break_frozen(&world, &attr);
	attr.map_elem.key = attr.map_elem.value = 8;
	take = bpfsys_map_lookup_and_delete_elem(&attr.map_elem);
	attr.map_elem.flags = BPF_F_LOCK;
	update = bpfsys_map_update_elem(&attr.map_elem);
	attr.map_elem.value = attr.map_elem.flags = 0;
	delete = bpfsys_map_delete_elem(&attr.map_elem);
	world_drop(&world);
	expect_error(state, "update of a frozen map, all wrong", EPERM, update);
	expect_error(state, "delete of a frozen map, all wrong", EPERM, delete);
	expect_error(state, "take from a frozen map, all wrong", EPERM, take);
}

/* A call that fails leaves the buffer as it was. */
void map_lookup_elem__failure_writes_nothing(void **state)
{
	uint64_t before = 0x5a5a5a5a5a5a5a5aULL;
	union argument attr;
	struct world world;

	fill(&world, &attr, state);
	world.keys[0]++;
	world.values[0] = before;
	expect_error(state, "lookup of a missing key", ENOENT,
		     bpfsys_map_lookup_elem(&attr.map_elem));
	expect_u64(state, "value after a lookup that failed", before,
		   world.values[0]);
	attr.map_elem.flags = BPF_F_LOCK;
	world.keys[0] = ELEM_KEY;
	expect_error(state, "lookup with a bad flag", EINVAL,
		     bpfsys_map_lookup_elem(&attr.map_elem));
	expect_u64(state, "value after a lookup that was refused", before,
		   world.values[0]);
	world_drop(&world);
}

/* Five bytes are stored and five come back, of keys of three. */
void map_lookup_elem__odd_sizes(void **state)
{
	static const struct {
		uint32_t type, key_size, flags;
	} maps[] = {
		{BPF_MAP_TYPE_HASH, 3, 0},
		{BPF_MAP_TYPE_HASH, 3, BPF_F_NO_PREALLOC},
		{BPF_MAP_TYPE_LRU_HASH, 3, 0},
		{BPF_MAP_TYPE_ARRAY, 4, 0},
		{BPF_MAP_TYPE_LPM_TRIE, 5, BPF_F_NO_PREALLOC},
		{BPF_MAP_TYPE_QUEUE, 0, 0},
		{BPF_MAP_TYPE_STACK, 0, 0},
	};
	static const uint8_t want[8] = {1, 2, 3, 4, 5, 0x5a, 0x5a, 0x5a};
	uint8_t key[8] = {1, 0, 0, 0, 0}, in[8], out[8];

	for (size_t i = 0; i < COUNT_OF(maps); i++) {
		struct bpfsys_map_elem_attr attr;
		int ret, fd = make_map(state, maps[i].type, maps[i].key_size, 5,
				       2, maps[i].flags);

		memcpy(in, "\1\2\3\4\5\6\7", 8);
		memset(out, 0x5a, sizeof(out));
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (uint32_t)fd;
		attr.key = maps[i].key_size ? bpfsys_ptr(key) : 0;
		attr.value = bpfsys_ptr(in);
		need(state, "BPF_MAP_UPDATE_ELEM",
		     bpfsys_map_update_elem(&attr));
		attr.value = bpfsys_ptr(out);
		ret = bpfsys_map_lookup_elem(&attr);
		close(fd);
		expect_ok(state, "lookup of five bytes", ret);
		expect_mem(state, "five bytes and what is behind", want, out,
			   sizeof(out));
	}
}

/* Every key once, and then the end. Not in an LRU hash, which may forget. */
void map_get_next_key__walks(void **state)
{
	static const enum map_number types[] = {SHAPE_HASH, SHAPE_PERCPU_HASH,
						SHAPE_LPM_TRIE};
	struct bpfsys_map_elem_attr attr;
	struct typed map;
	uint32_t key[2], next[2], seen, steps;
	int ret;

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		bool trie = types[i] == SHAPE_LPM_TRIE;

		typed_need(&map, state, types[i]);
		for (uint32_t k = 0; k < 3; k++)
			typed_put(&map, k, 1);
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (uint32_t)map.fd;
		attr.next_key = bpfsys_ptr(next);
		for (seen = steps = 0; steps < 9; steps++) {
			ret = bpfsys_map_get_next_key(&attr);
			if (ret)
				break;
			seen |= 1U << next[trie];
			memcpy(key, next, sizeof(key));
			attr.key = bpfsys_ptr(key);
		}
		typed_drop(&map);
		expect_error(state, map.shape->name, ENOENT, ret);
		expect_u64(state, "keys of the walk", 3, steps);
		expect_u64(state, "keys seen, a bit each", 7, seen);
	}
}

/* A value that was put in is a member; most others are not. */
void map_lookup_elem__bloom_filter(void **state)
{
	unsigned int members = 0;
	struct typed map;

	typed_need(&map, state, SHAPE_BLOOM_FILTER);
	for (uint32_t value = 0; value < 4; value++)
		typed_put(&map, 0, value);
	for (uint32_t value = 0; value < 4; value++)
		expect_ok(state, "lookup of a member",
			  typed_call(&map, bpfsys_map_lookup_elem, 0, value,
				     0));
	for (uint32_t value = 4; value < 1004; value++) {
		int ret = typed_call(&map, bpfsys_map_lookup_elem, 0, value, 0);

		if (ret)
			expect_error(state, "lookup of what is no member",
				     ENOENT, ret);
		members += ret == 0;
	}
	typed_drop(&map);
	expect_range(state, "of 1000 values that were not put in, found", 0,
		     500, members);
}

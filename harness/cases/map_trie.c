// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* LPM tries: which prefixes are there, how many, and in which order. Where two
 * part, the kernel puts a node between, which is no element. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "known.h"
#include "map_typed.h"

/* The address A.B.0.0, of which LENGTH bits count. */
struct prefix {
	uint32_t length;
	uint8_t a, b;
};

#define ROOM 4 /* max_entries of the trie of map_shapes.def */

/* As the kernel has it: the length is in the machine's byte order. */
static void put_key(const struct prefix *prefix, uint8_t key[8])
{
	memset(key, 0, 8);
	memcpy(key, &prefix->length, 4);
	key[4] = prefix->a;
	key[5] = prefix->b;
}

static int on_prefix(int fd, elem_fn *fn, const struct prefix *prefix,
		     uint64_t *value)
{
	struct bpfsys_map_elem_attr attr;
	uint8_t key[8];

	put_key(prefix, key);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.key = bpfsys_ptr(key);
	attr.value = fn == bpfsys_map_delete_elem ? 0 : bpfsys_ptr(value);
	return fn(&attr);
}

/* PREFIX bits of the address A.B.0.0. */
static int trie(int fd, elem_fn *fn, uint32_t prefix, uint8_t a, uint8_t b,
		uint64_t *value)
{
	const struct prefix key = {prefix, a, b};

	return on_prefix(fd, fn, &key, value);
}

/* 10.0.0.0/8 and 10.7.0.0/16: an address finds the longest that fits. */
void map_lookup_elem__longest_prefix(void **state)
{
	uint64_t short_value = 8, long_value = 16, found = 0;
	int fd = shape_make(state, SHAPE_LPM_TRIE);

	need(state, "update",
	     trie(fd, bpfsys_map_update_elem, 8, 10, 0, &short_value));
	need(state, "update",
	     trie(fd, bpfsys_map_update_elem, 16, 10, 7, &long_value));
	expect_ok(state, "lookup of 10.7.0.0/32",
		  trie(fd, bpfsys_map_lookup_elem, 32, 10, 7, &found));
	expect_u64(state, "value of 10.7.0.0/16", 16, found);
	expect_ok(state, "lookup of 10.8.0.0/32",
		  trie(fd, bpfsys_map_lookup_elem, 32, 10, 8, &found));
	expect_u64(state, "value of 10.0.0.0/8", 8, found);
	expect_error(state, "lookup of 11.7.0.0/32", ENOENT,
		     trie(fd, bpfsys_map_lookup_elem, 32, 11, 7, &found));
	expect_error(state, "lookup of 10.0.0.0/7, shorter than all", ENOENT,
		     trie(fd, bpfsys_map_lookup_elem, 7, 10, 0, &found));
	expect_error(state, "delete of 10.7.0.0/17, which is none", ENOENT,
		     trie(fd, bpfsys_map_delete_elem, 17, 10, 7, NULL));
	expect_ok(state, "delete of 10.7.0.0/16",
		  trie(fd, bpfsys_map_delete_elem, 16, 10, 7, NULL));
	expect_ok(state, "lookup of 10.7.0.0/32",
		  trie(fd, bpfsys_map_lookup_elem, 32, 10, 7, &found));
	expect_u64(state, "value of 10.0.0.0/8", 8, found);
	close(fd);
}

/* Its value is its place. */
static int store(int fd, const struct prefix *prefix, uint64_t place)
{
	return on_prefix(fd, bpfsys_map_update_elem, prefix, &place);
}

/* A trie of COUNT prefixes. */
static int make_trie(void **state, const struct prefix *held, size_t count)
{
	int fd = shape_make(state, SHAPE_LPM_TRIE);

	for (size_t i = 0; i < count; i++)
		need(state, "BPF_MAP_UPDATE_ELEM", store(fd, &held[i], i));
	return fd;
}

/* All that a full trie holds are there, but the one at GONE. */
static void expect_held(void **state, int fd, const struct prefix held[ROOM],
			size_t gone)
{
	for (size_t i = 0; i < ROOM; i++) {
		uint64_t found = ROOM;

		if (i == gone)
			continue;
		expect_ok(state, "lookup of a prefix that is there",
			  on_prefix(fd, bpfsys_map_lookup_elem, &held[i],
				    &found));
		expect_u64(state, "its value", i, found);
	}
}

/* Each of the four makes room for one other, and no more. */
static void take_turns(void **state, const struct prefix held[ROOM])
{
	static const struct prefix other = {8, 172, 0}, more = {8, 192, 0};
	int fd = make_trie(state, held, ROOM);

	for (size_t i = 0; i < ROOM; i++) {
		expect_error(state, "a prefix for which there is no room",
			     ENOSPC, store(fd, &more, 0));
		expect_ok(state, "delete of a prefix",
			  on_prefix(fd, bpfsys_map_delete_elem, &held[i],
				    NULL));
		expect_held(state, fd, held, i);
		expect_ok(state, "a prefix in its room", store(fd, &other, 0));
		expect_error(state, "a prefix more", ENOSPC,
			     store(fd, &more, 0));
		expect_held(state, fd, held, i);
		expect_ok(state, "delete of what was in its room",
			  on_prefix(fd, bpfsys_map_delete_elem, &other, NULL));
		expect_ok(state, "the prefix again", store(fd, &held[i], i));
		expect_held(state, fd, held, ROOM);
	}
	close(fd);
}

/* A prefix with two below it, with one, with none; below an element, below a
 * node that is none, and at the root: trie_delete_elem() tells them apart. */
void map_delete_elem__trie_makes_room(void **state)
{
	static const struct prefix nested[ROOM] = {
		{8, 10, 0}, {15, 10, 0}, {16, 10, 0}, {16, 10, 1}};
	static const struct prefix parted[ROOM] = {
		{16, 10, 0}, {16, 10, 1}, {8, 10, 0}, {8, 11, 0}};

	take_turns(state, nested);
	take_turns(state, parted);
}

/* 10.0.0.0/16 and 10.1.0.0/16, and nothing at 10.0.0.0/15. */
void map_delete_elem__trie_between(void **state)
{
	static const struct prefix held[] = {{16, 10, 0}, {16, 10, 1}};
	static const struct prefix between = {15, 10, 0};
	int delete, lookup, both[2], fd = make_trie(state, held, 2);
	uint64_t found[2] = {9, 9}, value;

	delete = on_prefix(fd, bpfsys_map_delete_elem, &between, NULL);
	lookup = on_prefix(fd, bpfsys_map_lookup_elem, &between, &value);
	for (int i = 0; i < 2; i++)
		both[i] = on_prefix(fd, bpfsys_map_lookup_elem, &held[i],
				    &found[i]);
	close(fd);
	expect_error(state, "delete of what two share", ENOENT, delete);
	expect_error(state, "lookup of what two share", ENOENT, lookup);
	for (uint32_t i = 0; i < 2; i++) {
		expect_ok(state, "lookup of one of the two", both[i]);
		expect_u64(state, "its value", i, found[i]);
	}
}

/* What two share becomes an element, and is none again once it is deleted. */
void map_update_elem__trie_between(void **state)
{
	static const struct prefix held[] = {{16, 10, 0}, {16, 10, 1}};
	static const struct prefix between = {15, 10, 0};
	static const struct prefix more[] = {{8, 172, 0}, {8, 192, 0}};
	int fd = make_trie(state, held, 2);
	uint64_t found = 9;

	expect_ok(state, "an update of what two share", store(fd, &between, 7));
	expect_ok(state, "lookup of it",
		  on_prefix(fd, bpfsys_map_lookup_elem, &between, &found));
	expect_u64(state, "its value", 7, found);
	expect_ok(state, "a fourth prefix", store(fd, &more[0], 0));
	expect_error(state, "a fifth", ENOSPC, store(fd, &more[1], 0));
	expect_ok(state, "delete of what two share",
		  on_prefix(fd, bpfsys_map_delete_elem, &between, NULL));
	expect_error(state, "delete of it once more", ENOENT,
		     on_prefix(fd, bpfsys_map_delete_elem, &between, NULL));
	expect_error(state, "lookup of it", ENOENT,
		     on_prefix(fd, bpfsys_map_lookup_elem, &between, &found));
	expect_ok(state, "the fifth in its room", store(fd, &more[1], 0));
	expect_error(state, "what two share in a full trie", ENOSPC,
		     store(fd, &between, 7));
	close(fd);
}

/* The prefix behind PREFIX, or the first where that is NULL. */
static int next_of(int fd, const struct prefix *prefix, uint8_t next[8])
{
	struct bpfsys_map_elem_attr attr;
	uint8_t key[8];

	if (prefix)
		put_key(prefix, key);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.key = prefix ? bpfsys_ptr(key) : 0;
	attr.next_key = bpfsys_ptr(next);
	memset(next, 0x5a, 8);
	return bpfsys_map_get_next_key(&attr);
}

/* In the order of the walk. */
static const struct prefix walked[ROOM] = {
	{16, 10, 0}, {16, 10, 1}, {8, 10, 0}, {8, 11, 0}};

/* trie_get_next_key(): "more specific keys before less specific ones". */
void map_get_next_key__trie_order(void **state)
{
	static const int stored[ROOM] = {2, 1, 3, 0};
	int end, fd = shape_make(state, SHAPE_LPM_TRIE);
	uint8_t next[8], want[8];

	for (int i = 0; i < ROOM; i++)
		need(state, "BPF_MAP_UPDATE_ELEM",
		     store(fd, &walked[stored[i]], 0));
	for (int i = 0; i < ROOM; i++) {
		put_key(&walked[i], want);
		expect_ok(state, "a step of the walk",
			  next_of(fd, i ? &walked[i - 1] : NULL, next));
		expect_mem(state, "prefix of the walk", want, next, 8);
	}
	memset(want, 0x5a, sizeof(want));
	end = next_of(fd, &walked[ROOM - 1], next);
	close(fd);
	expect_error(state, "a step behind the last", ENOENT, end);
	expect_mem(state, "next_key at the end", want, next, 8);
}

/* Behind PREFIX comes the first of the walk; or AWRY, where kernels of this
 * release are known for that. */
static void judge_unknown(void **state, const struct prefix *held, size_t count,
			  const struct prefix *prefix,
			  const struct prefix *awry)
{
	int ret, fd = make_trie(state, held, count);
	uint8_t next[8], want[8];

	ret = next_of(fd, prefix, next);
	close(fd);
	expect_ok(state, "a prefix that is not there", ret);
	if (awry) {
		put_key(awry, want);
		if (memcmp(want, next, sizeof(want)) == 0 &&
		    is_known(state, "10.0.0.0/8"))
			return;
	}
	put_key(&held[0], want);
	expect_mem(state, "the prefix behind it", want, next, sizeof(want));
}

/* Shared by two, longer than an address, beside all, and as long as one that
 * differs, which 5.10 takes for that. */
void map_get_next_key__trie_unknown_restarts(void **state)
{
	static const struct prefix unknown[] = {
		{15, 10, 0}, {33, 10, 0}, {8, 172, 0}, {16, 10, 2}};
	static const struct prefix two[] = {{16, 10, 1}, {8, 10, 0}};

	for (size_t i = 0; i < COUNT_OF(unknown); i++)
		judge_unknown(state, walked, ROOM, &unknown[i], NULL);
	judge_unknown(state, two, 2, &(const struct prefix){16, 10, 2},
		      &two[1]);
}

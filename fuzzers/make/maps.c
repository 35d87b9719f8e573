// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Maps and their elements. */
#include <string.h>

#include "code.h"
#include "maps.h"
#include "types.h"

#define ACCESS	(BPF_F_RDONLY | BPF_F_WRONLY)
#define ACCESSP (ACCESS | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)
#define NUMA	BPF_F_NUMA_NODE
#define LAZY	BPF_F_NO_PREALLOC
#define SEED	BPF_F_ZERO_SEED

enum { CPUS = 8 }; /* for which there is room in values of per-CPU maps */

/* clang-format off */
const struct shape shapes[] = {
	{BPF_MAP_TYPE_HASH, 4, 8, 16, ALONE, NUMBER, NUMBER, 0, LAZY | NUMA | SEED | ACCESSP},
	{BPF_MAP_TYPE_ARRAY, 4, 8, 4, ALONE, NUMBER, NUMBER, 0, NUMA | BPF_F_MMAPABLE | BPF_F_INNER_MAP | ACCESSP},
	{BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 4, ALONE, NUMBER, OF_PROG, 0, NUMA | ACCESS},
	{BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 4, ALONE, NUMBER, OF_PERF, 0, NUMA | BPF_F_PRESERVE_ELEMS | ACCESS},
	{BPF_MAP_TYPE_PERCPU_HASH, 4, 8, 4, ALONE, NUMBER, NUMBER, 0, LAZY | SEED | ACCESSP},
	{BPF_MAP_TYPE_PERCPU_ARRAY, 4, 8, 4, ALONE, NUMBER, NUMBER, 0, ACCESSP},
	{BPF_MAP_TYPE_STACK_TRACE, 4, 160, 4, ALONE, NUMBER, NOT, 0, NUMA | BPF_F_STACK_BUILD_ID | ACCESS},
	{BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 4, ALONE, NUMBER, OF_CGROUP, 0, NUMA | ACCESS},
	{BPF_MAP_TYPE_LRU_HASH, 4, 8, 4, ALONE, NUMBER, NUMBER, 0, BPF_F_NO_COMMON_LRU | NUMA | SEED | ACCESSP},
	{BPF_MAP_TYPE_LRU_PERCPU_HASH, 4, 8, 4, ALONE, NUMBER, NUMBER, 0, BPF_F_NO_COMMON_LRU | SEED | ACCESSP},
	{BPF_MAP_TYPE_LPM_TRIE, 8, 8, 4, ALONE, NUMBER, NUMBER, LAZY, NUMA | ACCESSP},
	{BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 4, INNER, NUMBER, OF_MAP, 0, NUMA | ACCESS},
	{BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 4, INNER, NUMBER, OF_MAP, 0, LAZY | NUMA | SEED | ACCESSP},
	{BPF_MAP_TYPE_DEVMAP, 4, 4, 4, ALONE, NUMBER, OF_DEVICE, 0, NUMA | ACCESS},
	{BPF_MAP_TYPE_SOCKMAP, 4, 8, 4, ALONE, NUMBER, OF_SOCKET, 0, NUMA | ACCESS},
	{BPF_MAP_TYPE_CPUMAP, 4, 4, 1, ALONE, NUMBER, NUMBER, 0, NUMA},
	{BPF_MAP_TYPE_XSKMAP, 4, 4, 4, ALONE, NUMBER, NOT, 0, NUMA | ACCESS},
	{BPF_MAP_TYPE_SOCKHASH, 4, 8, 4, ALONE, NUMBER, OF_SOCKET, 0, NUMA | ACCESS},
	{BPF_MAP_TYPE_CGROUP_STORAGE, 8, 8, 0, ALONE, NUMBER, NOT, 0, NUMA | ACCESSP},
	{BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 8, 4, ALONE, NUMBER, OF_REUSED, 0, NUMA | ACCESSP},
	{BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, 8, 8, 0, ALONE, NUMBER, NOT, 0, NUMA | ACCESSP},
	{BPF_MAP_TYPE_QUEUE, 0, 8, 4, ALONE, NUMBER, NUMBER, 0, NUMA | ACCESSP},
	{BPF_MAP_TYPE_STACK, 0, 8, 4, ALONE, NUMBER, NUMBER, 0, NUMA | ACCESSP},
	{BPF_MAP_TYPE_SK_STORAGE, 4, 4, 0, TYPED, OF_SOCKET, NUMBER, LAZY, BPF_F_CLONE},
	{BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 4, ALONE, NUMBER, OF_DEVICE, 0, NUMA | ACCESS},
	{BPF_MAP_TYPE_STRUCT_OPS, 4, 256, 1, OPS, NUMBER, NOT, 0, BPF_F_LINK},
	{BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, ALONE, NUMBER, NOT, 0, NUMA},
	{BPF_MAP_TYPE_INODE_STORAGE, 4, 4, 0, TYPED, OF_FILE, NUMBER, LAZY, BPF_F_CLONE},
	{BPF_MAP_TYPE_TASK_STORAGE, 4, 4, 0, TYPED, OF_TASK, NUMBER, LAZY, BPF_F_CLONE},
	{BPF_MAP_TYPE_BLOOM_FILTER, 0, 8, 4, ALONE, NUMBER, NUMBER, 0, NUMA | SEED | ACCESSP},
	{BPF_MAP_TYPE_USER_RINGBUF, 0, 0, 4096, ALONE, NUMBER, NOT, 0, NUMA},
	{BPF_MAP_TYPE_CGRP_STORAGE, 4, 4, 0, TYPED, OF_CGROUP, NUMBER, LAZY, BPF_F_CLONE},
	{BPF_MAP_TYPE_INSN_ARRAY, 4, 16, 4, ALONE, NUMBER, NOT, 0, 0},
	{BPF_MAP_TYPE_RHASH, 4, 8, 4, ALONE, NUMBER, NUMBER, LAZY, NUMA | ACCESSP},
};
/* clang-format on */
const unsigned int shapes_count = COUNT_OF(shapes);

const struct shape *shape_of(unsigned int type)
{
	for (size_t i = 0; i < COUNT_OF(shapes); i++)
		if (shapes[i].type == type)
			return &shapes[i];
	return &shapes[0];
}

const struct shape *any_shape(struct make *m)
{
	return &shapes[any(m, COUNT_OF(shapes))];
}

static unsigned int create(struct make *m, const struct shape *shape,
			   uint32_t flags)
{
	unsigned int map = bpf(m, BPFSYS_MAP_CREATE);

	put(m, "map_type", shape->type);
	put(m, "key_size", shape->key);
	put(m, "value_size", shape->value);
	put(m, "max_entries", shape->entries);
	put(m, "map_flags", shape->must | flags);
	return map;
}

unsigned int make_array(struct make *m, uint32_t value, uint32_t entries)
{
	unsigned int map = create(m, shape_of(BPF_MAP_TYPE_ARRAY), 0);

	put(m, "value_size", value);
	put(m, "max_entries", entries);
	return map;
}

unsigned int make_map(struct make *m, const struct shape *shape, uint32_t flags)
{
	unsigned int with = 0, map;

	if (shape->with == TYPED || shape->with == OPS)
		with = load_plain_types(m);
	if (shape->with == INNER)
		with = make_array(m, 8, 4);
	map = create(m, shape, flags);
	if (shape->with == TYPED) {
		put_fd(m, "btf_fd", with);
		put(m, "btf_key_type_id", PLAIN_INT);
		put(m, "btf_value_type_id", PLAIN_INT);
	} else if (shape->with == OPS) {
		put_fd(m, "btf_fd", with);
		put_name(m, "btf_vmlinux_value_type_id",
			 "bpf_struct_ops_tcp_congestion_ops");
	} else if (shape->with == INNER) {
		put_fd(m, "inner_map_fd", with);
	}
	return map;
}

unsigned int make_held(struct make *m, const struct shape *shape)
{
	struct code c;

	if (shape->values == OF_MAP)
		return make_array(m, 8, 4);
	if (shape->values != OF_PROG)
		return 0;
	code_clear(&c);
	ret(&c, 0);
	return load_code(m, &c, BPF_PROG_TYPE_SOCKET_FILTER, 0);
}

/* Puts what HOLDS says at AT of buffer BUF; false: a number goes there. */
static bool hold(struct make *m, unsigned int buf, unsigned int at,
		 enum map_holds holds, unsigned int width, unsigned int held)
{
	static const uint8_t givens[] = {
		[OF_PERF] = SEQ_GIVEN_PERF_SOFTWARE,
		[OF_CGROUP] = SEQ_GIVEN_CGROUP,
		[OF_SOCKET] = SEQ_GIVEN_TCP,
		[OF_REUSED] = SEQ_GIVEN_TCP_LISTEN,
		[OF_FILE] = SEQ_GIVEN_FILE,
		[OF_TASK] = SEQ_GIVEN_PIDFD,
	};

	if (holds == NUMBER || holds == NOT || holds == OF_DEVICE)
		return false;
	if (holds == OF_PROG || holds == OF_MAP)
		in_fd(m, buf, at, held, width);
	else
		in_ref(m, buf, at, SEQ_REF_GIVEN, givens[holds], width);
	return true;
}

static void put_number(uint8_t *bytes, unsigned int len, uint32_t value)
{
	if (len >= 4)
		put_le(bytes, value, 4);
	else if (len)
		bytes[0] = (uint8_t)value;
}

static void put_key(struct make *m, const char *field,
		    const struct shape *shape, uint32_t key)
{
	uint8_t bytes[512] = {0};
	unsigned int buf;

	if (!shape->key)
		return;
	put_number(bytes, shape->key, key);
	if (shape->type == BPF_MAP_TYPE_LPM_TRIE) {
		put_number(bytes, 4, 8 + 8 * (key % 4));
		put_number(bytes + 4, 4, key + 1);
	}
	buf = put_buf(m, field, bytes, shape->key, shape->key);
	hold(m, buf, 0, (enum map_holds)shape->keys, 4, 0);
}

static uint32_t value_room(const struct shape *shape)
{
	return ((uint32_t)shape->value + 7) / 8 * 8 * CPUS;
}

unsigned int elem(struct make *m, unsigned int cmd, unsigned int map,
		  const struct shape *shape, uint32_t key, uint64_t flags,
		  unsigned int held)
{
	const bool in = cmd == BPFSYS_MAP_UPDATE_ELEM;
	unsigned int call = bpf(m, cmd), buf;
	uint8_t value[512] = {0};

	put_fd(m, "map_fd", map);
	put_key(m, "key", shape, key);
	put(m, "flags", flags);
	if (cmd == BPFSYS_MAP_GET_NEXT_KEY)
		put_buf(m, "next_key", NULL, 0, shape->key ? shape->key : 4);
	if (cmd == BPFSYS_MAP_DELETE_ELEM || cmd == BPFSYS_MAP_GET_NEXT_KEY)
		return call;
	put_number(value, shape->value,
		   shape->values == OF_DEVICE		? 1
		   : shape->type == BPF_MAP_TYPE_CPUMAP ? 192
							: key + 7);
	if (!in && shape->type != BPF_MAP_TYPE_BLOOM_FILTER)
		put_number(value, shape->value, 0);
	buf = put_buf(m, "value", value, shape->value, value_room(shape));
	if (in)
		hold(m, buf, 0, (enum map_holds)shape->values,
		     shape->value == 8 ? 8 : 4, held);
	return call;
}

unsigned int batch(struct make *m, unsigned int cmd, unsigned int map,
		   const struct shape *shape, uint32_t count,
		   unsigned int before)
{
	const bool takes = cmd == BPFSYS_MAP_UPDATE_BATCH ||
			   cmd == BPFSYS_MAP_DELETE_BATCH;
	uint8_t keys[512] = {0};
	unsigned int call = bpf(m, cmd);

	put_fd(m, "map_fd", map);
	put(m, "count", count);
	for (unsigned int i = 0; takes && shape->key && i < count &&
				 (i + 1) * shape->key <= sizeof(keys);
	     i++)
		put_number(keys + (size_t)i * shape->key,
			   shape->key < 8 ? shape->key : 8, i);
	put_buf(m, "keys", keys, takes ? count * shape->key : 0,
		count * shape->key);
	if (cmd != BPFSYS_MAP_DELETE_BATCH)
		put_buf(m, "values", NULL, 0, count * value_room(shape));
	if (takes)
		return call;
	put_buf(m, "out_batch", NULL, 0, 64);
	if (before < call)
		put_out(m, "in_batch", before, "out_batch");
	return call;
}

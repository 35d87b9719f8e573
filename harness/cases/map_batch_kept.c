// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Batches on hashes that do more with an element than to free it: LRU hashes
 * use it again, hashes of maps let go of a map. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"
#include "map_batch.h"
#include "map_shape.h"

/* An LRU hash has free elements on each CPU, and forgets others before it looks
 * for them elsewhere: all happens on the first CPU that there is. */
static void stay_on_cpu(void **state, cpu_set_t *before)
{
	cpu_set_t one;
	int cpu = 0;

	CPU_ZERO(&one);
	need(state, "sched_getaffinity",
	     sched_getaffinity(0, sizeof(*before), before) ? -errno : 0);
	while (!CPU_ISSET(cpu, before))
		cpu++;
	CPU_SET(cpu, &one);
	need(state, "sched_setaffinity",
	     sched_setaffinity(0, sizeof(one), &one) ? -errno : 0);
}

/* Fills MAP by one batch, to its last element. */
static void fill_by_batch(void **state, struct batch_map *map)
{
	struct bpfsys_map_batch_attr attr;

	batch_map_number(map);
	batch_attr(map, N_ELEMS, &attr);
	expect_ok(state, "a batch of updates", bpfsys_map_update_batch(&attr));
	expect_u64(state, "count", N_ELEMS, attr.count);
	expect_u64(state, "elements in the map", N_ELEMS, batch_map_held(map));
}

static void take_by_batch(void **state, struct batch_map *map)
{
	(void)state;
	memset(map->seen, 0, sizeof(map->seen));
	batch_walk(map, bpfsys_map_lookup_and_delete_batch, N_ELEMS / 4);
}

static void delete_by_batch(void **state, struct batch_map *map)
{
	struct bpfsys_map_batch_attr attr;

	batch_map_number(map);
	batch_attr(map, N_ELEMS, &attr);
	expect_ok(state, "a batch of deletions",
		  bpfsys_map_delete_batch(&attr));
	expect_u64(state, "count", N_ELEMS, attr.count);
}

/* Three times full, walked and emptied. An element that was lost on the way
 * makes the map forget others, or leaves it without any for new ones. */
static void judge_lru(void **state,
		      void (*empty)(void **state, struct batch_map *map))
{
	static const struct batch_type *const types[] = {
		&batch_lru_hash, &batch_lru_percpu_hash};
	static struct batch_map map;
	cpu_set_t before;

	stay_on_cpu(state, &before);
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		batch_map_make(&map, state, types[i]);
		for (int round = 0; round < 3; round++) {
			fill_by_batch(state, &map);
			memset(map.seen, 0, sizeof(map.seen));
			batch_walk(&map, bpfsys_map_lookup_batch, N_ELEMS / 4);
			empty(state, &map);
			expect_u64(state, "elements in the map, emptied", 0,
				   batch_map_held(&map));
		}
		batch_map_drop(&map);
	}
	sched_setaffinity(0, sizeof(before), &before);
}

void map_lookup_and_delete_batch__walk_lru(void **state)
{
	judge_lru(state, take_by_batch);
}

void map_delete_batch__lru(void **state)
{
	judge_lru(state, delete_by_batch);
}

#define INNER 3

/* A batch from the start of a hash of maps, as FN answers, with all there is:
 * each key once, and with it the id of its map. */
static void expect_ids(void **state, int fd, batch_fn *fn,
		       const uint32_t ids[INNER])
{
	uint32_t keys[INNER + 1], values[INNER + 1], out;
	struct bpfsys_map_batch_attr attr;
	unsigned int seen = 0;

	memset(values, 0x5a, sizeof(values));
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.keys = bpfsys_ptr(keys);
	attr.values = bpfsys_ptr(values);
	attr.out_batch = bpfsys_ptr(&out);
	attr.count = INNER + 1;
	expect_error(state, "a batch of all", ENOENT, fn(&attr));
	expect_u64(state, "count", INNER, attr.count);
	for (int i = 0; i < INNER; i++) {
		expect_range(state, "key", 0, INNER - 1, keys[i]);
		expect_u64(state, "id of the map under it", ids[keys[i]],
			   values[i]);
		seen |= 1U << keys[i];
	}
	expect_u64(state, "keys seen, a bit each", (1U << INNER) - 1, seen);
	expect_u64(state, "memory behind the ids", 0x5a5a5a5a, values[INNER]);
}

/* bpf_map_lookup_percpu_elem() came with 5.19 too, and BTF shows it. */
static void skip_unsupported(void **state, int ret)
{
	uint32_t offset, size;

	if (ret != -BPFSYS_ENOTSUPP)
		return;
	expect_true(state, "batches of hashes of maps came with 5.19",
		    !kernel_member("bpf_map_ops.map_lookup_percpu_elem",
				   &offset, &size));
	skip_case(state, "no batches of hashes of maps before 5.19: ENOTSUPP");
}

/* A hash of INNER maps, stored by one batch, which alone holds them. */
static int make_inners(void **state, uint32_t ids[INNER])
{
	int ret, fds[INNER], fd = shape_make(state, SHAPE_HASH_OF_MAPS);
	uint32_t keys[INNER], values[INNER];
	struct bpfsys_map_batch_attr attr;

	for (uint32_t i = 0; i < INNER; i++) {
		keys[i] = i;
		fds[i] = make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
		values[i] = (uint32_t)fds[i];
		ids[i] = id_of_map(state, fds[i]);
	}
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.keys = bpfsys_ptr(keys);
	attr.values = bpfsys_ptr(values);
	attr.count = INNER;
	ret = bpfsys_map_update_batch(&attr);
	for (int i = 0; i < INNER; i++)
		close(fds[i]);
	if (ret)
		close(fd);
	skip_unsupported(state, ret);
	expect_ok(state, "a batch of updates", ret);
	expect_u64(state, "count", INNER, attr.count);
	return fd;
}

void map_lookup_and_delete_batch__inner_maps(void **state)
{
	uint32_t ids[INNER], key = 0, value;
	int ret, fd = make_inners(state, ids);

	expect_ids(state, fd, bpfsys_map_lookup_batch, ids);
	expect_ids(state, fd, bpfsys_map_lookup_and_delete_batch, ids);
	ret = lookup_value(fd, &key, &value);
	for (int i = 0; i < INNER; i++)
		expect_true(state, "a map that was taken out is gone",
			    is_gone(bpfsys_map_get_fd_by_id, ids[i]));
	close(fd);
	expect_error(state, "lookup of what was taken out", ENOENT, ret);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Room in hashes: an element that goes makes room for one, however it goes and
 * whatever counts the elements. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_typed.h"

/* FLAGS and MAX_ENTRIES of a map besides those of map_shapes.def. With 1024 the
 * kernel counts on each CPU, which is exact only near the end: is_map_full() in
 * kernel/bpf/hashtab.c. */
static const struct roomy {
	enum map_number type;
	uint32_t flags, max_entries;
} roomy[] = {
	{SHAPE_HASH, 0, 4},
	{SHAPE_HASH, BPF_F_NO_PREALLOC, 4},
	{SHAPE_HASH, BPF_F_NO_PREALLOC, 1024},
	{SHAPE_PERCPU_HASH, 0, 4},
	{SHAPE_PERCPU_HASH, BPF_F_NO_PREALLOC, 4},
	{SHAPE_RHASH, 0, 4},
	{SHAPE_DEVMAP_HASH, 0, 4},
};

/* Full: the keys from 0 on, with 1 as value, the device of a devmap. False: the
 * kernel has no such maps. */
static bool make_full(void **state, const struct roomy *room, struct typed *map)
{
	struct shaped shaped;

	if (!typed_make(map, state, room->type))
		return false;
	typed_drop(map);
	shape_need(state, room->type, &shaped);
	shaped.attr.map_flags |= room->flags;
	shaped.attr.max_entries = room->max_entries;
	map->fd = need(state, "BPF_MAP_CREATE of a hash",
		       bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	for (uint32_t key = 0; key < room->max_entries; key++)
		typed_put(map, key, 1);
	return true;
}

static int store(struct typed *map, uint32_t key)
{
	return typed_call(map, bpfsys_map_update_elem, key, 1, BPF_NOEXIST);
}

/* Each of four elements goes by FN, and another comes. */
static void judge_room(void **state, const struct roomy *room, elem_fn *fn)
{
	uint32_t most = room->max_entries;
	struct typed map;

	if (!make_full(state, room, &map))
		return;
	for (uint32_t key = 0; key < 4; key++) {
		expect_error(state, "an element for which there is no room",
			     E2BIG, store(&map, most + key));
		expect_ok(state, "the end of an element",
			  typed_call(&map, fn, key, 0, 0));
		expect_ok(state, "an element in its room",
			  store(&map, most + key));
	}
	expect_error(state, "an element more", E2BIG, store(&map, 0));
	typed_drop(&map);
}

void map_delete_elem__makes_room(void **state)
{
	for (size_t i = 0; i < COUNT_OF(roomy); i++)
		judge_room(state, &roomy[i], bpfsys_map_delete_elem);
}

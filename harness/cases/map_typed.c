// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The element commands on a map of any type. */
#include <string.h>
#include <unistd.h>

#include "map_typed.h"

bool typed_make(struct typed *map, void **state, enum map_number type)
{
	memset(map, 0, sizeof(*map));
	map->state = state;
	map->shape = map_shape(type);
	map->fd = shape_make(state, type);
	return map->fd >= 0;
}

void typed_need(struct typed *map, void **state, enum map_number type)
{
	memset(map, 0, sizeof(*map));
	map->state = state;
	map->shape = map_shape(type);
	map->fd = shape_make_needed(state, type);
}

void typed_drop(struct typed *map)
{
	close(map->fd);
}

int typed_call(struct typed *map, elem_fn *fn, uint32_t key, uint32_t value,
	       uint64_t flags)
{
	struct bpfsys_map_elem_attr attr;
	bool trie = map->shape->type == SHAPE_LPM_TRIE;

	memset(map->key, 0, sizeof(map->key));
	memset(map->value, 0, sizeof(map->value));
	map->key[trie ? 1 : 0] = key;
	if (trie)
		map->key[0] = 32;
	map->value[0] = value;
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map->fd;
	attr.key = map->shape->key_size ? bpfsys_ptr(map->key) : 0;
	/* Deleting takes no value. */
	if (fn != bpfsys_map_delete_elem)
		attr.value = bpfsys_ptr(map->value);
	if (fn == bpfsys_map_get_next_key)
		attr.next_key = bpfsys_ptr(map->key);
	attr.flags = flags;
	return fn(&attr);
}

void typed_put(struct typed *map, uint32_t key, uint32_t value)
{
	expect_ok(map->state, map->shape->name,
		  typed_call(map, bpfsys_map_update_elem, key, value, BPF_ANY));
}

void refuse_types(void **state, const enum map_number *types, size_t count,
		  const struct typed_try *try)
{
	struct run *run = *state;
	struct typed map;
	int ret;

	for (size_t i = 0; i < count; i++) {
		if (!typed_make(&map, state, types[i]))
			continue;
		ret = typed_call(&map, try->fn, try->key, try->value,
				 try->flags);
		typed_drop(&map);
		expect_error(state, map.shape->name, run->which->err, ret);
	}
}

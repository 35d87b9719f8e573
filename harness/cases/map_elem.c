// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What the element commands share: a hash map that holds one element. */
#include <string.h>
#include <unistd.h>

#include "map_elem.h"

void make_hash(struct world *world)
{
	world->map_fd = make_map(world->state, BPF_MAP_TYPE_HASH, 8, 8, 4, 0);
	world->zero_fd = world->map_fd;
	world->keys[0] = ELEM_KEY;
	world->values[0] = ELEM_VALUE;
	put_elem(world->state, world->map_fd, &world->keys[0],
		 &world->values[0]);
}

void arm_elem(struct world *world, union argument *attr, uint64_t value)
{
	world->keys[0] = ELEM_KEY;
	world->values[0] = value;
	attr->map_elem.map_fd = (uint32_t)world->map_fd;
	attr->map_elem.key = bpfsys_ptr(&world->keys[0]);
	attr->map_elem.value = bpfsys_ptr(&world->values[0]);
}

int lookup_value(int map_fd, const void *key, void *value)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(key);
	attr.value = bpfsys_ptr(value);
	return bpfsys_map_lookup_elem(&attr);
}

int lookup_u64(int map_fd, const void *key, uint64_t *value)
{
	return lookup_value(map_fd, key, value);
}

void break_map_fd(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.map_fd = CLOSED_FD;
}

void break_key(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.key = 0;
}

void break_value(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.value = 0;
}

void break_frozen(struct world *world, union argument *attr)
{
	struct bpfsys_map_elem_attr freeze;

	(void)attr;
	memset(&freeze, 0, sizeof(freeze));
	freeze.map_fd = (uint32_t)world->map_fd;
	need(world->state, "BPF_MAP_FREEZE", bpfsys_map_freeze(&freeze));
}

/* Another hash in place of the map, for one kind of access. */
static void remake(struct world *world, union argument *attr, uint32_t flag)
{
	close(world->map_fd);
	world->map_fd =
		make_map(world->state, BPF_MAP_TYPE_HASH, 8, 8, 4, flag);
	attr->map_elem.map_fd = (uint32_t)world->map_fd;
}

void break_read_only(struct world *world, union argument *attr)
{
	remake(world, attr, BPF_F_RDONLY);
}

void break_write_only(struct world *world, union argument *attr)
{
	remake(world, attr, BPF_F_WRONLY);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_BIND_MAP. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "hooks.h"

static void make(struct world *world)
{
	world->map_fd = make_counters(world->state);
	world->prog_fd =
		make_verdict_prog(world->state, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	world->zero_fd = world->prog_fd;
}

/* The map stays bound, and the call succeeds again. */
static void arm(struct world *world, union argument *attr)
{
	attr->prog_bind_map.prog_fd = (uint32_t)world->prog_fd;
	attr->prog_bind_map.map_fd = (uint32_t)world->map_fd;
}

/* The ids of PROG_FD's maps; their number. */
static uint32_t maps_of(void **state, int prog_fd, uint32_t *ids, uint32_t room)
{
	struct bpfsys_prog_info info;

	memset(ids, 0, room * sizeof(*ids));
	memset(&info, 0, sizeof(info));
	info.map_ids = bpfsys_ptr(ids);
	info.nr_map_ids = room;
	get_info(state, prog_fd, &info, sizeof(info));
	return info.nr_map_ids;
}

static void check(struct world *world, const union argument *attr, int ret)
{
	void **state = world->state;
	uint32_t ids[2];

	(void)attr;
	(void)ret;
	expect_u64(state, "info: nr_map_ids", 1,
		   maps_of(state, world->prog_fd, ids, 2));
	expect_u64(state, "info: map_ids[0]", id_of_map(state, world->map_fd),
		   ids[0]);
}

const struct witness witness_prog_bind_map = {
	.make = make,
	.arm = arm,
	.check = check,
};

static void close_prog(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_bind_map.prog_fd = CLOSED_FD;
}

void prog_bind_map__closed_prog_fd(void **state)
{
	judge_broken(state, close_prog);
}

static void close_map(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_bind_map.map_fd = CLOSED_FD;
}

void prog_bind_map__closed_map_fd(void **state)
{
	judge_broken(state, close_map);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_bind_map.flags = 1;
}

void prog_bind_map__unknown_flag(void **state)
{
	judge_broken(state, add_flag);
}

static void name_prog_twice(struct world *world, union argument *attr)
{
	attr->prog_bind_map.map_fd = (uint32_t)world->prog_fd;
}

void prog_bind_map__not_a_map(void **state)
{
	judge_broken(state, name_prog_twice);
}

static void name_map_twice(struct world *world, union argument *attr)
{
	attr->prog_bind_map.prog_fd = (uint32_t)world->map_fd;
}

void prog_bind_map__not_a_program(void **state)
{
	judge_broken(state, name_map_twice);
}

void prog_bind_map__twice(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	uint32_t ids[2], count;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	need(state, "BPF_PROG_BIND_MAP",
	     bpfsys_prog_bind_map(&attr.prog_bind_map));
	expect_ok(state, "binding a map again",
		  bpfsys_prog_bind_map(&attr.prog_bind_map));
	count = maps_of(state, world.prog_fd, ids, 2);
	world_drop(&world);
	expect_u64(state, "info: nr_map_ids", 1, count);
}

/* The map lives as long as the program, without a descriptor of its own. */
void prog_bind_map__keeps_map(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	struct bpfsys_get_id_attr get;
	uint32_t id;
	int fd;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	need(state, "BPF_PROG_BIND_MAP",
	     bpfsys_prog_bind_map(&attr.prog_bind_map));
	id = id_of_map(state, world.map_fd);
	close(world.map_fd);
	world.map_fd = -1;
	memset(&get, 0, sizeof(get));
	get.map_id = id;
	fd = bpfsys_map_get_fd_by_id(&get);
	close_if_fd(fd);
	world_drop(&world);
	expect_ok(state, "BPF_MAP_GET_FD_BY_ID of the bound map", fd);
}

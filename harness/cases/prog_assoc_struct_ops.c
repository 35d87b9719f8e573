// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_ASSOC_STRUCT_OPS, with a map of TCP congestion control, the
 * struct_ops type that every kernel with struct_ops has. */
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"

#define STRUCT_OPS "bpf_struct_ops_tcp_congestion_ops"

static int make_struct_ops(void **state)
{
	struct bpfsys_map_create_attr attr;
	int btf_fd, fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_STRUCT_OPS;
	attr.key_size = 4;
	attr.btf_vmlinux_value_type_id = need_struct_id(state, STRUCT_OPS);
	attr.value_size = kernel_struct_size(STRUCT_OPS);
	attr.max_entries = 1;
	/* Any BTF will do; there must be one: map_create(). */
	btf_fd = make_btf(state);
	attr.btf_fd = (uint32_t)btf_fd;
	fd = need(state, "BPF_MAP_CREATE of a struct_ops map",
		  bpfsys_map_create(&attr));
	close(btf_fd);
	return fd;
}

static void make(struct world *world)
{
	world->map_fd = make_struct_ops(world->state);
	world->prog_fd =
		make_verdict_prog(world->state, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	world->zero_fd = world->map_fd;
}

/* The association stays, and the call succeeds again. */
static void arm(struct world *world, union argument *attr)
{
	attr->prog_assoc_struct_ops.map_fd = (uint32_t)world->map_fd;
	attr->prog_assoc_struct_ops.prog_fd = (uint32_t)world->prog_fd;
}

static int map_by_id(uint32_t id)
{
	struct bpfsys_get_id_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_id = id;
	return bpfsys_map_get_fd_by_id(&attr);
}

/* The association shows in that the map lives without its descriptor, as long
 * as the program: bpf_prog_assoc_struct_ops() takes a reference. */
static void check(struct world *world, const union argument *attr, int ret)
{
	uint32_t id = id_of_map(world->state, world->map_fd);

	(void)attr;
	(void)ret;
	close(world->map_fd);
	world->map_fd = map_by_id(id);
	expect_ok(world->state, "BPF_MAP_GET_FD_BY_ID of the associated map",
		  world->map_fd);
}

const struct witness witness_prog_assoc_struct_ops = {
	.make = make,
	.arm = arm,
	.check = check,
};

static void close_map(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_assoc_struct_ops.map_fd = CLOSED_FD;
}

void prog_assoc_struct_ops__closed_map_fd(void **state)
{
	judge_broken(state, close_map);
}

static void close_prog(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_assoc_struct_ops.prog_fd = CLOSED_FD;
}

void prog_assoc_struct_ops__closed_prog_fd(void **state)
{
	judge_broken(state, close_prog);
}

static void name_array(struct world *world, union argument *attr)
{
	close(world->map_fd);
	world->map_fd = make_counters(world->state);
	attr->prog_assoc_struct_ops.map_fd = (uint32_t)world->map_fd;
}

void prog_assoc_struct_ops__not_struct_ops(void **state)
{
	judge_broken(state, name_array);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_assoc_struct_ops.flags = 1;
}

void prog_assoc_struct_ops__unknown_flag(void **state)
{
	judge_broken(state, add_flag);
}

/* The program is of the first map; the call names the second one. */
static void take_other_map(struct world *world, union argument *attr)
{
	need(world->state, "BPF_PROG_ASSOC_STRUCT_OPS",
	     bpfsys_prog_assoc_struct_ops(&attr->prog_assoc_struct_ops));
	close(world->map_fd);
	world->map_fd = make_struct_ops(world->state);
	attr->prog_assoc_struct_ops.map_fd = (uint32_t)world->map_fd;
}

void prog_assoc_struct_ops__other_map(void **state)
{
	judge_broken(state, take_other_map);
}

void prog_assoc_struct_ops__twice(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	need(state, "BPF_PROG_ASSOC_STRUCT_OPS",
	     bpfsys_prog_assoc_struct_ops(&attr.prog_assoc_struct_ops));
	ret = bpfsys_prog_assoc_struct_ops(&attr.prog_assoc_struct_ops);
	world_drop(&world);
	expect_ok(state, "associating a program with its map again", ret);
}

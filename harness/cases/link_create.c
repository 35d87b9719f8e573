// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_CREATE, of a program to a cgroup. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "hooks.h"

static void make(struct world *world)
{
	make_cgroup_hook(world);
	world->zero_fd = world->prog_fd;
}

static void arm(struct world *world, union argument *attr)
{
	keep_cgroup_hook(world);
	attr->link_create.prog_fd = (uint32_t)world->prog_fd;
	attr->link_create.target_fd = (uint32_t)world->dir_fd;
	attr->link_create.attach_type = CGROUP_HOOK;
}

static void disarm(struct world *world, int ret)
{
	(void)world;
	close_if_fd(ret);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	void **state = world->state;
	struct bpfsys_link_info info;
	uint32_t id, prog_id = id_of_prog(state, world->prog_fd);

	(void)attr;
	memset(&info, 0, sizeof(info));
	get_info(state, ret, &info, sizeof(info));
	expect_u64(state, "info: type", BPF_LINK_TYPE_CGROUP, info.type);
	expect_range(state, "info: id", 1, UINT32_MAX, info.id);
	expect_u64(state, "info: prog_id", prog_id, info.prog_id);
	expect_u64(state, "info: cgroup_id", id_of_cgroup(world),
		   info.cgroup.cgroup_id);
	expect_u64(state, "info: attach_type", CGROUP_HOOK,
		   info.cgroup.attach_type);
	expect_u64(state, "programs at the hook", 1,
		   query_cgroup(world, &id, 1));
	expect_u64(state, "id of the program at the hook", prog_id, id);
}

const struct witness witness_link_create = {
	.make = make,
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

static void close_prog(struct world *world, union argument *attr)
{
	(void)world;
	attr->link_create.prog_fd = CLOSED_FD;
}

void link_create__closed_prog_fd(void **state)
{
	judge_broken(state, close_prog);
}

static void close_target(struct world *world, union argument *attr)
{
	(void)world;
	attr->link_create.target_fd = CLOSED_FD;
}

void link_create__closed_target_fd(void **state)
{
	judge_broken(state, close_target);
}

static void miss_cgroup(struct world *world, union argument *attr)
{
	attr->link_create.target_fd = (uint32_t)world->prog_fd;
}

void link_create__not_a_cgroup(void **state)
{
	judge_broken(state, miss_cgroup);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->link_create.flags = 1u << 31;
}

void link_create__unknown_flag(void **state)
{
	judge_broken(state, add_flag);
}

static void bend_type(struct world *world, union argument *attr)
{
	(void)world;
	attr->link_create.attach_type = UINT16_MAX;
}

void link_create__unknown_attach_type(void **state)
{
	judge_broken(state, bend_type);
}

static void name_filter(struct world *world, union argument *attr)
{
	close(world->prog2_fd);
	world->prog2_fd =
		make_verdict_prog(world->state, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	attr->link_create.prog_fd = (uint32_t)world->prog2_fd;
}

void link_create__no_link_support(void **state)
{
	judge_broken(state, name_filter);
}

/* A cgroup's links share a hook with each other, and with no program that was
 * attached to be alone. */
static void attach_alone(struct world *world, union argument *attr)
{
	(void)attr;
	need(world->state, "BPF_PROG_ATTACH",
	     attach_cgroup(world, world->prog2_fd, 0));
}

void link_create__exclusive_program(void **state)
{
	judge_broken(state, attach_alone);
}

void link_create__several(void **state)
{
	struct world world;
	uint32_t ids[4];
	int first, second;

	world_make(&world, state);
	first = link_cgroup(&world, world.prog_fd);
	expect_ok(state, "the first link", first);
	second = link_cgroup(&world, world.prog_fd);
	expect_ok(state, "a second link of the same program", second);
	expect_u64(state, "programs at the hook", 2,
		   query_cgroup(&world, ids, 4));
	close(first);
	close(second);
	world_drop(&world);
}

/* A link is its descriptors: the program goes with the last one. */
void link_create__closed(void **state)
{
	struct world world;
	uint32_t ids[4];
	int fd, other;

	world_make(&world, state);
	fd = need(state, "BPF_LINK_CREATE", link_cgroup(&world, world.prog_fd));
	other = dup(fd);
	close(fd);
	expect_u64(state, "programs at the hook with one descriptor closed", 1,
		   query_cgroup(&world, ids, 4));
	close(other);
	expect_u64(state, "programs at the hook with both closed", 0,
		   query_cgroup(&world, ids, 4));
	world_drop(&world);
}

/* The link outlives its cgroup, and says that it is gone. */
void link_create__cgroup_removed(void **state)
{
	struct bpfsys_link_info info;
	struct world world;

	world_make(&world, state);
	world.link_fd = need(state, "BPF_LINK_CREATE",
			     link_cgroup(&world, world.prog_fd));
	close(world.dir_fd);
	world.dir_fd = -1;
	need(state, "rmdir of the cgroup", rmdir(world.dir) != 0 ? -errno : 0);
	world.dir[0] = '\0';
	/* The kernel detaches in a work item: cgroup_bpf_release(). */
	for (int i = 0; i < 200; i++) {
		memset(&info, 0, sizeof(info));
		get_info(state, world.link_fd, &info, sizeof(info));
		if (!info.cgroup.cgroup_id)
			break;
		usleep(10000);
	}
	world_drop(&world);
	expect_u64(state, "info: cgroup_id", 0, info.cgroup.cgroup_id);
}

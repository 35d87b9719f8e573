// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_UPDATE, of a cgroup's link. */
#include <string.h>

#include "catalogue.h"
#include "hooks.h"
#include "links.h"

static void make(struct world *world)
{
	make_cgroup_hook(world);
	world->link_fd = need(world->state, "BPF_LINK_CREATE",
			      link_cgroup(world, world->prog_fd));
	world->zero_fd = world->link_fd;
}

static void arm(struct world *world, union argument *attr)
{
	need(world->state, "BPF_LINK_UPDATE to the first program",
	     link_update_to(world->link_fd, world->prog_fd));
	attr->link_update.link_fd = (uint32_t)world->link_fd;
	attr->link_update.new_prog_fd = (uint32_t)world->prog2_fd;
	attr->link_update.flags = BPF_F_REPLACE;
	attr->link_update.old_prog_fd = (uint32_t)world->prog_fd;
}

/* The link is still the same, and another program hangs at the hook. */
static void check(struct world *world, const union argument *attr, int ret)
{
	void **state = world->state;
	struct bpfsys_link_info info;
	uint32_t id, prog_id = id_of_prog(state, world->prog2_fd);

	(void)attr;
	(void)ret;
	memset(&info, 0, sizeof(info));
	get_info(state, world->link_fd, &info, sizeof(info));
	expect_u64(state, "info: prog_id", prog_id, info.prog_id);
	expect_u64(state, "info: cgroup_id", id_of_cgroup(world),
		   info.cgroup.cgroup_id);
	expect_u64(state, "programs at the hook", 1,
		   query_cgroup(world, &id, 1));
	expect_u64(state, "id of the program at the hook", prog_id, id);
}

const struct witness witness_link_update = {
	.make = make,
	.arm = arm,
	.check = check,
};

static void close_link(struct world *world, union argument *attr)
{
	(void)world;
	attr->link_update.link_fd = CLOSED_FD;
}

void link_update__closed_link_fd(void **state)
{
	judge_broken(state, close_link);
}

static void name_prog(struct world *world, union argument *attr)
{
	attr->link_update.link_fd = (uint32_t)world->prog_fd;
}

void link_update__not_a_link(void **state)
{
	judge_broken(state, name_prog);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->link_update.flags |= 1u << 31;
}

void link_update__unknown_flag(void **state)
{
	judge_broken(state, add_flag);
}

static void drop_replace(struct world *world, union argument *attr)
{
	(void)world;
	attr->link_update.flags = 0;
}

void link_update__old_prog_without_replace(void **state)
{
	judge_broken(state, drop_replace);
}

static void name_other_old(struct world *world, union argument *attr)
{
	attr->link_update.old_prog_fd = (uint32_t)world->prog2_fd;
}

void link_update__old_prog_differs(void **state)
{
	judge_broken(state, name_other_old);
}

static void close_new(struct world *world, union argument *attr)
{
	(void)world;
	attr->link_update.new_prog_fd = CLOSED_FD;
}

void link_update__closed_new_prog_fd(void **state)
{
	judge_broken(state, close_new);
}

static void close_old(struct world *world, union argument *attr)
{
	(void)world;
	attr->link_update.old_prog_fd = CLOSED_FD;
}

void link_update__closed_old_prog_fd(void **state)
{
	judge_broken(state, close_old);
}

static void change_type(struct world *world, union argument *attr)
{
	close_if_fd(world->prog2_fd);
	world->prog2_fd =
		make_verdict_prog(world->state, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	attr->link_update.new_prog_fd = (uint32_t)world->prog2_fd;
}

void link_update__other_prog_type(void **state)
{
	judge_broken(state, change_type);
}

static void detach_link(struct world *world, union argument *attr)
{
	struct bpfsys_link_detach_attr detach;

	(void)attr;
	memset(&detach, 0, sizeof(detach));
	detach.link_fd = (uint32_t)world->link_fd;
	need(world->state, "BPF_LINK_DETACH", bpfsys_link_detach(&detach));
}

void link_update__detached(void **state)
{
	judge_broken(state, detach_link);
}

/* A raw tracepoint's link has no program that could be exchanged. */
static void name_tracepoint(struct world *world, union argument *attr)
{
	world->map_fd = make_counters(world->state);
	close_if_fd(world->prog2_fd);
	world->prog2_fd = make_newtask_prog(world->state, world->map_fd);
	close_if_fd(world->link_fd);
	world->link_fd = open_raw_tracepoint(world->state, "task_newtask",
					     world->prog2_fd);
	attr->link_update.link_fd = (uint32_t)world->link_fd;
	attr->link_update.new_prog_fd = (uint32_t)world->prog2_fd;
	attr->link_update.flags = 0;
	attr->link_update.old_prog_fd = 0;
}

void link_update__no_update(void **state)
{
	judge_broken(state, name_tracepoint);
}

/* Without BPF_F_REPLACE whatever the link holds goes. */
void link_update__any_old(void **state)
{
	struct bpfsys_link_info info;
	struct world world;
	uint32_t id;

	world_make(&world, state);
	expect_ok(state, "BPF_LINK_UPDATE without flags",
		  link_update_to(world.link_fd, world.prog2_fd));
	memset(&info, 0, sizeof(info));
	get_info(state, world.link_fd, &info, sizeof(info));
	id = id_of_prog(state, world.prog2_fd);
	world_drop(&world);
	expect_u64(state, "info: prog_id", id, info.prog_id);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_DETACH, of a cgroup's link. */
#include <string.h>

#include "catalogue.h"
#include "hooks.h"

static void make(struct world *world)
{
	make_cgroup_hook(world);
	world->link_fd = need(world->state, "BPF_LINK_CREATE",
			      link_cgroup(world, world->prog_fd));
	world->zero_fd = world->link_fd;
}

/* The link stays detached, and the call succeeds again. */
static void arm(struct world *world, union argument *attr)
{
	attr->link_detach.link_fd = (uint32_t)world->link_fd;
}

/* The link is still there, with its program, and at no hook. */
static void check(struct world *world, const union argument *attr, int ret)
{
	void **state = world->state;
	struct bpfsys_link_info info;
	uint32_t id;

	(void)attr;
	(void)ret;
	expect_u64(state, "programs at the hook", 0,
		   query_cgroup(world, &id, 1));
	memset(&info, 0, sizeof(info));
	get_info(state, world->link_fd, &info, sizeof(info));
	expect_u64(state, "info: type", BPF_LINK_TYPE_CGROUP, info.type);
	expect_u64(state, "info: prog_id", id_of_prog(state, world->prog_fd),
		   info.prog_id);
	expect_u64(state, "info: cgroup_id", 0, info.cgroup.cgroup_id);
}

const struct witness witness_link_detach = {
	.make = make,
	.arm = arm,
	.check = check,
};

static void close_link(struct world *world, union argument *attr)
{
	(void)world;
	attr->link_detach.link_fd = CLOSED_FD;
}

void link_detach__closed_fd(void **state)
{
	judge_broken(state, close_link);
}

static void name_prog(struct world *world, union argument *attr)
{
	attr->link_detach.link_fd = (uint32_t)world->prog_fd;
}

void link_detach__not_a_link(void **state)
{
	judge_broken(state, name_prog);
}

static void name_tracepoint(struct world *world, union argument *attr)
{
	world->map_fd = make_counters(world->state);
	close_if_fd(world->prog2_fd);
	world->prog2_fd = make_newtask_prog(world->state, world->map_fd);
	close_if_fd(world->link_fd);
	world->link_fd = open_raw_tracepoint(world->state, "task_newtask",
					     world->prog2_fd);
	attr->link_detach.link_fd = (uint32_t)world->link_fd;
}

void link_detach__no_detach(void **state)
{
	judge_broken(state, name_tracepoint);
}

void link_detach__twice(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	need(state, "BPF_LINK_DETACH", bpfsys_link_detach(&attr.link_detach));
	ret = bpfsys_link_detach(&attr.link_detach);
	world_drop(&world);
	expect_ok(state, "detaching a link again", ret);
}

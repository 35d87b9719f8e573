// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_DETACH. */
#include <unistd.h>

#include "catalogue.h"
#include "tcx.h"

static void make(struct world *world)
{
	make_cgroup_hook(world);
	world->zero_fd = world->dir_fd;
}

static void arm(struct world *world, union argument *attr)
{
	keep_cgroup_hook(world);
	need(world->state, "BPF_PROG_ATTACH",
	     attach_cgroup(world, world->prog_fd, BPF_F_ALLOW_MULTI));
	attr->prog_attach.target_fd = (uint32_t)world->dir_fd;
	attr->prog_attach.attach_bpf_fd = (uint32_t)world->prog_fd;
	attr->prog_attach.attach_type = CGROUP_HOOK;
}

static void disarm(struct world *world, int ret)
{
	(void)ret;
	clear_cgroup(world);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	uint32_t id;

	(void)attr;
	(void)ret;
	expect_u64(world->state, "programs at the hook", 0,
		   query_cgroup(world, &id, 1));
}

const struct witness witness_prog_detach = {
	.make = make,
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

static void detach_first(struct world *world, union argument *attr)
{
	(void)attr;
	need(world->state, "BPF_PROG_DETACH",
	     detach_cgroup(world, world->prog_fd));
}

void prog_detach__nothing_attached(void **state)
{
	judge_broken(state, detach_first);
}

static void name_other(struct world *world, union argument *attr)
{
	attr->prog_attach.attach_bpf_fd = (uint32_t)world->prog2_fd;
}

void prog_detach__other_program(void **state)
{
	judge_broken(state, name_other);
}

static void name_none(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_attach.attach_bpf_fd = CLOSED_FD;
}

void prog_detach__which_of_many(void **state)
{
	judge_broken(state, name_none);
}

static void close_target(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_attach.target_fd = CLOSED_FD;
}

void prog_detach__closed_target_fd(void **state)
{
	judge_broken(state, close_target);
}

static void bend_type(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_attach.attach_type = UINT16_MAX;
}

void prog_detach__unknown_attach_type(void **state)
{
	judge_broken(state, bend_type);
}

/* A hook that holds one program alone gives it up without being told which. */
void prog_detach__exclusive(void **state)
{
	struct world world;
	uint32_t id;

	world_make(&world, state);
	need(state, "BPF_PROG_ATTACH", attach_cgroup(&world, world.prog_fd, 0));
	expect_ok(state, "detach without a program", detach_cgroup(&world, 0));
	expect_u64(state, "programs at the hook", 0,
		   query_cgroup(&world, &id, 1));
	world_drop(&world);
}

/* The program 0 of a device is to go, by the descriptor FD; -1: by one of a
 * type that no device takes. */
static void judge_at_device(void **state, int fd)
{
	struct bpfsys_prog_attach_attr attr;
	struct tcx tcx;
	int filter, ret;

	tcx_make(&tcx, state);
	need(state, "BPF_PROG_ATTACH of the first program",
	     tcx_attach(&tcx, 0));
	filter = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	tcx_fill(&tcx, &attr, 0);
	attr.attach_bpf_fd = (uint32_t)(fd < 0 ? filter : fd);
	ret = bpfsys_prog_detach(&attr);
	close(filter);
	tcx_drop(&tcx);
	expect_errno(state, ret);
}

void prog_detach__device_closed_prog(void **state)
{
	judge_at_device(state, CLOSED_FD);
}

void prog_detach__device_other_type(void **state)
{
	judge_at_device(state, -1);
}

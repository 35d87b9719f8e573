// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_ATTACH. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"
#include "lacking.h"

static void make(struct world *world)
{
	make_cgroup_hook(world);
	world->zero_fd = world->dir_fd;
}

static void arm(struct world *world, union argument *attr)
{
	keep_cgroup_hook(world);
	attr->prog_attach.target_fd = (uint32_t)world->dir_fd;
	attr->prog_attach.attach_bpf_fd = (uint32_t)world->prog_fd;
	attr->prog_attach.attach_type = CGROUP_HOOK;
	attr->prog_attach.attach_flags = BPF_F_ALLOW_MULTI;
}

static void disarm(struct world *world, int ret)
{
	if (ret == 0)
		clear_cgroup(world);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	uint32_t id;

	(void)attr;
	(void)ret;
	expect_u64(world->state, "programs at the hook", 1,
		   query_cgroup(world, &id, 1));
	expect_u64(world->state, "id of the attached program",
		   id_of_prog(world->state, world->prog_fd), id);
}

const struct witness witness_prog_attach = {
	.make = make,
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

static void close_prog(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_attach.attach_bpf_fd = CLOSED_FD;
}

void prog_attach__closed_prog_fd(void **state)
{
	judge_broken(state, close_prog);
}

static void close_target(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_attach.target_fd = CLOSED_FD;
}

void prog_attach__closed_target_fd(void **state)
{
	judge_broken(state, close_target);
}

static void miss_cgroup(struct world *world, union argument *attr)
{
	attr->prog_attach.target_fd = (uint32_t)world->prog_fd;
}

void prog_attach__not_a_cgroup(void **state)
{
	judge_broken(state, miss_cgroup);
}

static void bend_type(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_attach.attach_type = UINT16_MAX;
}

void prog_attach__unknown_attach_type(void **state)
{
	judge_broken(state, bend_type);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_attach.attach_flags |= 1u << 31;
}

void prog_attach__unknown_flag(void **state)
{
	judge_broken(state, add_flag);
}

static void mismatch(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_attach.attach_type = BPF_CGROUP_DEVICE;
}

void prog_attach__wrong_prog_type(void **state)
{
	judge_broken(state, mismatch);
}

static void attach_first(struct world *world)
{
	need(world->state, "BPF_PROG_ATTACH",
	     attach_cgroup(world, world->prog_fd, BPF_F_ALLOW_MULTI));
}

/* With the first program attached, attaches it or ANOTHER one. */
static void judge_second(void **state, bool another, uint32_t flags)
{
	struct world world;
	int ret;

	world_make(&world, state);
	attach_first(&world);
	ret = attach_cgroup(&world, another ? world.prog2_fd : world.prog_fd,
			    flags);
	clear_cgroup(&world);
	world_drop(&world);
	expect_errno(state, ret);
}

void prog_attach__attached_twice(void **state)
{
	judge_second(state, false, BPF_F_ALLOW_MULTI);
}

void prog_attach__other_flags(void **state)
{
	judge_second(state, true, 0);
}

/* Several programs hang at a hook in the order of their attachment. */
void prog_attach__order(void **state)
{
	struct world world;
	uint32_t ids[4];

	world_make(&world, state);
	expect_ok(state, "attach of the second program",
		  attach_cgroup(&world, world.prog2_fd, BPF_F_ALLOW_MULTI));
	expect_ok(state, "attach of the first program",
		  attach_cgroup(&world, world.prog_fd, BPF_F_ALLOW_MULTI));
	expect_u64(state, "programs at the hook", 2,
		   query_cgroup(&world, ids, 4));
	expect_u64(state, "the program attached first",
		   id_of_prog(state, world.prog2_fd), ids[0]);
	expect_u64(state, "the program attached last",
		   id_of_prog(state, world.prog_fd), ids[1]);
	expect_ok(state, "detach of the program attached first",
		  detach_cgroup(&world, world.prog2_fd));
	expect_u64(state, "programs after a detach", 1,
		   query_cgroup(&world, ids, 4));
	expect_u64(state, "the program that stays",
		   id_of_prog(state, world.prog_fd), ids[0]);
	expect_ok(state, "detach of the last program",
		  detach_cgroup(&world, world.prog_fd));
	expect_u64(state, "programs after both detaches", 0,
		   query_cgroup(&world, ids, 4));
	world_drop(&world);
}

/* Without flags a hook holds one program, and an attach takes its place. */
void prog_attach__exclusive(void **state)
{
	struct world world;
	uint32_t ids[4];

	world_make(&world, state);
	expect_ok(state, "attach of a program",
		  attach_cgroup(&world, world.prog_fd, 0));
	expect_ok(state, "attach of another program",
		  attach_cgroup(&world, world.prog2_fd, 0));
	expect_u64(state, "programs at the hook", 1,
		   query_cgroup(&world, ids, 4));
	expect_u64(state, "the program at the hook",
		   id_of_prog(state, world.prog2_fd), ids[0]);
	clear_cgroup(&world);
	world_drop(&world);
}

static int replace(struct world *world, int old_fd, int new_fd)
{
	struct bpfsys_prog_attach_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)world->dir_fd;
	attr.attach_bpf_fd = (uint32_t)new_fd;
	attr.attach_type = CGROUP_HOOK;
	attr.attach_flags = BPF_F_ALLOW_MULTI | BPF_F_REPLACE;
	attr.replace_bpf_fd = (uint32_t)old_fd;
	return bpfsys_prog_attach(&attr);
}

void prog_attach__replace(void **state)
{
	struct world world;
	uint32_t ids[4];
	int ret;

	world_make(&world, state);
	attach_first(&world);
	ret = replace(&world, world.prog_fd, world.prog2_fd);
	expect_ok(state, "attach with BPF_F_REPLACE", ret);
	expect_u64(state, "programs at the hook", 1,
		   query_cgroup(&world, ids, 4));
	expect_u64(state, "the program at the hook",
		   id_of_prog(state, world.prog2_fd), ids[0]);
	clear_cgroup(&world);
	world_drop(&world);
}

void prog_attach__replaced_is_not_there(void **state)
{
	struct world world;
	int ret;

	world_make(&world, state);
	ret = replace(&world, world.prog_fd, world.prog2_fd);
	clear_cgroup(&world);
	world_drop(&world);
	expect_errno(state, ret);
}

static void ask_revision(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_attach.expected_revision = 99;
}

/* Cgroups got revisions after tcx and netkit, which brought the field. */
void prog_attach__stale_revision(void **state)
{
	if (!kernel_offers(state, "cgroup_bpf.revisions", BPFSYS_KV(6, 17)))
		skip_field(state, "prog_attach", "expected_revision");
	judge_broken(state, ask_revision);
}

/* A filter of what leaves may ask for congestion control with 2 and 3. */
static void ask_of_arriving(struct world *world, union argument *attr)
{
	close(world->prog2_fd);
	world->prog2_fd =
		make_trivial_prog(world->state, BPF_PROG_TYPE_CGROUP_SKB,
				  BPF_CGROUP_INET_EGRESS, 2);
	attr->prog_attach.attach_bpf_fd = (uint32_t)world->prog2_fd;
	attr->prog_attach.attach_type = BPF_CGROUP_INET_INGRESS;
}

void prog_attach__result_of_other_hook(void **state)
{
	judge_broken(state, ask_of_arriving);
}

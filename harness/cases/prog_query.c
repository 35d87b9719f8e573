// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_QUERY, on a cgroup with two programs. */
#include <string.h>

#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"
#include "lacking.h"

#define NOT_WRITTEN 0x7f7f7f7f

static void make(struct world *world)
{
	make_cgroup_hook(world);
	need(world->state, "BPF_PROG_ATTACH",
	     attach_cgroup(world, world->prog_fd, BPF_F_ALLOW_MULTI));
	need(world->state, "BPF_PROG_ATTACH",
	     attach_cgroup(world, world->prog2_fd, BPF_F_ALLOW_MULTI));
	world->zero_fd = world->dir_fd;
}

/* out: ids, and at FLAGS_AT of it the flags of each program. */
#define FLAGS_AT 64

#define ATTACH_FLAGS "bpf_attr.query.prog_attach_flags", BPFSYS_KV(6, 0)

static bool has_prog_attach_flags(void)
{
	return kernel_presence(ATTACH_FLAGS) == PRESENT;
}

static void arm(struct world *world, union argument *attr)
{
	memset(world->out, 0x7f, sizeof(world->out));
	attr->prog_query.target_fd = (uint32_t)world->dir_fd;
	attr->prog_query.attach_type = CGROUP_HOOK;
	attr->prog_query.prog_ids = bpfsys_ptr(world->out);
	attr->prog_query.prog_cnt = 4;
	if (has_prog_attach_flags())
		attr->prog_query.prog_attach_flags =
			bpfsys_ptr(world->out + FLAGS_AT);
}

static uint32_t out_u32(const struct world *world, size_t at)
{
	uint32_t value;

	memcpy(&value, world->out + at, sizeof(value));
	return value;
}

static void check_ids(struct world *world)
{
	void **state = world->state;

	expect_u64(state, "prog_ids[0]", id_of_prog(state, world->prog_fd),
		   out_u32(world, 0));
	expect_u64(state, "prog_ids[1]", id_of_prog(state, world->prog2_fd),
		   out_u32(world, 4));
	expect_u64(state, "prog_ids[2], behind the last", NOT_WRITTEN,
		   out_u32(world, 8));
}

/* A cgroup's revisions start from 1 and grow with each attach. */
static void check_revision(struct world *world,
			   const struct bpfsys_prog_query_attr *query)
{
	expect_field(world->state, "cgroup_bpf.revisions", BPFSYS_KV(6, 17),
		     "revision", 3, query->revision);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	const struct bpfsys_prog_query_attr *query = &attr->prog_query;
	bool flags = has_prog_attach_flags();
	void **state = world->state;

	(void)ret;
	expect_u64(state, "prog_cnt", 2, query->prog_cnt);
	expect_u64(state, "attach_flags", BPF_F_ALLOW_MULTI,
		   query->attach_flags);
	check_ids(world);
	expect_u64(state, "prog_attach_flags[0]",
		   flags ? BPF_F_ALLOW_MULTI : NOT_WRITTEN,
		   out_u32(world, FLAGS_AT));
	expect_u64(state, "prog_attach_flags[1]",
		   flags ? BPF_F_ALLOW_MULTI : NOT_WRITTEN,
		   out_u32(world, FLAGS_AT + 4));
	expect_u64(state, "prog_attach_flags[2], behind the last", NOT_WRITTEN,
		   out_u32(world, FLAGS_AT + 8));
	check_revision(world, query);
}

const struct witness witness_prog_query = {
	.make = make,
	.arm = arm,
	.check = check,
};

static void close_target(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_query.target_fd = CLOSED_FD;
}

void prog_query__closed_target_fd(void **state)
{
	judge_broken(state, close_target);
}

static void miss_cgroup(struct world *world, union argument *attr)
{
	attr->prog_query.target_fd = (uint32_t)world->prog_fd;
}

void prog_query__not_a_cgroup(void **state)
{
	judge_broken(state, miss_cgroup);
}

static void bend_type(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_query.attach_type = UINT16_MAX;
}

void prog_query__unknown_attach_type(void **state)
{
	judge_broken(state, bend_type);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_query.query_flags = 1u << 31;
}

void prog_query__unknown_flag(void **state)
{
	judge_broken(state, add_flag);
}

static void lose_ids(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_query.prog_ids = 8;
}

void prog_query__unwritable_ids(void **state)
{
	judge_broken(state, lose_ids);
}

static void lose_flags(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_query.prog_attach_flags = 8;
}

void prog_query__unwritable_flags(void **state)
{
	if (!kernel_offers(state, "bpf_attr.query.prog_attach_flags",
			   BPFSYS_KV(6, 0)))
		skip_field(state, "prog_query", "prog_attach_flags");
	judge_broken(state, lose_flags);
}

/* What fits is there, and prog_cnt says how many there are. */
void prog_query__too_many_programs(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	uint32_t id;
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	attr.prog_query.prog_cnt = 1;
	ret = bpfsys_prog_query(&attr.prog_query);
	id = id_of_prog(state, world.prog_fd);
	world_drop(&world);
	expect_errno(state, ret);
	expect_u64(state, "prog_cnt", 2, attr.prog_query.prog_cnt);
	expect_u64(state, "prog_ids[0]", id, out_u32(&world, 0));
	expect_u64(state, "prog_ids[1], for which there is no room",
		   NOT_WRITTEN, out_u32(&world, 4));
}

/* Room for none asks for the number alone. */
void prog_query__count_only(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	attr.prog_query.prog_cnt = 0;
	expect_ok(state, "BPF_PROG_QUERY with prog_cnt 0",
		  bpfsys_prog_query(&attr.prog_query));
	world_drop(&world);
	expect_u64(state, "prog_cnt", 2, attr.prog_query.prog_cnt);
	expect_u64(state, "attach_flags", BPF_F_ALLOW_MULTI,
		   attr.prog_query.attach_flags);
	expect_u64(state, "prog_ids[0], which were not asked for", NOT_WRITTEN,
		   out_u32(&world, 0));
}

/* What runs in a cgroup is its own programs, then those that it inherits. */
void prog_query__effective(void **state)
{
	struct bpfsys_prog_query_attr query;
	struct world world, child;
	uint32_t ids[4] = {0};

	world_make(&world, state);
	memset(&child, 0, sizeof(child));
	child.state = state;
	make_cgroup_in(&child, world.dir);
	memset(&query, 0, sizeof(query));
	query.target_fd = (uint32_t)child.dir_fd;
	query.attach_type = CGROUP_HOOK;
	query.query_flags = BPF_F_QUERY_EFFECTIVE;
	query.prog_ids = bpfsys_ptr(ids);
	query.prog_cnt = COUNT_OF(ids);
	need(state, "BPF_PROG_ATTACH",
	     attach_cgroup(&child, world.prog2_fd, BPF_F_ALLOW_MULTI));
	expect_ok(state, "BPF_PROG_QUERY", bpfsys_prog_query(&query));
	expect_u64(state, "prog_cnt", 3, query.prog_cnt);
	/* Those of the cgroup before prog_attach_flags, 0 since. */
	expect_u64(state, "attach_flags of an effective query",
		   kernel_offers(state, ATTACH_FLAGS) ? 0 : BPF_F_ALLOW_MULTI,
		   query.attach_flags);
	expect_u64(state, "the program of the cgroup",
		   id_of_prog(state, world.prog2_fd), ids[0]);
	expect_u64(state, "the first inherited program",
		   id_of_prog(state, world.prog_fd), ids[1]);
	expect_u64(state, "the second inherited program",
		   id_of_prog(state, world.prog2_fd), ids[2]);
	drop_cgroup(&child);
	world_drop(&world);
}

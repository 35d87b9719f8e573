// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_ATTACH, _DETACH and _QUERY at a cgroup: flags, the hierarchy, what
 * is full, and positions where cgroups have them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "lacking.h"
#include "progs.h"

/* Calls with FLAGS, and replace_bpf_fd closed; the second program. */
static int attach_flags(struct world *world, uint32_t flags)
{
	struct bpfsys_prog_attach_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)world->dir_fd;
	attr.attach_bpf_fd = (uint32_t)world->prog2_fd;
	attr.attach_type = CGROUP_HOOK;
	attr.attach_flags = flags;
	if (flags & BPF_F_REPLACE)
		attr.replace_bpf_fd = CLOSED_FD;
	return bpfsys_prog_attach(&attr);
}

static void judge_flags(void **state, uint32_t flags)
{
	struct world world;
	int ret;

	world_make(&world, state);
	ret = attach_flags(&world, flags);
	clear_cgroup(&world);
	world_drop(&world);
	expect_errno(state, ret);
}

void prog_attach__override_and_multi(void **state)
{
	judge_flags(state, BPF_F_ALLOW_OVERRIDE | BPF_F_ALLOW_MULTI);
}

void prog_attach__cgroup_replaced_closed(void **state)
{
	judge_flags(state, BPF_F_ALLOW_MULTI | BPF_F_REPLACE);
}

/* With BPF_F_REPLACE alone replace_bpf_fd is not looked at. */
void prog_attach__replace_without_multi(void **state)
{
	judge_flags(state, BPF_F_REPLACE);
}

static int attach_expected(void **state, uint32_t type, uint32_t loaded,
			   uint32_t attached)
{
	struct bpfsys_prog_attach_attr attr;
	struct world world;
	int fd, ret;

	world_make(&world, state);
	fd = make_trivial_prog(state, type, loaded, 1);
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)world.dir_fd;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = attached;
	ret = bpfsys_prog_attach(&attr);
	if (ret == 0)
		need(state, "BPF_PROG_DETACH", bpfsys_prog_detach(&attr));
	close(fd);
	world_drop(&world);
	return ret;
}

/* Types whose programs are for one of their hooks, and say so as they load. */
void prog_attach__other_than_expected(void **state)
{
	expect_ok(state, "the hook that the program was loaded for",
		  attach_expected(state, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
				  BPF_CGROUP_INET4_BIND,
				  BPF_CGROUP_INET4_BIND));
	expect_errno(state,
		     attach_expected(state, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
				     BPF_CGROUP_INET4_BIND,
				     BPF_CGROUP_INET4_CONNECT));
	expect_errno(state, attach_expected(state, BPF_PROG_TYPE_CGROUP_SOCK,
					    BPF_CGROUP_INET_SOCK_CREATE,
					    BPF_CGROUP_INET4_POST_BIND));
	expect_errno(state, attach_expected(state, BPF_PROG_TYPE_CGROUP_SOCKOPT,
					    BPF_CGROUP_GETSOCKOPT,
					    BPF_CGROUP_SETSOCKOPT));
}

/* A filter of a cgroup loads without CAP_NET_ADMIN. The hook needs it, and the
 * kernel's EPERM for that becomes EINVAL in bpf_prog_attach(). */
void prog_attach__without_net_admin(void **state)
{
	struct world world;
	int ret;

	world_make(&world, state);
	drop_caps(state, CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_SYS_ADMIN));
	ret = attach_cgroup(&world, world.prog_fd, BPF_F_ALLOW_MULTI);
	regain_caps(state);
	clear_cgroup(&world);
	world_drop(&world);
	expect_errno(state, ret);
}

void link_create__without_net_admin(void **state)
{
	struct world world;
	int ret;

	world_make(&world, state);
	drop_caps(state, CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_SYS_ADMIN));
	ret = link_cgroup(&world, world.prog_fd);
	regain_caps(state);
	close_if_fd(ret);
	world_drop(&world);
	expect_errno(state, ret);
}

#define MAX_PROGS 64 /* BPF_CGROUP_MAX_PROGS */

void prog_attach__too_many_programs(void **state)
{
	struct world world;
	int fds[MAX_PROGS + 1], ret = 0, n = 0;

	world_make(&world, state);
	while (n <= MAX_PROGS && ret == 0) {
		fds[n] = make_verdict_prog(state, BPF_PROG_TYPE_CGROUP_SKB, 1);
		ret = attach_cgroup(&world, fds[n++], BPF_F_ALLOW_MULTI);
	}
	for (int i = 0; i < n; i++) {
		detach_cgroup(&world, fds[i]);
		close(fds[i]);
	}
	world_drop(&world);
	expect_u64(state, "number of the program that is refused",
		   MAX_PROGS + 1, (uint64_t)n);
	expect_errno(state, ret);
}

/* Attaches PARENT_FLAGS above and CHILD_FLAGS below; the second program below.
 * What the effective list of the cgroup below is, in IDS. */
static int attach_below(void **state, uint32_t parent_flags,
			uint32_t child_flags, uint32_t *ids, uint32_t *count,
			uint32_t *want)
{
	struct bpfsys_prog_query_attr query;
	struct world world, child;
	int ret;

	world_make(&world, state);
	memset(&child, 0, sizeof(child));
	child.state = state;
	make_cgroup_in(&child, world.dir);
	need(state, "BPF_PROG_ATTACH above",
	     attach_cgroup(&world, world.prog_fd, parent_flags));
	ret = attach_cgroup(&child, world.prog2_fd, child_flags);
	memset(&query, 0, sizeof(query));
	query.target_fd = (uint32_t)child.dir_fd;
	query.attach_type = CGROUP_HOOK;
	query.query_flags = BPF_F_QUERY_EFFECTIVE;
	query.prog_ids = bpfsys_ptr(ids);
	query.prog_cnt = 4;
	need(state, "BPF_PROG_QUERY", bpfsys_prog_query(&query));
	*count = query.prog_cnt;
	want[0] = id_of_prog(state, world.prog2_fd);
	want[1] = id_of_prog(state, world.prog_fd);
	drop_cgroup(&child);
	clear_cgroup(&world);
	world_drop(&world);
	return ret;
}

void prog_attach__forbidden_above(void **state)
{
	uint32_t ids[4], want[2], count;

	expect_errno(state, attach_below(state, 0, 0, ids, &count, want));
	expect_errno(state, attach_below(state, 0, BPF_F_ALLOW_MULTI, ids,
					 &count, want));
}

/* BPF_F_ALLOW_OVERRIDE above gives way to a program below. */
void prog_attach__override(void **state)
{
	uint32_t ids[4], want[2], count;

	expect_ok(state, "attach below BPF_F_ALLOW_OVERRIDE",
		  attach_below(state, BPF_F_ALLOW_OVERRIDE, 0, ids, &count,
			       want));
	expect_u64(state, "effective programs", 1, count);
	expect_u64(state, "the effective program, that below", want[0], ids[0]);
	expect_ok(state, "attach below BPF_F_ALLOW_MULTI",
		  attach_below(state, BPF_F_ALLOW_MULTI, BPF_F_ALLOW_MULTI, ids,
			       &count, want));
	expect_u64(state, "effective programs", 2, count);
	expect_u64(state, "the first, that below", want[0], ids[0]);
	expect_u64(state, "the second, that above", want[1], ids[1]);
}

static void need_positions(void **state)
{
	if (!kernel_offers(state, "cgroup_bpf.revisions", BPFSYS_KV(6, 17)))
		skip_field(state, "prog_attach", "expected_revision");
}

/* The first program hangs at the hook; places the second one. */
static int place(struct world *world, uint32_t flags, uint32_t relative,
		 uint64_t revision)
{
	struct bpfsys_prog_attach_attr attr;

	need(world->state, "BPF_PROG_ATTACH",
	     attach_cgroup(world, world->prog_fd, BPF_F_ALLOW_MULTI));
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)world->dir_fd;
	attr.attach_bpf_fd = (uint32_t)world->prog2_fd;
	attr.attach_type = CGROUP_HOOK;
	attr.attach_flags = BPF_F_ALLOW_MULTI | flags;
	attr.relative_fd = relative;
	attr.expected_revision = revision;
	if (flags & BPF_F_REPLACE)
		attr.replace_bpf_fd = (uint32_t)world->prog_fd;
	return bpfsys_prog_attach(&attr);
}

static void judge_place(void **state, uint32_t flags, uint32_t relative)
{
	struct world world;
	int ret;

	need_positions(state);
	world_make(&world, state);
	ret = place(&world, flags, relative, 0);
	clear_cgroup(&world);
	world_drop(&world);
	expect_errno(state, ret);
}

void prog_attach__cgroup_anchor_closed(void **state)
{
	judge_place(state, BPFABI_F_BEFORE, CLOSED_FD);
}

void prog_attach__cgroup_anchor_without_side(void **state)
{
	judge_place(state, BPFABI_F_ID, 1);
}

void prog_attach__cgroup_before_and_after(void **state)
{
	judge_place(state, BPFABI_F_BEFORE | BPFABI_F_AFTER, 0);
}

void prog_attach__cgroup_anchor_unknown_id(void **state)
{
	judge_place(state, BPFABI_F_BEFORE | BPFABI_F_ID, INT32_MAX);
}

void prog_attach__replace_at_place(void **state)
{
	judge_place(state, BPFABI_F_BEFORE | BPF_F_REPLACE, 0);
}

void prog_attach__cgroup_anchor_not_there(void **state)
{
	struct world world;
	int fd, ret;

	need_positions(state);
	world_make(&world, state);
	fd = make_verdict_prog(state, BPF_PROG_TYPE_CGROUP_SKB, 1);
	ret = place(&world, BPFABI_F_BEFORE, (uint32_t)fd, 0);
	close(fd);
	clear_cgroup(&world);
	world_drop(&world);
	expect_errno(state, ret);
}

/* Places the second program and says whether it is the first at the hook. */
static void check_place(void **state, const char *what, uint32_t flags,
			bool relative, bool first)
{
	struct world world;
	uint32_t ids[4], anchor;

	world_make(&world, state);
	anchor = flags & BPFABI_F_ID ? id_of_prog(state, world.prog_fd)
				     : (uint32_t)world.prog_fd;
	/* A new cgroup's revision is 1, and one program is there. */
	expect_ok(state, what, place(&world, flags, relative ? anchor : 0, 2));
	expect_u64(state, "programs at the hook", 2,
		   query_cgroup(&world, ids, 4));
	expect_u64(state, what,
		   id_of_prog(state, first ? world.prog2_fd : world.prog_fd),
		   ids[0]);
	clear_cgroup(&world);
	world_drop(&world);
}

void prog_attach__cgroup_positions(void **state)
{
	need_positions(state);
	check_place(state, "without a position", 0, false, false);
	check_place(state, "BPF_F_BEFORE alone", BPFABI_F_BEFORE, false, true);
	check_place(state, "BPF_F_AFTER alone", BPFABI_F_AFTER, false, false);
	check_place(state, "before the other", BPFABI_F_BEFORE, true, true);
	check_place(state, "after the other", BPFABI_F_AFTER, true, false);
	check_place(state, "before the other by id",
		    BPFABI_F_BEFORE | BPFABI_F_ID, true, true);
}

static int detach_revision(struct world *world, uint64_t revision)
{
	struct bpfsys_prog_attach_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)world->dir_fd;
	attr.attach_bpf_fd = (uint32_t)world->prog_fd;
	attr.attach_type = CGROUP_HOOK;
	attr.expected_revision = revision;
	return bpfsys_prog_detach(&attr);
}

void prog_detach__stale_revision(void **state)
{
	struct world world;
	int stale, ret;

	need_positions(state);
	world_make(&world, state);
	need(state, "BPF_PROG_ATTACH",
	     attach_cgroup(&world, world.prog_fd, BPF_F_ALLOW_MULTI));
	stale = detach_revision(&world, 99);
	ret = detach_revision(&world, 2);
	clear_cgroup(&world);
	world_drop(&world);
	expect_ok(state, "detach with the hook's revision", ret);
	expect_errno(state, stale);
}

/* Flags and positions are for devices. */
void prog_detach__flags_at_cgroup(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct world world;
	int ret;

	if (!kernel_offers(state, "bpf_attr.expected_revision",
			   BPFSYS_KV(6, 6)))
		skip_field(state, "prog_detach", "attach_flags");
	world_make(&world, state);
	need(state, "BPF_PROG_ATTACH",
	     attach_cgroup(&world, world.prog_fd, BPF_F_ALLOW_MULTI));
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)world.dir_fd;
	attr.attach_bpf_fd = (uint32_t)world.prog_fd;
	attr.attach_type = CGROUP_HOOK;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	ret = bpfsys_prog_detach(&attr);
	clear_cgroup(&world);
	world_drop(&world);
	expect_errno(state, ret);
}

void prog_query__without_net_admin(void **state)
{
	struct bpfsys_prog_query_attr attr;
	struct world world;
	int ret;

	world_make(&world, state);
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)world.dir_fd;
	attr.attach_type = CGROUP_HOOK;
	drop_caps(state, CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_SYS_ADMIN));
	ret = bpfsys_prog_query(&attr);
	regain_caps(state);
	world_drop(&world);
	expect_errno(state, ret);
}

/* The flags of each program are not of what is inherited. */
void prog_query__effective_with_flags(void **state)
{
	struct bpfsys_prog_query_attr attr;
	uint32_t ids[4], flags[4];
	struct world world;
	int ret;

	if (!kernel_offers(state, "bpf_attr.query.prog_attach_flags",
			   BPFSYS_KV(6, 0)))
		skip_field(state, "prog_query", "prog_attach_flags");
	world_make(&world, state);
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)world.dir_fd;
	attr.attach_type = CGROUP_HOOK;
	attr.query_flags = BPF_F_QUERY_EFFECTIVE;
	attr.prog_ids = bpfsys_ptr(ids);
	attr.prog_attach_flags = bpfsys_ptr(flags);
	attr.prog_cnt = 4;
	ret = bpfsys_prog_query(&attr);
	world_drop(&world);
	expect_errno(state, ret);
}

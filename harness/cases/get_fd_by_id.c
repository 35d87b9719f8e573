// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_{PROG,MAP,BTF,LINK}_GET_FD_BY_ID. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "hooks.h"
#include "ids.h"
#include "kernel.h"
#include "map_elem.h"

void make_prog_id(struct world *world)
{
	world->prog_fd = make_trivial_prog(world->state,
					   BPF_PROG_TYPE_SOCKET_FILTER, 0, 0);
	world->id = id_of_prog(world->state, world->prog_fd);
}

void make_map_id(struct world *world)
{
	make_hash(world);
	world->zero_fd = -1;
	world->id = id_of_map(world->state, world->map_fd);
}

void make_btf_id(struct world *world)
{
	world->btf_fd = make_btf(world->state);
	world->id = id_of_btf(world->state, world->btf_fd);
}

/* A link that every kernel with cgroup BPF has. */
void make_link_id(struct world *world)
{
	struct bpfsys_link_create_attr attr;

	world->prog_fd =
		make_verdict_prog(world->state, BPF_PROG_TYPE_CGROUP_SKB, 1);
	make_cgroup(world);
	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)world->prog_fd;
	attr.target_fd = (uint32_t)world->dir_fd;
	attr.attach_type = BPF_CGROUP_INET_EGRESS;
	world->link_fd = need(world->state, "BPF_LINK_CREATE",
			      bpfsys_link_create(&attr));
	world->id = id_of_link(world->state, world->link_fd);
}

static void arm(struct world *world, union argument *attr)
{
	attr->get_id.prog_id = world->id;
}

static void disarm(struct world *world, int ret)
{
	(void)world;
	close_if_fd(ret);
}

static void check_prog(struct world *world, const union argument *attr, int ret)
{
	(void)attr;
	expect_u64(world->state, "id behind the descriptor", world->id,
		   id_of_prog(world->state, ret));
}

static void check_map(struct world *world, const union argument *attr, int ret)
{
	(void)attr;
	expect_u64(world->state, "id behind the descriptor", world->id,
		   id_of_map(world->state, ret));
}

static void check_btf(struct world *world, const union argument *attr, int ret)
{
	(void)attr;
	expect_u64(world->state, "id behind the descriptor", world->id,
		   id_of_btf(world->state, ret));
}

static void check_link(struct world *world, const union argument *attr, int ret)
{
	(void)attr;
	expect_u64(world->state, "id behind the descriptor", world->id,
		   id_of_link(world->state, ret));
}

const struct witness witness_prog_get_fd_by_id = {
	.make = make_prog_id,
	.arm = arm,
	.disarm = disarm,
	.check = check_prog,
};
const struct witness witness_map_get_fd_by_id = {
	.make = make_map_id,
	.arm = arm,
	.disarm = disarm,
	.check = check_map,
};
const struct witness witness_btf_get_fd_by_id = {
	.make = make_btf_id,
	.arm = arm,
	.disarm = disarm,
	.check = check_btf,
};
const struct witness witness_link_get_fd_by_id = {
	.make = make_link_id,
	.arm = arm,
	.disarm = disarm,
	.check = check_link,
};

static void unused_id(struct world *world, union argument *attr)
{
	(void)world;
	attr->get_id.prog_id = 0x7ffffff0;
}

void prog_get_fd_by_id__no_such_id(void **state)
{
	judge_broken(state, unused_id);
}

void map_get_fd_by_id__no_such_id(void **state)
{
	judge_broken(state, unused_id);
}

void btf_get_fd_by_id__no_such_id(void **state)
{
	judge_broken(state, unused_id);
}

void link_get_fd_by_id__no_such_id(void **state)
{
	judge_broken(state, unused_id);
}

static void zero_id(struct world *world, union argument *attr)
{
	(void)world;
	attr->get_id.prog_id = 0;
}

void prog_get_fd_by_id__id_zero(void **state)
{
	judge_broken(state, zero_id);
}

void map_get_fd_by_id__id_zero(void **state)
{
	judge_broken(state, zero_id);
}

void btf_get_fd_by_id__id_zero(void **state)
{
	judge_broken(state, zero_id);
}

void link_get_fd_by_id__id_zero(void **state)
{
	judge_broken(state, zero_id);
}

static int open_map(struct world *world, uint32_t flags)
{
	struct bpfsys_get_id_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_id = world->id;
	attr.open_flags = flags;
	return need(world->state, "BPF_MAP_GET_FD_BY_ID",
		    bpfsys_map_get_fd_by_id(&attr));
}

void map_get_fd_by_id__access(void **state)
{
	uint64_t key[32] = {0}, value[32] = {0};
	struct bpfsys_map_elem_attr attr;
	struct world world;
	int reads, writes;

	world_make(&world, state);
	reads = open_map(&world, BPF_F_RDONLY);
	writes = open_map(&world, BPF_F_WRONLY);
	memset(&attr, 0, sizeof(attr));
	attr.key = bpfsys_ptr(key);
	attr.value = bpfsys_ptr(value);
	attr.map_fd = (uint32_t)reads;
	expect_error(state, "an update through BPF_F_RDONLY", EPERM,
		     bpfsys_map_update_elem(&attr));
	attr.map_fd = (uint32_t)writes;
	expect_ok(state, "an update through BPF_F_WRONLY",
		  bpfsys_map_update_elem(&attr));
	expect_error(state, "a lookup through BPF_F_WRONLY", EPERM,
		     bpfsys_map_lookup_elem(&attr));
	attr.map_fd = (uint32_t)reads;
	expect_ok(state, "a lookup through BPF_F_RDONLY",
		  bpfsys_map_lookup_elem(&attr));
	close(reads);
	close(writes);
	world_drop(&world);
}

static void both_flags(struct world *world, union argument *attr)
{
	(void)world;
	attr->get_id.open_flags = BPF_F_RDONLY | BPF_F_WRONLY;
}

void map_get_fd_by_id__both_access_flags(void **state)
{
	judge_broken(state, both_flags);
}

static void break_unknown_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->get_id.open_flags = 1;
}

void map_get_fd_by_id__unknown_flag(void **state)
{
	judge_broken(state, break_unknown_flag);
}

void prog_get_fd_by_id__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void map_get_fd_by_id__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void btf_get_fd_by_id__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void link_get_fd_by_id__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void prog_get_fd_by_id__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}

void map_get_fd_by_id__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}

void btf_get_fd_by_id__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}

void link_get_fd_by_id__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}

/* Since 6.17; before, flags and token are past the end. */
static void need_btf_flags(void **state)
{
	if (!kernel_offers(state, "bpf_attr.fd_by_id_token_fd",
			   BPFSYS_KV(6, 17)))
		skip_case(state, "BPF_BTF_GET_FD_BY_ID has no flags: no "
				 "bpf_attr.fd_by_id_token_fd in the kernel's "
				 "BTF");
}

static void unknown_btf_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->get_id.open_flags = 1;
}

void btf_get_fd_by_id__unknown_flag(void **state)
{
	need_btf_flags(state);
	judge_broken(state, unknown_btf_flag);
}

static void closed_token(struct world *world, union argument *attr)
{
	(void)world;
	attr->get_id.open_flags = BPFABI_F_TOKEN_FD;
	attr->get_id.fd_by_id_token_fd = CLOSED_FD;
}

void btf_get_fd_by_id__closed_token(void **state)
{
	need_btf_flags(state);
	judge_broken(state, closed_token);
}

static void not_a_token(struct world *world, union argument *attr)
{
	(void)world;
	attr->get_id.open_flags = BPFABI_F_TOKEN_FD;
	attr->get_id.fd_by_id_token_fd = STDIN_FILENO;
}

void btf_get_fd_by_id__not_a_token(void **state)
{
	need_btf_flags(state);
	judge_broken(state, not_a_token);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a token allows: in a user namespace every command, type and attach type
 * that was delegated, to who has the capability there, and nothing else. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "progs.h"
#include "token.h"

#define TYPE_BIT(type) (1ull << BPF_PROG_TYPE_##type)
#define MAP_BIT(type)  (1ull << BPF_MAP_TYPE_##type)

/* A namespace's bpf filesystem, and a token of it. */
struct delegated {
	int dir_fd, token_fd;
};

static void enter(struct delegated *d, void **state,
		  const struct delegation *what)
{
	d->dir_fd = token_enter_userns(state, what);
	d->token_fd = need(state, "BPF_TOKEN_CREATE", token_create(d->dir_fd));
}

static void leave(struct delegated *d)
{
	close(d->token_fd);
	close(d->dir_fd);
}

/* BPF_MAP_CREATE; with FLAG, and TOKEN_FD whether or not. */
static int create_map(uint32_t type, int token_fd, uint32_t flag)
{
	struct bpfsys_map_create_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = type == BPF_MAP_TYPE_DEVMAP ? 4 : 0;
	attr.value_size = type == BPF_MAP_TYPE_DEVMAP ? 4 : 8;
	attr.max_entries = 1;
	attr.map_flags = flag;
	attr.map_token_fd = token_fd;
	ret = bpfsys_map_create(&attr);
	close_if_fd(ret);
	return ret < 0 ? ret : 0;
}

/* A program that allows what it is asked; ATTACH is its attach type. Returns
 * a descriptor. */
static int open_prog(uint32_t type, uint32_t attach, int token_fd,
		     uint32_t flag)
{
	struct bpfsys_prog_load_attr attr;

	fill_filter(&attr);
	attr.prog_type = type;
	attr.expected_attach_type = attach;
	attr.prog_flags = flag;
	attr.prog_token_fd = token_fd;
	return bpfsys_prog_load(&attr);
}

static int load(uint32_t type, uint32_t attach, int token_fd, uint32_t flag)
{
	int ret = open_prog(type, attach, token_fd, flag);

	close_if_fd(ret);
	return ret < 0 ? ret : 0;
}

static int load_btf(int token_fd, uint32_t flag)
{
	struct bpfsys_btf_load_attr attr;
	uint32_t size;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.btf = bpfsys_ptr(btf_blob(&size));
	attr.btf_size = size;
	attr.btf_flags = flag;
	attr.btf_token_fd = token_fd;
	ret = bpfsys_btf_load(&attr);
	close_if_fd(ret);
	return ret < 0 ? ret : 0;
}

#define TOKEN BPFABI_F_TOKEN_FD

void token_create__delegates(void **state)
{
	static const struct delegation what = {
		.cmds = CMD_BIT(MAP_CREATE),
		.maps = MAP_BIT(QUEUE) | MAP_BIT(DEVMAP),
	};
	struct delegated d;

	enter(&d, state, &what);
	expect_error(state, "a queue without the token", EPERM,
		     create_map(BPF_MAP_TYPE_QUEUE, 0, 0));
	expect_error(state, "a queue with the token but not BPF_F_TOKEN_FD",
		     EPERM, create_map(BPF_MAP_TYPE_QUEUE, d.token_fd, 0));
	expect_ok(state, "a queue with the token",
		  create_map(BPF_MAP_TYPE_QUEUE, d.token_fd, TOKEN));
	expect_ok(state, "a devmap, for CAP_NET_ADMIN, with the token",
		  create_map(BPF_MAP_TYPE_DEVMAP, d.token_fd, TOKEN));
	expect_error(state, "a stack, which is not delegated", EPERM,
		     create_map(BPF_MAP_TYPE_STACK, d.token_fd, TOKEN));
	expect_error(state, "a program, a command that is not delegated", EPERM,
		     load(BPF_PROG_TYPE_SOCKET_FILTER, 0, d.token_fd, TOKEN));
	expect_error(state, "BTF, a command that is not delegated", EPERM,
		     load_btf(d.token_fd, TOKEN));
	leave(&d);
}

void token_create__delegates_types_only(void **state)
{
	static const struct delegation what = {
		.cmds = CMD_BIT(BTF_LOAD),
		.maps = MAP_BIT(QUEUE),
		.progs = TYPE_BIT(SOCKET_FILTER),
		.attachs = 1,
	};
	struct delegated d;

	enter(&d, state, &what);
	expect_error(state, "a queue, without the command", EPERM,
		     create_map(BPF_MAP_TYPE_QUEUE, d.token_fd, TOKEN));
	expect_error(state, "a socket filter, without the command", EPERM,
		     load(BPF_PROG_TYPE_SOCKET_FILTER, 0, d.token_fd, TOKEN));
	leave(&d);
}

void token_create__delegates_btf(void **state)
{
	static const struct delegation what = {.cmds = CMD_BIT(BTF_LOAD)};
	struct delegated d;

	enter(&d, state, &what);
	expect_error(state, "BTF without the token", EPERM, load_btf(0, 0));
	expect_error(state, "BTF with the token but not BPF_F_TOKEN_FD", EPERM,
		     load_btf(d.token_fd, 0));
	expect_ok(state, "BTF with the token", load_btf(d.token_fd, TOKEN));
	leave(&d);
}

/* The first of each needs CAP_BPF alone, the others also CAP_NET_ADMIN and
 * CAP_PERFMON; of attach types only ingress is delegated, and 0, which is what
 * programs without an attach type have. */
static const struct delegation programs = {
	.cmds = CMD_BIT(PROG_LOAD),
	.progs = TYPE_BIT(SOCKET_FILTER) | TYPE_BIT(XDP) |
		 TYPE_BIT(TRACEPOINT) | TYPE_BIT(CGROUP_SKB),
	.attachs = 1ull << BPF_CGROUP_INET_INGRESS,
};

void token_create__delegates_programs(void **state)
{
	struct delegated d;

	enter(&d, state, &programs);
	expect_error(state, "a filter without the token", EPERM,
		     load(BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, 0));
	expect_error(state, "a filter with the token but not BPF_F_TOKEN_FD",
		     EPERM,
		     load(BPF_PROG_TYPE_SOCKET_FILTER, 0, d.token_fd, 0));
	expect_ok(state, "a filter with the token",
		  load(BPF_PROG_TYPE_SOCKET_FILTER, 0, d.token_fd, TOKEN));
	expect_ok(state, "an XDP program with the token",
		  load(BPF_PROG_TYPE_XDP, 0, d.token_fd, TOKEN));
	expect_ok(state, "a tracepoint's program with the token",
		  load(BPF_PROG_TYPE_TRACEPOINT, 0, d.token_fd, TOKEN));
	expect_error(state, "a classifier, which is not delegated", EPERM,
		     load(BPF_PROG_TYPE_SCHED_CLS, 0, d.token_fd, TOKEN));
	leave(&d);
}

void token_create__delegates_attach_types(void **state)
{
	const uint32_t type = BPF_PROG_TYPE_CGROUP_SKB;
	struct delegated d;

	enter(&d, state, &programs);
	expect_ok(state, "the filter of a cgroup for ingress",
		  load(type, BPF_CGROUP_INET_INGRESS, d.token_fd, TOKEN));
	expect_error(state, "the same for egress, which is not delegated",
		     EPERM,
		     load(type, BPF_CGROUP_INET_EGRESS, d.token_fd, TOKEN));
	leave(&d);
}

/* A token stands for what its user has in the namespace. */
void token_create__wants_caps(void **state)
{
	static const struct delegation what = {
		.cmds = CMD_BIT(MAP_CREATE) | CMD_BIT(PROG_LOAD) |
			CMD_BIT(BTF_LOAD),
		.maps = MAP_BIT(QUEUE) | MAP_BIT(DEVMAP),
		.progs = TYPE_BIT(XDP) | TYPE_BIT(TRACEPOINT),
		.attachs = 1,
	};
	const uint64_t sys = CAP_BIT(CAP_SYS_ADMIN);
	struct delegated d;

	enter(&d, state, &what);
	drop_caps(state, sys | CAP_BIT(CAP_BPF));
	expect_error(state, "a queue without CAP_BPF", EPERM,
		     create_map(BPF_MAP_TYPE_QUEUE, d.token_fd, TOKEN));
	expect_error(state, "BTF without CAP_BPF", EPERM,
		     load_btf(d.token_fd, TOKEN));
	drop_caps(state, sys | CAP_BIT(CAP_NET_ADMIN));
	expect_error(state, "a devmap without CAP_NET_ADMIN", EPERM,
		     create_map(BPF_MAP_TYPE_DEVMAP, d.token_fd, TOKEN));
	expect_error(state, "an XDP program without CAP_NET_ADMIN", EPERM,
		     load(BPF_PROG_TYPE_XDP, 0, d.token_fd, TOKEN));
	drop_caps(state, sys | CAP_BIT(CAP_PERFMON));
	expect_error(state, "a tracepoint's program without CAP_PERFMON", EPERM,
		     load(BPF_PROG_TYPE_TRACEPOINT, 0, d.token_fd, TOKEN));
	drop_caps(state, ~sys);
	expect_ok(state, "a queue with CAP_SYS_ADMIN",
		  create_map(BPF_MAP_TYPE_QUEUE, d.token_fd, TOKEN));
	expect_ok(state, "an XDP program with CAP_SYS_ADMIN",
		  load(BPF_PROG_TYPE_XDP, 0, d.token_fd, TOKEN));
	regain_caps(state);
	leave(&d);
}

/* A child namespace gets nothing by its parent's token. */
void token_create__of_parent(void **state)
{
	static const struct delegation what = {
		.cmds = CMD_BIT(MAP_CREATE),
		.maps = MAP_BIT(QUEUE),
	};
	struct delegated d;

	enter(&d, state, &what);
	check_call(state, "unshare(CLONE_NEWUSER)", unshare(CLONE_NEWUSER));
	expect_error(state, "a queue with the token of the parent namespace",
		     EPERM, create_map(BPF_MAP_TYPE_QUEUE, d.token_fd, TOKEN));
	leave(&d);
}

/* A program that a token loaded is attached with the namespace's
 * CAP_NET_ADMIN. */
void token_create__delegates_attaching(void **state)
{
	static const struct delegation what = {
		.cmds = CMD_BIT(PROG_LOAD),
		.progs = TYPE_BIT(CGROUP_SKB),
		.attachs = 1ull << CGROUP_HOOK,
	};
	struct delegated d;
	struct world world;
	int ret, link;

	world_make_for(&world, state, &(struct witness){0});
	make_cgroup(&world);
	enter(&d, state, &what);
	world.prog_fd = need(state, "BPF_PROG_LOAD with the token",
			     open_prog(BPF_PROG_TYPE_CGROUP_SKB, CGROUP_HOOK,
				       d.token_fd, TOKEN));
	drop_caps(state, CAP_BIT(CAP_SYS_ADMIN) | CAP_BIT(CAP_NET_ADMIN));
	ret = attach_cgroup(&world, world.prog_fd, 0);
	link = link_cgroup(&world, world.prog_fd);
	regain_caps(state);
	expect_error(state, "BPF_PROG_ATTACH without CAP_NET_ADMIN", EINVAL,
		     ret);
	expect_error(state, "BPF_LINK_CREATE without CAP_NET_ADMIN", EPERM,
		     link);
	link = link_cgroup(&world, world.prog_fd);
	close_if_fd(link);
	expect_ok(state, "BPF_LINK_CREATE in the namespace", link);
	expect_ok(state, "BPF_PROG_ATTACH in the namespace",
		  attach_cgroup(&world, world.prog_fd, 0));
	expect_ok(state, "BPF_PROG_DETACH in the namespace",
		  detach_cgroup(&world, world.prog_fd));
	leave(&d);
	world_drop(&world);
}

/* BPF_BTF_GET_FD_BY_ID takes a token since 6.17. */
void token_create__delegates_btf_ids(void **state)
{
	static const struct delegation what = {
		.cmds = CMD_BIT(BTF_GET_FD_BY_ID),
	};
	struct bpfsys_get_id_attr attr;
	struct delegated d;
	int ret;

	if (!kernel_offers(state, "bpf_attr.fd_by_id_token_fd",
			   BPFSYS_KV(6, 17)))
		skip_case(state, "BPF_BTF_GET_FD_BY_ID takes no token: no "
				 "bpf_attr.fd_by_id_token_fd in the kernel's "
				 "BTF");
	enter(&d, state, &what);
	memset(&attr, 0, sizeof(attr));
	attr.btf_id = 1;
	attr.fd_by_id_token_fd = (uint32_t)d.token_fd;
	expect_error(state, "without BPF_F_TOKEN_FD", EPERM,
		     bpfsys_btf_get_fd_by_id(&attr));
	attr.open_flags = TOKEN;
	ret = bpfsys_btf_get_fd_by_id(&attr);
	close_if_fd(ret);
	expect_ok(state, "with the token", ret);
	drop_caps(state, CAP_BIT(CAP_SYS_ADMIN));
	ret = bpfsys_btf_get_fd_by_id(&attr);
	regain_caps(state);
	expect_error(state, "without CAP_SYS_ADMIN in the namespace", EPERM,
		     ret);
	leave(&d);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Every hook of cgroups: what is attached there is listed there, and there
 * alone; and places for links. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "cgroups.h"
#include "kernel.h"

/* Those of LSM are in link_lsm.c. The last that 5.10 knows is 34. */
static const struct {
	uint32_t hook, prog_type;
	const char *name;
} hooks[] = {
#define HOOK(number, name, type)                                  \
	{                                                         \
		number, BPF_PROG_TYPE_##type, "BPF_CGROUP_" #name \
	}
	HOOK(0, INET_INGRESS, CGROUP_SKB),
	HOOK(1, INET_EGRESS, CGROUP_SKB),
	HOOK(2, INET_SOCK_CREATE, CGROUP_SOCK),
	HOOK(3, SOCK_OPS, SOCK_OPS),
	HOOK(6, DEVICE, CGROUP_DEVICE),
	HOOK(8, INET4_BIND, CGROUP_SOCK_ADDR),
	HOOK(9, INET6_BIND, CGROUP_SOCK_ADDR),
	HOOK(10, INET4_CONNECT, CGROUP_SOCK_ADDR),
	HOOK(11, INET6_CONNECT, CGROUP_SOCK_ADDR),
	HOOK(12, INET4_POST_BIND, CGROUP_SOCK),
	HOOK(13, INET6_POST_BIND, CGROUP_SOCK),
	HOOK(14, UDP4_SENDMSG, CGROUP_SOCK_ADDR),
	HOOK(15, UDP6_SENDMSG, CGROUP_SOCK_ADDR),
	HOOK(18, SYSCTL, CGROUP_SYSCTL),
	HOOK(19, UDP4_RECVMSG, CGROUP_SOCK_ADDR),
	HOOK(20, UDP6_RECVMSG, CGROUP_SOCK_ADDR),
	HOOK(21, GETSOCKOPT, CGROUP_SOCKOPT),
	HOOK(22, SETSOCKOPT, CGROUP_SOCKOPT),
	HOOK(29, INET4_GETPEERNAME, CGROUP_SOCK_ADDR),
	HOOK(30, INET6_GETPEERNAME, CGROUP_SOCK_ADDR),
	HOOK(31, INET4_GETSOCKNAME, CGROUP_SOCK_ADDR),
	HOOK(32, INET6_GETSOCKNAME, CGROUP_SOCK_ADDR),
	HOOK(34, INET_SOCK_RELEASE, CGROUP_SOCK),
	HOOK(49, UNIX_CONNECT, CGROUP_SOCK_ADDR),
	HOOK(50, UNIX_SENDMSG, CGROUP_SOCK_ADDR),
	HOOK(51, UNIX_RECVMSG, CGROUP_SOCK_ADDR),
	HOOK(52, UNIX_GETPEERNAME, CGROUP_SOCK_ADDR),
	HOOK(53, UNIX_GETSOCKNAME, CGROUP_SOCK_ADDR),
#undef HOOK
};

#define N_HOOKS COUNT_OF(hooks)

static bool is_known(size_t i)
{
	return kernel_has_btf() ? kernel_has_constant(hooks[i].name)
				: hooks[i].hook <= 34;
}

/* A program for each hook, that lets all pass; -1 where BTF says that there is
 * no such hook, which is EINVAL then. */
static void make_progs(void **state, int fds[N_HOOKS])
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 1), EXIT()};
	struct bpfsys_prog_load_attr attr;

	for (size_t i = 0; i < N_HOOKS; i++) {
		fill_prog(&attr, hooks[i].prog_type, insns, COUNT_OF(insns));
		attr.expected_attach_type = hooks[i].hook;
		fds[i] = bpfsys_prog_load(&attr);
		close_if_fd(is_known(i) ? -1 : fds[i]);
		if (is_known(i))
			need(state, hooks[i].name, fds[i]);
		else if (kernel_has_btf())
			expect_error(state, hooks[i].name, EINVAL, fds[i]);
		fds[i] = is_known(i) ? fds[i] : -1;
	}
}

static void drop_progs(int fds[N_HOOKS])
{
	for (size_t i = 0; i < N_HOOKS; i++)
		close_if_fd(fds[i]);
}

/* Hook I is what a query says: of program FD, or empty where that is -1. */
static void expect_at(struct cgroups *cgroups, size_t i, int fd)
{
	expect_hook(cgroups->state, hooks[i].name, cgroups->above.dir_fd,
		    hooks[i].hook, 0, &fd, fd >= 0);
}

void prog_attach__cgroup_hooks(void **state)
{
	struct cgroups cgroups;
	int fds[N_HOOKS];

	cgroups_make(&cgroups, state, 0);
	make_progs(state, fds);
	for (size_t i = 0; i < N_HOOKS; i++)
		if (fds[i] >= 0)
			expect_ok(state, hooks[i].name,
				  attach_at(cgroups.above.dir_fd, hooks[i].hook,
					    fds[i], BPF_F_ALLOW_MULTI));
	for (size_t i = 0; i < N_HOOKS; i++)
		if (fds[i] >= 0)
			expect_at(&cgroups, i, fds[i]);
	for (size_t i = 0; i < N_HOOKS; i++)
		if (fds[i] >= 0) {
			expect_ok(state, hooks[i].name,
				  detach_at(cgroups.above.dir_fd, hooks[i].hook,
					    fds[i]));
			expect_at(&cgroups, i, -1);
		}
	drop_progs(fds);
	cgroups_drop(&cgroups);
}

static void check_link(void **state, size_t i, int link_fd)
{
	struct bpfsys_link_info info;
	char text[96];

	memset(&info, 0, sizeof(info));
	get_info(state, link_fd, &info, sizeof(info));
	snprintf(text, sizeof(text), "info of a link: attach_type of %s",
		 hooks[i].name);
	expect_u64(state, text, hooks[i].hook, info.cgroup.attach_type);
}

void link_create__cgroup_hooks(void **state)
{
	struct cgroups cgroups;
	int fds[N_HOOKS], links[N_HOOKS];

	cgroups_make(&cgroups, state, 0);
	make_progs(state, fds);
	for (size_t i = 0; i < N_HOOKS; i++) {
		links[i] = -1;
		if (fds[i] < 0)
			continue;
		links[i] = link_at(cgroups.above.dir_fd, hooks[i].hook, fds[i]);
		expect_ok(state, hooks[i].name, links[i]);
		check_link(state, i, links[i]);
	}
	for (size_t i = 0; i < N_HOOKS; i++)
		if (fds[i] >= 0)
			expect_at(&cgroups, i, fds[i]);
	for (size_t i = 0; i < N_HOOKS; i++)
		if (fds[i] >= 0) {
			close(links[i]);
			expect_at(&cgroups, i, -1);
		}
	drop_progs(fds);
	cgroups_drop(&cgroups);
}

static void fill_link(struct bpfsys_link_create_attr *attr,
		      const struct cgroups *cgroups, int which)
{
	memset(attr, 0, sizeof(*attr));
	attr->prog_fd = (uint32_t)cgroups->progs[which];
	attr->target_fd = (uint32_t)cgroups->above.dir_fd;
	attr->attach_type = CGROUP_HOOK;
}

/* Kernels without revisions of cgroups do not look at what asks for one. */
static void need_link_revisions(void **state, struct cgroups *cgroups)
{
	struct bpfsys_link_create_attr attr;
	int ret;

	if (kernel_offers(state,
			  "bpf_attr.link_create.cgroup.expected_revision",
			  BPFSYS_KV(6, 17)))
		return;
	fill_link(&attr, cgroups, 0);
	attr.cgroup.expected_revision = 99;
	ret = bpfsys_link_create(&attr);
	close_if_fd(ret);
	cgroups_drop(cgroups);
	expect_ok(state, "a link with a revision that no kernel looks at", ret);
	skip_case(state, "BPF_LINK_CREATE has no cgroup.expected_revision: not "
			 "looked at");
}

/* The hook's revision is 1 while it is new. */
void link_create__cgroup_stale_revision(void **state)
{
	struct bpfsys_link_create_attr attr;
	struct cgroups cgroups;
	int right, ret;

	cgroups_make(&cgroups, state, 1);
	need_link_revisions(state, &cgroups);
	fill_link(&attr, &cgroups, 0);
	attr.cgroup.expected_revision = 2;
	ret = bpfsys_link_create(&attr);
	close_if_fd(ret);
	attr.cgroup.expected_revision = 1;
	right = bpfsys_link_create(&attr);
	close_if_fd(right);
	cgroups_drop(&cgroups);
	expect_ok(state, "a link with the hook's revision", right);
	expect_errno(state, ret);
}

/* A link of the second program, with FLAGS beside RELATIVE, is where FIRST
 * says. */
static void check_place(struct cgroups *cgroups, const char *what,
			uint32_t flags, uint32_t relative, bool first)
{
	const int *progs = cgroups->progs;
	struct bpfsys_link_create_attr attr;
	int fd;

	fill_link(&attr, cgroups, 1);
	attr.flags = flags;
	attr.cgroup.relative_fd = relative;
	fd = bpfsys_link_create(&attr);
	expect_ok(cgroups->state, what, fd);
	expect_hook(cgroups->state, what, cgroups->above.dir_fd, CGROUP_HOOK, 0,
		    (int[]){progs[first ? 1 : 0], progs[first ? 0 : 1],
			    progs[2]},
		    3);
	close(fd);
}

/* Among two links, the second of which is never what a place is relative to. */
void link_create__cgroup_positions(void **state)
{
	struct cgroups cgroups;
	int first, second;
	uint32_t id;

	cgroups_make(&cgroups, state, 3);
	need_link_revisions(state, &cgroups);
	first = need(state, "BPF_LINK_CREATE",
		     link_at(cgroups.above.dir_fd, CGROUP_HOOK,
			     cgroups.progs[0]));
	second = need(state, "BPF_LINK_CREATE",
		      link_at(cgroups.above.dir_fd, CGROUP_HOOK,
			      cgroups.progs[2]));
	id = id_of_link(state, first);
	check_place(&cgroups, "BPF_F_BEFORE alone", BPFABI_F_BEFORE, 0, true);
	check_place(&cgroups, "before a link", BPFABI_F_BEFORE | BPFABI_F_LINK,
		    (uint32_t)first, true);
	check_place(&cgroups, "after a link", BPFABI_F_AFTER | BPFABI_F_LINK,
		    (uint32_t)first, false);
	check_place(&cgroups, "after a link by id",
		    BPFABI_F_AFTER | BPFABI_F_LINK | BPFABI_F_ID, id, false);
	close(second);
	close(first);
	cgroups_drop(&cgroups);
}

/* A link of the first program hangs above and one of the second below; places
 * a link of the third above, before what RELATIVE gives. */
static void judge_anchor(void **state, uint32_t flags,
			 int (*relative)(struct cgroups *cgroups, int below))
{
	struct bpfsys_link_create_attr attr;
	struct cgroups cgroups;
	int above, below, ret;

	cgroups_make(&cgroups, state, 3);
	need_link_revisions(state, &cgroups);
	above = need(state, "BPF_LINK_CREATE above",
		     link_at(cgroups.above.dir_fd, CGROUP_HOOK,
			     cgroups.progs[0]));
	below = need(state, "BPF_LINK_CREATE below",
		     link_at(cgroups.below.dir_fd, CGROUP_HOOK,
			     cgroups.progs[1]));
	fill_link(&attr, &cgroups, 2);
	attr.flags = BPFABI_F_BEFORE | flags;
	attr.cgroup.relative_fd = (uint32_t)relative(&cgroups, below);
	ret = bpfsys_link_create(&attr);
	close_if_fd(ret);
	close(below);
	close(above);
	cgroups_drop(&cgroups);
	expect_errno(state, ret);
}

static int program_above(struct cgroups *cgroups, int below)
{
	(void)below;
	return cgroups->progs[0];
}

static int link_below(struct cgroups *cgroups, int below)
{
	(void)cgroups;
	return below;
}

void link_create__cgroup_anchor_is_program(void **state)
{
	judge_anchor(state, 0, program_above);
}

void link_create__cgroup_anchor_not_a_link(void **state)
{
	judge_anchor(state, BPFABI_F_LINK, program_above);
}

void link_create__cgroup_anchor_not_there(void **state)
{
	judge_anchor(state, BPFABI_F_LINK, link_below);
}

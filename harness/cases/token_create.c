// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_TOKEN_CREATE. Its process enters a user namespace, where alone there are
 * tokens. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "progs.h"
#include "token.h"

/* One command, one type of map. */
static const struct delegation queues = {
	.cmds = CMD_BIT(MAP_CREATE),
	.maps = 1ull << BPF_MAP_TYPE_QUEUE,
};

static void make(struct world *world)
{
	world->dir_fd = token_enter_userns(world->state, &queues);
	world->zero_fd = world->dir_fd;
}

static void arm(struct world *world, union argument *attr)
{
	attr->token_create.bpffs_fd = (uint32_t)world->dir_fd;
}

static void disarm(struct world *world, int ret)
{
	(void)world;
	close_if_fd(ret);
}

/* Whether LINE stands in what the kernel says of descriptor FD. */
static bool fdinfo_has(void **state, int fd, const char *line)
{
	char path[64], text[1024];
	ssize_t n;
	int info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = check_call(state, "open of fdinfo",
			  open(path, O_RDONLY | O_CLOEXEC));
	n = read(info, text, sizeof(text) - 1);
	check_call(state, "read of fdinfo", (int)n);
	close(info);
	text[n] = '\0';
	return strstr(text, line) != NULL;
}

static void check(struct world *world, const union argument *attr, int ret)
{
	void **state = world->state;

	(void)attr;
	expect_true(state, "fdinfo: allowed_cmds: 0x1",
		    fdinfo_has(state, ret, "allowed_cmds:\t0x1\n"));
	expect_true(state, "fdinfo: allowed_maps: 0x400000",
		    fdinfo_has(state, ret, "allowed_maps:\t0x400000\n"));
	expect_true(state, "fdinfo: allowed_progs: 0x0",
		    fdinfo_has(state, ret, "allowed_progs:\t0x0\n"));
	expect_true(state, "fdinfo: allowed_attachs: 0x0",
		    fdinfo_has(state, ret, "allowed_attachs:\t0x0\n"));
}

const struct witness witness_token_create = {
	.make = make,
	.arm = arm,
	.disarm = disarm,
	.check = check,
	.for_good = true,
};

static void close_bpffs(struct world *world, union argument *attr)
{
	(void)world;
	attr->token_create.bpffs_fd = CLOSED_FD;
}

void token_create__closed_fd(void **state)
{
	judge_broken(state, close_bpffs);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->token_create.flags = 1;
}

void token_create__unknown_flag(void **state)
{
	judge_broken(state, add_flag);
}

static void name_proc(struct world *world, union argument *attr)
{
	close(world->dir_fd);
	world->dir_fd = check_call(world->state, "open of /proc",
				   open("/proc", O_RDONLY | O_CLOEXEC));
	attr->token_create.bpffs_fd = (uint32_t)world->dir_fd;
}

void token_create__not_bpffs(void **state)
{
	judge_broken(state, name_proc);
}

/* Makes a token of the bpf filesystem DIR_FD, and judges. */
static void judge_token(void **state, int dir_fd)
{
	int ret = token_create(dir_fd);

	close_if_fd(ret);
	close(dir_fd);
	expect_errno(state, ret);
}

void token_create__initial_userns(void **state)
{
	judge_token(state, token_mount_bpffs(state));
}

void token_create__nothing_delegated(void **state)
{
	static const struct delegation nothing;

	judge_token(state, token_enter_userns(state, &nothing));
}

/* The filesystem is the parent's, who is in the initial namespace. */
void token_create__other_userns(void **state)
{
	int dir_fd;

	need_userns(state);
	dir_fd = token_mount_bpffs(state);
	check_call(state, "unshare(CLONE_NEWUSER)", unshare(CLONE_NEWUSER));
	judge_token(state, dir_fd);
}

void token_create__no_caps(void **state)
{
	judge_no_caps(state);
}

/* CAP_SYS_ADMIN of the namespace does not stand in for CAP_BPF. */
static void keep_sys_admin(struct world *world, union argument *attr)
{
	(void)attr;
	drop_caps(world->state, CAP_BIT(CAP_BPF));
}

void token_create__only_sys_admin(void **state)
{
	judge_broken(state, keep_sys_admin);
}

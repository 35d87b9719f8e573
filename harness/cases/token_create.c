// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_TOKEN_CREATE, from inside a user namespace: this process enters one, and
 * a privileged child that it leaves behind makes the bpf filesystem and sets
 * what it delegates, as a container manager would. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "hooks.h"

/* What the filesystem delegates: one command, one type of map. */
#define DELEGATE_CMDS (1ull << BPFSYS_MAP_CREATE)
#define DELEGATE_MAPS (1ull << BPF_MAP_TYPE_QUEUE)

static int check_call(void **state, const char *what, int ret)
{
	return need(state, what, ret < 0 ? -errno : ret);
}

static int delegate(int fs_fd, const char *option, uint64_t mask)
{
	char value[32];

	snprintf(value, sizeof(value), "0x%llx", (unsigned long long)mask);
	return fsconfig(fs_fd, FSCONFIG_SET_STRING, option, value, 0);
}

/* The broker: takes a filesystem context from the socket, sets its delegation
 * and makes the filesystem, for both of which the kernel wants CAP_SYS_ADMIN in
 * the initial user namespace: bpf_parse_param(), bpf_fill_super(). */
static int broker(int sock, bool delegating)
{
	char room[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = room,
			     .msg_controllen = sizeof(room)};
	struct cmsghdr *cmsg;
	int fs_fd;

	if (recvmsg(sock, &msg, 0) != 1)
		return 1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg)
		return 2;
	memcpy(&fs_fd, CMSG_DATA(cmsg), sizeof(fs_fd));
	if (delegating &&
	    (delegate(fs_fd, "delegate_cmds", DELEGATE_CMDS) != 0 ||
	     delegate(fs_fd, "delegate_maps", DELEGATE_MAPS) != 0))
		return 3;
	return fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) ? 4 : 0;
}

static void send_fd(void **state, int sock, int fd)
{
	char room[CMSG_SPACE(sizeof(int))] = {0}, byte = 0;
	struct iovec iov = {&byte, 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = room,
			     .msg_controllen = sizeof(room)};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	check_call(state, "sendmsg", (int)sendmsg(sock, &msg, 0));
}

/* Has the broker make the filesystem of FS_FD. */
static void await_broker(void **state, pid_t child, int sock, int fs_fd)
{
	int status = -1;

	send_fd(state, sock, fs_fd);
	close(sock);
	check_call(state, "waitpid", waitpid(child, &status, 0));
	need(state, "what the broker does", status ? -EPERM : 0);
}

/* The root directory of the bpf filesystem that FS_FD made; closes FS_FD. */
static int mount_made(void **state, int fs_fd)
{
	int mount_fd, dir_fd;

	mount_fd = check_call(state, "fsmount",
			      fsmount(fs_fd, FSMOUNT_CLOEXEC, 0));
	dir_fd = check_call(state, "open of the bpf filesystem",
			    openat(mount_fd, ".",
				   O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	close(mount_fd);
	close(fs_fd);
	return dir_fd;
}

static int open_context(void **state)
{
	return check_call(state, "fsopen(\"bpf\")",
			  fsopen("bpf", FSOPEN_CLOEXEC));
}

/* Where the kernel has no user namespaces, there is nobody to make a token for:
 * unshare() says EINVAL, and there is no /proc/self/ns/user. */
static void need_userns(void **state)
{
	if (access("/proc/self/ns/user", F_OK) != 0 && errno == ENOENT)
		skip_case(state, "the kernel has no user namespaces: no "
				 "/proc/self/ns/user");
}

/* Moves this process to a user namespace of its own; its bpf filesystem. */
static int enter_userns(void **state, bool delegating)
{
	int pair[2], fs_fd;
	pid_t child;

	need_userns(state);
	check_call(state, "socketpair",
		   socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	child = check_call(state, "fork", fork());
	if (child == 0) {
		close(pair[0]);
		_exit(broker(pair[1], delegating));
	}
	close(pair[1]);
	check_call(state, "unshare(CLONE_NEWUSER | CLONE_NEWNS)",
		   unshare(CLONE_NEWUSER | CLONE_NEWNS));
	fs_fd = open_context(state);
	await_broker(state, child, pair[0], fs_fd);
	return mount_made(state, fs_fd);
}

/* A bpf filesystem of this process's own user namespace, the initial one. */
static int mount_bpffs(void **state)
{
	int fs_fd = open_context(state);

	check_call(state, "fsconfig(FSCONFIG_CMD_CREATE)",
		   fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	return mount_made(state, fs_fd);
}

static void make(struct world *world)
{
	world->dir_fd = enter_userns(world->state, true);
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

static int create_map(uint32_t type, int token_fd)
{
	struct bpfsys_map_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.value_size = 8;
	attr.max_entries = 1;
	if (token_fd >= 0) {
		attr.map_flags = BPFABI_F_TOKEN_FD;
		attr.map_token_fd = token_fd;
	}
	return bpfsys_map_create(&attr);
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

static int create_token(int dir_fd)
{
	struct bpfsys_token_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.bpffs_fd = (uint32_t)dir_fd;
	return bpfsys_token_create(&attr);
}

/* Makes a token of the bpf filesystem DIR_FD, and judges. */
static void judge_token(void **state, int dir_fd)
{
	int ret = create_token(dir_fd);

	close_if_fd(ret);
	close(dir_fd);
	expect_errno(state, ret);
}

void token_create__initial_userns(void **state)
{
	judge_token(state, mount_bpffs(state));
}

void token_create__nothing_delegated(void **state)
{
	judge_token(state, enter_userns(state, false));
}

/* The filesystem is the parent's, who is in the initial namespace. */
void token_create__other_userns(void **state)
{
	int dir_fd;

	need_userns(state);
	dir_fd = mount_bpffs(state);
	check_call(state, "unshare(CLONE_NEWUSER)", unshare(CLONE_NEWUSER));
	judge_token(state, dir_fd);
}

/* In the namespace a queue takes CAP_BPF, which the token stands in for; what
 * was not delegated stays forbidden. */
void token_create__delegates(void **state)
{
	struct world world;
	int token, queue;

	world_make(&world, state);
	expect_error(state, "BPF_MAP_CREATE of a queue without the token",
		     EPERM, create_map(BPF_MAP_TYPE_QUEUE, -1));
	token = need(state, "BPF_TOKEN_CREATE", create_token(world.dir_fd));
	queue = create_map(BPF_MAP_TYPE_QUEUE, token);
	expect_ok(state, "BPF_MAP_CREATE of a queue with the token", queue);
	close(queue);
	expect_error(state, "BPF_MAP_CREATE of a stack with the token", EPERM,
		     create_map(BPF_MAP_TYPE_STACK, token));
	close(token);
	world_drop(&world);
}

void token_create__no_caps(void **state)
{
	judge_no_caps(state);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Tokens are made inside a user namespace: this process enters one, and a
 * privileged child that it leaves behind makes the bpf filesystem and sets what
 * it delegates, as a container manager would. */
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
#include "token.h"

int check_call(void **state, const char *what, int ret)
{
	return need(state, what, ret < 0 ? -errno : ret);
}

static int delegate(int fs_fd, const char *option, uint64_t mask)
{
	char value[32];

	if (!mask)
		return 0;
	snprintf(value, sizeof(value), "0x%llx", (unsigned long long)mask);
	return fsconfig(fs_fd, FSCONFIG_SET_STRING, option, value, 0);
}

/* The broker: takes a filesystem context from the socket, sets its delegation
 * and makes the filesystem, for both of which the kernel wants CAP_SYS_ADMIN in
 * the initial user namespace: bpf_parse_param(), bpf_fill_super(). */
static int broker(int sock, const struct delegation *what)
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
	if (delegate(fs_fd, "delegate_cmds", what->cmds) != 0 ||
	    delegate(fs_fd, "delegate_maps", what->maps) != 0 ||
	    delegate(fs_fd, "delegate_progs", what->progs) != 0 ||
	    delegate(fs_fd, "delegate_attachs", what->attachs) != 0)
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

static void write_file(void **state, const char *path, const char *text)
{
	int fd = check_call(state, path, open(path, O_WRONLY | O_CLOEXEC));

	check_call(state, path, (int)write(fd, text, strlen(text)));
	close(fd);
}

/* Root here is root there; without a mapping nobody could nest namespaces. */
static void map_ids(void **state)
{
	write_file(state, "/proc/self/setgroups", "deny");
	write_file(state, "/proc/self/uid_map", "0 0 1");
	write_file(state, "/proc/self/gid_map", "0 0 1");
}

int token_enter_userns(void **state, const struct delegation *what)
{
	int pair[2], fs_fd;
	pid_t child;

	need_userns(state);
	check_call(state, "socketpair",
		   socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	child = check_call(state, "fork", fork());
	if (child == 0) {
		close(pair[0]);
		_exit(broker(pair[1], what));
	}
	close(pair[1]);
	check_call(state, "unshare(CLONE_NEWUSER | CLONE_NEWNS)",
		   unshare(CLONE_NEWUSER | CLONE_NEWNS));
	map_ids(state);
	fs_fd = open_context(state);
	await_broker(state, child, pair[0], fs_fd);
	return mount_made(state, fs_fd);
}

int token_mount_bpffs(void **state)
{
	int fs_fd = open_context(state);

	check_call(state, "fsconfig(FSCONFIG_CMD_CREATE)",
		   fsconfig(fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	return mount_made(state, fs_fd);
}

int token_create(int dir_fd)
{
	struct bpfsys_token_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.bpffs_fd = (uint32_t)dir_fd;
	return bpfsys_token_create(&attr);
}

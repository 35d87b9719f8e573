// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Programs at hooks of cgroups are asked, and only there and while they are
 * attached; what becomes of them with their cgroup. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "catalogue.h"
#include "cgroups.h"
#include "kernel.h"

/* Each act ends with its process, which closes what it opened. */
static int open_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static struct sockaddr_in local(uint16_t port)
{
	struct sockaddr_in at;

	memset(&at, 0, sizeof(at));
	at.sin_family = AF_INET;
	at.sin_port = htons(port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return at;
}

static int act_bind(void)
{
	struct sockaddr_in at = local(0);

	at.sin_addr.s_addr = 0;
	return bind(open_socket(), (void *)&at, sizeof(at)) ? errno : 0;
}

/* A network namespace of its own with its loopback device up, so that packets
 * leave. */
static int bring_up(int fd)
{
	struct ifreq request;

	memset(&request, 0, sizeof(request));
	strcpy(request.ifr_name, "lo");
	request.ifr_flags = IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &request);
}

static int socket_on_lo(void)
{
	int fd = unshare(CLONE_NEWNET) ? -1 : open_socket();

	return fd >= 0 && bring_up(fd) == 0 ? fd : -1;
}

static int act_connect(void)
{
	const struct sockaddr_in at = local(9);

	return connect(socket_on_lo(), (const void *)&at, sizeof(at)) ? errno
								      : 0;
}

static int act_send(void)
{
	const struct sockaddr_in at = local(9);

	return sendto(socket_on_lo(), "", 1, 0, (const void *)&at, sizeof(at)) <
			       0
		       ? errno
		       : 0;
}

static int act_setsockopt(void)
{
	const int on = 1;

	return setsockopt(open_socket(), SOL_SOCKET, SO_REUSEADDR, &on,
			  sizeof(on))
		       ? errno
		       : 0;
}

static int act_getsockopt(void)
{
	socklen_t size = sizeof(int);
	int type;

	return getsockopt(open_socket(), SOL_SOCKET, SO_TYPE, &type, &size)
		       ? errno
		       : 0;
}

static int act_sysctl(void)
{
	int fd = open("/proc/sys/kernel/ostype", O_RDONLY | O_CLOEXEC);
	char text[16];

	return read(fd, text, sizeof(text)) < 0 ? errno : 0;
}

static int act_device(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static const struct {
	const char *name;
	uint32_t hook, prog_type;
	int (*act)(void);
} verdicts[] = {
#define VERDICT(name, type, act)                                              \
	{                                                                     \
		"BPF_CGROUP_" #name, BPF_CGROUP_##name, BPF_PROG_TYPE_##type, \
			act                                                   \
	}
	VERDICT(INET_EGRESS, CGROUP_SKB, act_send),
	VERDICT(INET_SOCK_CREATE, CGROUP_SOCK, act_socket),
	VERDICT(DEVICE, CGROUP_DEVICE, act_device),
	VERDICT(INET4_BIND, CGROUP_SOCK_ADDR, act_bind),
	VERDICT(INET4_CONNECT, CGROUP_SOCK_ADDR, act_connect),
	VERDICT(INET4_POST_BIND, CGROUP_SOCK, act_bind),
	VERDICT(UDP4_SENDMSG, CGROUP_SOCK_ADDR, act_send),
	VERDICT(SYSCTL, CGROUP_SYSCTL, act_sysctl),
	VERDICT(GETSOCKOPT, CGROUP_SOCKOPT, act_getsockopt),
	VERDICT(SETSOCKOPT, CGROUP_SOCKOPT, act_setsockopt),
#undef VERDICT
};

/* Options are no matter of programs where the caller is of 32 bits and the
 * kernel of 64: net/socket.c, do_sock_setsockopt(). */
static bool is_asked(size_t i)
{
	return sizeof(void *) == 8 || kernel_is_i386() ||
	       verdicts[i].prog_type != BPF_PROG_TYPE_CGROUP_SOCKOPT;
}

/* What the act of row I comes to in the cgroup of DIR_FD. */
static void expect_act(void **state, size_t i, int dir_fd, const char *when,
		       int want)
{
	char text[96];

	snprintf(text, sizeof(text), "errno of what %s decides, %s",
		 verdicts[i].name, when);
	expect_u64(state, text, (uint64_t)want,
		   (uint64_t)act_in(state, dir_fd, verdicts[i].act));
}

/* A program above that returns 0 forbids what is done below it, and nothing
 * beside. */
void prog_attach__verdicts(void **state)
{
	struct cgroups cgroups;
	int fd, above, below, root;

	cgroups_make(&cgroups, state, 0);
	above = cgroups.above.dir_fd;
	below = cgroups.below.dir_fd;
	root = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
		fd = make_trivial_prog(state, verdicts[i].prog_type,
				       verdicts[i].hook, 0);
		expect_act(state, i, below, "without a program", 0);
		expect_ok(state, verdicts[i].name,
			  attach_at(above, verdicts[i].hook, fd,
				    BPF_F_ALLOW_MULTI));
		expect_act(state, i, below, "below the program",
			   is_asked(i) ? EPERM : 0);
		expect_act(state, i, root, "outside", 0);
		expect_ok(state, verdicts[i].name,
			  detach_at(above, verdicts[i].hook, fd));
		expect_act(state, i, below, "behind the detach", 0);
		close(fd);
	}
	close(root);
	cgroups_drop(&cgroups);
}

static bool is_there(uint32_t id)
{
	int fd = open_id(bpfsys_prog_get_fd_by_id, id);

	close_if_fd(fd);
	return fd >= 0;
}

/* The cgroup alone holds the program: behind the close it is there, behind the
 * end of the cgroup it is not. */
void prog_attach__cgroup_removed(void **state)
{
	struct cgroups cgroups;
	uint32_t id;
	bool held;

	cgroups_make(&cgroups, state, 1);
	id = id_of_prog(state, cgroups.progs[0]);
	need(state, "BPF_PROG_ATTACH",
	     attach_at(cgroups.above.dir_fd, CGROUP_HOOK, cgroups.progs[0], 0));
	close(cgroups.progs[0]);
	cgroups.progs[0] = -1;
	held = is_there(id);
	cgroups_drop(&cgroups);
	expect_true(state, "the program is there without a descriptor", held);
	expect_true(state, "the program goes with its cgroup",
		    is_gone(bpfsys_prog_get_fd_by_id, id));
}

void prog_detach__frees(void **state)
{
	struct cgroups cgroups;
	uint32_t id;

	cgroups_make(&cgroups, state, 1);
	id = id_of_prog(state, cgroups.progs[0]);
	need(state, "BPF_PROG_ATTACH",
	     attach_at(cgroups.above.dir_fd, CGROUP_HOOK, cgroups.progs[0], 0));
	close(cgroups.progs[0]);
	cgroups.progs[0] = -1;
	expect_ok(state, "BPF_PROG_DETACH",
		  detach_at(cgroups.above.dir_fd, CGROUP_HOOK, 0));
	expect_true(state, "the program goes with its attachment",
		    is_gone(bpfsys_prog_get_fd_by_id, id));
	cgroups_drop(&cgroups);
}

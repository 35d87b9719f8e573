// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Cases that leave something behind, one of each kind: leaks.sh links them into
 * a suite of its own, where each must fail. The last one leaves nothing. */
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hooks.h"
#include "unpriv.h"

#define CASE(cmd, name, rule) void cmd##__##name(void **state);
#include "leaky.def"
#undef CASE

void any__leaves_map(void **state)
{
	make_map(state, BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);
}

void any__leaves_program(void **state)
{
	make_trivial_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0, 0);
}

void any__leaves_btf(void **state)
{
	make_btf(state);
}

void any__leaves_link(void **state)
{
	struct world world;

	world_make_for(&world, state, &(const struct witness){0});
	make_cgroup_hook(&world);
	world.link_fd = need(state, "link", link_cgroup(&world, world.prog_fd));
	world.link_fd = -1;
	world_drop(&world);
}

void any__leaves_pin(void **state)
{
	need(state, "mkdir", mkdir("/sys/fs/bpf/leaky", 0700));
}

void any__leaves_mount(void **state)
{
	need(state, "mount", mount("leaky", "/root", "tmpfs", 0, NULL));
}

void any__leaves_cgroup(void **state)
{
	need(state, "mkdir", mkdir("/sys/fs/cgroup/leaky", 0700));
}

/* No stock kernel has a driver of devices built in: the one that is there gets
 * another name. */
void any__leaves_device(void **state)
{
	int sock = need(state, "socket",
			socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	struct ifreq ifr;

	memset(&ifr, 0, sizeof(ifr));
	strcpy(ifr.ifr_name, "lo");
	need(state, "lo down", ioctl(sock, SIOCSIFFLAGS, &ifr));
	strcpy(ifr.ifr_newname, "leaky");
	need(state, "another name of lo", ioctl(sock, SIOCSIFNAME, &ifr));
	close(sock);
}

void any__leaves_process(void **state)
{
	if (need(state, "fork", fork()) == 0) {
		pause();
		_exit(0);
	}
}

void any__leaves_descriptor(void **state)
{
	need(state, "dup", fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0));
}

void any__leaves_switch(void **state)
{
	need(state, "write",
	     unpriv_write(unpriv_get(state) == '0' ? '2' : '0'));
}

void token_create__leaves_pin(void **state)
{
	need(state, "mkdir", mkdir("/sys/fs/bpf/leaky2", 0700));
}

void any__leaves_nothing(void **state)
{
	close(make_map(state, BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0));
	close(make_trivial_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0, 0));
}

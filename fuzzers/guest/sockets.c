// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The sockets among what is given, all over lo and none of them blocking. */
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "executor.h"

#define FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

void lo_up(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr;

	if (fd < 0)
		return;
	memset(&ifr, 0, sizeof(ifr));
	strcpy(ifr.ifr_name, "lo");
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

/* Bound to a port of 127.0.0.1, which *ADDR gets. */
static int bound(int type, struct sockaddr_in *addr)
{
	int fd = socket(AF_INET, type | FLAGS, 0);
	socklen_t len = sizeof(*addr);

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (void *)addr, len) ||
	    getsockname(fd, (void *)addr, &len)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void make_tcp(void)
{
	struct sockaddr_in addr;
	int listener = bound(SOCK_STREAM, &addr);
	int fd = socket(AF_INET, SOCK_STREAM | FLAGS, 0);

	if (listener >= 0 && fd >= 0 && !listen(listener, 16)) {
		connect(fd, (void *)&addr, sizeof(addr));
		fd_move(accept4(listener, NULL, NULL, FLAGS),
			FD_GIVEN + SEQ_GIVEN_TCP_PEER);
	}
	fd_move(fd, FD_GIVEN + SEQ_GIVEN_TCP);
	fd_move(listener, FD_GIVEN + SEQ_GIVEN_TCP_LISTEN);
}

/* To itself, so that what is sent can be taken away again. */
static void make_udp(void)
{
	struct sockaddr_in addr;
	int fd = bound(SOCK_DGRAM, &addr);

	if (fd >= 0)
		connect(fd, (void *)&addr, sizeof(addr));
	fd_move(fd, FD_GIVEN + SEQ_GIVEN_UDP);
}

static void make_unix(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | FLAGS, 0, pair))
		return;
	fd_move(pair[0], FD_GIVEN + SEQ_GIVEN_UNIX);
	fd_move(pair[1], FD_GIVEN + SEQ_GIVEN_UNIX_PEER);
}

static void make_tcp6(void)
{
	struct sockaddr_in6 addr;
	int fd = socket(AF_INET6, SOCK_STREAM | FLAGS, 0);

	memset(&addr, 0, sizeof(addr));
	addr.sin6_family = AF_INET6;
	addr.sin6_addr = in6addr_loopback;
	if (fd >= 0 && bind(fd, (void *)&addr, sizeof(addr))) {
		close(fd);
		fd = -1;
	}
	fd_move(fd, FD_GIVEN + SEQ_GIVEN_TCP6);
}

void sockets_make(uint64_t wanted)
{
	const uint64_t tcp = 1ULL << SEQ_GIVEN_TCP_LISTEN |
			     1ULL << SEQ_GIVEN_TCP | 1ULL << SEQ_GIVEN_TCP_PEER;
	const uint64_t pair =
		1ULL << SEQ_GIVEN_UNIX | 1ULL << SEQ_GIVEN_UNIX_PEER;

	if (wanted & tcp)
		make_tcp();
	if (wanted >> SEQ_GIVEN_UDP & 1)
		make_udp();
	if (wanted & pair)
		make_unix();
	if (wanted >> SEQ_GIVEN_TCP6 & 1)
		make_tcp6();
}

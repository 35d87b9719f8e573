// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Network namespaces that come and go while a case runs. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <net/if.h>

#include "netns.h"
#include "witness.h"

/* Longer than a namespace takes to end on a slow machine that is busy. */
#define AWAIT_MS 20000

int netns_enter(void **state)
{
	int home_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	need(state, "open of /proc/self/ns/net", home_fd < 0 ? -errno : 0);
	need(state, "unshare(CLONE_NEWNET)",
	     unshare(CLONE_NEWNET) != 0 ? -errno : 0);
	return home_fd;
}

void netns_leave(void **state, int home_fd)
{
	need(state, "setns to the namespace that was left",
	     setns(home_fd, CLONE_NEWNET) != 0 ? -errno : 0);
	close(home_fd);
}

void netns_loopback_up(void **state)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request;

	need(state, "socket", fd < 0 ? -errno : 0);
	memset(&request, 0, sizeof(request));
	strcpy(request.ifr_name, "lo");
	request.ifr_flags = IFF_UP;
	need(state, "SIOCSIFFLAGS of lo",
	     ioctl(fd, SIOCSIFFLAGS, &request) != 0 ? -errno : 0);
	close(fd);
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool await(bool (*done)(int n), int n)
{
	const struct timespec pause = {0, 2000000};
	const long end = now_ms() + AWAIT_MS;

	while (!done(n)) {
		if (now_ms() > end)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

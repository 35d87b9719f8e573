/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the program writes on its way to the host, and what is still written
 * after its end. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <time.h>

#include "guest.h"

/* Output that outlives the program (a background child holds the pipe): for
 * how long none may come, and for how long any is taken. */
#define QUIET_NS 200000000
#define DRAIN_NS 2000000000
/* With so much in one read, there is more. */
#define MUCH (32 * 1024)

/* False at its end. Who writes much is read more than once before anything else
 * is looked at. */
static bool forward(int fd, uint8_t type)
{
	unsigned int turns = 16;
	ssize_t n;

	do
		n = send_from(fd, type);
	while (n >= MUCH && --turns);
	return n != 0;
}

bool output_forward(int fds[2], const struct timespec *limit)
{
	struct pollfd p[2] = {{fds[0], POLLIN, 0}, {fds[1], POLLIN, 0}};
	sigset_t none;
	int i;

	sigemptyset(&none);
	i = ppoll(p, 2, limit, &none);
	if (i <= 0)
		return i < 0 && errno == EINTR;
	for (i = 0; i < 2; i++) {
		if (p[i].revents == POLLHUP ||
		    (p[i].revents && !forward(fds[i], PROTO_STDOUT + i)))
			fds[i] = -1;
	}
	return true;
}

/* What the program itself has left in a pipe, however long that takes. */
static void take_rest(int fd, uint8_t type)
{
	int left = 0;
	ssize_t n = 1;

	if (fd < 0 || ioctl(fd, FIONREAD, &left))
		return;
	for (; left > 0 && n > 0; left -= n)
		n = send_from(fd, type);
}

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void output_drain(int fds[2])
{
	struct timespec wait = {0, QUIET_NS};
	int64_t limit, left;

	take_rest(fds[0], PROTO_STDOUT);
	take_rest(fds[1], PROTO_STDERR);
	limit = now_ns() + DRAIN_NS;
	while ((fds[0] >= 0 || fds[1] >= 0) && (left = limit - now_ns()) > 0) {
		wait.tv_nsec = left < QUIET_NS ? left : QUIET_NS;
		if (!output_forward(fds, &wait))
			break;
	}
}

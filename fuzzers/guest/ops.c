// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The operations that are no bpf(2): on descriptors, and what attached programs
 * see. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor.h"

#define READ_LEN 4096

static int result(long ret)
{
	return ret < 0 ? -errno : (int)ret;
}

/* Its own results only: what is given stays open. */
static int op_close(const struct seq *seq, unsigned int i, int fd)
{
	const struct seq_call *from = &seq->calls[seq->calls[i].refs[0].which];

	if (fd < FD_CALLS || fd >= FD_GIVEN || from->op == SEQ_MMAP)
		return -EBADF;
	return result(close(fd));
}

static int op_mmap(int fd, unsigned int how)
{
	const int prot = (how & 1 ? PROT_READ : 0) | (how & 2 ? PROT_WRITE : 0);
	void *mem = mmap(NULL, 4096, prot, MAP_SHARED, fd, 0);

	if (mem == MAP_FAILED)
		return -errno;
	undo_mapped(mem);
	return 0;
}

static int op_read(int fd)
{
	static uint8_t buf[READ_LEN];

	return result(read(fd, buf, sizeof(buf)));
}

static int run_packet(void)
{
	char buf[64];
	int ret = result(send(FD_GIVEN + SEQ_GIVEN_UDP, "packet of bpfsys", 16,
			      MSG_DONTWAIT));

	while (recv(FD_GIVEN + SEQ_GIVEN_UDP, buf, sizeof(buf), MSG_DONTWAIT) >=
	       0)
		;
	return ret < 0 ? ret : 0;
}

static int run_tcp(void)
{
	struct pollfd listening = {FD_GIVEN + SEQ_GIVEN_TCP_LISTEN, POLLIN, 0};
	struct sockaddr_in to;
	socklen_t len = sizeof(to);
	int fd, peer, ret;

	if (getsockname(FD_GIVEN + SEQ_GIVEN_TCP_LISTEN, (void *)&to, &len))
		return -errno;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	ret = result(connect(fd, (void *)&to, len));
	/* Who is busy answers a little later; programs may see to it that
	 * nobody does. */
	if (ret == -EINPROGRESS)
		poll(&listening, 1, 20);
	peer = accept4(FD_GIVEN + SEQ_GIVEN_TCP_LISTEN, NULL, NULL,
		       SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (peer >= 0) {
		if (send(fd, "bpfsys", 6, MSG_NOSIGNAL | MSG_DONTWAIT) == 6)
			ret = 0;
		close(peer);
	}
	close(fd);
	return ret;
}

static int run_fork(void)
{
	pid_t child;

	cover_leave();
	child = fork();
	if (child == 0)
		_exit(0);
	cover_enter();
	if (child < 0)
		return -errno;
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static int run_open(const char *path, bool read_it)
{
	char buf[64];
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = fd < 0 ? -errno : 0;

	if (fd < 0)
		return ret;
	if (read_it && read(fd, buf, sizeof(buf)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int run_sockopt(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), value = 1;
	socklen_t len = sizeof(value);
	int ret = fd < 0 ? -errno : 0;

	if (fd < 0)
		return ret;
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, len) ||
	    getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &len))
		ret = -errno;
	close(fd);
	return ret;
}

static int run(enum seq_run what)
{
	switch (what) {
	case SEQ_RUN_SYSCALL:
		return result(getpgid(0)) < 0 ? -errno : 0;
	case SEQ_RUN_PACKET:
		return run_packet();
	case SEQ_RUN_TCP:
		return run_tcp();
	case SEQ_RUN_FORK:
		return run_fork();
	case SEQ_RUN_OPEN:
		return run_open("/proc/self/exe", false);
	case SEQ_RUN_SYSCTL:
		return run_open("/proc/sys/kernel/ostype", true);
	case SEQ_RUN_SOCKOPT:
		return run_sockopt();
	default:
		return -EINVAL;
	}
}

static int set_jit(unsigned int on)
{
	const int ret =
		result(pwrite(FD_HIDDEN + HIDDEN_JIT, on ? "1" : "0", 1, 0));

	results->jit |= ret > 0;
	return ret > 0 ? 0 : ret;
}

static int run_op(const struct seq *seq, unsigned int i, int fd)
{
	const struct seq_call *call = &seq->calls[i];

	switch (call->op) {
	case SEQ_CLOSE:
		return op_close(seq, i, fd);
	case SEQ_DUP:
		return result(fcntl(fd, F_DUPFD_CLOEXEC, 0));
	case SEQ_READ:
		return op_read(fd);
	case SEQ_MMAP:
		return op_mmap(fd, call->cmd);
	case SEQ_RUN:
		return run((enum seq_run)call->cmd);
	case SEQ_JIT:
		return set_jit(call->cmd);
	default:
		return -EINVAL;
	}
}

int op_run(const struct seq *seq, unsigned int i)
{
	const struct seq_call *call = &seq->calls[i];
	int fd = -1, ret;

	if (call->n_refs)
		fd = (int)lay_ref(seq, i, &call->refs[0]);
	cover_begin();
	ret = run_op(seq, i, fd);
	cover_end();
	return ret;
}

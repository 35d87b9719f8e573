/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The one program that init runs: started, forwarded, its end reported. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

/* By when a program must have said that it is ready to be saved. */
#define READY_MS 30000

/* What a template may hold of it. */
enum stage {
	NOTHING,
	AT_START, /* stopped where its own code begins */
	WAITING	  /* has said that it is ready, and reads its stdin */
};

static struct {
	pid_t pid; /* 0: none */
	enum stage stage;
	const struct request *of;
	int in, out, err; /* our ends of its pipes; in: -1 without input */
	bool modules;	  /* are loaded */
	unsigned long at_random; /* AT_START: address, 0 if there is none */
} child = {.in = -1};

/* The child's ends of its pipes. */
struct ends {
	int in, out, err, ready, exec_err;
};

static void send_value(uint8_t type, uint32_t value)
{
	uint8_t buf[4];

	proto_put32(buf, value);
	send_frame(type, buf, sizeof(buf));
}

/* The strings of the block from *at on, which is moved past them; with room for
 * one more. */
static char **strings(const struct request *r, const char **at, uint32_t n)
{
	const char *end = r->block + r->len;
	char **v = calloc(n + 2UL, sizeof(*v));
	uint32_t i;

	for (i = 0; v && i < n; i++) {
		v[i] = (char *)*at;
		*at = memchr(*at, 0, end - *at);
		if (!(*at)++)
			v = NULL;
	}
	if (!v)
		die_protocol("arguments");
	return v;
}

/* Only the dup2()ed ones outlive execve(). */
static void arrange(const struct ends *e)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(e->in >= 0 ? e->in : null, 0);
	dup2(e->out, 1);
	dup2(e->err, 2);
	if (e->ready == PROTO_READY_FD)
		fcntl(e->ready, F_SETFD, 0);
	else
		dup2(e->ready >= 0 ? e->ready : null, PROTO_READY_FD);
}

/* The child's side; the errno of a failed execve() goes into exec_err. */
static void become(const struct request *r, const struct ends *e, bool stop)
{
	const char *at = r->block;
	char *path = *strings(r, &at, 1);
	char **argv = strings(r, &at, r->argc);
	char **envp = strings(r, &at, r->envc);
	char window[400];
	int err;
	sigset_t none;

	bulk_window_name(window, sizeof(window));
	if (*window)
		envp[r->envc] = window;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	port_forget();
	arrange(e);
	if (!(r->flags & PROTO_FLAG_READY))
		close(PROTO_READY_FD);
	if (!chdir("/root") && (!stop || !ptrace(PTRACE_TRACEME, 0, 0, 0)))
		execve(path, argv, envp);
	err = errno;
	while (write(e->exec_err, &err, sizeof(err)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* Makes a pipe whose ends are above all that the program inherits. */
static void make_pipe(int *ours, int *its, bool we_write)
{
	int p[2], i;

	if (pipe2(p, O_CLOEXEC))
		die("pipe");
	for (i = 0; i < 2; i++) {
		int high = fcntl(p[i], F_DUPFD_CLOEXEC, 10);

		if (high < 0)
			die("pipe");
		close(p[i]);
		p[i] = high;
	}
	*ours = p[we_write];
	*its = p[!we_write];
}

/* Returns 0, or why execve() failed; ready (may be NULL) gets our end of what
 * the program says that it is ready by. */
static int spawn(const struct request *r, bool stop, int *ready)
{
	struct ends e = {-1, -1, -1, -1, -1};
	int exec_err, err = 0;

	child.in = -1;
	if (r->flags & PROTO_FLAG_INPUT)
		make_pipe(&child.in, &e.in, true);
	make_pipe(&child.out, &e.out, false);
	bulk_widen(child.out);
	make_pipe(&child.err, &e.err, false);
	fcntl(child.out, F_SETFL, O_NONBLOCK);
	fcntl(child.err, F_SETFL, O_NONBLOCK);
	make_pipe(&exec_err, &e.exec_err, false);
	if (ready)
		make_pipe(ready, &e.ready, false);
	child.of = r;
	child.pid = fork();
	if (child.pid < 0)
		die("fork");
	if (!child.pid)
		become(r, &e, stop);
	if (e.in >= 0)
		close(e.in);
	if (e.ready >= 0)
		close(e.ready);
	close(e.out);
	close(e.err);
	close(e.exec_err);
	if (read(exec_err, &err, sizeof(err)) != sizeof(err))
		err = 0;
	close(exec_err);
	return err;
}

/* As if it had never been. */
static void forget(void)
{
	if (!child.pid)
		return;
	/* With all that it may have started. */
	kill(-child.pid, SIGKILL);
	kill(child.pid, SIGKILL);
	while (waitpid(child.pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	if (child.in >= 0)
		close(child.in);
	close(child.out);
	close(child.err);
	child.pid = 0;
	child.stage = NOTHING;
}

static void on_child(int sig)
{
	(void)sig;
}

/* Blocked but in ppoll(), so that none can slip by unnoticed. */
static void block_sigchld(void)
{
	struct sigaction sa = {.sa_handler = on_child};
	sigset_t set;

	sigaction(SIGCHLD, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* One that is pending would only wake us up. */
static void drop_sigchld(void)
{
	const struct timespec now = {0, 0};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigtimedwait(&set, NULL, &now);
}

/* What it has written by then waits in its pipes, for every clone to read. */
static bool await_ready(int ready)
{
	struct pollfd p = {ready, POLLIN, 0};
	char byte;

	return poll(&p, 1, READY_MS) == 1 && read(ready, &byte, 1) == 1;
}

/* To where it has done nothing of its own yet. */
static bool stop_at_start(void)
{
	int status;

	return waitpid(child.pid, &status, __WALL) == child.pid &&
	       WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP &&
	       trace_to_entry(child.pid, &child.at_random);
}

void child_prepare(const struct request *r)
{
	const bool wait = r->flags & PROTO_FLAG_READY;
	int ready = -1;
	bool good;

	block_sigchld();
	/* If one is missing, each clone shall say so. */
	if (modules_load(PROTO_MODULES, false))
		return;
	child.modules = true;
	if (spawn(r, !wait, wait ? &ready : NULL)) {
		forget();
		return;
	}
	good = wait ? await_ready(ready) : stop_at_start();
	if (ready >= 0)
		close(ready);
	if (good)
		child.stage = wait ? WAITING : AT_START;
	else
		forget();
	drop_sigchld();
}

void child_reseed(const uint8_t *seed)
{
	const struct iovec from = {(void *)(uintptr_t)seed, PROTO_AT_RANDOM};
	const struct iovec to = {(void *)child.at_random, PROTO_AT_RANDOM};

	if (child.stage == AT_START && child.at_random)
		process_vm_writev(child.pid, &from, 1, &to, 1, 0);
}

static bool same(const struct request *a, const struct request *b)
{
	return a->len == b->len && a->argc == b->argc && a->envc == b->envc &&
	       a->flags == b->flags && !memcmp(a->block, b->block, a->len);
}

/* Less than a pipe holds, so this does not wait. */
static void give_input(const struct request *r)
{
	size_t done = 0;
	ssize_t n;

	if (child.in < 0)
		return;
	/* It may not care to read: that is no failure of ours. */
	signal(SIGPIPE, SIG_IGN);
	while (done < r->input_len) {
		n = write(child.in, r->input + done, r->input_len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += n;
	}
	close(child.in);
	child.in = -1;
}

bool child_start(struct request *r)
{
	int err;

	if (child.stage != NOTHING && !same(child.of, r))
		forget();
	if (child.stage == AT_START)
		ptrace(PTRACE_DETACH, child.pid, 0, 0);
	if (child.stage == NOTHING) {
		block_sigchld();
		if (!child.modules && modules_load(PROTO_MODULES, true))
			return false;
		err = spawn(r, false, NULL);
		if (err) {
			send_value(PROTO_NOT_STARTED, err);
			return false;
		}
	}
	give_input(r);
	return true;
}

/* Reaps orphans; true once the program itself is gone, which is not reaped: the
 * VM ends anyway, and a clone would have all of that to translate. Waits for it
 * if it has closed its output, which as a rule it does by ending. */
static bool reap(bool wait, int *status)
{
	const int options = WEXITED | WNOWAIT | (wait ? 0 : WNOHANG);
	siginfo_t who;

	for (;;) {
		who.si_pid = 0;
		if (waitid(P_ALL, 0, &who, options) || !who.si_pid)
			return false;
		if (who.si_pid == child.pid)
			break;
		waitpid(who.si_pid, NULL, 0);
	}
	*status = who.si_code == CLD_EXITED ? W_EXITCODE(who.si_status, 0)
					    : W_EXITCODE(0, who.si_status);
	return true;
}

void child_attend(void)
{
	int fds[2] = {child.out, child.err}, status = 0;

	do
		output_forward(fds, NULL);
	while (!reap(fds[0] < 0 && fds[1] < 0, &status));
	output_drain(fds);
	files_send();
	if (WIFSIGNALED(status))
		send_value(PROTO_SIGNALED, WTERMSIG(status));
	else
		send_value(PROTO_EXITED, WEXITSTATUS(status));
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The guest's process 1: readies the system, runs one program, reports. */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

/* How long output that outlives the program (a background child holds the
 * pipe) may still trickle in. */
#define DRAIN_NS 200000000

static int ctl = -1;
static uint32_t seq;
static struct proto_reader reader;
static char args[PROTO_ARGS];
static size_t args_len;

static void die(const char *what)
{
	dprintf(2, "bpfvm-init: %s: %s\n", what, strerror(errno));
	reboot(RB_AUTOBOOT);
	_exit(1);
}

void send_frame(uint8_t type, const void *data, size_t len)
{
	uint8_t frame[PROTO_FRAME], *p = frame;
	size_t left = proto_pack(frame, type, seq++, data, len);
	ssize_t n;

	while (left) {
		n = write(ctl, p, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			die("control port");
		p += n;
		left -= n;
	}
}

static void send_value(uint8_t type, uint32_t value)
{
	uint8_t buf[4];

	proto_put32(buf, value);
	send_frame(type, buf, sizeof(buf));
}

static void mount_all(void)
{
	static const struct {
		const char *type, *where;
	} fs[] = {
		{"proc", "/proc"},
		{"sysfs", "/sys"},
		{"devtmpfs", "/dev"},
		{"bpf", "/sys/fs/bpf"},
		{"cgroup2", "/sys/fs/cgroup"},
		{"debugfs", "/sys/kernel/debug"},
		{"tracefs", "/sys/kernel/tracing"},
		{"tmpfs", "/dev/shm"},
	};
	static const char *const scratch[] = {"/tmp", "/run"};
	size_t i;

	for (i = 0; i < sizeof(fs) / sizeof(*fs); i++) {
		if (!strcmp(fs[i].where, "/dev/shm"))
			mkdir(fs[i].where, 01777);
		/* A kernel may lack any of them: the program will see. */
		mount(fs[i].type, fs[i].where, fs[i].type, 0, NULL);
	}
	/* Not over files that were brought along. */
	for (i = 0; i < sizeof(scratch) / sizeof(*scratch); i++) {
		if (rmdir(scratch[i]) && errno != ENOENT)
			continue;
		mkdir(scratch[i], 0755);
		mount("tmpfs", scratch[i], "tmpfs", 0, "mode=1777");
	}
}

static void set_limits(void)
{
	struct rlimit memlock = {RLIM_INFINITY, RLIM_INFINITY};
	struct rlimit nofile = {65536, 65536};
	struct rlimit core = {0, 0};

	/* Before 5.11 bpf(2) charges maps and programs to RLIMIT_MEMLOCK. */
	setrlimit(RLIMIT_MEMLOCK, &memlock);
	setrlimit(RLIMIT_NOFILE, &nofile);
	setrlimit(RLIMIT_CORE, &core);
}

static void loopback_up(void)
{
	struct ifreq ifr;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	memset(&ifr, 0, sizeof(ifr));
	strcpy(ifr.ifr_name, "lo");
	if (!ioctl(fd, SIOCGIFFLAGS, &ifr)) {
		ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
		ioctl(fd, SIOCSIFFLAGS, &ifr);
	}
	close(fd);
}

/* The kernel gives us what its command line says and it does not know. A port
 * of virtio-serial comes up some time after the drivers have. */
static void open_control(void)
{
	const struct timespec nap = {0, 10000000};
	const char *path = getenv("BPFVM_CONTROL");
	unsigned tries = 1000;
	struct termios t;

	if (!path)
		path = "/dev/ttyS1";
	while ((ctl = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 &&
	       (errno == ENOENT || errno == ENODEV || errno == ENXIO) &&
	       --tries)
		nanosleep(&nap, NULL);
	if (ctl < 0)
		die(path);
	if (tcgetattr(ctl, &t)) {
		if (errno != ENOTTY)
			die(path);
		return;
	}
	cfmakeraw(&t);
	cfsetspeed(&t, B115200);
	t.c_cflag |= CLOCAL | CREAD;
	if (tcsetattr(ctl, TCSANOW, &t))
		die(path);
}

static void say_ready(void)
{
	struct utsname u;
	uint8_t buf[4 + sizeof(u.release)];
	size_t len;

	if (uname(&u))
		die("uname");
	len = strnlen(u.release, sizeof(u.release));
	proto_put32(buf, PROTO_VERSION);
	memcpy(buf + 4, u.release, len);
	send_frame(PROTO_READY, buf, 4 + len);
}

/* Waits for one whole frame of the host. */
static void receive(struct proto_frame *f)
{
	size_t room;
	uint8_t *p;
	ssize_t n;
	int ret;

	while ((ret = proto_next(&reader, f)) == 0) {
		p = proto_room(&reader, &room);
		n = read(ctl, p, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			die("control port");
		proto_fed(&reader, n);
	}
	if (ret < 0) {
		errno = EPROTO;
		die("control port");
	}
}

/* The strings of the block: program path, argv, environment. */
static char **strings(char **at, uint32_t n)
{
	char **v = calloc(n + 1UL, sizeof(*v)), *end = args + args_len;
	uint32_t i;

	for (i = 0; v && i < n; i++) {
		v[i] = *at;
		*at = memchr(*at, 0, end - *at);
		if (!(*at)++)
			v = NULL;
	}
	if (!v) {
		errno = EPROTO;
		die("arguments");
	}
	return v;
}

/* Every clone wakes up with the template's clock and the template's random
 * numbers to come: makes both its own. */
static void become_clone(const struct proto_frame *f)
{
	/* struct rand_pool_info: bits of entropy, bytes, the bytes */
	uint32_t pool[2 + PROTO_SEED / 4] = {8 * PROTO_SEED, PROTO_SEED};
	struct timespec now;
	int fd;

	if (f->len != PROTO_HELLO) {
		errno = EPROTO;
		die("clone");
	}
	now.tv_sec = proto_get32(f->data) | (uint64_t)proto_get32(f->data + 4)
						    << 32;
	now.tv_nsec = proto_get32(f->data + 8);
	if (clock_settime(CLOCK_REALTIME, &now))
		die("clone: clock");
	memcpy(pool + 2, f->data + 12, PROTO_SEED);
	fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, RNDADDENTROPY, pool) ||
	    ioctl(fd, RNDRESEEDCRNG))
		die("clone: entropy");
	close(fd);
	say_ready();
}

static void receive_run(char **path, char ***argv, char ***envp)
{
	struct proto_frame f;
	char *at = args;

	receive(&f);
	if (f.type == PROTO_CLONE) {
		become_clone(&f);
		receive(&f);
	}
	for (; f.type == PROTO_WANT; receive(&f))
		files_want(&f);
	for (; f.type == PROTO_ARGS_PART; receive(&f)) {
		if (f.len > sizeof(args) - args_len)
			break;
		memcpy(args + args_len, f.data, f.len);
		args_len += f.len;
	}
	if (f.type != PROTO_RUN || f.len != 12 ||
	    proto_get32(f.data) != args_len ||
	    proto_get32(f.data + 4) > PROTO_ARGS ||
	    proto_get32(f.data + 8) > PROTO_ARGS) {
		errno = EPROTO;
		die("arguments");
	}
	*path = *strings(&at, 1);
	*argv = strings(&at, proto_get32(f.data + 4));
	*envp = strings(&at, proto_get32(f.data + 8));
}

/* The child's side; the errno of a failed execve() goes into err. */
static void become(int out, int errfd, int err, const char *path, char **argv,
		   char **envp)
{
	int null = open("/dev/null", O_RDONLY), e;
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(null, 0);
	dup2(out, 1);
	dup2(errfd, 2);
	if (null > 2)
		close(null);
	if (!chdir("/root"))
		execve(path, argv, envp);
	e = errno;
	while (write(err, &e, sizeof(e)) < 0 && errno == EINTR)
		;
	_exit(127);
}

static pid_t start(int fds[2], const char *path, char **argv, char **envp)
{
	int out[2], errp[2], exec_err[2], e;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) || pipe2(errp, O_CLOEXEC) ||
	    pipe2(exec_err, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		become(out[1], errp[1], exec_err[1], path, argv, envp);
	close(out[1]);
	close(errp[1]);
	close(exec_err[1]);
	if (read(exec_err[0], &e, sizeof(e)) == sizeof(e)) {
		send_value(PROTO_NOT_STARTED, e);
		pid = 0;
	}
	close(exec_err[0]);
	fds[0] = out[0];
	fds[1] = errp[0];
	return pid;
}

/* Forwards what is there, waiting for it until limit (NULL: for ever) or a
 * SIGCHLD. Returns whether there was anything. */
static bool forward(int fds[2], const struct timespec *limit)
{
	static char buf[PROTO_PAYLOAD];
	struct pollfd p[2];
	sigset_t none;
	ssize_t n;
	int i;

	sigemptyset(&none);

	for (i = 0; i < 2; i++) {
		p[i].fd = fds[i];
		p[i].events = POLLIN;
		p[i].revents = 0;
	}
	if (ppoll(p, 2, limit, &none) <= 0)
		return false;
	for (i = 0; i < 2; i++) {
		if (!p[i].revents)
			continue;
		n = read(fds[i], buf, sizeof(buf));
		if (n > 0) {
			send_frame(PROTO_STDOUT + i, buf, n);
		} else if (n == 0) {
			close(fds[i]);
			fds[i] = -1;
		}
	}
	return true;
}

/* Reaps orphans too; returns true once the program itself is gone. */
static int reap(pid_t pid, int *status)
{
	int gone = 0, st;
	pid_t p;

	while ((p = waitpid(-1, &st, WNOHANG)) > 0) {
		if (p != pid)
			continue;
		*status = st;
		gone = 1;
	}
	return gone;
}

static void on_child(int sig)
{
	(void)sig;
}

static void run(const char *path, char **argv, char **envp)
{
	struct sigaction sa = {.sa_handler = on_child};
	const struct timespec drain = {0, DRAIN_NS};
	int fds[2], status = 0;
	sigset_t child;
	pid_t pid;

	/* Blocked but in ppoll(), so that none can slip by unnoticed. */
	sigaction(SIGCHLD, &sa, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	pid = start(fds, path, argv, envp);
	if (!pid)
		return;
	while (!reap(pid, &status))
		forward(fds, NULL);
	while ((fds[0] >= 0 || fds[1] >= 0) && forward(fds, &drain))
		;
	files_send();
	if (WIFSIGNALED(status))
		send_value(PROTO_SIGNALED, WTERMSIG(status));
	else
		send_value(PROTO_EXITED, WEXITSTATUS(status));
}

int main(void)
{
	char *path, **argv, **envp;

	mount_all();
	set_limits();
	loopback_up();
	sethostname("bpfvm", 5);
	umask(022);
	modules_load(PROTO_EARLY, false);
	open_control();
	say_ready();
	receive_run(&path, &argv, &envp);
	if (modules_load(PROTO_MODULES, true))
		run(path, argv, envp);
	/* The host ends the VM as soon as it has the last frame. */
	tcdrain(ctl);
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

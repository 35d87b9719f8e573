/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The guest's process 1: readies the system, takes the host's request. */
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "guest.h"

/* Open before the template is saved: opening it in every clone costs. */
static int urandom = -1;
static int no_bulk; /* why there is no bulk channel */
static bool late;   /* files follow the request */

void die(const char *what)
{
	dprintf(2, "bpfvm-init: %s: %s\n", what, strerror(errno));
	reboot(RB_AUTOBOOT);
	_exit(1);
}

void die_protocol(const char *what)
{
	errno = EPROTO;
	die(what);
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

static void say_ready(void)
{
	struct utsname u;
	uint8_t buf[8 + sizeof(u.release)];
	size_t len;

	if (uname(&u))
		die("uname");
	len = strnlen(u.release, sizeof(u.release));
	proto_put32(buf, PROTO_VERSION);
	proto_put32(buf + 4, no_bulk);
	memcpy(buf + 8, u.release, len);
	send_frame(PROTO_READY, buf, 8 + len);
}

/* Every clone wakes up with the template's clock and the template's random
 * numbers to come: makes both its own. */
static void become_clone(const struct proto_frame *f)
{
	/* struct rand_pool_info: bits of entropy, bytes, the bytes */
	uint32_t pool[2 + PROTO_SEED / 4] = {8 * PROTO_SEED, PROTO_SEED};
	struct timespec now;

	if (f->len != PROTO_HELLO)
		die_protocol("clone");
	now.tv_sec = proto_get32(f->data) | (uint64_t)proto_get32(f->data + 4)
						    << 32;
	now.tv_nsec = proto_get32(f->data + 8);
	if (clock_settime(CLOCK_REALTIME, &now))
		die("clone: clock");
	memcpy(pool + 2, f->data + 12, PROTO_SEED);
	if (urandom < 0 || ioctl(urandom, RNDADDENTROPY, pool) ||
	    ioctl(urandom, RNDRESEEDCRNG))
		die("clone: entropy");
	child_reseed(f->data + 12 + PROTO_SEED);
	say_ready();
}

static void take_part(struct request *r, const struct proto_frame *f)
{
	if (f->len > sizeof(r->block) - r->len)
		die_protocol("arguments");
	memcpy(r->block + r->len, f->data, f->len);
	r->len += f->len;
}

static void take_input(struct request *r, const struct proto_frame *f)
{
	if (f->len > sizeof(r->input) - r->input_len)
		die_protocol("input");
	memcpy(r->input + r->input_len, f->data, f->len);
	r->input_len += f->len;
}

static void take_end(struct request *r, const struct request *prepared,
		     const struct proto_frame *f)
{
	if (f->len == PROTO_RUN_LEN &&
	    proto_get32(f->data + 12) & PROTO_FLAG_SAME) {
		memcpy(r->block, prepared->block, prepared->len);
		r->len = prepared->len;
	}
	if (f->len != PROTO_RUN_LEN || proto_get32(f->data) != r->len)
		die_protocol("arguments");
	r->argc = proto_get32(f->data + 4);
	r->envc = proto_get32(f->data + 8);
	r->flags = proto_get32(f->data + 12) & ~PROTO_FLAG_SAME;
	if (r->argc > PROTO_ARGS || r->envc > PROTO_ARGS)
		die_protocol("arguments");
}

/* Up to and with PROTO_RUN or PROTO_PREPARE, whichever comes: returns it. */
static uint8_t receive(struct request *r, const struct request *prepared)
{
	struct proto_frame f;

	r->len = r->input_len = 0;
	for (;;) {
		port_receive(&f);
		switch (f.type) {
		case PROTO_CLONE:
			become_clone(&f);
			break;
		case PROTO_WANT:
			files_want(&f);
			break;
		case PROTO_LATE:
			late = true;
			break;
		case PROTO_ARGS_PART:
			take_part(r, &f);
			break;
		case PROTO_INPUT:
			take_input(r, &f);
			break;
		case PROTO_RUN:
		case PROTO_PREPARE:
			take_end(r, prepared, &f);
			return f.type;
		default:
			die_protocol("request");
		}
	}
}

/* What a kernel puts off when it boots (calibrating the TSC takes 5.10 and 6.1
 * a second) is better done once than in every clone. */
static void settle(void)
{
	const struct timespec wait = {1, 500000000};

	nanosleep(&wait, NULL);
}

int main(void)
{
	static struct request prepared, request;

	mount_all();
	set_limits();
	raise_loglevel();
	loopback_up();
	sethostname("bpfvm", 5);
	umask(022);
	modules_load(PROTO_EARLY, false);
	urandom = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	port_open();
	no_bulk = bulk_open();
	say_ready();
	if (receive(&request, &prepared) == PROTO_PREPARE) {
		prepared = request;
		child_prepare(&prepared);
		/* Not in every clone again. */
		mlockall(MCL_CURRENT);
		settle();
		/* From here on it may be a clone that runs. */
		send_frame(PROTO_PREPARED, NULL, 0);
		port_restart();
		if (receive(&request, &prepared) != PROTO_RUN)
			die_protocol("request");
	}
	if ((!late || files_take()) && child_start(&request))
		child_attend();
	/* The host ends the VM as soon as it has the last frame. */
	port_drain();
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Talks to one VM until it ends; whatever the guest sends is distrusted. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

/* Noise on the control port that is put up with. */
#define NOISE_MOST (64 * 1024)
/* Bytes a second with which files come at least. */
#define FILES_RATE 16384
/* How long a QEMU that has closed its sockets may take to end. */
#define QEMU_END_S 5.0

void session_finish(struct session *s, enum session_end end, uint32_t value)
{
	if (s->end != SESSION_GOING)
		return;
	s->end = end;
	s->value = value;
}

void session_broken(struct session *s, const char *what)
{
	s->protocol = what;
	session_finish(s, SESSION_PROTOCOL, 0);
}

/* The clock as late as can be, and random bytes of this clone's own. */
static void pack_hello(struct session *s)
{
	uint8_t buf[PROTO_HELLO];
	struct timespec now;

	if (getrandom(buf + 12, PROTO_HELLO - 12, 0) != PROTO_HELLO - 12) {
		session_broken(s, "no random bytes of the host");
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	proto_put32(buf, now.tv_sec);
	proto_put32(buf + 4, (uint64_t)now.tv_sec >> 32);
	proto_put32(buf + 8, now.tv_nsec);
	proto_pack(s->out, PROTO_CLONE, 0, buf, sizeof(buf));
}

/* Whether the guest has mapped the bulk channel; said where it matters. */
static void take_bulk(struct session *s, uint32_t err)
{
	const size_t window = bulk_window(s->bulk.size);

	if (!s->bulk.mem || s->mode == VM_SAVE)
		return;
	s->bulk.on = !err;
	if (s->bulk.on && s->cfg->window)
		s->cfg->window(s->cfg->ctx, (char *)s->bulk.mem + window,
			       window);
	if (s->bulk.on)
		return;
	if (s->cfg->console || s->cfg->n_out_files || s->cfg->window)
		say(s->cfg,
		    "no bulk channel: the guest cannot map its PCI device "
		    "(%.60s); all goes over the serial port",
		    strerror(err < 4096 ? err : EPROTO));
}

static void take_ready(struct session *s, const struct proto_frame *f)
{
	if (s->ready || f->len < 8 || proto_get32(f->data) != PROTO_VERSION) {
		session_broken(s, "a READY that was not due");
		return;
	}
	printable(s->release, sizeof(s->release), (const char *)f->data + 8,
		  f->len - 8);
	s->ready = true;
	take_bulk(s, proto_get32(f->data + 4));
	s->boot_s = now_s() - s->started;
	s->deadline = now_s() + s->timeout_s;
}

static void take_prepared(struct session *s)
{
	if (s->mode != VM_SAVE || s->prepared) {
		session_broken(s, "a PREPARED that was not due");
		return;
	}
	s->prepared = true;
	if (qmp_save(s->vm.qmp, s->state))
		session_finish(s, SESSION_REFUSED, 0);
}

static void take_output(struct session *s, const struct proto_frame *f)
{
	int stream = f->type == PROTO_STDOUT ? 1 : 2, ret;

	if (!f->len)
		return;
	if (s->cfg->output)
		ret = s->cfg->output(s->cfg->ctx, stream, f->data, f->len);
	else
		ret = s->output_err = write_all(stream, f->data, f->len);
	if (ret)
		session_finish(s,
			       vm_interrupted ? SESSION_INTERRUPTED
					      : SESSION_STOPPED,
			       0);
}

static void take_no_module(struct session *s, const struct proto_frame *f)
{
	uint32_t err = f->len > 4 ? proto_get32(f->data) : 0;

	if (!err || err > 4095) {
		session_broken(s, "a module's failure without a cause");
		return;
	}
	printable(s->no_module, sizeof(s->no_module), (const char *)f->data + 4,
		  f->len - 4);
	session_finish(s, SESSION_NOT_STARTED, err);
}

static void take_no_file(struct session *s, const struct proto_frame *f)
{
	uint32_t err = f->len > 4 ? proto_get32(f->data) : 0;
	const struct why why = {s->late_why, sizeof(s->late_why)};
	char path[160];

	if (!err || err > 4095 || !s->cfg->n_late_files) {
		session_broken(s, "a file's failure without a cause");
		return;
	}
	printable(path, sizeof(path), (const char *)f->data + 4, f->len - 4);
	fault(&why, 0, "--send: %s: %s (in the guest)", path, strerror(err));
	session_finish(s, SESSION_STOPPED, 0);
}

/* They take as long as they take, but each step has to come, and not by drops:
 * --out-max is a bound of the time, too. */
static void extend(struct session *s)
{
	double now = now_s(), limit;

	if (!s->files_began)
		s->files_began = now;
	limit = s->files_began + s->timeout_s +
		(double)s->files.used / FILES_RATE;
	s->deadline = now + s->timeout_s < limit ? now + s->timeout_s : limit;
}

static void take_file(struct session *s, const struct proto_frame *f)
{
	int ret = outfiles_take(&s->files, s->cfg, f);

	if (ret == -EPROTO)
		session_broken(s, "a file that was not asked for");
	else if (ret)
		session_finish(s, SESSION_STOPPED, 0);
	extend(s);
}

static void take_frame(struct session *s, const struct proto_frame *f)
{
	uint32_t value = f->len == 4 ? proto_get32(f->data) : UINT32_MAX;

	if (f->type == PROTO_READY)
		take_ready(s, f);
	else if (!s->ready)
		session_broken(s, "a frame before READY");
	else if (f->type == PROTO_STDOUT || f->type == PROTO_STDERR)
		take_output(s, f);
	else if (f->type >= PROTO_OUT_BEGIN && f->type <= PROTO_OUT_END)
		take_file(s, f);
	else if (f->type == PROTO_NO_MODULE)
		take_no_module(s, f);
	else if (f->type == PROTO_PREPARED)
		take_prepared(s);
	else if (f->type == PROTO_BELL && s->bulk.on)
		return;
	else if (f->type == PROTO_IN_TAKEN && s->late.untaken)
		s->late.untaken--;
	else if (f->type == PROTO_IN_FAILED)
		take_no_file(s, f);
	else if (f->type == PROTO_EXITED && value <= 255)
		session_finish(s, SESSION_EXITED, value);
	else if (f->type == PROTO_SIGNALED && value > 0 && value < 128)
		session_finish(s, SESSION_SIGNALED, value);
	else if (f->type == PROTO_NOT_STARTED && value > 0 && value < 4096)
		session_finish(s, SESSION_NOT_STARTED, value);
	else
		session_broken(s, "a frame of unknown kind");
}

/* Takes at most as much as there was room for when it began. */
static void read_bulk(struct session *s)
{
	uint64_t left = s->bulk.on ? s->bulk.out.size : 0;
	struct proto_frame f;
	int ret = 1;

	while (s->end == SESSION_GOING && left &&
	       (ret = bulk_next(&s->bulk, &f)) == 1) {
		left -= left < RING_ALIGN + f.len ? left : RING_ALIGN + f.len;
		if (f.type == PROTO_STDOUT || f.type == PROTO_STDERR)
			take_output(s, &f);
		else if (f.type >= PROTO_OUT_BEGIN && f.type <= PROTO_OUT_END)
			take_file(s, &f);
		else
			ret = -EPROTO;
		if (ret < 0)
			break;
	}
	if (ret < 0)
		session_broken(s, "what the bulk channel holds is no record");
}

static void read_control(struct session *s)
{
	struct proto_frame f;
	size_t room;
	uint8_t *p = proto_room(&s->reader, &room);
	ssize_t n = read(s->vm.control, p, room);
	int ret;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		session_finish(s, SESSION_CLOSED, 0);
		return;
	}
	proto_fed(&s->reader, n);
	while (s->end == SESSION_GOING &&
	       (ret = proto_next(&s->reader, &f)) != 0) {
		/* What was written before the frame was, comes first. */
		read_bulk(s);
		if (ret < 0)
			session_broken(s, "frames were lost");
		else if (s->end == SESSION_GOING)
			take_frame(s, &f);
	}
	if (s->reader.skipped > NOISE_MOST)
		session_broken(s, "noise instead of frames");
}

static void write_control(struct session *s)
{
	ssize_t n = send(s->vm.control, s->out + s->out_sent,
			 s->out_len - s->out_sent, MSG_NOSIGNAL);

	/* If QEMU is gone, reading says so. */
	if (n > 0)
		s->out_sent += n;
}

/* Returns whether there was something. */
static bool read_console(struct session *s)
{
	char buf[16384];
	ssize_t n;

	if (s->vm.console < 0)
		return false;
	n = read(s->vm.console, buf, sizeof(buf));
	if (n > 0) {
		console_add(&s->con, buf, n);
		if (s->cfg->console)
			s->cfg->console(s->cfg->ctx, buf, n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(s->vm.console);
		s->vm.console = -1;
	}
	return n > 0;
}

static bool read_errors(struct session *s)
{
	char buf[1024], *p;
	ssize_t n;

	if (s->vm.errors < 0)
		return false;
	n = read(s->vm.errors, buf, sizeof(buf) - 1);
	if (n > 1) {
		buf[n] = 0;
		p = strrchr(buf, '\n');
		if (p && !p[1])
			*p = 0;
		p = strrchr(buf, '\n');
		p = p ? p + 1 : buf;
		printable(s->qemu_said, sizeof(s->qemu_said), p, strlen(p));
	} else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(s->vm.errors);
		s->vm.errors = -1;
	}
	return n > 0;
}

static void read_qmp(struct session *s)
{
	switch (qmp_read(&s->qmp, s->vm.qmp)) {
	case QMP_RESUMED:
		/* What is sent before that is lost. */
		if (s->mode == VM_CLONE && !s->resumed)
			pack_hello(s);
		s->resumed = true;
		break;
	case QMP_SAVED:
		if (s->mode == VM_SAVE)
			session_finish(s, SESSION_SAVED, 0);
		break;
	case QMP_FAILED:
		session_finish(s, SESSION_REFUSED, 0);
		break;
	case QMP_CLOSED:
		/* How QEMU ended is seen at the other sockets. */
		close(s->vm.qmp);
		s->vm.qmp = -1;
		break;
	case QMP_NOTHING:
		break;
	}
}

static void check_time(struct session *s)
{
	if (vm_interrupted)
		session_finish(s, SESSION_INTERRUPTED, 0);
	if (is_stopped(s->cfg))
		session_finish(s, SESSION_STOPPED, 0);
	if (now_s() >= s->deadline)
		session_finish(s, SESSION_TIMEOUT, 0);
}

static void step(struct session *s)
{
	struct pollfd p[4] = {
		{s->vm.control, POLLIN, 0},
		{s->vm.console, POLLIN, 0},
		{s->vm.errors, POLLIN, 0},
		{s->vm.qmp, POLLIN, 0},
	};
	const struct timespec wait = {0, bulk_wait_ns(&s->bulk)};

	if ((s->ready || s->resumed) && s->out_sent < s->out_len)
		p[0].events |= POLLOUT;
	if (ppoll(p, 4, &wait, NULL) < 0)
		memset(p, 0, sizeof(p));
	if (p[0].revents & POLLOUT)
		write_control(s);
	if (p[1].revents)
		read_console(s);
	if (p[2].revents)
		read_errors(s);
	if (p[3].revents)
		read_qmp(s);
	if (p[0].revents & ~POLLOUT)
		read_control(s);
	read_bulk(s);
	session_send_files(s);
	check_time(s);
}

/* Lets a QEMU that is about to end do so: its status tells how. */
static void await_qemu(struct session *s)
{
	const struct timespec nap = {0, 2000000};
	double limit = now_s() + QEMU_END_S;
	siginfo_t info;

	do {
		info.si_pid = 0;
		if (waitid(P_PID, s->vm.pid, &info,
			   WEXITED | WNOHANG | WNOWAIT) ||
		    info.si_pid)
			return;
		read_console(s);
		nanosleep(&nap, NULL);
	} while (now_s() < limit && !vm_interrupted);
}

int session_run(struct session *s, const struct vm_setup *setup,
		double boot_timeout, const struct why *why)
{
	struct vm_setup own = *setup;
	unsigned most = 256;
	int ret;

	s->started = now_s();
	s->deadline = s->started + boot_timeout;
	s->state = setup->state;
	ret = bulk_create(&s->bulk, setup->bulk_size, why);
	own.bulk = s->bulk.mem ? &s->bulk : NULL;
	if (!ret)
		ret = vm_start(&s->vm, &own, why);
	if (ret)
		return ret;
	if (s->mode == VM_CLONE && qmp_load(s->vm.qmp, s->state))
		session_finish(s, SESSION_REFUSED, 0);
	while (s->end == SESSION_GOING)
		step(s);
	if (s->end == SESSION_CLOSED)
		await_qemu(s);
	while (most-- && read_console(s))
		;
	while (most-- && read_errors(s))
		;
	s->wait_status = vm_end(&s->vm);
	if (s->bulk.on && s->cfg->window)
		s->cfg->window(s->cfg->ctx, NULL, 0);
	return 0;
}

void session_free(struct session *s)
{
	outfiles_end(&s->files);
	infiles_end(&s->late);
	free(s->late_buf);
	bulk_destroy(&s->bulk);
	console_free(&s->con);
	free(s->out);
	s->out = NULL;
}

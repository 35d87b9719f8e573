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
/* How long a QEMU that has closed its sockets may take to end. */
#define QEMU_END_S 5.0

struct block {
	char data[PROTO_ARGS];
	size_t len;
	bool full;
};

static void block_add(struct block *b, const char *s)
{
	size_t n = strlen(s) + 1;

	if (n > sizeof(b->data) - b->len) {
		b->full = true;
		return;
	}
	memcpy(b->data + b->len, s, n);
	b->len += n;
}

static uint32_t block_environment(struct block *b, bool await_ready)
{
	static const char *const fixed[] = {
		"PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root",
		"TERM=linux",
		"LANG=C",
		"BPFVM=1",
	};
	const char *lib = getenv("LD_LIBRARY_PATH");
	uint32_t n = sizeof(fixed) / sizeof(*fixed), i;
	char buf[PATH_MAX];

	for (i = 0; i < n; i++)
		block_add(b, fixed[i]);
	if (await_ready) {
		snprintf(buf, sizeof(buf), "BPFVM_READY=%d", PROTO_READY_FD);
		block_add(b, buf);
		n++;
	}
	/* The libraries lie where the host's loader found them. */
	if (!lib || !*lib ||
	    path_fmt(buf, sizeof(buf), "LD_LIBRARY_PATH=%s", lib))
		return n;
	block_add(b, buf);
	return n + 1;
}

/* In frames of one kind; returns how many bytes they take. */
static size_t pack_parts(uint8_t *out, uint8_t type, uint32_t *seq,
			 const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t at, n, packed = 0;

	for (at = 0; at < len; at += n) {
		n = len - at;
		n = n < PROTO_PAYLOAD ? n : PROTO_PAYLOAD;
		packed += proto_pack(out + packed, type, (*seq)++, p + at, n);
	}
	return packed;
}

static uint32_t run_flags(const struct bpfvm_config *cfg)
{
	return (cfg->input ? PROTO_FLAG_INPUT : 0) |
	       (cfg->await_ready ? PROTO_FLAG_READY : 0);
}

static size_t pack_request(struct session *s, const struct block *b,
			   uint32_t argc, uint32_t envc)
{
	/* The frame that wakes a clone is packed when that runs. */
	size_t len = s->mode == VM_CLONE ? PROTO_HEADER + PROTO_HELLO : 0;
	const bool save = s->mode == VM_SAVE;
	uint32_t seq = len != 0;
	uint8_t run[PROTO_RUN_LEN];

	/* What only this run wants is no matter of a template. */
	if (!save)
		len += outfiles_request(s->cfg, s->out + len, &seq);
	len += pack_parts(s->out + len, PROTO_ARGS_PART, &seq, b->data, b->len);
	if (!save)
		len += pack_parts(s->out + len, PROTO_INPUT, &seq,
				  s->cfg->input, s->cfg->input_len);
	proto_put32(run, b->len);
	proto_put32(run + 4, argc);
	proto_put32(run + 8, envc);
	proto_put32(run + 12, run_flags(s->cfg));
	return len + proto_pack(s->out + len, save ? PROTO_PREPARE : PROTO_RUN,
				seq, run, sizeof(run));
}

int session_request(struct session *s, const char *path, char *const *argv,
		    const struct why *why)
{
	uint32_t seq = 0;
	size_t room =
		outfiles_request(s->cfg, NULL, &seq) +
		(PROTO_ARGS / PROTO_PAYLOAD + PROTO_INPUT_MOST / PROTO_PAYLOAD +
		 4) * PROTO_FRAME;
	struct block *b = calloc(1, sizeof(*b));
	uint32_t argc = 0, envc;
	int ret = 0;

	outfiles_init(&s->files, s->cfg);
	s->out = malloc(room);
	if (!b || !s->out) {
		free(b);
		return fault(why, -ENOMEM, "out of memory");
	}
	block_add(b, path);
	for (; argv[argc]; argc++)
		block_add(b, argv[argc]);
	envc = block_environment(b, s->cfg->await_ready);
	if (b->full)
		ret = fault(why, -E2BIG,
			    "the command line is longer than %d bytes",
			    PROTO_ARGS);
	else if (s->cfg->input_len > PROTO_INPUT_MOST)
		ret = fault(why, -E2BIG,
			    "the program's input is longer than %d bytes",
			    PROTO_INPUT_MOST);
	else
		s->out_len = pack_request(s, b, argc, envc);
	free(b);
	return ret;
}

static void finish(struct session *s, enum session_end end, uint32_t value)
{
	if (s->end != SESSION_GOING)
		return;
	s->end = end;
	s->value = value;
}

static void protocol_error(struct session *s, const char *what)
{
	s->protocol = what;
	finish(s, SESSION_PROTOCOL, 0);
}

/* The clock as late as can be, and random bytes of this clone's own. */
static void pack_hello(struct session *s)
{
	uint8_t buf[PROTO_HELLO];
	struct timespec now;

	if (getrandom(buf + 12, PROTO_HELLO - 12, 0) != PROTO_HELLO - 12) {
		protocol_error(s, "no random bytes of the host");
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	proto_put32(buf, now.tv_sec);
	proto_put32(buf + 4, (uint64_t)now.tv_sec >> 32);
	proto_put32(buf + 8, now.tv_nsec);
	proto_pack(s->out, PROTO_CLONE, 0, buf, sizeof(buf));
}

static void take_ready(struct session *s, const struct proto_frame *f)
{
	if (s->ready || f->len < 4 || proto_get32(f->data) != PROTO_VERSION) {
		protocol_error(s, "a READY that was not due");
		return;
	}
	printable(s->release, sizeof(s->release), (const char *)f->data + 4,
		  f->len - 4);
	s->ready = true;
	s->boot_s = now_s() - s->started;
	s->deadline = now_s() + s->timeout_s;
}

static void take_prepared(struct session *s)
{
	if (s->mode != VM_SAVE || s->prepared) {
		protocol_error(s, "a PREPARED that was not due");
		return;
	}
	s->prepared = true;
	if (qmp_save(s->vm.qmp, s->state))
		finish(s, SESSION_REFUSED, 0);
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
		finish(s,
		       vm_interrupted ? SESSION_INTERRUPTED : SESSION_STOPPED,
		       0);
}

static void take_no_module(struct session *s, const struct proto_frame *f)
{
	uint32_t err = f->len > 4 ? proto_get32(f->data) : 0;

	if (!err || err > 4095) {
		protocol_error(s, "a module's failure without a cause");
		return;
	}
	printable(s->no_module, sizeof(s->no_module), (const char *)f->data + 4,
		  f->len - 4);
	finish(s, SESSION_NOT_STARTED, err);
}

static void take_file(struct session *s, const struct proto_frame *f)
{
	int ret = outfiles_take(&s->files, s->cfg, f);

	if (ret == -EPROTO)
		protocol_error(s, "a file that was not asked for");
	else if (ret)
		finish(s, SESSION_STOPPED, 0);
	/* They take as long as they take, but each step has to come. */
	s->deadline = now_s() + s->timeout_s;
}

static void take_frame(struct session *s, const struct proto_frame *f)
{
	uint32_t value = f->len == 4 ? proto_get32(f->data) : UINT32_MAX;

	if (f->type == PROTO_READY)
		take_ready(s, f);
	else if (!s->ready)
		protocol_error(s, "a frame before READY");
	else if (f->type == PROTO_STDOUT || f->type == PROTO_STDERR)
		take_output(s, f);
	else if (f->type >= PROTO_OUT_BEGIN && f->type <= PROTO_OUT_END)
		take_file(s, f);
	else if (f->type == PROTO_NO_MODULE)
		take_no_module(s, f);
	else if (f->type == PROTO_PREPARED)
		take_prepared(s);
	else if (f->type == PROTO_EXITED && value <= 255)
		finish(s, SESSION_EXITED, value);
	else if (f->type == PROTO_SIGNALED && value > 0 && value < 128)
		finish(s, SESSION_SIGNALED, value);
	else if (f->type == PROTO_NOT_STARTED && value > 0 && value < 4096)
		finish(s, SESSION_NOT_STARTED, value);
	else
		protocol_error(s, "a frame of unknown kind");
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
		finish(s, SESSION_CLOSED, 0);
		return;
	}
	proto_fed(&s->reader, n);
	while (s->end == SESSION_GOING &&
	       (ret = proto_next(&s->reader, &f)) != 0) {
		if (ret < 0)
			protocol_error(s, "frames were lost");
		else
			take_frame(s, &f);
	}
	if (s->reader.skipped > NOISE_MOST)
		protocol_error(s, "noise instead of frames");
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
			finish(s, SESSION_SAVED, 0);
		break;
	case QMP_FAILED:
		finish(s, SESSION_REFUSED, 0);
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
		finish(s, SESSION_INTERRUPTED, 0);
	if (now_s() >= s->deadline)
		finish(s, SESSION_TIMEOUT, 0);
}

static void step(struct session *s)
{
	struct pollfd p[4] = {
		{s->vm.control, POLLIN, 0},
		{s->vm.console, POLLIN, 0},
		{s->vm.errors, POLLIN, 0},
		{s->vm.qmp, POLLIN, 0},
	};

	if ((s->ready || s->resumed) && s->out_sent < s->out_len)
		p[0].events |= POLLOUT;
	/* bpfvm_interrupt() may come from a thread whose signals do not wake
	 * this one. */
	if (poll(p, 4, 100) < 0)
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
	unsigned most = 256;
	int ret;

	s->started = now_s();
	s->deadline = s->started + boot_timeout;
	s->state = setup->state;
	ret = vm_start(&s->vm, setup, why);
	if (ret)
		return ret;
	if (s->mode == VM_CLONE && qmp_load(s->vm.qmp, s->state))
		finish(s, SESSION_REFUSED, 0);
	while (s->end == SESSION_GOING)
		step(s);
	if (s->end == SESSION_CLOSED)
		await_qemu(s);
	while (most-- && read_console(s))
		;
	while (most-- && read_errors(s))
		;
	s->wait_status = vm_end(&s->vm);
	return 0;
}

void session_free(struct session *s)
{
	outfiles_end(&s->files);
	console_free(&s->con);
	free(s->out);
	s->out = NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* bpfvm against wrong usage and QEMUs that misbehave: scripts stand in for
 * QEMU, so nothing boots and it takes no time. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../proto/proto.h"
#include "bpfvm/bpfvm.h"
#include "vmtest.h"

static char dir[] = "/tmp/bpfvm-fault-XXXXXX";
static char kernel[128], qemu[128];

static void write_file(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

/* Says that it is QEMU 10 and then does as body says. */
static void fake_qemu(const char *body)
{
	char script[1024];

	snprintf(script, sizeof(script),
		 "#!/bin/bash\n"
		 "[ \"$1\" = --version ] && echo version 10.0 && exit\n%s\n",
		 body);
	write_file(qemu, script, strlen(script));
}

static void run_fake(struct vmtest *t, const char *accel)
{
	const char *args[] = {"--qemu", qemu, "--accel", accel,
			      kernel,	"--", "true",	 NULL};

	vm_whole(t, args);
	vm_clean(t);
}

static void usage(void **state)
{
	const char *none[] = {NULL};
	const char *no_command[] = {"kernel", NULL};
	const char *bad_number[] = {"--mem", "-5",   "kernel",
				    "--",    "true", NULL};
	const char *help[] = {"--help", NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, none);
	assert_int_equal(t.status, 125);
	vm_clean(&t);
	vm_whole(&t, no_command);
	assert_int_equal(t.status, 125);
	vm_clean(&t);
	vm_whole(&t, bad_number);
	assert_int_equal(t.status, 125);
	vm_clean(&t);
	vm_whole(&t, help);
	assert_int_equal(t.status, 0);
	t.out_buf[t.out_len] = 0;
	assert_non_null(strstr(t.out_buf, "124"));
	vm_clean(&t);
}

static void missing_files(void **state)
{
	const char *no_kernel[] = {"/no/such/bzImage", "--", "true", NULL};
	const char *no_program[] = {kernel, "--", "no-such-command-x", NULL};
	const char *no_exec[] = {kernel, "--", "/etc/passwd", NULL};
	const char *no_qemu[] = {"--qemu", "/no/qemu", kernel,
				 "--",	   "true",     NULL};
	const char *no_in[] = {"--in", "/no/file", kernel, "--", "true", NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, no_kernel);
	assert_int_equal(t.status, 125);
	assert_one_line(&t, "/no/such/bzImage: No such file");
	vm_clean(&t);
	vm_whole(&t, no_program);
	assert_int_equal(t.status, 127);
	assert_one_line(&t, "no-such-command-x");
	vm_clean(&t);
	vm_whole(&t, no_exec);
	assert_int_equal(t.status, 126);
	assert_one_line(&t, "/etc/passwd");
	vm_clean(&t);
	vm_whole(&t, no_qemu);
	assert_int_equal(t.status, 125);
	assert_one_line(&t, "/no/qemu");
	vm_clean(&t);
	vm_whole(&t, no_in);
	assert_int_equal(t.status, 125);
	assert_one_line(&t, "/no/file");
	vm_clean(&t);
}

static void truncated_kernel(void **state)
{
	const char *args[] = {kernel, "--", "true", NULL};
	struct vmtest t;

	(void)state;
	assert_int_equal(truncate(kernel, 4000), 0);
	vm_whole(&t, args);
	assert_int_equal(t.status, 125);
	assert_one_line(&t, "truncated bzImage: 4000 bytes there, 4096");
	vm_clean(&t);
	assert_int_equal(truncate(kernel, 4096), 0);
}

static void qemu_refuses(void **state)
{
	struct vmtest t;

	(void)state;
	fake_qemu("echo 'qemu: no such machine' >&2; exit 1");
	run_fake(&t, "tcg");
	assert_int_equal(t.status, 123);
	assert_one_line(&t, "QEMU ended with status 1");
	assert_said(&t, "qemu: no such machine");
}

/* An end before our init is up is the infrastructure's, and tried again. */
static void never_boots(void **state)
{
	struct vmtest t;

	(void)state;
	fake_qemu("exit 0");
	run_fake(&t, "tcg");
	assert_int_equal(t.status, 123);
	assert_said(&t, "trying again (2 of 3)");
	assert_said(&t, "trying again (3 of 3)");
	assert_said(&t, "before our init was up");
	assert_said(&t, "console log: ");
}

static void kvm_falls_back(void **state)
{
	struct vmtest t;

	(void)state;
	if (access("/dev/kvm", R_OK | W_OK))
		skip();
	fake_qemu("case $* in *kvm*) kill -ABRT $$;; esac; exit 1");
	run_fake(&t, "auto");
	assert_int_equal(t.status, 123);
	assert_said(&t, "using TCG");
	assert_said(&t, "QEMU ended with status 1");
}

static void old_tcg_is_warned_of(void **state)
{
	static const char script[] = "#!/bin/sh\necho version 7.2; exit 1\n";
	struct vmtest t;

	(void)state;
	write_file(qemu, script, strlen(script));
	run_fake(&t, "tcg");
	assert_said(&t, "warning: TCG of");
	assert_said(&t, "--fetch-qemu");
}

/* What a guest may send on the control port (file descriptor by script). */
static void control_garbage(void **state)
{
	struct vmtest t;

	(void)state;
	fake_qemu("for a; do case $a in *control,fd=*) fd=${a##*=};; esac; done"
		  "\nexec yes garbage >&$fd");
	run_fake(&t, "tcg");
	assert_int_equal(t.status, 123);
	assert_said(&t, "noise instead of frames");
}

/* One frame to the file that is called as its number in the stream. */
static void write_frame(uint8_t type, uint32_t seq, const void *data,
			size_t len)
{
	uint8_t buf[PROTO_FRAME];
	char path[128];

	snprintf(path, sizeof(path), "%s/%u", dir, seq);
	write_file(path, buf, proto_pack(buf, type, seq, data, len));
}

/* A file that comes by drops does not outlive the timeout. */
static void out_by_drops(void **state)
{
	const char *args[] = {"--qemu", qemu,	"--accel",   "tcg",
			      "--out",	"/x:x", "--timeout", "1",
			      kernel,	"--",	"true",	     NULL};
	uint8_t buf[16];
	char body[512];
	struct vmtest t;
	uint32_t i;

	(void)state;
	proto_put32(buf, PROTO_VERSION);
	proto_put32(buf + 4, 95);
	memcpy(buf + 8, "6.12", 4);
	write_frame(PROTO_READY, 0, buf, 12);
	proto_put32(buf, 0);
	proto_put32(buf + 4, S_IFREG | 0644);
	write_frame(PROTO_OUT_BEGIN, 1, buf, 8);
	for (i = 2; i < 12; i++)
		write_frame(PROTO_OUT_DATA, i, "drop", 4);
	snprintf(body, sizeof(body),
		 "for a; do case $a in *control,fd=*) fd=${a##*=};; esac; done"
		 "\ncat %s/{0,1} >&$fd\n"
		 "for i in {2..11}; do sleep 0.5; cat %s/$i >&$fd; done",
		 dir, dir);
	fake_qemu(body);
	vm_whole(&t, args);
	assert_int_equal(t.status, 124);
	snprintf(body, sizeof(body), "%s/x", t.dir);
	unlink(body);
	vm_clean(&t);
}

static volatile int stop;

static void on_alarm(int sig)
{
	(void)sig;
	stop = 1;
}

static void assert_stops(bool clone, unsigned seconds)
{
	char *const argv[] = {(char *)"true", NULL};
	struct bpfvm_config cfg;
	struct bpfvm_result res;

	stop = !seconds;
	signal(SIGALRM, on_alarm);
	fake_qemu("exec sleep 5");
	bpfvm_config_init(&cfg);
	cfg.kernel = kernel;
	cfg.qemu = qemu;
	cfg.argv = argv;
	cfg.accel = BPFVM_ACCEL_TCG;
	cfg.clone = clone;
	cfg.stop = &stop;
	alarm(seconds);
	assert_int_equal(bpfvm_run(&cfg, &res), 0);
	assert_int_equal(res.outcome, BPFVM_STOPPED);
	assert_string_equal(res.reason, "stopped");
}

static void stopped_before(void **state)
{
	(void)state;
	assert_stops(false, 0);
	assert_stops(true, 0);
}

static void stopped_booting(void **state)
{
	(void)state;
	assert_stops(false, 1);
}

/* Nor is it booted cold then. */
static void stopped_saving(void **state)
{
	(void)state;
	assert_stops(true, 1);
}

static int set_up(void **state)
{
	static char image[4096];

	(void)state;
	/* Open to whom QEMU runs as where root starts it. */
	if (!mkdtemp(dir) || chmod(dir, 0755))
		return -1;
	setenv("XDG_CACHE_HOME", dir, 1);
	snprintf(kernel, sizeof(kernel), "%s/bzImage", dir);
	snprintf(qemu, sizeof(qemu), "%s/qemu", dir);
	image[0x1f1] = 3;
	memcpy(image + 0x202, "HdrS", 4);
	image[0x206] = 0x0f;
	image[0x236] = 0x01; /* 64 bit */
	/* (4096 - 4 sectors) / 16 */
	image[0x1f4] = (char)0x80;
	write_file(kernel, image, sizeof(image));
	setenv("BPFVM_QEMU", qemu, 1);
	fake_qemu("exit 1");
	return 0;
}

static int remove_all(const char *path)
{
	char cmd[160];

	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", path);
	return system(cmd);
}

static int tear_down(void **state)
{
	(void)state;
	return remove_all(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(usage),
		cmocka_unit_test(missing_files),
		cmocka_unit_test(truncated_kernel),
		cmocka_unit_test(qemu_refuses),
		cmocka_unit_test(never_boots),
		cmocka_unit_test(kvm_falls_back),
		cmocka_unit_test(old_tcg_is_warned_of),
		cmocka_unit_test(control_garbage),
		cmocka_unit_test(out_by_drops),
		cmocka_unit_test(stopped_before),
		cmocka_unit_test(stopped_booting),
		cmocka_unit_test(stopped_saving),
	};

	return cmocka_run_group_tests_name("vm_faults", tests, set_up,
					   tear_down) != 0;
}

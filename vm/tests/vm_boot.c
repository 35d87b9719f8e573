/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* bpfvm on stock kernels: what it promises when all goes well, and each way
 * in which it may not. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vmtest.h"

#define K612 "debian:6.12"
#define K61  "debian:6.1"
/* Of bpfvm itself, whatever the guest does. */
#define PEAK_MOST_KB (96 * 1024)

static const char *probe(void)
{
	return built("tests/guest_probe");
}

/* The path after "console log: ", with its content; removes the file. */
static void read_log(const struct vmtest *t, char *buf, size_t size)
{
	static const char mark[] = "console log: ";
	const char *p = strstr(t->err_buf, mark);
	char path[4096];
	ssize_t n;
	int fd;

	if (!p)
		fail_msg("no console log named in: %s", t->err_buf);
	snprintf(path, sizeof(path), "%s", p + strlen(mark));
	path[strcspn(path, "\n")] = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, buf, size - 1);
	assert_true(n >= 0);
	buf[n] = 0;
	close(fd);
	unlink(path);
}

static void check_talk(const char *kernel)
{
	const char *args[] = {kernel, "--", probe(), "talk", NULL};
	struct vmtest t;
	size_t i;

	vm_whole(&t, args);
	assert_string_equal(t.err_buf, "to stderr\n");
	assert_int_equal(t.status, 7);
	assert_int_equal(t.out_len, 1024 * 1024);
	for (i = 0; i < t.out_len; i++)
		if ((unsigned char)t.out_buf[i] !=
		    (unsigned char)(i * 31 + (i >> 8)))
			fail_msg("byte %zu is wrong", i);
	vm_clean(&t);
}

static void streams_and_status_612(void **state)
{
	(void)state;
	check_talk(K612);
}

static void streams_and_status_61(void **state)
{
	(void)state;
	check_talk(K61);
}

/* bpfvm itself is a dynamic program with a dozen libraries. */
static void dynamic_program(void **state)
{
	const char *args[] = {K61, "--", built("bpfvm"), "--version", NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 0);
	assert_int_equal(t.err_len, 0);
	assert_memory_equal(t.out_buf, "bpfvm ", 6);
	vm_clean(&t);
}

/* What a root program may count on, and what --in brings. */
static void environment_and_file(void **state)
{
	char dir[] = "/tmp/bpfvm-in-XXXXXX", file[64], in[80];
	const char *args[] = {
		"--in",		  in,  K612, "--", probe(), "environment",
		"/data/sub/file", NULL};
	struct vmtest t;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/sub", dir);
	assert_int_equal(mkdir(file, 0755), 0);
	strcat(file, "/file");
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(write(fd, "content\n", 8), 8);
	close(fd);
	snprintf(in, sizeof(in), "%s:/data", dir);
	vm_whole(&t, args);
	assert_int_equal(t.status, 0);
	assert_int_equal(t.out_len, 20);
	assert_memory_equal(t.out_buf, "/root 1 1 1\ncontent\n", 20);
	vm_clean(&t);
	unlink(file);
	file[strlen(file) - 5] = 0;
	rmdir(file);
	rmdir(dir);
}

static void orphan_does_not_delay(void **state)
{
	const char *args[] = {K612, "--", probe(), "orphan", NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 5);
	assert_int_equal(t.out_len, 7);
	vm_clean(&t);
}

static void orphan_babbles(void **state)
{
	const char *args[] = {"--timeout", "10",     K612, "--",
			      probe(),	   "babble", NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 7);
	vm_clean(&t);
}

static void orphan_is_late(void **state)
{
	const char *args[] = {K612, "--", probe(), "linger", NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 8);
	assert_int_equal(t.out_len, 5);
	assert_memory_equal(t.out_buf, "late\n", 5);
	vm_clean(&t);
}

static void check_panic(const char *kernel)
{
	const char *args[] = {kernel, "--", probe(), "panic", NULL};
	static char log[1 << 20];
	struct vmtest t;

	vm_whole(&t, args);
	assert_int_equal(t.status, 122);
	assert_one_line(&t, "kernel panicked: sysrq triggered crash (6.1");
	read_log(&t, log, sizeof(log));
	assert_non_null(strstr(log, "sysrq triggered crash"));
	assert_non_null(strstr(log, "Call Trace"));
	vm_clean(&t);
}

static void guest_panic_612(void **state)
{
	(void)state;
	check_panic(K612);
}

static void guest_panic_61(void **state)
{
	(void)state;
	check_panic(K61);
}

static void guest_reboot(void **state)
{
	const char *args[] = {K612, "--", probe(), "reboot", NULL};
	static char log[1 << 20];
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 122);
	assert_one_line(&t, "rebooted or powered off from inside");
	read_log(&t, log, sizeof(log));
	vm_clean(&t);
}

static void killed_program(void **state)
{
	const char *args[] = {K612, "--", probe(), "kill", NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 128 + SIGKILL);
	assert_one_line(&t, "killed by signal 9");
	vm_clean(&t);
}

static void check_hang(const char *how)
{
	const char *args[] = {"--timeout", "2", K612, "--", probe(), how, NULL};
	static char log[1 << 20];
	struct vmtest t;

	vm_whole(&t, args);
	assert_int_equal(t.status, 124);
	assert_one_line(&t, "did not end within 2 s");
	read_log(&t, log, sizeof(log));
	vm_clean(&t);
}

static void program_hangs(void **state)
{
	(void)state;
	check_hang("sleep");
}

static void guest_hangs(void **state)
{
	(void)state;
	check_hang("hog");
}

static void guest_floods(void **state)
{
	const char *args[] = {"--timeout", "3",	    K612, "--",
			      probe(),	   "flood", NULL};
	static char log[1 << 20];
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 124);
	assert_true(t.out_len > 65536);
	assert_one_line(&t, "did not end within 3 s");
	assert_true(t.peak_kb > 0 && t.peak_kb < PEAK_MOST_KB);
	read_log(&t, log, sizeof(log));
	vm_clean(&t);
}

static void qemu_is_killed(void **state)
{
	const char *args[] = {K612, "--", probe(), "sleep", NULL};
	static char log[1 << 20];
	struct vmtest t;

	(void)state;
	vm_begin(&t, args);
	kill(vm_qemu(&t), SIGKILL);
	vm_finish(&t);
	assert_int_equal(t.status, 123);
	assert_one_line(&t, "QEMU was killed by signal 9");
	read_log(&t, log, sizeof(log));
	vm_clean(&t);
}

/* At other stages: vm_leftovers. */
static void sigint_while_running(void **state)
{
	const char *args[] = {K612, "--", probe(), "flood", NULL};
	struct vmtest t;
	pid_t qemu;

	(void)state;
	vm_begin(&t, args);
	qemu = vm_qemu(&t);
	vm_await(&t, "yyyy");
	kill(t.pid, SIGINT);
	vm_finish(&t);
	assert_int_equal(t.status, 128 + SIGINT);
	assert_gone(qemu);
	assert_one_line(&t, "interrupted");
	vm_clean(&t);
}

/* vm_boot [PATTERN]: only the tests whose names match. */
/* Both kernels once: what bpfvm says of fetching them and of a KVM that does
 * not work, it says once, and not to the tests. */
static int first_boots(void **state)
{
	static const char *const kernels[] = {"debian:6.12", "debian:6.1"};
	struct vmtest t;

	(void)state;
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		const char *args[] = {kernels[i], "--", probe(),
				      "status",	  "0",	NULL};

		vm_whole(&t, args);
		vm_clean(&t);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_and_status_612),
		cmocka_unit_test(streams_and_status_61),
		cmocka_unit_test(dynamic_program),
		cmocka_unit_test(environment_and_file),
		cmocka_unit_test(orphan_does_not_delay),
		cmocka_unit_test(orphan_babbles),
		cmocka_unit_test(orphan_is_late),
		cmocka_unit_test(guest_panic_612),
		cmocka_unit_test(guest_panic_61),
		cmocka_unit_test(guest_reboot),
		cmocka_unit_test(killed_program),
		cmocka_unit_test(program_hangs),
		cmocka_unit_test(guest_hangs),
		cmocka_unit_test(guest_floods),
		cmocka_unit_test(qemu_is_killed),
		cmocka_unit_test(sigint_while_running),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("vm_boot", tests, first_boots,
					   NULL) != 0;
}

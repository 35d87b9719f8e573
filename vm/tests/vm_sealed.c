/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What QEMU may do, as /proc says of one that runs a guest. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../include/bpfvm/bpfvm.h"
#include "owncache.h"
#include "vmtest.h"

#define K612  "debian:6.12"
#define PROBE built("tests/guest_probe")

static size_t read_proc(pid_t pid, const char *name, char *buf, size_t size)
{
	char path[64];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	f = fopen(path, "re");
	assert_non_null(f);
	n = fread(buf, 1, size - 1, f);
	fclose(f);
	buf[n] = 0;
	return n;
}

/* Blanks are of any length. */
static void assert_line(const char *text, const char *head, const char *want)
{
	const char *p = strstr(text, head);

	if (!p)
		fail_msg("no %s in: %s", head, text);
	for (p += strlen(head); *want; want++) {
		if (*want == ' ') {
			p += strspn(p, " \t");
			continue;
		}
		if (*p++ != *want)
			fail_msg("%s wrong in: %s", head, text);
	}
}

static void check_status(pid_t pid)
{
	char text[8192];

	read_proc(pid, "status", text, sizeof(text));
	assert_line(text, "NoNewPrivs:", " 1");
	assert_line(text, "Seccomp:", " 2");
	assert_line(text, "CapInh:", " 0000000000000000\n");
	assert_line(text, "CapPrm:", " 0000000000000000\n");
	assert_line(text, "CapEff:", " 0000000000000000\n");
	assert_line(text, "CapAmb:", " 0000000000000000\n");
	if (geteuid() != 0)
		return;
	assert_line(text, "\nUid:", " 65534 65534 65534 65534\n");
	assert_line(text, "\nGid:", " 65534 65534 65534 65534\n");
	assert_line(text, "\nGroups:", " \n");
}

static void check_limits(pid_t pid)
{
	char text[8192];

	read_proc(pid, "limits", text, sizeof(text));
	assert_line(text, "Max core file size", " 0 0 ");
	assert_line(text, "Max file size", " 0 0 ");
	/* 512 MiB for the guest, 4 GiB for QEMU */
	assert_line(text, "Max address space", " 4831838208 4831838208 ");
}

static bool has_argument(const char *line, size_t len, const char *what)
{
	return memmem(line, len, what, strlen(what) + 1);
}

static void check_command_line(pid_t pid)
{
	static const char *const never[] = {"-virtfs", "-fsdev", "-drive",
					    "-netdev", "-hda"};
	char line[16384];
	size_t len = read_proc(pid, "cmdline", line, sizeof(line)), i;

	assert_true(has_argument(line, len,
				 "on,obsolete=deny,elevateprivileges=deny,"
				 "spawn=deny,resourcecontrol=deny"));
	assert_non_null(memmem(line, len, "-nic\0none", 10));
	assert_true(has_argument(line, len, "-nodefaults"));
	for (i = 0; i < sizeof(never) / sizeof(*never); i++)
		assert_false(has_argument(line, len, never[i]));
}

/* Neither can it be written, nor by opening it again. */
static void check_file(pid_t pid, int fd, const char *is)
{
	/* What the guest shares with us is to be written; cut off it must not
	 * be. */
	const bool shared = strstr(is, "bpfvm-bulk");
	const int sealed =
		(shared ? 0 : F_SEAL_WRITE) | F_SEAL_GROW | F_SEAL_SHRINK;
	char path[64];
	struct stat st;
	int mine, flags;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
	mine = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(mine >= 0);
	assert_int_equal(fstat(mine, &st), 0);
	flags = fcntl(mine, F_GET_SEALS);
	close(mine);
	if (!strncmp(is, "/memfd:", 7)) {
		if ((flags & sealed) != sealed)
			fail_msg("%s can be changed", is);
		return;
	}
	assert_non_null(strstr(is, "/bpfsys/templates/"));
	assert_int_equal(lstat(path, &st), 0);
	if (st.st_mode & S_IWUSR)
		fail_msg("%s is open for writing", is);
}

static void check_files(pid_t pid)
{
	char path[64], is[1024];
	ssize_t n;
	int fd;

	for (fd = 0; fd < 256; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", pid, fd);
		n = readlink(path, is, sizeof(is) - 1);
		if (n < 0)
			continue;
		is[n] = 0;
		if (strcmp(is, "/dev/null") && strcmp(is, "/dev/kvm") &&
		    strncmp(is, "socket:", 7) && strncmp(is, "pipe:", 5) &&
		    strncmp(is, "anon_inode:", 11))
			check_file(pid, fd, is);
	}
}

static void check_environment(pid_t pid)
{
	char text[65536];
	size_t len = read_proc(pid, "environ", text, sizeof(text));

	assert_null(memmem(text, len, "BPFVM_TEST_SECRET", 17));
}

static void check_sealed(const char *const *args)
{
	struct vmtest t;
	/* What a caller forgets to close. */
	int fd = open("/etc/passwd", O_RDONLY);
	pid_t qemu;

	assert_true(fd >= 0);
	setenv("BPFVM_TEST_SECRET", "1", 1);
	vm_begin(&t, args);
	unsetenv("BPFVM_TEST_SECRET");
	close(fd);
	vm_await(&t, "asleep");
	qemu = vm_qemu(&t);
	check_status(qemu);
	check_limits(qemu);
	check_command_line(qemu);
	check_files(qemu);
	check_environment(qemu);
	kill(t.pid, SIGTERM);
	vm_finish(&t);
	assert_gone(qemu);
	vm_clean(&t);
}

static void cold(void **state)
{
	const char *args[] = {K612, "--", PROBE, "doze", NULL};

	(void)state;
	check_sealed(args);
}

static void cloned(void **state)
{
	const char *args[] = {"--clone", "--accel", "tcg",  K612,
			      "--",	 PROBE,	    "doze", NULL};

	(void)state;
	check_sealed(args);
}

/* Its owner reads it, QEMU could not. */
static void private_kernel(void **state)
{
	char image[4096], path[128], why[256], buf[65536];
	const char *args[] = {path, "--", PROBE, "doze", NULL};
	ssize_t n;
	int from, to;

	(void)state;
	assert_int_equal(bpfvm_kernel_resolve(K612, image, sizeof(image), why,
					      sizeof(why)),
			 0);
	from = bpfvm_kernel_vmlinux(image, why, sizeof(why));
	assert_true(from >= 0);
	snprintf(path, sizeof(path), "%s/vmlinux", cache);
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(to >= 0 && !lseek(from, 0, SEEK_SET));
	while ((n = read(from, buf, sizeof(buf))) > 0)
		assert_int_equal(write(to, buf, n), n);
	close(from);
	close(to);
	if (geteuid() == 0)
		check_sealed(args);
	unlink(path);
}

/* With what it may read in a cache of its own. */
static void prepare_ordinary(const char *dir)
{
	char command[8192], image[4096], why[256];

	assert_int_equal(bpfvm_kernel_resolve(K612, image, sizeof(image), why,
					      sizeof(why)),
			 0);
	snprintf(command, sizeof(command),
		 "set -e; cd %s; mkdir -p own/bpfsys/qemu; cp %s kernel;"
		 "cp %s bpfvm; cp %s probe; chmod 755 . bpfvm probe;"
		 "chmod 644 kernel; ! [ -e %s/bpfsys/qemu/current ] ||"
		 " cp -a %s/bpfsys/qemu/current/ own/bpfsys/qemu/current;"
		 "chown -R 65534:65534 own",
		 dir, image, built("bpfvm"), PROBE, cache, cache);
	assert_int_equal(system(command), 0);
}

static void ordinary_user(void **state)
{
	const char *const command =
		"export XDG_CACHE_HOME=$PWD/own HOME=/nonexistent; id -u;"
		"for i in 1 2; do ./bpfvm --accel tcg --clone ./kernel -- "
		"./probe status; echo $?; done";
	char out[256] = "", dir[64];
	FILE *f;

	(void)state;
	if (geteuid() != 0)
		skip(); /* all the others are it */
	snprintf(dir, sizeof(dir), "%s", cache);
	prepare_ordinary(dir);
	assert_int_equal(chdir(dir), 0);
	setenv("ORDINARY", command, 1);
	f = popen("setpriv --reuid=65534 --regid=65534 --clear-groups "
		  "sh -c \"$ORDINARY\" 2>&1",
		  "r");
	assert_non_null(f);
	out[fread(out, 1, sizeof(out) - 1, f)] = 0;
	assert_int_equal(pclose(f), 0);
	assert_string_equal(out, "65534\n98\n98\n");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cold),
		cmocka_unit_test(cloned),
		cmocka_unit_test(private_kernel),
		cmocka_unit_test(ordinary_user),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("vm_sealed", tests, own_cache,
					   forget_cache) != 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Files there and back. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmtest.h"

#define K612 "debian:6.12"
#define K61  "debian:6.1"

#define PROBE built("tests/guest_probe")

static void make_file(const char *path, size_t len, char *data)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	size_t i;

	for (i = 0; i < len; i++)
		data[i] = i * 7 + (i >> 8);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

/* A directory goes in and comes out the same, though the program dies. */
static void there_and_back(void **state)
{
	static char sent[300000], got[sizeof(sent) + 1];
	char dir[] = "/tmp/bpfvm-files-XXXXXX", path[6][64], in[80], out[80];
	const char *args[] = {"--in", in,   "--out", out,    "--out", "/none",
			      K612,   "--", PROBE,   "kill", NULL};
	struct vmtest t;
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path[0], sizeof(path[0]), "%s/in", dir);
	snprintf(path[1], sizeof(path[1]), "%s/in/sub", dir);
	snprintf(path[2], sizeof(path[2]), "%s/in/sub/file", dir);
	snprintf(path[3], sizeof(path[3]), "%s/out", dir);
	snprintf(path[4], sizeof(path[4]), "%s/out/sub", dir);
	snprintf(path[5], sizeof(path[5]), "%s/out/sub/file", dir);
	assert_int_equal(mkdir(path[0], 0755), 0);
	assert_int_equal(mkdir(path[1], 0755), 0);
	make_file(path[2], sizeof(sent), sent);
	snprintf(in, sizeof(in), "%s:/data", path[0]);
	snprintf(out, sizeof(out), "/data:%s", path[3]);
	vm_whole(&t, args);
	assert_int_equal(t.status, 137);
	assert_said(&t, "bpfvm: --out: /none: No such file or directory\n");
	vm_clean(&t);
	fd = open(path[5], O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, got, sizeof(got)), sizeof(sent));
	assert_memory_equal(got, sent, sizeof(sent));
	close(fd);
	unlink(path[2]);
	unlink(path[5]);
	rmdir(path[1]);
	rmdir(path[4]);
	rmdir(path[0]);
	rmdir(path[3]);
	assert_int_equal(rmdir(dir), 0);
}

/* A file that never ends does not fill the disk. */
static void too_much(void **state)
{
	char dir[] = "/tmp/bpfvm-files-XXXXXX", out[80], path[64];
	const char *args[] = {"--out-max", "1",	  "--out", out, K61,
			      "--",	   PROBE, "kill",  NULL};
	struct vmtest t;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/all", dir);
	snprintf(out, sizeof(out), "/proc/kallsyms:%s", path);
	vm_whole(&t, args);
	assert_int_equal(t.status, 125);
	assert_one_line(&t, "bpfvm: --out: /proc/kallsyms: the guest sends "
			    "more than --out-max allows");
	vm_clean(&t);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size <= 1 << 20);
	unlink(path);
	assert_int_equal(rmdir(dir), 0);
}

/* By the file that a module which is there has: writing to it succeeds. */
static void check_modules(const char *kernel, const char *module)
{
	char uevent[80];
	const char *args[] = {"--module", module, "--module", "dummy",
			      kernel,	  "--",	  PROBE,      "write",
			      uevent,	  "add",  NULL};
	struct vmtest t;

	snprintf(uevent, sizeof(uevent), "/sys/module/%s/uevent", module);
	vm_whole(&t, args);
	assert_string_equal(t.err_buf, "");
	assert_int_equal(t.status, 0);
	vm_clean(&t);
	/* That this says something. */
	vm_whole(&t, args + 4);
	assert_int_equal(t.status, 99);
	vm_clean(&t);
}

static void modules_612(void **state)
{
	(void)state;
	check_modules(K612, "veth");
}

/* One that needs half a dozen others. */
static void modules_61(void **state)
{
	(void)state;
	check_modules(K61, "wireguard");
}

/* They are in a package of their own, and compressed. */
static void modules_73(void **state)
{
	const char *args[] = {"--module", "veth",   "debian:7.3", "--",
			      PROBE,	  "status", NULL};
	struct vmtest t;

	(void)state;
	/* Fetches what is not there, and says so. */
	vm_whole(&t, args);
	vm_clean(&t);
	check_modules("debian:7.3", "veth");
}

static void no_such_module(void **state)
{
	const char *args[] = {"--module", "nonesuch", K612, "--",
			      PROBE,	  "kill",     NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 125);
	assert_one_line(&t, "bpfvm: --module nonesuch: no such module in ");
	vm_clean(&t);
}

static void unloadable_module(void **state)
{
	const char *args[] = {"--accel", "tcg", "--module", "kvm-intel", K612,
			      "--",	 PROBE, "kill",	    NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 125);
	assert_one_line(&t,
			"bpfvm: --module kvm_intel: cannot be loaded (6.12");
	vm_clean(&t);
}

/* vm_files [PATTERN]: only the tests whose names match. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(too_much),
		cmocka_unit_test(modules_612),
		cmocka_unit_test(modules_61),
		cmocka_unit_test(modules_73),
		cmocka_unit_test(no_such_module),
		cmocka_unit_test(unloadable_module),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("vm_files", tests, NULL, NULL) != 0;
}

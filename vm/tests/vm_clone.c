/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Clones: that they are as good as a boot, and not of one mind; that what is
 * wrong with a template costs a line and time, never a verdict. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "owncache.h"
#include "vmtest.h"

#define K612 "debian:6.12"

static const char *probe(void)
{
	return built("tests/guest_probe");
}

static void begin_program(struct vmtest *t, const char *program,
			  const char *how)
{
	const char *args[] = {"--clone", "--accel", "tcg", K612,
			      "--",	 program,   how,   NULL};

	vm_begin(t, args);
}

static void begin(struct vmtest *t, const char *how)
{
	begin_program(t, probe(), how);
}

static void check_talk(struct vmtest *t)
{
	size_t i;

	assert_int_equal(t->status, 7);
	assert_int_equal(t->out_len, 1024 * 1024);
	for (i = 0; i < t->out_len; i++)
		if ((unsigned char)t->out_buf[i] !=
		    (unsigned char)(i * 31 + (i >> 8)))
			fail_msg("byte %zu is wrong", i);
	vm_clean(t);
}

/* Runs a clone that has nothing to complain of. */
static void good_clone(void)
{
	struct vmtest t;

	begin(&t, "talk");
	vm_finish(&t);
	assert_string_equal(t.err_buf, "to stderr\n");
	check_talk(&t);
}

/* Runs one that says what on one line before all else. */
static void mended_clone(const char *what)
{
	struct vmtest t;

	begin(&t, "talk");
	vm_finish(&t);
	if (strncmp(t.err_buf, "bpfvm: template of ", 19))
		fail_msg("wanted a word on the template: %s", t.err_buf);
	assert_said(&t, what);
	assert_string_equal(strchr(t.err_buf, '\n') + 1, "to stderr\n");
	check_talk(&t);
	good_clone();
}

static void clone_is_as_good(void **state)
{
	char path[1024];

	(void)state;
	drop("/bpfsys/templates");
	good_clone();
	assert_int_equal(templates(path, sizeof(path)), 1);
	good_clone();
	assert_int_equal(templates(path, sizeof(path)), 1);
}

static void two_identities(const char *program)
{
	char random[2][3][33];
	struct vmtest t[2];
	long long now;
	int i;

	for (i = 0; i < 2; i++) {
		begin_program(&t[i], program, "identity");
		vm_finish(&t[i]);
		assert_int_equal(t[i].status, 0);
		t[i].out_buf[t[i].out_len] = 0;
		assert_int_equal(sscanf(t[i].out_buf, "%32s %32s %32s %lld",
					random[i][0], random[i][1],
					random[i][2], &now),
				 4);
		assert_true(llabs(now - (long long)time(NULL)) <= 2);
		vm_clean(&t[i]);
	}
	assert_string_not_equal(random[0][0], random[1][0]);
	assert_string_not_equal(random[0][1], random[1][1]);
	/* AT_RANDOM, of a program that was saved in the template. */
	assert_string_not_equal(random[0][2], random[1][2]);
	assert_string_not_equal(random[0][0], random[0][1]);
}

static void own_entropy_and_clock(void **state)
{
	(void)state;
	two_identities(probe());
}

/* A program of 32 bits, with libraries that --fetch-libs has brought. */
static void narrow_program(void **state)
{
	const char *program = built("tests/guest_probe-narrow");

	(void)state;
	if (access(program, X_OK)) {
		print_message("# not set up for i386: make setup-cross\n");
		skip();
	}
	two_identities(program);
}

static void own_arguments(void **state)
{
	struct vmtest t;
	char path[1024];

	(void)state;
	drop("/bpfsys/templates");
	good_clone();
	begin(&t, "identity");
	vm_finish(&t);
	assert_int_equal(t.status, 0);
	assert_int_equal(t.err_len, 0);
	vm_clean(&t);
	good_clone();
	assert_int_equal(templates(path, sizeof(path)), 1);
}

/* What a run with that on its stdin says. */
static void with_input(bool clone, const char *how, const char *input,
		       char *said, size_t size)
{
	char path[128];
	const char *args[] = {"--stdin", path, "--accel", "tcg", NULL, NULL,
			      NULL,	 NULL, NULL,	  NULL,	 NULL};
	struct vmtest t;
	size_t n = 4;
	int fd;

	if (clone)
		args[n++] = "--clone";
	if (!strcmp(how, "ready"))
		args[n++] = "--await-ready";
	args[n++] = K612;
	args[n++] = "--";
	args[n++] = probe();
	args[n++] = how;
	snprintf(path, sizeof(path), "%s/input", cache);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, input, strlen(input)), strlen(input));
	close(fd);
	vm_whole(&t, args);
	assert_string_equal(t.err_buf, "");
	assert_int_equal(t.status, 0);
	assert_in_range(t.out_len, 0, size - 1);
	memcpy(said, t.out_buf, t.out_len);
	said[t.out_len] = 0;
	vm_clean(&t);
}

static void own_input(void **state)
{
	static char big[32 * 1024 + 1], said[sizeof(big)];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	with_input(true, "stdin", "", said, sizeof(said));
	assert_string_equal(said, "");
	with_input(true, "stdin", big, said, sizeof(said));
	assert_string_equal(said, big);
	with_input(false, "stdin", "cold", said, sizeof(said));
	assert_string_equal(said, "cold");
}

/* What it did before it was ready is in every clone, and was done once. */
static void goes_on_when_ready(void **state)
{
	char said[3][64];

	(void)state;
	with_input(true, "ready", "one", said[0], sizeof(said[0]));
	with_input(true, "ready", "two", said[1], sizeof(said[1]));
	with_input(false, "ready", "two", said[2], sizeof(said[2]));
	assert_string_equal(said[0] + 17, "one");
	assert_string_equal(said[1] + 17, "two");
	assert_string_equal(said[2] + 17, "two");
	assert_memory_equal(said[0], said[1], 16);
	assert_memory_not_equal(said[0], said[2], 16);
}

static void too_much_input(void **state)
{
	const char *args[] = {"--stdin", "/dev/zero", "--clone", K612,
			      "--",	 "true",      NULL};
	struct vmtest t;

	(void)state;
	vm_whole(&t, args);
	assert_int_equal(t.status, 125);
	assert_one_line(&t, "input is longer than 32768 bytes");
	vm_clean(&t);
}

static void truncated_is_made_anew(void **state)
{
	char path[1024];

	(void)state;
	drop("/bpfsys/templates");
	good_clone();
	templates(path, sizeof(path));
	assert_int_equal(truncate(path, 4096 * 1024), 0);
	mended_clone("damaged or of another version; making it anew");
	templates(path, sizeof(path));
	strcpy(strrchr(path, '/'), "/state");
	assert_int_equal(truncate(path, 4096), 0);
	mended_clone("damaged or of another version; making it anew");
}

static void other_version_is_made_anew(void **state)
{
	char path[1024];
	int fd;

	(void)state;
	drop("/bpfsys/templates");
	good_clone();
	templates(path, sizeof(path));
	strcpy(strrchr(path, '/'), "/info");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, "bpfvm template 0", 16, 0), 16);
	close(fd);
	mended_clone("damaged or of another version; making it anew");
}

/* Neither size nor time tell of it. */
static void garbled_is_made_anew(void **state)
{
	static char junk[4096];
	struct timespec times[2];
	char path[1024];
	struct stat st;
	int fd;

	(void)state;
	drop("/bpfsys/templates");
	good_clone();
	templates(path, sizeof(path));
	strcpy(strrchr(path, '/'), "/state");
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	memset(junk, 0x5a, sizeof(junk));
	assert_int_equal(pwrite(fd, junk, sizeof(junk), 8), sizeof(junk));
	times[0] = st.st_atim;
	times[1] = st.st_mtim;
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
	mended_clone("damaged or of another version; making it anew");
}

static void two_make_one(void **state)
{
	struct vmtest t[2];
	char path[1024];
	int i;

	(void)state;
	drop("/bpfsys/templates");
	for (i = 0; i < 2; i++)
		begin(&t[i], "talk");
	for (i = 0; i < 2; i++) {
		vm_finish(&t[i]);
		assert_string_equal(t[i].err_buf, "to stderr\n");
		check_talk(&t[i]);
	}
	assert_int_equal(templates(path, sizeof(path)), 1);
}

static void twenty_in_a_row(void **state)
{
	struct vmtest t;
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		begin(&t, "identity");
		vm_finish(&t);
		assert_int_equal(t.status, 0);
		assert_int_equal(t.err_len, 0);
		vm_clean(&t);
	}
}

/* A QEMU without mapped-ram is asked for a cold boot, after a word. */
static void old_qemu_boots_cold(void **state)
{
	static const char script[] = "#!/bin/sh\n"
				     "[ \"$1\" = --version ] && "
				     "echo version 7.2 && exit\nexit 3\n";
	char qemu[128];
	const char *args[] = {"--qemu", qemu, "--accel", "tcg", "--clone",
			      K612,	"--", "true",	 NULL};
	struct vmtest t;
	int fd;

	(void)state;
	snprintf(qemu, sizeof(qemu), "%s/old-qemu", cache);
	fd = open(qemu, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	assert_int_equal(write(fd, script, sizeof(script) - 1),
			 sizeof(script) - 1);
	close(fd);
	vm_whole(&t, args);
	assert_int_equal(t.status, 123);
	assert_said(&t, "no clone: QEMU is older than 9.0; booting cold");
	vm_clean(&t);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clone_is_as_good),
		cmocka_unit_test(own_entropy_and_clock),
		cmocka_unit_test(narrow_program),
		cmocka_unit_test(own_arguments),
		cmocka_unit_test(own_input),
		cmocka_unit_test(goes_on_when_ready),
		cmocka_unit_test(too_much_input),
		cmocka_unit_test(truncated_is_made_anew),
		cmocka_unit_test(other_version_is_made_anew),
		cmocka_unit_test(garbled_is_made_anew),
		cmocka_unit_test(two_make_one),
		cmocka_unit_test(twenty_in_a_row),
		cmocka_unit_test(old_qemu_boots_cold),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, own_cache, forget_cache);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Boots guests of other architectures: arm64 and s390x, or those that are named
 * (vm_foreign ARCH...). Those that make setup-cross has not brought are
 * skipped. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmtest.h"

static const char *archs[8] = {"arm64", "s390x"};
static const char *kernel = "debian:6.12";

static const char *probe(const char *arch)
{
	char name[64];

	snprintf(name, sizeof(name), "tests/guest_probe-%s", arch);
	return built(name);
}

/* Debian has no i386 kernels after 6.1. */
static const char *kernel_of(const char *arch)
{
	return strcmp(arch, "i386") ? kernel : "debian:6.1";
}

static void guest(struct vmtest *t, bool clone, const char *arch,
		  const char *how)
{
	const char *args[] = {"--clone", "--arch",    arch, kernel_of(arch),
			      "--",	 probe(arch), how,  NULL};

	if (access(probe(arch), X_OK)) {
		print_message("# not set up for %s: make setup-cross\n", arch);
		skip();
	}
	vm_whole(t, clone ? args : args + 1);
}

/* Every byte value comes through the control port. */
static void talk(void **state)
{
	const char *arch = *state;
	struct vmtest t;
	size_t i;

	guest(&t, false, arch, "talk");
	assert_said(&t, "to stderr\n");
	assert_int_equal(t.status, 7);
	assert_int_equal(t.out_len, 1024 * 1024);
	for (i = 0; i < t.out_len; i++)
		if ((unsigned char)t.out_buf[i] !=
		    (unsigned char)(i * 31 + (i >> 8)))
			fail_msg("byte %zu is wrong", i);
	vm_clean(&t);
}

/* A panic ends QEMU at once and is read from the console. */
static void panics(void **state)
{
	const char *arch = *state;
	struct vmtest t;

	guest(&t, false, arch, "panic");
	assert_int_equal(t.status, 122);
	assert_one_line(&t, "kernel panicked: sysrq triggered crash");
	vm_clean(&t);
}

/* Two of one template, which have drawn random numbers of their own; no word
 * of a cold boot instead. */
static void clones(void **state)
{
	const char *arch = *state;
	struct vmtest t, u;

	guest(&t, true, arch, "identity");
	guest(&u, true, arch, "identity");
	assert_int_equal(t.status, 0);
	assert_int_equal(u.status, 0);
	assert_int_equal(t.err_len, 0);
	assert_int_equal(u.err_len, 0);
	assert_true(t.out_len > 32 && u.out_len > 32);
	assert_memory_not_equal(t.out_buf, u.out_buf, 32);
	vm_clean(&t);
	vm_clean(&u);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		CMUnitTestFunction func;
	} kinds[] = {{"talk", talk}, {"panics", panics}, {"clones", clones}};
	enum { KINDS = 3, MOST = sizeof(archs) / sizeof(*archs) };
	struct CMUnitTest tests[KINDS * MOST];
	char names[KINDS * MOST][40];
	size_t n, i;

	memset(tests, 0, sizeof(tests));
	for (i = 1; i < (size_t)argc && i < MOST; i++) {
		archs[i - 1] = argv[i];
		archs[i] = NULL;
	}
	for (n = 0; n < KINDS * MOST && archs[n / KINDS]; n++) {
		snprintf(names[n], sizeof(names[n]), "%s_%s",
			 kinds[n % KINDS].name, archs[n / KINDS]);
		tests[n].name = names[n];
		tests[n].test_func = kinds[n % KINDS].func;
		tests[n].initial_state = (void *)archs[n / KINDS];
	}
	return _cmocka_run_group_tests("vm_foreign", tests, n, NULL, NULL);
}

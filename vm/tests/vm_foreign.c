/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Boots guests of other architectures: arm64 and s390x, or those that are named
 * (vm_foreign ARCH...). Those that make setup-cross has not brought are
 * skipped. */
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

static void guest(struct vmtest *t, const char *arch, const char *how)
{
	const char *args[] = {
		"--arch", arch, kernel_of(arch), "--", probe(arch), how, NULL};

	if (access(probe(arch), X_OK)) {
		print_message("# not set up for %s: make setup-cross\n", arch);
		skip();
	}
	vm_whole(t, args);
}

/* Every byte value comes through the control port. */
static void talk(void **state)
{
	const char *arch = *state;
	struct vmtest t;
	size_t i;

	guest(&t, arch, "talk");
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

	guest(&t, arch, "panic");
	assert_int_equal(t.status, 122);
	assert_one_line(&t, "kernel panicked: sysrq triggered crash");
	vm_clean(&t);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[2 * sizeof(archs) / sizeof(*archs)];
	char names[2 * sizeof(archs) / sizeof(*archs)][40];
	const size_t most = sizeof(archs) / sizeof(*archs);
	size_t n = 0, i;

	memset(tests, 0, sizeof(tests));
	for (i = 1; i < (size_t)argc && i < most; i++) {
		archs[i - 1] = argv[i];
		archs[i] = NULL;
	}
	for (i = 0; i < most && archs[i]; i++) {
		snprintf(names[n], sizeof(names[n]), "talk_%s", archs[i]);
		tests[n++].test_func = talk;
		snprintf(names[n], sizeof(names[n]), "panics_%s", archs[i]);
		tests[n++].test_func = panics;
	}
	for (i = 0; i < n; i++) {
		tests[i].name = names[i];
		tests[i].initial_state = (void *)archs[i / 2];
	}
	return _cmocka_run_group_tests("vm_foreign", tests, n, NULL, NULL);
}

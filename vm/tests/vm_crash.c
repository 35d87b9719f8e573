/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Faults provoked in a guest, by what stock kernels offer a root program for
 * it; what they do not offer is written to /dev/kmsg as a kernel would. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmtest.h"

#define K612 "debian:6.12"
#define K61  "debian:6.1"

#define PROBE built("tests/guest_probe")

/* Runs it; every line that bpfvm says names the log, which is removed. */
static void whole(struct vmtest *t, const char *const *args, int status)
{
	static const char mark[] = "; console log: ";
	const char *p;
	char path[4096];

	vm_whole(t, args);
	if (t->status != status)
		fail_msg("status %d, not %d; it said: %s", t->status, status,
			 t->err_buf);
	p = strstr(t->err_buf, mark);
	if (!p)
		fail_msg("no console log named in: %s", t->err_buf);
	snprintf(path, sizeof(path), "%s", p + strlen(mark));
	path[strcspn(path, "\n")] = 0;
	assert_int_equal(unlink(path), 0);
}

static void oom_kill(void **state)
{
	const char *const kernels[] = {K612, K61};
	struct vmtest t;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		const char *args[] = {kernels[i], "--", PROBE, "oom", NULL};

		whole(&t, args, 3);
		assert_said(&t, "bpfvm: OOM kill: Out of memory: Killed "
				"process ");
		vm_clean(&t);
	}
}

static void hung_task(void **state)
{
	const char *const kernels[] = {K612, K61};
	struct vmtest t;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		const char *args[] = {kernels[i], "--", PROBE, "hung", NULL};

		whole(&t, args, 3);
		assert_said(&t, "bpfvm: hung task: INFO: task guest_probe:");
		assert_said(&t, " blocked for more than 1 seconds");
		vm_clean(&t);
	}
}

static void reset(void **state)
{
	const char *args[] = {K612, "--", PROBE, "reset", NULL};
	struct vmtest t;

	(void)state;
	whole(&t, args, 122);
	assert_one_line(&t, "guest was reset without a panic");
	vm_clean(&t);
}

static void warning(void **state)
{
	const char *args[] = {"--fatal-warn", K612,	   "--", PROBE,
			      "write",	      "/dev/kmsg", NULL, NULL};
	struct vmtest t;

	(void)state;
	args[6] = "<4>WARNING: CPU: 0 PID: 1 at a.c:1 a+0x1/0x2\n";
	whole(&t, args + 1, 0);
	assert_one_line(&t, "bpfvm: WARNING: at a.c:1 a+0x1/0x2; console");
	vm_clean(&t);
	whole(&t, args, 122);
	assert_one_line(&t, "bpfvm: WARNING: at a.c:1 a+0x1/0x2; console");
	vm_clean(&t);
}

static void broken(void **state)
{
	const char *args[] = {
		K61,	     "--",
		PROBE,	     "write",
		"/dev/kmsg", "<4>BUG: KASAN: use-after-free in a+0x1/0x2\n",
		NULL};
	struct vmtest t;

	(void)state;
	whole(&t, args, 122);
	assert_one_line(&t, "bpfvm: KASAN: BUG: KASAN: use-after-free in a");
	vm_clean(&t);
}

/* Backtraces that were asked for. */
static void no_fault(void **state)
{
	const char *const keys[] = {"l", "t"};
	struct vmtest t;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		const char *args[] = {
			K612,	 "--", PROBE, "write", "/proc/sysrq-trigger",
			keys[i], NULL};

		vm_whole(&t, args);
		assert_int_equal(t.status, 0);
		assert_string_equal(t.err_buf, "");
		vm_clean(&t);
	}
}

/* vm_crash [PATTERN]: only the tests whose names match. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(oom_kill), cmocka_unit_test(hung_task),
		cmocka_unit_test(reset),    cmocka_unit_test(warning),
		cmocka_unit_test(broken),   cmocka_unit_test(no_fault),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("vm_crash", tests, NULL, NULL) != 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Stock kernels broken for real, in every way that they can report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provoke.h"

/* KFENCE is last: 6.1 is built without. */
static const struct provocation all[] = {
	MODULE(warn, WARNING, EXITED),
	MODULE(bug, BUG, SIGNALED),
	MODULE(null, OOPS, SIGNALED),
	MODULE(gpf, OOPS, SIGNALED),
	MODULE(divide, OOPS, SIGNALED),
	MODULE(stack, OOPS, PANIC),
	MODULE(list, CORRUPTION, SIGNALED),
	MODULE(panic, PANIC, PANIC),
	MODULE(atomic, BUG, EXITED),
	MODULE(soft_lockup, SOFT_LOCKUP, EXITED),
	MODULE(rcu_stall, STALL, EXITED),
	MODULE(hung_task, HUNG_TASK, EXITED),
	{"provoke", "triple", BPFVM_REPORT_RESET, NULL, BPFVM_PANIC},
	{"reboot", NULL, BPFVM_REPORT_REBOOT, NULL, BPFVM_PANIC},
	{"poweroff", NULL, BPFVM_REPORT_REBOOT, NULL, BPFVM_PANIC},
	{"panic", NULL, BPFVM_REPORT_PANIC, "sysrq_handle_crash", BPFVM_PANIC},
	MODULE(kfence, KFENCE, EXITED),
};
#define MOST (sizeof(all) / sizeof(*all))

static void find_module(struct ground *g)
{
	char image[4096], why[256], *slash;

	g->missing = "# no bpfvm_provoke.ko for this kernel: see make "
		     "setup-test";
	*g->module = 0;
	if (bpfvm_kernel_resolve(g->kernel, image, sizeof(image), why,
				 sizeof(why)))
		fail_msg("%s", why);
	/* Named for the package that the kernel is out of. */
	slash = strrchr(image, '/');
	*slash = 0;
	slash = strrchr(image, '/');
	if ((size_t)snprintf(g->module, sizeof(g->module),
			     "%s%s/bpfvm_provoke.ko", built("tests/module"),
			     slash) >= sizeof(g->module) ||
	    access(g->module, R_OK))
		*g->module = 0;
}

/* vm_provoke [PATTERN]: only the tests whose names match. */
int main(int argc, char **argv)
{
	struct ground ground[] = {{.name = "6.12", .kernel = "debian:6.12"},
				  {.name = "6.1", .kernel = "debian:6.1"}};
	struct CMUnitTest tests[2 * MOST - 1], *part[2];
	const size_t n[] = {MOST, MOST - 1};
	int ret;
	size_t i;

	for (i = 0; i < 2; i++) {
		find_module(&ground[i]);
		part[i] = provoke_tests(&ground[i], all, n[i]);
		memcpy(tests + i * n[0], part[i], n[i] * sizeof(**part));
	}
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	ret = cmocka_run_group_tests_name("vm_provoke", tests, NULL, NULL);
	for (i = 0; i < 2; i++)
		provoke_free(part[i], n[i]);
	return ret != 0;
}

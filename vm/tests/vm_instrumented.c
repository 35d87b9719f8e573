/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The kernel of make kernel broken in the ways that stock kernels do not see;
 * traces name file and line, as its vmlinux is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provoke.h"

#define LKDTM(kind, report, outcome)                                  \
	{                                                             \
		"lkdtm", #kind, BPFVM_REPORT_##report,                \
			"drivers/misc/lkdtm/bugs.c:", BPFVM_##outcome \
	}

static const struct provocation all[] = {
	LKDTM(WARNING, WARNING, EXITED),
	LKDTM(BUG, BUG, SIGNALED),
	LKDTM(EXCEPTION, OOPS, SIGNALED),
	LKDTM(PANIC, PANIC, PANIC),
	LKDTM(CORRUPT_LIST_ADD, CORRUPTION, EXITED),
	LKDTM(ARRAY_BOUNDS, UBSAN, EXITED),
	{"lkdtm", "SLAB_LINEAR_OVERFLOW", BPFVM_REPORT_KASAN,
	 "drivers/misc/lkdtm/heap.c:", BPFVM_EXITED},
	MODULE(use_after_free, KASAN, EXITED),
	MODULE(out_of_bounds, KASAN, EXITED),
	MODULE(shift, UBSAN, EXITED),
	MODULE(bounds, UBSAN, EXITED),
	MODULE(lock_order, LOCKDEP, EXITED),
	MODULE(rcu_usage, LOCKDEP, EXITED),
	MODULE(lock_held, LOCKDEP, EXITED),
	MODULE(atomic, BUG, EXITED),
	MODULE(soft_lockup, SOFT_LOCKUP, EXITED),
	MODULE(hard_lockup, HARD_LOCKUP, EXITED),
	MODULE(rcu_stall, STALL, EXITED),
	MODULE(hung_task, HUNG_TASK, EXITED),
};
#define MOST (sizeof(all) / sizeof(*all))

/* vm_instrumented [PATTERN]; $BPFVM_DEBUG_KERNEL: the build tree */
int main(int argc, char **argv)
{
	const char *dir = getenv("BPFVM_DEBUG_KERNEL");
	struct ground ground = {.name = "debug",
				.kernel = dir,
				.missing = "# make test-faults builds it"};
	struct CMUnitTest tests[MOST], *made;
	int ret;

	if (dir)
		snprintf(ground.module, sizeof(ground.module), "%s",
			 built("tests/module/debug/bpfvm_provoke.ko"));
	if (access(ground.module, R_OK))
		*ground.module = 0;
	made = provoke_tests(&ground, all, MOST);
	memcpy(tests, made, sizeof(tests));
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	ret = cmocka_run_group_tests_name("vm_instrumented", tests, NULL, NULL);
	provoke_free(made, MOST);
	return ret != 0;
}

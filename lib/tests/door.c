// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What arrives at the kernel, instruction and all: a child makes calls that
 * fail, and its tracer reads the arguments as the kernel sees them. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>

#define NO_PTRACE 77
#define NO_CMD	  0x7654u
#define ATTR	  ((void *)0x123456789abcUL)
#define SIZE	  0x89abcdefu
#define COMMON	  ((struct bpfsys_common_attr *)0x223456789abcUL)
#define CSIZE	  0x99abcdefu

/* Exit status 0: both calls failed, and errno is what they returned. */
static void calls(void)
{
	int ret;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(NO_PTRACE);
	raise(SIGSTOP);
	ret = bpfsys(NO_CMD, ATTR, SIZE);
	if (ret >= 0 || errno != -ret)
		_exit(1);
	ret = bpfsys_common(NO_CMD, ATTR, SIZE, COMMON, CSIZE);
	_exit(ret >= 0 || errno != -ret ? 2 : 0);
}

/* The next bpf(2) of PID, in *INFO; or its exit status. */
static int next_bpf(pid_t pid, struct ptrace_syscall_info *info)
{
	int status;

	for (;;) {
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
		if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
			return status;
		memset(info, 0, sizeof(*info));
		ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(*info), info);
		if (info->op == PTRACE_SYSCALL_INFO_ENTRY &&
		    info->entry.nr == SYS_bpf)
			return -1;
	}
}

static void arguments_arrive(void **state)
{
	struct ptrace_syscall_info info;
	pid_t pid = fork();
	int status;

	(void)state;
	assert_true(pid >= 0);
	if (!pid)
		calls();
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_PTRACE)
		skip();
	ptrace(PTRACE_SETOPTIONS, pid, NULL,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	assert_int_equal(next_bpf(pid, &info), -1);
	assert_int_equal((unsigned int)info.entry.args[0], NO_CMD);
	assert_int_equal(info.entry.args[1], (uintptr_t)ATTR);
	assert_int_equal((unsigned int)info.entry.args[2], SIZE);
	assert_int_equal(next_bpf(pid, &info), -1);
	assert_int_equal((unsigned int)info.entry.args[0],
			 NO_CMD | BPFSYS_COMMON_ATTRS);
	assert_int_equal(info.entry.args[1], (uintptr_t)ATTR);
	assert_int_equal((unsigned int)info.entry.args[2], SIZE);
	assert_int_equal(info.entry.args[3], (uintptr_t)COMMON);
	assert_int_equal((unsigned int)info.entry.args[4], CSIZE);
	assert_int_equal(next_bpf(pid, &info), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments_arrive),
	};

	return cmocka_run_group_tests_name("lib door", tests, NULL, NULL);
}

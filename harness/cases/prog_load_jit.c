// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD with the compiler of programs switched off. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "catalogue.h"
#include "hooks.h"

#define JIT_SWITCH "/proc/sys/net/core/bpf_jit_enable"

/* Returns what it was; skips the case where it cannot be 0. */
static char switch_jit(void **state, char value)
{
	int fd = open(JIT_SWITCH, O_RDWR | O_CLOEXEC);
	char old = 0;

	if (fd < 0 && errno == ENOENT)
		skip_case(state, "no " JIT_SWITCH);
	need(state, "open of " JIT_SWITCH, fd < 0 ? -errno : 0);
	need(state, "read of " JIT_SWITCH, pread(fd, &old, 1, 0) - 1);
	if (old != value && pwrite(fd, &value, 1, 0) != 1) {
		close(fd);
		skip_case(state, JIT_SWITCH " does not take %c", value);
	}
	close(fd);
	return old;
}

void prog_load__kernel_function_without_jit(void **state)
{
	const struct bpf_insn insns[] = {
		CALL_KFUNC((int)need_func_id(state, "bpf_rcu_read_lock")),
		CALL_KFUNC((int)need_func_id(state, "bpf_rcu_read_unlock")),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;
	char old;
	int ret;

	fill_prog(&attr, BPF_PROG_TYPE_SYSCALL, insns, COUNT_OF(insns));
	attr.prog_flags = BPF_F_SLEEPABLE;
	close(load_prog(state, &attr));
	old = switch_jit(state, '0');
	ret = bpfsys_prog_load(&attr);
	switch_jit(state, old);
	close_if_fd(ret);
	expect_errno(state, ret);
}

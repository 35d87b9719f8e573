// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Links to places in a file: the program runs as the code there does. */
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "links.h"

#define F_SLEEPABLE (1u << 4) /* BPF_F_SLEEPABLE */

static void probed(struct hook *hook, void **state)
{
	(void)hook;
	(void)state;
}

/* What is called here is the code that has the probe, no copy of it. */
static hook_fn *volatile call_probed = probed;

/* Counts in counter 0, and adds its cookie to counter 1. */
static int load_counting(void **state, int counters_fd, uint32_t flags)
{
	const struct bpf_insn insns[] = {
		CALL_HELPER(BPF_FUNC_get_attach_cookie),
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_7, 8),
		INSN(BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_1, BPF_REG_0, 0, 0),
		STX(BPF_DW, BPF_REG_7, BPF_REG_1, 8),
		COUNT_AT(BPF_REG_7, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_KPROBE, insns, COUNT_OF(insns));
	attr.expected_attach_type = 48; /* BPF_TRACE_UPROBE_MULTI */
	attr.prog_flags = flags;
	return load_prog(state, &attr);
}

static void check_runs(void **state, uint32_t flags)
{
	static const uint64_t cookie = 1000;
	uint64_t counters[COUNTERS];
	struct hook hook;
	int map_fd, fd;

	hook_uprobe_multi(&hook, state);
	map_fd = make_counters(state);
	close(hook.prog_fd);
	hook.prog_fd = load_counting(state, map_fd, flags);
	hook.attr.prog_fd = (uint32_t)hook.prog_fd;
	hook.offsets[0] = offset_in_file(state, (uintptr_t)probed);
	hook.attr.uprobe_multi.cnt = 1;
	hook.attr.uprobe_multi.cookies = bpfsys_ptr(&cookie);
	fd = bpfsys_link_create(&hook.attr);
	expect_ok(state, "BPF_LINK_CREATE", fd);
	call_probed(&hook, state);
	call_probed(&hook, state);
	close(fd);
	call_probed(&hook, state);
	read_counters(state, map_fd, counters);
	hook_drop(&hook);
	close(map_fd);
	expect_u64(state, "runs while the link is open", 2, counters[0]);
	expect_u64(state, "the sum of the cookies", 2 * cookie, counters[1]);
}

void link_create__uprobes_run(void **state)
{
	check_runs(state, 0);
}

void link_create__uprobes_sleepable(void **state)
{
	check_runs(state, F_SLEEPABLE);
}

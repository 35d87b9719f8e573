// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A link of a program that may sleep, to a place in this program. */
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "links.h"
#include "progs.h"

enum { COPY_FROM_USER = 148, UPROBE_MULTI = 48 };

static volatile uint64_t secret;

/* What is probed. Its address is taken, and it is called by that. */
static __attribute__((noinline)) void probed(void)
{
	secret++;
}

/* Copies SECRET, which may fault, into counter 0. */
static int make_sleeper(void **state, int counters_fd)
{
	uint64_t from = bpfsys_ptr((const void *)&secret);
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_1, BPF_REG_10),
		ADD64_IMM(BPF_REG_1, -8),
		MOV64_IMM(BPF_REG_2, 8),
		INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_3, 0, 0, (int32_t)from),
		INSN(0, 0, 0, 0, (int32_t)(from >> 32)),
		CALL_HELPER(COPY_FROM_USER),
		LD_MAP_VALUE(BPF_REG_2, counters_fd, 0),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_10, -8),
		STX(BPF_DW, BPF_REG_2, BPF_REG_1, 0),
		STX(BPF_DW, BPF_REG_2, BPF_REG_0, 8),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_KPROBE, insns, COUNT_OF(insns));
	attr.prog_flags = BPF_F_SLEEPABLE;
	attr.expected_attach_type = UPROBE_MULTI;
	return load_prog(state, &attr);
}

void link_create__uprobes_of_sleeper(void **state)
{
	void (*volatile call)(void) = probed;
	int fd, prog_fd, map_fd = make_counters(state);
	uint64_t counters[COUNTERS], place;
	struct hook hook;

	hook_uprobe_multi(&hook, state);
	prog_fd = make_sleeper(state, map_fd);
	place = offset_in_file(state, (uintptr_t)probed);
	hook.attr.prog_fd = (uint32_t)prog_fd;
	hook.attr.uprobe_multi.offsets = bpfsys_ptr(&place);
	hook.attr.uprobe_multi.cnt = 1;
	fd = bpfsys_link_create(&hook.attr);
	expect_ok(state, "BPF_LINK_CREATE of a program that sleeps", fd);
	secret = 1000;
	call();
	read_counters(state, map_fd, counters);
	expect_u64(state, "what the program has read", 1000, counters[0]);
	expect_u64(state, "what bpf_copy_from_user said", 0, counters[1]);
	close(fd);
	call();
	read_counters(state, map_fd, counters);
	close(prog_fd);
	close(map_fd);
	hook_drop(&hook);
	expect_u64(state, "what was read without the link", 1000, counters[0]);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD: what the verifier takes from root and not from who has less.
 * Each program is loaded by root first. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_shape.h"
#include "progs.h"
#include "unpriv.h"

#define BPF CAP_BIT(CAP_BPF)

/* BPF_PROG_LOAD by who has CAPS, where the switch lets everybody. */
static int load_with(void **state, uint64_t caps,
		     struct bpfsys_prog_load_attr *attr)
{
	struct unpriv unpriv;
	int ret;

	unpriv_begin(&unpriv, state, '0');
	drop_caps(state, ~caps);
	ret = bpfsys_prog_load(attr);
	regain_caps(state);
	close_if_fd(ret);
	unpriv_end(&unpriv);
	return ret;
}

/* Root may load the program of COUNT instructions; who has CAPS hears what the
 * case's row says. */
static void judge_less(void **state, uint64_t caps, uint32_t type,
		       const struct bpf_insn *insns, uint32_t count)
{
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, type, insns, count);
	expect_load(state, "BPF_PROG_LOAD as root", &attr);
	expect_errno(state, load_with(state, caps, &attr));
}

#define JUDGE_FILTER(state, caps, insns)                            \
	judge_less(state, caps, BPF_PROG_TYPE_SOCKET_FILTER, insns, \
		   COUNT_OF(insns))

/* BPF_MAXINSNS. */
#define LONGEST 4096

void prog_load__long_for_bpf(void **state)
{
	struct bpf_insn *insns = calloc(LONGEST + 1, sizeof(*insns));
	struct bpfsys_prog_load_attr attr;
	int longest, longer;

	need(state, "calloc", insns ? 0 : -ENOMEM);
	for (size_t i = 0; i < LONGEST; i++)
		insns[i] = MOV64_IMM(BPF_REG_0, 0);
	insns[LONGEST - 1] = insns[LONGEST] = EXIT();
	fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, insns, LONGEST);
	longest = load_with(state, 0, &attr);
	insns[LONGEST - 1] = MOV64_IMM(BPF_REG_0, 0);
	attr.insn_cnt = LONGEST + 1;
	longer = load_with(state, 0, &attr);
	expect_ok(state, "with CAP_BPF", load_with(state, BPF, &attr));
	free(insns);
	expect_ok(state, "4096 instructions without CAP_BPF", longest);
	expect_errno(state, longer);
}

void prog_load__pointer_returned(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_0, BPF_REG_10),
		EXIT(),
	};

	JUDGE_FILTER(state, BPF, insns);
}

void prog_load__pointer_compared(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		JMP_REG(BPF_JEQ, BPF_REG_1, BPF_REG_10, 0),
		EXIT(),
	};

	JUDGE_FILTER(state, BPF, insns);
}

void prog_load__pointer_subtracted(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_1, BPF_REG_10),
		INSN(BPF_ALU64 | BPF_SUB | BPF_X, BPF_REG_1, BPF_REG_10, 0, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	JUDGE_FILTER(state, BPF, insns);
}

/* Into the control block, which the sender of the packet may read. */
void prog_load__pointer_in_context(void **state)
{
	const struct bpf_insn insns[] = {
		STX(BPF_W, BPF_REG_1, BPF_REG_10,
		    offsetof(struct __sk_buff, cb[0])),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	JUDGE_FILTER(state, BPF, insns);
}

void prog_load__pointer_in_map(void **state)
{
	int map_fd = make_counters(state);
	const struct bpf_insn insns[] = {
		LD_MAP_VALUE(BPF_REG_1, map_fd, 0),
		STX(BPF_DW, BPF_REG_1, BPF_REG_10, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, insns, COUNT_OF(insns));
	expect_load(state, "BPF_PROG_LOAD as root", &attr);
	ret = load_with(state, BPF, &attr);
	close(map_fd);
	expect_errno(state, ret);
}

void prog_load__loop_for_bpf(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		ADD64_IMM(BPF_REG_0, 1),
		JMP_IMM(BPF_JLT, BPF_REG_0, 3, -2),
		EXIT(),
	};

	JUDGE_FILTER(state, 0, insns);
}

void prog_load__function_for_bpf(void **state)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0, 1),
		EXIT(),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	JUDGE_FILTER(state, 0, insns);
}

void prog_load__helper_for_bpf(void **state)
{
	const struct bpf_insn insns[] = {
		CALL_HELPER(BPF_FUNC_jiffies64),
		EXIT(),
	};

	JUDGE_FILTER(state, 0, insns);
}

void prog_load__helper_for_perfmon(void **state)
{
	const struct bpf_insn insns[] = {
		ST_IMM(BPF_DW, BPF_REG_10, -8, 0),
		MOV64_REG(BPF_REG_1, BPF_REG_10),
		ADD64_IMM(BPF_REG_1, -8),
		MOV64_IMM(BPF_REG_2, 8),
		CALL_HELPER(BPF_FUNC_trace_printk),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	JUDGE_FILTER(state, BPF, insns);
}

/* cg_skb_is_valid_access(): where the packet begins. */
void prog_load__context_for_bpf(void **state)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_W, BPF_REG_0, BPF_REG_1,
		    offsetof(struct __sk_buff, data)),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	judge_less(state, 0, BPF_PROG_TYPE_CGROUP_SKB, insns, COUNT_OF(insns));
}

/* The arena's place is given: a program cannot be loaded without. */
void prog_load__arena_for_perfmon(void **state)
{
	struct shaped shaped;
	int map_fd;

	shape_need(state, SHAPE_ARENA, &shaped);
	shaped.attr.map_extra = 1ull << 44;
	map_fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	const struct bpf_insn insns[] = {
		LD_MAP_FD(BPF_REG_1, map_fd),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, insns, COUNT_OF(insns));
	expect_load(state, "BPF_PROG_LOAD as root", &attr);
	ret = load_with(state, BPF, &attr);
	close(map_fd);
	shape_drop(&shaped);
	expect_errno(state, ret);
}

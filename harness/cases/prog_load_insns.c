// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD: what the verifier refuses, one program for each class. */
#include <errno.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "progs.h"

/* Judges the COUNT instructions of a kernel's array that is no constant. */
#define JUDGE(state, type, insns) \
	judge_insns((state), (type), (insns), COUNT_OF(insns))

#define FILTER BPF_PROG_TYPE_SOCKET_FILTER

void prog_load__unknown_opcode(void **state)
{
	const struct bpf_insn insns[] = {
		INSN(0xff, 0, 0, 0, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	JUDGE(state, FILTER, insns);
}

void prog_load__reserved_field(void **state)
{
	const struct bpf_insn insns[] = {
		INSN(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 5, 0),
		EXIT(),
	};
	const struct bpf_insn exits[] = {
		MOV64_IMM(BPF_REG_0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 1),
	};

	JUDGE(state, FILTER, insns);
	JUDGE(state, FILTER, exits);
}

void prog_load__unknown_register(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		MOV64_IMM(11, 0),
		EXIT(),
	};

	JUDGE(state, FILTER, insns);
}

void prog_load__frame_pointer(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		MOV64_IMM(BPF_REG_10, 0),
		EXIT(),
	};

	JUDGE(state, FILTER, insns);
}

void prog_load__jump_out_of_range(void **state)
{
	const struct bpf_insn beyond[] = {
		MOV64_IMM(BPF_REG_0, 0),
		JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 1),
		EXIT(),
	};
	const struct bpf_insn before[] = {
		MOV64_IMM(BPF_REG_0, 0),
		JMP_IMM(BPF_JEQ, BPF_REG_0, 0, -3),
		EXIT(),
	};

	JUDGE(state, FILTER, beyond);
	JUDGE(state, FILTER, before);
}

void prog_load__no_exit(void **state)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 0)};

	JUDGE(state, FILTER, insns);
}

void prog_load__unreachable(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
		EXIT(),
	};

	JUDGE(state, FILTER, insns);
}

void prog_load__endless_loop(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		INSN(BPF_JMP | BPF_JA, 0, 0, -2, 0),
		EXIT(),
	};
	const struct bpf_insn guarded[] = {
		MOV64_IMM(BPF_REG_0, 0),
		JMP_IMM(BPF_JEQ, BPF_REG_0, 0, -1),
		EXIT(),
	};

	JUDGE(state, FILTER, insns);
	JUDGE(state, FILTER, guarded);
}

void prog_load__half_instruction(void **state)
{
	const struct bpf_insn cut[] = {
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
		INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_0, 0, 0, 0),
	};
	const struct bpf_insn spoilt[] = {
		INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_0, 0, 0, 0),
		INSN(0, 0, 0, 1, 0),
		EXIT(),
	};
	const struct bpf_insn into[] = {
		MOV64_IMM(BPF_REG_0, 0),
		JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 1),
		INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_0, 0, 0, 0),
		INSN(0, 0, 0, 0, 0),
		EXIT(),
	};

	JUDGE(state, FILTER, cut);
	JUDGE(state, FILTER, spoilt);
	JUDGE(state, FILTER, into);
}

void prog_load__division_by_zero(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		ALU64_IMM(BPF_DIV, BPF_REG_0, 0),
		EXIT(),
	};

	JUDGE(state, FILTER, insns);
}

void prog_load__shift_too_far(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		ALU64_IMM(BPF_LSH, BPF_REG_0, 64),
		EXIT(),
	};

	JUDGE(state, FILTER, insns);
}

void prog_load__unknown_helper(void **state)
{
	const struct bpf_insn insns[] = {CALL_HELPER(0x7ffffff), EXIT()};

	JUDGE(state, FILTER, insns);
}

/* The helper is of programs on packets alone. */
void prog_load__helper_of_other_type(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_2, 4),
		CALL_HELPER(BPF_FUNC_xdp_adjust_head),
		EXIT(),
	};

	JUDGE(state, BPF_PROG_TYPE_SCHED_CLS, insns);
}

void prog_load__helper_argument(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_1, 0),
		MOV64_IMM(BPF_REG_2, 0),
		CALL_HELPER(BPF_FUNC_map_lookup_elem),
		EXIT(),
	};

	JUDGE(state, FILTER, insns);
}

void prog_load__result_range(void **state)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 4), EXIT()};

	judge_insns(state, BPF_PROG_TYPE_CGROUP_DEVICE, insns, 2);
}

void prog_load__stack_out_of_bounds(void **state)
{
	const struct bpf_insn above[] = {
		ST_IMM(BPF_DW, BPF_REG_10, 0, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	const struct bpf_insn below[] = {
		ST_IMM(BPF_DW, BPF_REG_10, -520, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	JUDGE(state, FILTER, above);
	JUDGE(state, FILTER, below);
}

/* 512 bytes of stack, no more. */
void prog_load__whole_stack(void **state)
{
	const struct bpf_insn insns[] = {
		ST_IMM(BPF_DW, BPF_REG_10, -512, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, FILTER, insns, COUNT_OF(insns));
	expect_load(state, "a program that uses 512 bytes of stack", &attr);
}

void prog_load__context_out_of_bounds(void **state)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_W, BPF_REG_0, BPF_REG_1, 4096),
		EXIT(),
	};

	JUDGE(state, FILTER, insns);
}

void prog_load__scalar_as_pointer(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_1, 0),
		LDX(BPF_W, BPF_REG_0, BPF_REG_1, 0),
		EXIT(),
	};

	JUDGE(state, FILTER, insns);
}

void prog_load__packet_out_of_bounds(void **state)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_W, BPF_REG_1, BPF_REG_1, 76), /* __sk_buff.data */
		LDX(BPF_B, BPF_REG_0, BPF_REG_1, 0),
		EXIT(),
	};

	JUDGE(state, BPF_PROG_TYPE_SCHED_CLS, insns);
}

/* In a hash map: newer kernels know that an array has its elements. */
static void judge_lookup(void **state, int16_t offset, bool checked)
{
	int map_fd = make_map(state, BPF_MAP_TYPE_HASH, 4, COUNTERS * 8, 1, 0);
	const struct bpf_insn insns[] = {
		ST_IMM(BPF_W, BPF_REG_10, -4, 0),
		MOV64_REG(BPF_REG_2, BPF_REG_10),
		ADD64_IMM(BPF_REG_2, -4),
		LD_MAP_FD(BPF_REG_1, map_fd),
		CALL_HELPER(BPF_FUNC_map_lookup_elem),
		checked ? JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 1)
			: MOV64_IMM(BPF_REG_1, 0),
		LDX(BPF_B, BPF_REG_0, BPF_REG_0, offset),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_prog(&attr, FILTER, insns, COUNT_OF(insns));
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	close(map_fd);
	expect_errno(state, ret);
}

void prog_load__value_or_null(void **state)
{
	judge_lookup(state, 0, false);
}

void prog_load__value_out_of_bounds(void **state)
{
	judge_lookup(state, COUNTERS * 8, true);
	judge_lookup(state, -1, true);
}

/* The main program calls the first of DEPTH functions, each the next one; each
 * uses STACK bytes of stack. */
static int load_calls(uint32_t depth, int16_t stack)
{
	struct bpf_insn insns[4 * 64];
	struct bpfsys_prog_load_attr attr;
	uint32_t n = 0;

	for (uint32_t i = 0; i <= depth && n < COUNT_OF(insns); i++) {
		insns[n++] = ST_IMM(BPF_B, BPF_REG_10, (int16_t)-stack, 0);
		insns[n++] = MOV64_IMM(BPF_REG_0, 0);
		/* The next function starts behind this one's exit. */
		insns[n++] = i < depth ? INSN(BPF_JMP | BPF_CALL, 0,
					      BPF_PSEUDO_CALL, 0, 1)
				       : MOV64_IMM(BPF_REG_0, 0);
		insns[n++] = EXIT();
	}
	fill_prog(&attr, FILTER, insns, n);
	return bpfsys_prog_load(&attr);
}

/* MAX_CALL_FRAMES: 8, and 16 in newer kernels. The main program is the first
 * frame. */
static uint32_t max_call_frames(void **state)
{
	uint32_t offset, size;

	if (!kernel_member("bpf_verifier_state.frame", &offset, &size))
		skip_case(state, "the kernel's BTF does not say how many "
				 "frames bpf_verifier_state has");
	return size / sizeof(uint64_t);
}

void prog_load__calls_too_deep(void **state)
{
	uint32_t frames = max_call_frames(state);
	int ret = load_calls(frames - 1, 8);

	expect_true(state, "the verifier has 8 or 16 frames",
		    frames == 8 || frames == 16);
	close_if_fd(ret);
	expect_ok(state, "as many calls as there are frames", ret);
	ret = load_calls(frames, 8);
	close_if_fd(ret);
	expect_errno(state, ret);
}

/* Together, functions that call each other have 512 bytes, too. */
void prog_load__stack_of_calls(void **state)
{
	int ret = load_calls(1, 256);

	close_if_fd(ret);
	expect_ok(state, "two functions of 256 bytes of stack each", ret);
	ret = load_calls(1, 257);
	close_if_fd(ret);
	expect_errno(state, ret);
}

/* The main program calls COUNT functions, one after the other. */
static int load_functions(uint32_t count)
{
	struct bpf_insn insns[3 * 256 + 2];
	struct bpfsys_prog_load_attr attr;
	uint32_t n = 0;
	int ret;

	for (uint32_t i = 0; i < count; i++)
		/* Behind the other calls and the exit; two instructions each.
		 */
		insns[n++] = INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_CALL, 0,
				  (int32_t)(count - i - 1 + 2 + 2 * i));
	for (uint32_t i = 0; i <= count; i++) {
		insns[n++] = MOV64_IMM(BPF_REG_0, 0);
		insns[n++] = EXIT();
	}
	fill_prog(&attr, FILTER, insns, n);
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	return ret;
}

/* BPF_MAX_SUBPROGS; the main program is one of them. */
void prog_load__too_many_functions(void **state)
{
	expect_ok(state, "256 functions", load_functions(255));
	expect_errno(state, load_functions(256));
}

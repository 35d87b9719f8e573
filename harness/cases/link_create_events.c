// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_CREATE at perf events: counters and tracepoints. */
#include <string.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "catalogue.h"
#include "links.h"
#include "probes.h"

static void add_flag(struct hook *hook)
{
	hook->attr.flags = 1;
}

static void set_target(struct hook *hook)
{
	hook->attr.target_fd = (uint32_t)hook->other_fd;
}

void link_create__event_flags(void **state)
{
	judge_link(state, hook_perf_event, add_flag);
}

static void close_target(struct hook *hook)
{
	hook->attr.target_fd = CLOSED_FD;
}

void link_create__event_closed(void **state)
{
	judge_link(state, hook_perf_event, close_target);
}

void link_create__not_an_event(void **state)
{
	judge_link(state, hook_perf_event, set_target);
}

static void other_program(struct hook *hook)
{
	hook->attr.prog_fd = (uint32_t)hook->other_fd;
}

void link_create__event_taken(void **state)
{
	judge_second_link(state, hook_perf_event, other_program);
}

static void name_tracepoint(struct hook *hook)
{
	close(hook->other_fd);
	hook->other_fd =
		make_verdict_prog(hook->state, BPF_PROG_TYPE_TRACEPOINT, 0);
	hook->attr.prog_fd = (uint32_t)hook->other_fd;
}

void link_create__event_of_other_type(void **state)
{
	judge_link(state, hook_perf_event, name_tracepoint);
}

/* Links a program that reads the byte at OFFSET of what the tracepoint tells.
 */
static int link_reader(struct probe *probe, void **state, int16_t offset)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_B, BPF_REG_0, BPF_REG_1, offset),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	int ret;

	close(probe->prog_fd);
	probe->prog_fd = make_hook_prog(state, BPF_PROG_TYPE_TRACEPOINT, insns,
					COUNT_OF(insns));
	ret = link_probe(probe, 0);
	close_if_fd(ret);
	return ret;
}

void link_create__beyond_tracepoint(void **state)
{
	struct probe probe;
	struct hook hook;
	int last, ret;
	int16_t size;

	hook_perf_event(&hook, state); /* the kernel has such links */
	hook_drop(&hook);
	make_probe(&probe, state, PROBE_TRACEPOINT);
	size = (int16_t)tracepoint_size(state);
	last = link_reader(&probe, state, (int16_t)(size - 1));
	ret = link_reader(&probe, state, size);
	drop_probe(&probe);
	expect_ok(state, "a program that reads the tracepoint's last byte",
		  last);
	expect_errno(state, ret);
}

/* BPF_TRACE_MAX_PROGS; an event has one program. */
void link_create__tracepoint_full(void **state)
{
	enum { MOST = 64 };
	struct probe probes[MOST + 1];
	int fds[MOST + 1], full = 0, ret;
	struct hook hook;

	hook_perf_event(&hook, state); /* the kernel has such links */
	hook_drop(&hook);
	for (size_t i = 0; i <= MOST; i++) {
		make_probe(&probes[i], state, PROBE_TRACEPOINT);
		fds[i] = link_probe(&probes[i], 0);
		if (i < MOST && fds[i] < 0)
			full = fds[i];
	}
	ret = fds[MOST];
	for (size_t i = 0; i <= MOST; i++) {
		close_if_fd(fds[i]);
		drop_probe(&probes[i]);
	}
	expect_ok(state, "64 programs at a tracepoint", full);
	expect_errno(state, ret);
}

static void name_stack_reader(struct hook *hook)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_2, BPF_REG_10),
		ADD64_IMM(BPF_REG_2, -8),
		MOV64_IMM(BPF_REG_3, 8),
		MOV64_IMM(BPF_REG_4, 0),
		CALL_HELPER(BPF_FUNC_get_stack),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	close(hook->other_fd);
	hook->other_fd = make_hook_prog(hook->state, BPF_PROG_TYPE_PERF_EVENT,
					insns, COUNT_OF(insns));
	hook->attr.prog_fd = (uint32_t)hook->other_fd;
}

/* Links a program that asks for the stack to an event that is PRECISE, with
 * SAMPLED in its samples. */
static int link_stack_reader(void **state, bool precise, uint64_t sampled)
{
	struct perf_event_attr event;
	struct hook hook;
	int ret;

	hook_perf_event(&hook, state);
	name_stack_reader(&hook);
	memset(&event, 0, sizeof(event));
	event.precise_ip = precise;
	event.sample_type = sampled;
	close(hook.target_fd);
	hook.target_fd = open_own_event(state, &event);
	hook.attr.target_fd = (uint32_t)hook.target_fd;
	ret = bpfsys_link_create(&hook.attr);
	close_if_fd(ret);
	hook_drop(&hook);
	return ret;
}

/* Software events are never imprecise: the flag is taken of them, too. */
void link_create__precise_without_callchain(void **state)
{
	expect_ok(state, "an event that is not precise",
		  link_stack_reader(state, false, 0));
	expect_ok(state, "a precise event with PERF_SAMPLE_CALLCHAIN",
		  link_stack_reader(state, true, PERF_SAMPLE_CALLCHAIN));
	expect_errno(state, link_stack_reader(state, true, 0));
}

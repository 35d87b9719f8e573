// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_CREATE at functions and iterators. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "links.h"

static void nothing(struct hook *hook)
{
	(void)hook;
}

static void add_flag(struct hook *hook)
{
	hook->attr.flags = 1;
}

static void set_target(struct hook *hook)
{
	hook->attr.target_fd = (uint32_t)hook->other_fd;
}

void link_create__target_without_btf_id(void **state)
{
	judge_link(state, hook_fentry, set_target);
}

static void set_btf_id(struct hook *hook)
{
	hook->attr.target_btf_id = 1;
}

void link_create__btf_id_without_target(void **state)
{
	judge_link(state, hook_fentry, set_btf_id);
}

void link_create__function_twice(void **state)
{
	judge_second_link(state, hook_fentry, nothing);
}

static void bend_attach_type(struct hook *hook)
{
	hook->attr.attach_type = BPF_TRACE_FEXIT;
}

void link_create__other_than_expected(void **state)
{
	judge_link(state, hook_fentry, bend_attach_type);
}

void link_create__iter_flags(void **state)
{
	judge_link(state, hook_iter, add_flag);
}

void link_create__iter_target(void **state)
{
	judge_link(state, hook_iter, set_target);
}

static uint8_t iter_info[64];

static void info_without_size(struct hook *hook)
{
	hook->attr.iter_info = bpfsys_ptr(iter_info);
}

static void size_without_info(struct hook *hook)
{
	hook->attr.iter_info_len = 8;
}

void link_create__iter_info_without_size(void **state)
{
	judge_link(state, hook_iter, info_without_size);
	judge_link(state, hook_iter, size_without_info);
}

static void info_with_tail(struct hook *hook)
{
	memset(iter_info, 0, sizeof(iter_info));
	iter_info[sizeof(iter_info) - 1] = 1;
	hook->attr.iter_info = bpfsys_ptr(iter_info);
	hook->attr.iter_info_len = sizeof(iter_info);
}

void link_create__iter_info_tail(void **state)
{
	judge_link(state, hook_iter, info_with_tail);
}

static void lose_info(struct hook *hook)
{
	hook->attr.iter_info = BAD_ADDRESS;
	hook->attr.iter_info_len = 4;
}

void link_create__unreadable_iter_info(void **state)
{
	judge_link(state, hook_iter, lose_info);
}

void link_create__kprobes_flags(void **state)
{
	judge_link(state, hook_kprobe_multi, add_flag);
}

static void own_flag(struct hook *hook)
{
	hook->attr.kprobe_multi.flags = 2;
}

void link_create__kprobes_own_flags(void **state)
{
	judge_link(state, hook_kprobe_multi, own_flag);
}

static void no_kprobes(struct hook *hook)
{
	hook->attr.kprobe_multi.cnt = 0;
}

void link_create__no_kprobes(void **state)
{
	judge_link(state, hook_kprobe_multi, no_kprobes);
}

static void neither(struct hook *hook)
{
	hook->attr.kprobe_multi.syms = 0;
}

static void both(struct hook *hook)
{
	hook->attr.kprobe_multi.addrs = hook->attr.kprobe_multi.syms;
}

void link_create__kprobes_symbols_or_addresses(void **state)
{
	judge_link(state, hook_kprobe_multi, neither);
	judge_link(state, hook_kprobe_multi, both);
}

static void bad_symbols(struct hook *hook)
{
	hook->attr.kprobe_multi.syms = BAD_ADDRESS;
}

static void bad_addresses(struct hook *hook)
{
	hook->attr.kprobe_multi.syms = 0;
	hook->attr.kprobe_multi.addrs = BAD_ADDRESS;
}

static void bad_cookies(struct hook *hook)
{
	hook->attr.kprobe_multi.cookies = BAD_ADDRESS;
}

void link_create__unreadable_kprobes(void **state)
{
	judge_link(state, hook_kprobe_multi, bad_symbols);
	judge_link(state, hook_kprobe_multi, bad_addresses);
	judge_link(state, hook_kprobe_multi, bad_cookies);
}

static void no_symbol(struct hook *hook)
{
	hook->symbols[0] = bpfsys_ptr("no_such_function_at_all");
	hook->attr.kprobe_multi.cnt = 1;
}

void link_create__kprobes_no_symbol(void **state)
{
	judge_link(state, hook_kprobe_multi, no_symbol);
}

/* The program was loaded for one probe. */
static void single_kprobe(struct hook *hook)
{
	close(hook->other_fd);
	hook->other_fd =
		make_verdict_prog(hook->state, BPF_PROG_TYPE_KPROBE, 0);
	hook->attr.prog_fd = (uint32_t)hook->other_fd;
}

void link_create__kprobes_of_single(void **state)
{
	judge_link(state, hook_kprobe_multi, single_kprobe);
}

static void uprobe_flag(struct hook *hook)
{
	hook->attr.uprobe_multi.flags = 2;
}

void link_create__uprobes_own_flags(void **state)
{
	judge_link(state, hook_uprobe_multi, uprobe_flag);
}

static void no_path(struct hook *hook)
{
	hook->attr.uprobe_multi.path = 0;
}

static void no_offsets(struct hook *hook)
{
	hook->attr.uprobe_multi.offsets = 0;
}

static void no_uprobes(struct hook *hook)
{
	hook->attr.uprobe_multi.cnt = 0;
}

void link_create__uprobes_incomplete(void **state)
{
	judge_link(state, hook_uprobe_multi, no_path);
	judge_link(state, hook_uprobe_multi, no_offsets);
	judge_link(state, hook_uprobe_multi, no_uprobes);
}

static void too_many(struct hook *hook)
{
	hook->attr.uprobe_multi.cnt = (1u << 20) + 1;
}

void link_create__too_many_uprobes(void **state)
{
	judge_link(state, hook_uprobe_multi, too_many);
}

static void bad_path(struct hook *hook)
{
	hook->attr.uprobe_multi.path = BAD_ADDRESS;
}

static void bad_offsets(struct hook *hook)
{
	hook->attr.uprobe_multi.offsets = BAD_ADDRESS;
}

void link_create__unreadable_uprobes(void **state)
{
	judge_link(state, hook_uprobe_multi, bad_path);
	judge_link(state, hook_uprobe_multi, bad_offsets);
}

static void missing_path(struct hook *hook)
{
	hook->attr.uprobe_multi.path = bpfsys_ptr("/no/such/file");
}

void link_create__uprobes_no_file(void **state)
{
	judge_link(state, hook_uprobe_multi, missing_path);
}

static void directory(struct hook *hook)
{
	hook->attr.uprobe_multi.path = bpfsys_ptr("/");
}

void link_create__uprobes_not_a_file(void **state)
{
	judge_link(state, hook_uprobe_multi, directory);
}

static void no_task(struct hook *hook)
{
	hook->attr.uprobe_multi.pid = INT32_MAX;
}

void link_create__uprobes_no_task(void **state)
{
	judge_link(state, hook_uprobe_multi, no_task);
}

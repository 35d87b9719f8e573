// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Hooks of every family that a VM can host. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/perf_event.h>

#include "kernel.h"
#include "lacking.h"
#include "links.h"

#define LOOPBACK 1

static void begin(struct hook *hook, void **state)
{
	memset(hook, 0, sizeof(*hook));
	hook->state = state;
	hook->prog_fd = hook->other_fd = hook->target_fd = -1;
}

/* Two programs of TYPE that return RESULT, loaded for ATTACH_TYPE and with the
 * kernel function BTF_ID, are to be attached as ATTACH_TYPE. */
static void load_two(struct hook *hook, uint32_t type, uint32_t attach_type,
		     uint32_t btf_id, int32_t result)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, result), EXIT()};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, type, insns, COUNT_OF(insns));
	attr.expected_attach_type = attach_type;
	attr.attach_btf_id = btf_id;
	hook->prog_fd = load_prog(hook->state, &attr);
	hook->other_fd = load_prog(hook->state, &attr);
	hook->attr.prog_fd = (uint32_t)hook->prog_fd;
	hook->attr.attach_type = attach_type;
}

void hook_drop(struct hook *hook)
{
	close_if_fd(hook->prog_fd);
	close_if_fd(hook->other_fd);
	close_if_fd(hook->target_fd);
}

int link_update_to(int fd, int prog_fd)
{
	struct bpfsys_link_update_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_fd = (uint32_t)fd;
	attr.new_prog_fd = (uint32_t)prog_fd;
	return bpfsys_link_update(&attr);
}

int link_detach(int fd)
{
	struct bpfsys_link_detach_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_fd = (uint32_t)fd;
	return bpfsys_link_detach(&attr);
}

uint32_t link_prog_id(void **state, int fd)
{
	struct bpfsys_link_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	return info.prog_id;
}

void hook_xdp(struct hook *hook, void **state)
{
	begin(hook, state);
	load_two(hook, BPF_PROG_TYPE_XDP, BPF_XDP, 0, XDP_PASS);
	hook->attr.target_ifindex = LOOPBACK;
	hook->attr.flags = XDP_FLAGS_SKB_MODE;
}

void hook_tcx(struct hook *hook, void **state)
{
	if (!kernel_offers(state, "bpf_attr.link_create.tcx.expected_revision",
			   BPFSYS_KV(6, 6)))
		skip_link(state, "tcx",
			  make_trivial_prog(state, BPF_PROG_TYPE_SCHED_CLS, 0,
					    0),
			  BPFABI_TCX_EGRESS);
	begin(hook, state);
	load_two(hook, BPF_PROG_TYPE_SCHED_CLS, BPFABI_TCX_EGRESS, 0, -1);
	hook->attr.target_ifindex = LOOPBACK;
}

static void open_netns(struct hook *hook)
{
	hook->target_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	need(hook->state, "open of /proc/self/ns/net",
	     hook->target_fd < 0 ? -errno : 0);
	hook->attr.target_fd = (uint32_t)hook->target_fd;
}

void hook_netns(struct hook *hook, void **state)
{
	begin(hook, state);
	load_two(hook, BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_FLOW_DISSECTOR, 0, 0);
	open_netns(hook);
}

void hook_sk_lookup(struct hook *hook, void **state)
{
	begin(hook, state);
	load_two(hook, BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, 0, SK_PASS);
	open_netns(hook);
}

void hook_sockmap(struct hook *hook, void **state)
{
	if (!kernel_offers(state, "bpf_link_info.sockmap.map_id",
			   BPFSYS_KV(6, 10)))
		skip_link(state, "sockmaps",
			  make_trivial_prog(state, BPF_PROG_TYPE_SK_SKB,
					    BPF_SK_SKB_STREAM_VERDICT, 0),
			  BPF_SK_SKB_STREAM_VERDICT);
	begin(hook, state);
	load_two(hook, BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_STREAM_VERDICT, 0,
		 SK_PASS);
	hook->target_fd = make_map(state, BPF_MAP_TYPE_SOCKMAP, 4, 4, 4, 0);
	hook->attr.target_fd = (uint32_t)hook->target_fd;
}

void hook_netfilter(struct hook *hook, void **state)
{
	if (!kernel_offers(state, "bpf_attr.link_create.netfilter.pf",
			   BPFSYS_KV(6, 4)))
		skip_link(state, "netfilter",
			  make_trivial_prog(state, BPF_PROG_TYPE_SOCKET_FILTER,
					    0, 0),
			  45 /* BPF_NETFILTER */);
	begin(hook, state);
	load_two(hook, BPFABI_PROG_TYPE_NETFILTER, 45 /* BPF_NETFILTER */, 0,
		 NF_ACCEPT);
	hook->attr.netfilter.pf = NFPROTO_IPV4;
	hook->attr.netfilter.hooknum = NF_INET_LOCAL_OUT;
	hook->attr.netfilter.priority = -4711;
}

static void hook_tracing(struct hook *hook, void **state, uint32_t attach_type,
			 const char *func)
{
	begin(hook, state);
	load_two(hook, BPF_PROG_TYPE_TRACING, attach_type,
		 need_func_id(state, func), 0);
}

/* Links to a function of the kernel are as new as their cookie. */
void hook_fentry(struct hook *hook, void **state)
{
	hook_tracing(hook, state, BPF_TRACE_FENTRY, "bpf_fentry_test1");
	if (kernel_offers(state, "bpf_attr.link_create.tracing.cookie",
			  BPFSYS_KV(6, 0)))
		return;
	close(hook->other_fd);
	skip_link(state, "tracing programs", hook->prog_fd, BPF_TRACE_FENTRY);
}

void hook_iter(struct hook *hook, void **state)
{
	hook_tracing(hook, state, BPF_TRACE_ITER, "bpf_iter_bpf_map");
}

int open_own_event(void **state, struct perf_event_attr *event)
{
	int fd;

	event->size = sizeof(*event);
	event->type = PERF_TYPE_SOFTWARE;
	event->config = PERF_COUNT_SW_CONTEXT_SWITCHES;
	event->sample_period = INT32_MAX;
	fd = (int)syscall(SYS_perf_event_open, event, 0, -1, -1,
			  PERF_FLAG_FD_CLOEXEC);
	return need(state, "perf_event_open", fd < 0 ? -errno : fd);
}

void hook_perf_event(struct hook *hook, void **state)
{
	struct perf_event_attr event;

	if (!kernel_offers(state, "bpf_attr.link_create.perf_event.bpf_cookie",
			   BPFSYS_KV(5, 15)))
		skip_link(state, "perf events",
			  make_trivial_prog(state, BPF_PROG_TYPE_PERF_EVENT, 0,
					    0),
			  BPF_PERF_EVENT);
	begin(hook, state);
	load_two(hook, BPF_PROG_TYPE_PERF_EVENT, BPF_PERF_EVENT, 0, 0);
	memset(&event, 0, sizeof(event));
	hook->target_fd = open_own_event(state, &event);
	hook->attr.target_fd = (uint32_t)hook->target_fd;
	hook->attr.perf_event.bpf_cookie = 0x123456789abc;
}

/* A kernel built without OPTION says EOPNOTSUPP to what is good, and to all
 * else: nothing of it can be judged. */
static void need_built_in(struct hook *hook, const char *option)
{
	int ret = bpfsys_link_create(&hook->attr);

	close_if_fd(ret);
	if (ret == -EOPNOTSUPP)
		skip_case(hook->state,
			  "the kernel is built without %s: BPF_LINK_CREATE is "
			  "EOPNOTSUPP",
			  option);
	need(hook->state, "BPF_LINK_CREATE", ret);
}

void hook_kprobe_multi(struct hook *hook, void **state)
{
	static const uint64_t cookies[] = {1, 2};

	if (!kernel_offers(state, "bpf_attr.link_create.kprobe_multi.cnt",
			   BPFSYS_KV(5, 18)))
		skip_link(state, "kprobe_multi",
			  make_trivial_prog(state, BPF_PROG_TYPE_KPROBE, 0, 0),
			  42 /* BPF_TRACE_KPROBE_MULTI */);
	begin(hook, state);
	load_two(hook, BPF_PROG_TYPE_KPROBE, 42 /* BPF_TRACE_KPROBE_MULTI */, 0,
		 0);
	hook->symbols[0] = bpfsys_ptr("bpf_fentry_test1");
	hook->symbols[1] = bpfsys_ptr("bpf_fentry_test2");
	hook->attr.kprobe_multi.syms = bpfsys_ptr(hook->symbols);
	hook->attr.kprobe_multi.cookies = bpfsys_ptr(cookies);
	hook->attr.kprobe_multi.cnt = COUNT_OF(hook->symbols);
	need_built_in(hook, "CONFIG_FPROBE");
}

unsigned long offset_in_file(void **state, uintptr_t at)
{
	uintptr_t start, end, offset;
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long found = 0;
	char line[512];

	need(state, "fopen of /proc/self/maps", maps ? 0 : -errno);
	while (!found && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*s %" SCNxPTR,
			   &start, &end, &offset) == 3 &&
		    at >= start && at < end)
			found = at - start + offset;
	fclose(maps);
	need(state, "the map of the code in /proc/self/maps",
	     found ? 0 : -ENOENT);
	return found;
}

void hook_uprobe_multi(struct hook *hook, void **state)
{
	if (!kernel_offers(state, "bpf_attr.link_create.uprobe_multi.cnt",
			   BPFSYS_KV(6, 6)))
		skip_link(state, "uprobe_multi",
			  make_trivial_prog(state, BPF_PROG_TYPE_KPROBE, 0, 0),
			  48 /* BPF_TRACE_UPROBE_MULTI */);
	begin(hook, state);
	load_two(hook, BPF_PROG_TYPE_KPROBE, 48 /* BPF_TRACE_UPROBE_MULTI */, 0,
		 0);
	hook->attr.uprobe_multi.path = bpfsys_ptr("/proc/self/exe");
	hook->offsets[0] = offset_in_file(state, (uintptr_t)hook_xdp);
	hook->offsets[1] = offset_in_file(state, (uintptr_t)hook_tcx);
	hook->attr.uprobe_multi.offsets = bpfsys_ptr(hook->offsets);
	hook->attr.uprobe_multi.cnt = COUNT_OF(hook->offsets);
	need_built_in(hook, "CONFIG_UPROBES");
}

void judge_link(void **state, hook_fn *make, hook_change *change)
{
	struct hook hook;
	int ret;

	make(&hook, state);
	change(&hook);
	ret = bpfsys_link_create(&hook.attr);
	close_if_fd(ret);
	hook_drop(&hook);
	expect_errno(state, ret);
}

void judge_second_link(void **state, hook_fn *make, hook_change *change)
{
	struct hook hook;
	int first, ret;

	make(&hook, state);
	first = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook.attr));
	change(&hook);
	ret = bpfsys_link_create(&hook.attr);
	close_if_fd(ret);
	close(first);
	hook_drop(&hook);
	expect_errno(state, ret);
}

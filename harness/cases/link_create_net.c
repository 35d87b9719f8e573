// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_CREATE at network devices and namespaces, maps of sockets, and
 * netfilter. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_link.h>

#include "catalogue.h"
#include "kernel.h"
#include "links.h"
#include "tcx.h"

static void no_device(struct hook *hook)
{
	hook->attr.target_ifindex = INT32_MAX;
}

static void nothing(struct hook *hook)
{
	(void)hook;
}

static void other_program(struct hook *hook)
{
	hook->attr.prog_fd = (uint32_t)hook->other_fd;
}

static void close_target(struct hook *hook)
{
	hook->attr.target_fd = CLOSED_FD;
}

static void name_program(struct hook *hook)
{
	hook->attr.target_fd = (uint32_t)hook->other_fd;
}

static void add_flag(struct hook *hook)
{
	hook->attr.flags |= 1u << 31;
}

void link_create__xdp_no_device(void **state)
{
	judge_link(state, hook_xdp, no_device);
}

static void two_modes(struct hook *hook)
{
	hook->attr.flags = XDP_FLAGS_SKB_MODE | XDP_FLAGS_DRV_MODE;
}

void link_create__xdp_modes(void **state)
{
	judge_link(state, hook_xdp, two_modes);
}

static void update_flag(struct hook *hook)
{
	hook->attr.flags |= XDP_FLAGS_UPDATE_IF_NOEXIST;
}

void link_create__xdp_flags(void **state)
{
	judge_link(state, hook_xdp, update_flag);
	judge_link(state, hook_xdp, add_flag);
}

static void native(struct hook *hook)
{
	hook->attr.flags = XDP_FLAGS_DRV_MODE;
}

void link_create__xdp_not_native(void **state)
{
	judge_link(state, hook_xdp, native);
}

void link_create__xdp_taken(void **state)
{
	judge_second_link(state, hook_xdp, other_program);
}

static void for_map(struct hook *hook)
{
	hook->attr.attach_type = BPF_XDP_DEVMAP;
}

void link_create__xdp_attach_type(void **state)
{
	judge_link(state, hook_xdp, for_map);
}

void link_create__tcx_no_device(void **state)
{
	judge_link(state, hook_tcx, no_device);
}

void link_create__tcx_same_program(void **state)
{
	judge_second_link(state, hook_tcx, nothing);
}

static void stale(struct hook *hook)
{
	hook->attr.tcx.expected_revision = 99;
}

void link_create__tcx_revision(void **state)
{
	judge_link(state, hook_tcx, stale);
}

static void before_nobody(struct hook *hook)
{
	hook->attr.flags = BPFABI_F_BEFORE;
	hook->attr.tcx.relative_fd = (uint32_t)hook->other_fd;
}

void link_create__tcx_anchor_not_there(void **state)
{
	judge_link(state, hook_tcx, before_nobody);
}

static void before_closed(struct hook *hook)
{
	hook->attr.flags = BPFABI_F_BEFORE;
	hook->attr.tcx.relative_fd = CLOSED_FD;
}

void link_create__tcx_anchor_closed(void **state)
{
	judge_link(state, hook_tcx, before_closed);
}

static void not_a_link(struct hook *hook)
{
	hook->attr.flags = BPFABI_F_BEFORE | BPFABI_F_LINK;
	hook->attr.tcx.relative_fd = (uint32_t)hook->other_fd;
}

void link_create__tcx_anchor_not_a_link(void **state)
{
	judge_link(state, hook_tcx, not_a_link);
}

void link_create__tcx_flags(void **state)
{
	judge_link(state, hook_tcx, add_flag);
}

/* Before another link, by descriptor and by id. */
void link_create__tcx_positions(void **state)
{
	struct bpfsys_link_create_attr attr;
	struct tcx_list list;
	struct tcx tcx;
	int fd;

	tcx_make(&tcx, state);
	tcx_fill_link(&tcx, &attr, 0);
	tcx.link_fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&attr));
	tcx_fill_link(&tcx, &attr, 1);
	attr.flags = BPFABI_F_BEFORE | BPFABI_F_LINK;
	attr.tcx.relative_fd = (uint32_t)tcx.link_fd;
	fd = bpfsys_link_create(&attr);
	expect_ok(state, "BPF_F_BEFORE | BPF_F_LINK", fd);
	expect_ok(state, "BPF_PROG_QUERY", tcx_query(&list, 4));
	tcx_expect(&tcx, "the new one before the link", "10", &list);
	close(fd);
	attr.flags = BPFABI_F_AFTER | BPFABI_F_LINK | BPFABI_F_ID;
	attr.tcx.relative_id = id_of_link(state, tcx.link_fd);
	fd = bpfsys_link_create(&attr);
	expect_ok(state, "BPF_F_AFTER | BPF_F_LINK | BPF_F_ID", fd);
	expect_ok(state, "BPF_PROG_QUERY", tcx_query(&list, 4));
	tcx_expect(&tcx, "the new one after the link", "01", &list);
	close(fd);
	tcx_drop(&tcx);
}

void link_create__netns_flags(void **state)
{
	judge_link(state, hook_netns, add_flag);
	judge_link(state, hook_sk_lookup, add_flag);
}

void link_create__netns_closed(void **state)
{
	judge_link(state, hook_netns, close_target);
}

void link_create__not_a_netns(void **state)
{
	judge_link(state, hook_netns, name_program);
}

/* A flow dissector is alone; of socket lookups there may be 64. */
void link_create__netns_full(void **state)
{
	judge_second_link(state, hook_netns, other_program);
}

void link_create__lookups_full(void **state)
{
	struct hook hook;
	int fds[65], ret = 0, n = 0;

	hook_sk_lookup(&hook, state);
	while (n < 65 && ret >= 0)
		fds[n++] = ret = bpfsys_link_create(&hook.attr);
	for (int i = 0; i < n; i++)
		close_if_fd(fds[i]);
	hook_drop(&hook);
	expect_u64(state, "number of the link that is refused", 65,
		   (uint64_t)n);
	expect_errno(state, ret);
}

static void attach_directly(struct hook *hook)
{
	struct bpfsys_prog_attach_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.attach_bpf_fd = (uint32_t)hook->other_fd;
	attr.attach_type = BPF_FLOW_DISSECTOR;
	need(hook->state, "BPF_PROG_ATTACH", bpfsys_prog_attach(&attr));
}

void link_create__netns_has_program(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct hook hook;
	int ret;

	hook_netns(&hook, state);
	attach_directly(&hook);
	ret = bpfsys_link_create(&hook.attr);
	close_if_fd(ret);
	memset(&attr, 0, sizeof(attr));
	attr.attach_bpf_fd = (uint32_t)hook.other_fd;
	attr.attach_type = BPF_FLOW_DISSECTOR;
	need(state, "BPF_PROG_DETACH", bpfsys_prog_detach(&attr));
	hook_drop(&hook);
	expect_errno(state, ret);
}

void link_create__sockmap_flags(void **state)
{
	judge_link(state, hook_sockmap, add_flag);
}

void link_create__sockmap_closed(void **state)
{
	judge_link(state, hook_sockmap, close_target);
}

void link_create__not_a_sockmap(void **state)
{
	judge_link(state, hook_sockmap, name_program);
}

static void name_array(struct hook *hook)
{
	close(hook->target_fd);
	hook->target_fd = make_counters(hook->state);
	hook->attr.target_fd = (uint32_t)hook->target_fd;
}

void link_create__map_of_other_type(void **state)
{
	judge_link(state, hook_sockmap, name_array);
}

void link_create__sockmap_taken(void **state)
{
	judge_second_link(state, hook_sockmap, other_program);
}

void link_create__netfilter_flags(void **state)
{
	judge_link(state, hook_netfilter, add_flag);
}

static void bend_family(struct hook *hook)
{
	hook->attr.netfilter.pf = 99;
}

void link_create__netfilter_family(void **state)
{
	judge_link(state, hook_netfilter, bend_family);
}

static void bend_hook(struct hook *hook)
{
	hook->attr.netfilter.hooknum = 5; /* NF_INET_NUMHOOKS */
}

void link_create__netfilter_hook(void **state)
{
	judge_link(state, hook_netfilter, bend_hook);
}

static void bend_netfilter_flags(struct hook *hook)
{
	hook->attr.netfilter.flags = 1u << 31;
}

void link_create__netfilter_own_flags(void **state)
{
	judge_link(state, hook_netfilter, bend_netfilter_flags);
}

static void first_priority(struct hook *hook)
{
	hook->attr.netfilter.priority = INT_MIN;
}

static void last_priority(struct hook *hook)
{
	hook->attr.netfilter.priority = INT_MAX;
}

void link_create__netfilter_priority(void **state)
{
	judge_link(state, hook_netfilter, first_priority);
	judge_link(state, hook_netfilter, last_priority);
}

void link_create__netfilter_taken(void **state)
{
	judge_second_link(state, hook_netfilter, other_program);
}

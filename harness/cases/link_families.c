// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_CREATE, _UPDATE and _DETACH of every family of links that a VM can
 * host: what the info says, and what each lets be done. Links of cgroups and of
 * raw tracepoints have cases of their own. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "links.h"

/* enum bpf_link_type, also where <linux/bpf.h> is older. */
enum {
	LINK_TRACING = 2,
	LINK_ITER = 4,
	LINK_NETNS = 5,
	LINK_XDP = 6,
	LINK_PERF_EVENT = 7,
	LINK_KPROBE_MULTI = 8,
	LINK_NETFILTER = 10,
	LINK_TCX = 11,
	LINK_UPROBE_MULTI = 12,
	LINK_SOCKMAP = 14,
};

static int create(struct hook *hook, hook_fn *make, void **state)
{
	int fd;

	make(hook, state);
	fd = bpfsys_link_create(&hook->attr);
	expect_ok(state, "BPF_LINK_CREATE", fd);
	return fd;
}

/* The link's info, in *INFO; its type and program are right. Where there is
 * more to tell, the caller has asked for it in *INFO. */
static void check_info(struct hook *hook, int fd, uint32_t type,
		       struct bpfsys_link_info *info)
{
	get_info(hook->state, fd, info, sizeof(*info));
	expect_u64(hook->state, "info: type", type, info->type);
	expect_range(hook->state, "info: id", 1, UINT32_MAX, info->id);
	expect_u64(hook->state, "info: prog_id",
		   id_of_prog(hook->state, hook->prog_fd), info->prog_id);
}

/* Creates a link whose info is asked for without more. */
static void begin(struct hook *hook, hook_fn *make, void **state, uint32_t type,
		  struct bpfsys_link_info *info)
{
	int fd = create(hook, make, state);

	memset(info, 0, sizeof(*info));
	check_info(hook, fd, type, info);
	close(fd);
}

void link_create__xdp(void **state)
{
	struct bpfsys_link_info info;
	struct hook hook;

	begin(&hook, hook_xdp, state, LINK_XDP, &info);
	hook_drop(&hook);
	expect_u64(state, "info: ifindex", 1, info.xdp.ifindex);
}

void link_create__tcx(void **state)
{
	struct bpfsys_link_info info;
	struct hook hook;

	begin(&hook, hook_tcx, state, LINK_TCX, &info);
	hook_drop(&hook);
	expect_u64(state, "info: ifindex", 1, info.tcx.ifindex);
	expect_u64(state, "info: attach_type", BPFABI_TCX_EGRESS,
		   info.tcx.attach_type);
}

static void check_netns(void **state, hook_fn *make, uint32_t attach_type)
{
	struct bpfsys_link_info info;
	struct hook hook;
	struct stat st;

	begin(&hook, make, state, LINK_NETNS, &info);
	need(state, "fstat of the namespace",
	     fstat(hook.target_fd, &st) != 0 ? -errno : 0);
	hook_drop(&hook);
	expect_u64(state, "info: netns_ino", st.st_ino, info.netns.netns_ino);
	expect_u64(state, "info: attach_type", attach_type,
		   info.netns.attach_type);
}

void link_create__netns(void **state)
{
	check_netns(state, hook_netns, BPF_FLOW_DISSECTOR);
}

void link_create__sk_lookup(void **state)
{
	check_netns(state, hook_sk_lookup, BPF_SK_LOOKUP);
}

void link_create__sockmap(void **state)
{
	struct bpfsys_link_info info;
	struct hook hook;
	uint32_t map_id;

	begin(&hook, hook_sockmap, state, LINK_SOCKMAP, &info);
	map_id = id_of_map(state, hook.target_fd);
	hook_drop(&hook);
	expect_u64(state, "info: map_id", map_id, info.sockmap.map_id);
	expect_u64(state, "info: attach_type", BPF_SK_SKB_STREAM_VERDICT,
		   info.sockmap.attach_type);
}

void link_create__netfilter(void **state)
{
	struct bpfsys_link_info info;
	struct hook hook;

	begin(&hook, hook_netfilter, state, LINK_NETFILTER, &info);
	hook_drop(&hook);
	expect_u64(state, "info: pf", hook.attr.netfilter.pf,
		   info.netfilter.pf);
	expect_u64(state, "info: hooknum", hook.attr.netfilter.hooknum,
		   info.netfilter.hooknum);
	expect_u64(state, "info: priority", (uint64_t)(int64_t)-4711,
		   (uint64_t)(int64_t)info.netfilter.priority);
	expect_u64(state, "info: flags", 0, info.netfilter.flags);
}

void link_create__fentry(void **state)
{
	struct bpfsys_link_info info;
	struct hook hook;
	uint32_t func_id = need_func_id(state, "bpf_fentry_test1");

	begin(&hook, hook_fentry, state, LINK_TRACING, &info);
	hook_drop(&hook);
	expect_u64(state, "info: attach_type", BPF_TRACE_FENTRY,
		   info.tracing.attach_type);
	expect_range(state, "info: target_obj_id, the kernel's BTF", 1,
		     UINT32_MAX, info.tracing.target_obj_id);
	expect_u64(state, "info: target_btf_id", func_id,
		   info.tracing.target_btf_id);
}

void link_create__perf_event(void **state)
{
	struct bpfsys_link_info info;
	struct hook hook;

	begin(&hook, hook_perf_event, state, LINK_PERF_EVENT, &info);
	hook_drop(&hook);
	if (!kernel_offers(state, "bpf_link_info.perf_event.type",
			   BPFSYS_KV(6, 6)))
		return;
	expect_u64(state, "info: type, BPF_PERF_EVENT_EVENT", 6,
		   info.perf_event.type);
	/* PERF_TYPE_SOFTWARE and PERF_COUNT_SW_CONTEXT_SWITCHES */
	expect_u64(state, "info: event.type", 1, info.perf_event.event.type);
	expect_u64(state, "info: event.config", 3,
		   info.perf_event.event.config);
	expect_field(state, "bpf_link_info.perf_event.event.cookie",
		     BPFSYS_KV(6, 8), "info: event.cookie",
		     hook.attr.perf_event.bpf_cookie,
		     info.perf_event.event.cookie);
}

void link_create__kprobe_multi(void **state)
{
	struct bpfsys_link_info info;
	uint64_t addrs[3];
	struct hook hook;
	int fd = create(&hook, hook_kprobe_multi, state);
	bool tells = kernel_offers(state, "bpf_link_info.kprobe_multi.count",
				   BPFSYS_KV(6, 6));

	memset(addrs, 0x7f, sizeof(addrs));
	memset(&info, 0, sizeof(info));
	if (tells) {
		info.kprobe_multi.addrs = bpfsys_ptr(addrs);
		info.kprobe_multi.count = 2;
	}
	check_info(&hook, fd, LINK_KPROBE_MULTI, &info);
	close(fd);
	hook_drop(&hook);
	if (!tells)
		return;
	expect_u64(state, "info: count", 2, info.kprobe_multi.count);
	expect_u64(state, "info: flags", 0, info.kprobe_multi.flags);
	expect_true(state, "info: addrs are two functions of the kernel",
		    addrs[0] != addrs[1] && addrs[0] >> 63 && addrs[1] >> 63);
	expect_u64(state, "the address behind the last", 0x7f7f7f7f7f7f7f7f,
		   addrs[2]);
}

void link_create__uprobe_multi(void **state)
{
	struct bpfsys_link_info info;
	uint64_t offsets[3];
	struct hook hook;
	int fd = create(&hook, hook_uprobe_multi, state);
	bool tells = kernel_offers(state, "bpf_link_info.uprobe_multi.count",
				   BPFSYS_KV(6, 8));

	memset(offsets, 0x7f, sizeof(offsets));
	memset(&info, 0, sizeof(info));
	if (tells) {
		info.uprobe_multi.offsets = bpfsys_ptr(offsets);
		info.uprobe_multi.count = 2;
	}
	check_info(&hook, fd, LINK_UPROBE_MULTI, &info);
	close(fd);
	hook_drop(&hook);
	if (!tells)
		return;
	expect_u64(state, "info: count", 2, info.uprobe_multi.count);
	expect_u64(state, "info: flags", 0, info.uprobe_multi.flags);
	expect_u64(state, "info: pid", 0, info.uprobe_multi.pid);
	expect_u64(state, "info: offsets[0]", hook.offsets[0], offsets[0]);
	expect_u64(state, "info: offsets[1]", hook.offsets[1], offsets[1]);
	expect_u64(state, "the offset behind the last", 0x7f7f7f7f7f7f7f7f,
		   offsets[2]);
}

static int replace(struct hook *hook, int fd, int old_fd)
{
	struct bpfsys_link_update_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_fd = (uint32_t)fd;
	attr.new_prog_fd = (uint32_t)hook->other_fd;
	attr.flags = BPF_F_REPLACE;
	attr.old_prog_fd = (uint32_t)old_fd;
	return bpfsys_link_update(&attr);
}

/* A new program, with BPF_F_REPLACE for the one that is there alone. */
static void check_update(void **state, hook_fn *make)
{
	struct hook hook;
	int fd = create(&hook, make, state);

	expect_error(state, "BPF_F_REPLACE of a program that is not the link's",
		     EPERM, replace(&hook, fd, hook.other_fd));
	expect_u64(state, "info: prog_id behind a refused update",
		   id_of_prog(state, hook.prog_fd), link_prog_id(state, fd));
	expect_ok(state, "BPF_F_REPLACE of the link's program",
		  replace(&hook, fd, hook.prog_fd));
	expect_u64(state, "info: prog_id behind an update",
		   id_of_prog(state, hook.other_fd), link_prog_id(state, fd));
	expect_ok(state, "an update to the same program",
		  link_update_to(fd, hook.other_fd));
	close(fd);
	hook_drop(&hook);
}

void link_update__xdp(void **state)
{
	check_update(state, hook_xdp);
}

void link_update__tcx(void **state)
{
	check_update(state, hook_tcx);
}

void link_update__netns(void **state)
{
	check_update(state, hook_netns);
}

void link_update__sk_lookup(void **state)
{
	check_update(state, hook_sk_lookup);
}

void link_update__sockmap(void **state)
{
	check_update(state, hook_sockmap);
}

void link_update__iter(void **state)
{
	check_update(state, hook_iter);
}

/* What cannot be updated, with the errno of its family. */
static void check_no_update(void **state, hook_fn *make, int err)
{
	struct hook hook;
	int fd = create(&hook, make, state);

	expect_error(state, "BPF_LINK_UPDATE", err,
		     link_update_to(fd, hook.other_fd));
	expect_u64(state, "info: prog_id behind it",
		   id_of_prog(state, hook.prog_fd), link_prog_id(state, fd));
	close(fd);
	hook_drop(&hook);
}

void link_update__netfilter(void **state)
{
	const struct run *run = *state;

	check_no_update(state, hook_netfilter, run->which->err);
}

void link_update__fentry(void **state)
{
	check_no_update(state, hook_fentry, EINVAL);
}

void link_update__perf_event(void **state)
{
	check_no_update(state, hook_perf_event, EINVAL);
}

void link_update__kprobe_multi(void **state)
{
	check_no_update(state, hook_kprobe_multi, EINVAL);
}

void link_update__uprobe_multi(void **state)
{
	check_no_update(state, hook_uprobe_multi, EINVAL);
}

/* The hook is free behind it, the link is still there, and detaching again
 * succeeds; an update is UPDATE_ERR. */
static void check_detach(void **state, hook_fn *make, int update_err)
{
	struct hook hook;
	int fd, again, third;

	make(&hook, state);
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook.attr));
	expect_ok(state, "BPF_LINK_DETACH", link_detach(fd));
	expect_u64(state, "info: prog_id of a detached link",
		   id_of_prog(state, hook.prog_fd), link_prog_id(state, fd));
	expect_error(state, "BPF_LINK_UPDATE of a detached link", update_err,
		     link_update_to(fd, hook.other_fd));
	again = bpfsys_link_create(&hook.attr);
	expect_ok(state, "BPF_LINK_CREATE at the hook that was left", again);
	expect_ok(state, "BPF_LINK_DETACH again", link_detach(fd));
	close(fd);
	close(again);
	third = bpfsys_link_create(&hook.attr);
	expect_ok(state, "BPF_LINK_CREATE at the hook that a close left",
		  third);
	close(third);
	hook_drop(&hook);
}

void link_detach__xdp(void **state)
{
	check_detach(state, hook_xdp, ENOLINK);
}

void link_detach__tcx(void **state)
{
	check_detach(state, hook_tcx, ENOLINK);
}

void link_detach__netns(void **state)
{
	check_detach(state, hook_netns, ENOLINK);
}

void link_detach__sockmap(void **state)
{
	check_detach(state, hook_sockmap, ENOLINK);
}

void link_detach__netfilter(void **state)
{
	check_detach(state, hook_netfilter, EOPNOTSUPP);
}

static void check_no_detach(void **state, hook_fn *make)
{
	struct hook hook;
	int fd = create(&hook, make, state);

	expect_error(state, "BPF_LINK_DETACH", EOPNOTSUPP, link_detach(fd));
	expect_u64(state, "info: prog_id behind it",
		   id_of_prog(state, hook.prog_fd), link_prog_id(state, fd));
	close(fd);
	hook_drop(&hook);
}

void link_detach__fentry(void **state)
{
	check_no_detach(state, hook_fentry);
}

void link_detach__iter(void **state)
{
	check_no_detach(state, hook_iter);
}

void link_detach__perf_event(void **state)
{
	check_no_detach(state, hook_perf_event);
}

void link_detach__kprobe_multi(void **state)
{
	check_no_detach(state, hook_kprobe_multi);
}

void link_detach__uprobe_multi(void **state)
{
	check_no_detach(state, hook_uprobe_multi);
}

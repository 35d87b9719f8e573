// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_GET_INFO_BY_FD of links to many probes: arrays and a path. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "links.h"
#include "two_funcs.h"
#include "sysctl.h"

static const uint64_t cookies[] = {0x111, 0x222};

/* A link to two probes, with cookies; its descriptor. */
static int make_link(void **state, struct hook *hook, hook_fn *make,
		     const char *path, uint32_t since)
{
	if (!kernel_offers(state, path, since))
		skip_case(state, "the kernel's BTF has no %s", path);
	make(hook, state);
	if (make == hook_uprobe_multi)
		hook->attr.uprobe_multi.cookies = bpfsys_ptr(cookies);
	else
		hook->attr.kprobe_multi.cookies = bpfsys_ptr(cookies);
	return need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook->attr));
}

static int make_kprobes(void **state, struct hook *hook)
{
	return make_link(state, hook, hook_kprobe_multi,
			 "bpf_link_info.kprobe_multi.cookies", BPFSYS_KV(6, 9));
}

static int make_uprobes(void **state, struct hook *hook)
{
	return make_link(state, hook, hook_uprobe_multi,
			 "bpf_link_info.uprobe_multi.cookies", BPFSYS_KV(6, 8));
}

/* Room for COUNT addresses and cookies. */
struct kprobes {
	struct bpfsys_link_info info;
	uint64_t addrs[4], cookies[4];
};

static int ask_kprobes(int fd, struct kprobes *kprobes, uint32_t count)
{
	memset(kprobes, 0x7f, sizeof(*kprobes));
	memset(&kprobes->info, 0, sizeof(kprobes->info));
	kprobes->info.kprobe_multi.addrs = bpfsys_ptr(kprobes->addrs);
	kprobes->info.kprobe_multi.cookies = bpfsys_ptr(kprobes->cookies);
	kprobes->info.kprobe_multi.count = count;
	return ask_info(fd, &kprobes->info, sizeof(kprobes->info));
}

#define NOT_WRITTEN 0x7f7f7f7f7f7f7f7full

/* The kernel keeps functions by address, each with its cookie: of two that a
 * compiler may have put in any order, both are there. */
void obj_get_info_by_fd__kprobes(void **state)
{
	struct kprobes kprobes;
	struct hook hook;
	int fd = make_kprobes(state, &hook);

	for (uint32_t count = 2; count <= 3; count++) {
		expect_ok(state, "info of two probes",
			  ask_kprobes(fd, &kprobes, count));
		expect_u64(state, "count", 2, kprobes.info.kprobe_multi.count);
		expect_u64(state, "flags", 0, kprobes.info.kprobe_multi.flags);
		expect_u64(state, "missed", 0,
			   kprobes.info.kprobe_multi.missed);
		expect_true(state, "the cookies of both",
			    (kprobes.cookies[0] == cookies[0] &&
			     kprobes.cookies[1] == cookies[1]) ||
				    (kprobes.cookies[0] == cookies[1] &&
				     kprobes.cookies[1] == cookies[0]));
		expect_true(state, "two addresses",
			    kprobes.addrs[0] && kprobes.addrs[1] &&
				    kprobes.addrs[0] != kprobes.addrs[1]);
		expect_u64(state, "the cookie behind the last", NOT_WRITTEN,
			   kprobes.cookies[2]);
		expect_u64(state, "the address behind the last", NOT_WRITTEN,
			   kprobes.addrs[2]);
	}
	memset(&kprobes, 0, sizeof(kprobes));
	expect_ok(state, "info without room for probes",
		  ask_info(fd, &kprobes.info, sizeof(kprobes.info)));
	expect_u64(state, "count", 2, kprobes.info.kprobe_multi.count);
	close(fd);
	hook_drop(&hook);
}

void obj_get_info_by_fd__kprobes_hidden(void **state)
{
	int64_t was = turn_switch(state, KPTR_RESTRICT, 1);
	struct kprobes kprobes;
	struct hook hook;
	int fd, ret;

	fd = make_kprobes(state, &hook);
	drop_caps(state, CAP_BIT(CAP_SYSLOG));
	ret = ask_kprobes(fd, &kprobes, 2);
	regain_caps(state);
	turn_switch(state, KPTR_RESTRICT, was);
	close(fd);
	hook_drop(&hook);
	expect_ok(state, "info without CAP_SYSLOG", ret);
	expect_u64(state, "addrs[0]", 0, kprobes.addrs[0]);
	expect_u64(state, "addrs[1]", 0, kprobes.addrs[1]);
	expect_u64(state, "the sum of the cookies", cookies[0] + cookies[1],
		   kprobes.cookies[0] + kprobes.cookies[1]);
}

void obj_get_info_by_fd__kprobes_half(void **state)
{
	struct kprobes kprobes;
	struct hook hook;
	int fd = make_kprobes(state, &hook);

	memset(&kprobes, 0, sizeof(kprobes));
	kprobes.info.kprobe_multi.addrs = bpfsys_ptr(kprobes.addrs);
	expect_errno(state, ask_info(fd, &kprobes.info, sizeof(kprobes.info)));
	kprobes.info.kprobe_multi.addrs = 0;
	kprobes.info.kprobe_multi.count = 2;
	expect_errno(state, ask_info(fd, &kprobes.info, sizeof(kprobes.info)));
	kprobes.info.kprobe_multi.count = 0;
	kprobes.info.kprobe_multi.cookies = bpfsys_ptr(kprobes.cookies);
	expect_errno(state, ask_info(fd, &kprobes.info, sizeof(kprobes.info)));
	close(fd);
	hook_drop(&hook);
}

/* What fits is there, though not in the info. */
void obj_get_info_by_fd__kprobes_short(void **state)
{
	struct kprobes kprobes;
	struct hook hook;
	int fd = make_kprobes(state, &hook);

	expect_errno(state, ask_kprobes(fd, &kprobes, 1));
	close(fd);
	hook_drop(&hook);
	expect_u64(state, "type", 0, kprobes.info.type);
	expect_u64(state, "count", 1, kprobes.info.kprobe_multi.count);
	expect_true(state, "the first address",
		    kprobes.addrs[0] && kprobes.addrs[0] != NOT_WRITTEN);
	expect_u64(state, "the address behind it", NOT_WRITTEN,
		   kprobes.addrs[1]);
	expect_u64(state, "the cookie behind the first", NOT_WRITTEN,
		   kprobes.cookies[1]);
}

void obj_get_info_by_fd__kprobes_unwritable(void **state)
{
	struct bpfsys_link_info info;
	uint64_t addrs[2];
	struct hook hook;
	int fd = make_kprobes(state, &hook);

	memset(&info, 0, sizeof(info));
	info.kprobe_multi.addrs = BAD_ADDRESS;
	info.kprobe_multi.count = 2;
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	info.kprobe_multi.addrs = bpfsys_ptr(addrs);
	info.kprobe_multi.cookies = BAD_ADDRESS;
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	close(fd);
	hook_drop(&hook);
}

struct uprobes {
	struct bpfsys_link_info info;
	uint64_t offsets[4], ref_ctr_offsets[4], cookies[4];
	char path[256];
};

static int ask_uprobes(int fd, struct uprobes *uprobes, uint32_t count)
{
	memset(uprobes, 0x7f, sizeof(*uprobes));
	memset(&uprobes->info, 0, sizeof(uprobes->info));
	uprobes->info.uprobe_multi.offsets = bpfsys_ptr(uprobes->offsets);
	uprobes->info.uprobe_multi.ref_ctr_offsets =
		bpfsys_ptr(uprobes->ref_ctr_offsets);
	uprobes->info.uprobe_multi.cookies = bpfsys_ptr(uprobes->cookies);
	uprobes->info.uprobe_multi.count = count;
	uprobes->info.uprobe_multi.path = bpfsys_ptr(uprobes->path);
	uprobes->info.uprobe_multi.path_size = sizeof(uprobes->path);
	return ask_info(fd, &uprobes->info, sizeof(uprobes->info));
}

static void check_path(void **state, const struct uprobes *uprobes)
{
	char path[256];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	need(state, "readlink of /proc/self/exe", n < 0 ? -errno : 0);
	path[n] = '\0';
	expect_u64(state, "path_size", (uint64_t)n + 1,
		   uprobes->info.uprobe_multi.path_size);
	expect_mem(state, "path", path, uprobes->path, (size_t)n + 1);
}

void obj_get_info_by_fd__uprobes(void **state)
{
	struct uprobes uprobes;
	struct hook hook;
	int fd = make_uprobes(state, &hook);

	for (uint32_t count = 2; count <= 3; count++) {
		expect_ok(state, "info of two probes",
			  ask_uprobes(fd, &uprobes, count));
		check_path(state, &uprobes);
		expect_u64(state, "count", 2, uprobes.info.uprobe_multi.count);
		expect_u64(state, "flags", 0, uprobes.info.uprobe_multi.flags);
		expect_u64(state, "pid", 0, uprobes.info.uprobe_multi.pid);
		for (int i = 0; i < 2; i++) {
			expect_u64(state, "an offset", hook.offsets[i],
				   uprobes.offsets[i]);
			expect_u64(state, "a reference counter", 0,
				   uprobes.ref_ctr_offsets[i]);
			expect_u64(state, "a cookie", cookies[i],
				   uprobes.cookies[i]);
		}
		expect_u64(state, "the offset behind the last", NOT_WRITTEN,
			   uprobes.offsets[2]);
		expect_u64(state, "the counter behind the last", NOT_WRITTEN,
			   uprobes.ref_ctr_offsets[2]);
		expect_u64(state, "the cookie behind the last", NOT_WRITTEN,
			   uprobes.cookies[2]);
	}
	memset(&uprobes.info, 0, sizeof(uprobes.info));
	expect_ok(state, "info without room",
		  ask_info(fd, &uprobes.info, sizeof(uprobes.info)));
	check_path(state, &uprobes);
	expect_u64(state, "count", 2, uprobes.info.uprobe_multi.count);
	close(fd);
	hook_drop(&hook);
}

/* The process that a link is for is told by its pid. */
void obj_get_info_by_fd__uprobes_pid(void **state)
{
	struct uprobes uprobes;
	struct hook hook;
	int fd = make_uprobes(state, &hook);

	close(fd);
	hook.attr.uprobe_multi.pid = (uint32_t)getpid();
	hook.attr.uprobe_multi.flags = 1; /* BPF_F_UPROBE_MULTI_RETURN */
	fd = need(state, "BPF_LINK_CREATE for a process",
		  bpfsys_link_create(&hook.attr));
	expect_ok(state, "info", ask_uprobes(fd, &uprobes, 2));
	close(fd);
	hook_drop(&hook);
	expect_u64(state, "pid", (uint64_t)getpid(),
		   uprobes.info.uprobe_multi.pid);
	expect_u64(state, "flags", 1, uprobes.info.uprobe_multi.flags);
}

void obj_get_info_by_fd__uprobes_half(void **state)
{
	struct bpfsys_link_info info;
	struct uprobes room;
	struct hook hook;
	int fd = make_uprobes(state, &hook);

	memset(&info, 0, sizeof(info));
	info.uprobe_multi.path = bpfsys_ptr(room.path);
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	info.uprobe_multi.path = 0;
	info.uprobe_multi.path_size = sizeof(room.path);
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	info.uprobe_multi.path_size = 0;
	info.uprobe_multi.offsets = bpfsys_ptr(room.offsets);
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	info.uprobe_multi.offsets = 0;
	info.uprobe_multi.ref_ctr_offsets = bpfsys_ptr(room.offsets);
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	info.uprobe_multi.ref_ctr_offsets = 0;
	info.uprobe_multi.cookies = bpfsys_ptr(room.offsets);
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	close(fd);
	hook_drop(&hook);
}

void obj_get_info_by_fd__uprobes_short(void **state)
{
	struct uprobes uprobes;
	struct hook hook;
	int fd = make_uprobes(state, &hook);

	expect_errno(state, ask_uprobes(fd, &uprobes, 1));
	close(fd);
	hook_drop(&hook);
	expect_u64(state, "type", 0, uprobes.info.type);
	expect_u64(state, "the first offset", hook.offsets[0],
		   uprobes.offsets[0]);
	expect_u64(state, "the first cookie", cookies[0], uprobes.cookies[0]);
	expect_u64(state, "the offset behind it", NOT_WRITTEN,
		   uprobes.offsets[1]);
	expect_u64(state, "the cookie behind it", NOT_WRITTEN,
		   uprobes.cookies[1]);
}

void obj_get_info_by_fd__uprobes_path_short(void **state)
{
	struct bpfsys_link_info info;
	struct hook hook;
	int fd = make_uprobes(state, &hook);
	char path[4];

	memset(&info, 0, sizeof(info));
	info.uprobe_multi.path = bpfsys_ptr(path);
	info.uprobe_multi.path_size = sizeof(path);
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	close(fd);
	hook_drop(&hook);
}

void obj_get_info_by_fd__uprobes_unwritable(void **state)
{
	struct bpfsys_link_info info;
	struct hook hook;
	int fd = make_uprobes(state, &hook);

	memset(&info, 0, sizeof(info));
	info.uprobe_multi.path = BAD_ADDRESS;
	info.uprobe_multi.path_size = 256;
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	memset(&info, 0, sizeof(info));
	info.uprobe_multi.count = 2;
	info.uprobe_multi.offsets = BAD_ADDRESS;
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	info.uprobe_multi.offsets = 0;
	info.uprobe_multi.ref_ctr_offsets = BAD_ADDRESS;
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	info.uprobe_multi.ref_ctr_offsets = 0;
	info.uprobe_multi.cookies = BAD_ADDRESS;
	expect_errno(state, ask_info(fd, &info, sizeof(info)));
	close(fd);
	hook_drop(&hook);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD: flags, name, licence, token, device and privileges, which are
 * judged before the verifier sees an instruction. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "lacking.h"
#include "progs.h"

#define TOKEN_FD "bpf_attr.prog_token_fd", BPFSYS_KV(6, 9)

void prog_load__unreadable_instructions(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_filter(&attr);
	attr.insns = BAD_ADDRESS;
	judge_load(state, &attr);
	if (kernel_func_id("bpf_fentry_test1") <= 0)
		return;
	attr.prog_type = BPF_PROG_TYPE_TRACING;
	attr.expected_attach_type = BPF_TRACE_FENTRY;
	attr.attach_btf_id = need_func_id(state, "bpf_fentry_test1");
	judge_load(state, &attr);
}

void prog_load__unterminated_name(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_filter(&attr);
	memset(attr.prog_name, 'a', sizeof(attr.prog_name));
	judge_load(state, &attr);
}

/* The kernel's isalnum() takes the letters of Latin-1, too: lib/ctype.c. */
static bool good_in_name(unsigned int byte)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

	if (byte >= 0xc0)
		return byte != 0xd7 && byte != 0xf7;
	return strchr(good, (int)byte);
}

void prog_load__name_bytes(void **state)
{
	struct bpfsys_prog_load_attr attr;
	char what[32];

	for (unsigned int byte = 1; byte < 256; byte++) {
		int ret;

		fill_filter(&attr);
		memset(attr.prog_name, (int)byte, 15);
		ret = bpfsys_prog_load(&attr);
		close_if_fd(ret);
		snprintf(what, sizeof(what), "a name of bytes 0x%02x", byte);
		if (good_in_name(byte))
			expect_ok(state, what, ret);
		else
			expect_error(state, what, EINVAL, ret);
	}
}

static int load_licensed(const char *license)
{
	struct bpfsys_prog_load_attr attr;

	fill_filter(&attr);
	attr.license = bpfsys_ptr(license);
	return bpfsys_prog_load(&attr);
}

static void check_license(void **state, const char *license, uint64_t gpl)
{
	struct bpfsys_prog_info info;
	int fd = load_licensed(license);

	expect_ok(state, license, fd);
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	expect_u64(state, license, gpl, info.gpl_compatible);
}

/* include/linux/license.h */
void prog_load__gpl_licenses(void **state)
{
	char longest[256];

	check_license(state, "GPL", 1);
	check_license(state, "GPL v2", 1);
	check_license(state, "GPL and additional rights", 1);
	check_license(state, "Dual BSD/GPL", 1);
	check_license(state, "Dual MIT/GPL", 1);
	check_license(state, "Dual MPL/GPL", 1);
	check_license(state, "GPLv2", 0);
	check_license(state, "gpl", 0);
	check_license(state, "BSD", 0);
	check_license(state, "", 0);
	/* Cut behind 127 bytes, not refused. */
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	check_license(state, longest, 0);
}

void prog_load__gpl_only_helper(void **state)
{
	const struct bpf_insn insns[] = {
		CALL_HELPER(BPF_FUNC_get_current_task),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_KPROBE, insns, COUNT_OF(insns));
	expect_load(state, "a helper for the GPL, under the GPL", &attr);
	attr.license = bpfsys_ptr("BSD");
	judge_load(state, &attr);
}

static int load_flags(uint32_t flags)
{
	struct bpfsys_prog_load_attr attr;

	fill_filter(&attr);
	attr.prog_flags = flags;
	return bpfsys_prog_load(&attr);
}

/* BPF_F_STRICT_ALIGNMENT, _ANY_ALIGNMENT, _TEST_RND_HI32, _TEST_STATE_FREQ. */
void prog_load__known_flags(void **state)
{
	char what[32];

	for (uint32_t bit = 0; bit < 4; bit++) {
		int ret = load_flags(1u << bit);

		close_if_fd(ret);
		snprintf(what, sizeof(what), "prog_flags 0x%x", 1u << bit);
		expect_ok(state, what, ret);
	}
}

/* The highest flag of 7.3 below 1 << 16 is 1 << 7. */
void prog_load__flag_bits(void **state)
{
	char what[32];

	for (uint32_t bit = 8; bit < 32; bit++) {
		int ret;

		if (bit == 16)
			continue;
		ret = load_flags(1u << bit);
		close_if_fd(ret);
		snprintf(what, sizeof(what), "prog_flags 0x%x", 1u << bit);
		expect_error(state, what, EINVAL, ret);
	}
}

/* 4 bytes of a map's value, from its byte 2. */
void prog_load__strict_alignment(void **state)
{
	int map_fd = make_counters(state);
	const struct bpf_insn insns[] = {
		LD_MAP_VALUE(BPF_REG_1, map_fd, 0),
		LDX(BPF_W, BPF_REG_0, BPF_REG_1, 2),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_SCHED_CLS, insns, COUNT_OF(insns));
	attr.prog_flags = BPF_F_ANY_ALIGNMENT;
	expect_load(state, "the same with BPF_F_ANY_ALIGNMENT", &attr);
	attr.prog_flags = BPF_F_STRICT_ALIGNMENT;
	judge_load(state, &attr);
	close(map_fd);
}

void prog_load__not_sleepable(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_filter(&attr);
	attr.prog_flags = BPF_F_SLEEPABLE;
	judge_load(state, &attr);
}

void prog_load__syscall_not_sleepable(void **state)
{
	struct bpfsys_prog_load_attr attr;

	need_prog_type(state, "BPF_PROG_TYPE_SYSCALL", BPF_PROG_TYPE_SYSCALL,
		       BPFSYS_KV(5, 14));
	fill_filter(&attr);
	attr.prog_type = BPF_PROG_TYPE_SYSCALL;
	judge_load(state, &attr);
}

static void judge_token(void **state, int token_fd)
{
	struct bpfsys_prog_load_attr attr;

	fill_filter(&attr);
	attr.prog_flags = BPFABI_F_TOKEN_FD;
	if (!kernel_offers(state, TOKEN_FD)) {
		expect_error(state, "BPF_F_TOKEN_FD, which is not known",
			     EINVAL, bpfsys_prog_load(&attr));
		skip_case(state, "bpf_attr has no prog_token_fd, and "
				 "BPF_F_TOKEN_FD is EINVAL");
	}
	attr.prog_token_fd = (uint32_t)token_fd;
	judge_load(state, &attr);
}

void prog_load__closed_token_fd(void **state)
{
	judge_token(state, CLOSED_FD);
}

void prog_load__not_a_token(void **state)
{
	int map_fd = make_counters(state);

	judge_token(state, map_fd);
	close(map_fd);
}

/* A token's descriptor is nothing where the flag does not say so. */
void prog_load__token_without_flag(void **state)
{
	struct bpfsys_prog_load_attr attr;

	if (!kernel_offers(state, TOKEN_FD))
		skip_field(state, "prog_load", "prog_token_fd");
	fill_filter(&attr);
	attr.prog_token_fd = CLOSED_FD;
	expect_load(state, "prog_token_fd without its flag", &attr);
}

static void judge_device(void **state, uint32_t type, uint32_t ifindex)
{
	struct bpfsys_prog_load_attr attr;

	fill_filter(&attr);
	attr.prog_type = type;
	attr.prog_ifindex = ifindex;
	judge_load(state, &attr);
}

void prog_load__device_of_other_type(void **state)
{
	judge_device(state, BPF_PROG_TYPE_SOCKET_FILTER, 1);
}

void prog_load__no_such_device(void **state)
{
	judge_device(state, BPF_PROG_TYPE_XDP, INT32_MAX);
}

/* The loopback device takes no programs onto hardware. */
void prog_load__no_offload(void **state)
{
	judge_device(state, BPF_PROG_TYPE_XDP, 1);
}

/* Loads a filter of TYPE with CAPS dropped. */
static int load_without(void **state, uint64_t caps, uint32_t type)
{
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_filter(&attr);
	attr.prog_type = type;
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	need(state, "BPF_PROG_LOAD with all capabilities", ret);
	drop_caps(state, caps);
	ret = bpfsys_prog_load(&attr);
	regain_caps(state);
	close_if_fd(ret);
	return ret;
}

#define SYS_ADMIN CAP_BIT(CAP_SYS_ADMIN)

/* CAP_SYS_ADMIN stands for each of the others. */
void prog_load__no_cap_bpf(void **state)
{
	const uint32_t type = BPF_PROG_TYPE_SCHED_CLS;

	expect_ok(state, "BPF_PROG_LOAD without CAP_BPF, as administrator",
		  load_without(state, CAP_BIT(CAP_BPF), type));
	expect_ok(state, "BPF_PROG_LOAD without CAP_SYS_ADMIN",
		  load_without(state, SYS_ADMIN, type));
	expect_errno(state,
		     load_without(state, CAP_BIT(CAP_BPF) | SYS_ADMIN, type));
}

/* is_net_admin_prog_type(); those of the table that load without more. */
void prog_load__no_cap_net_admin(void **state)
{
	const uint32_t types[] = {
		BPF_PROG_TYPE_SCHED_CLS,     BPF_PROG_TYPE_SCHED_ACT,
		BPF_PROG_TYPE_XDP,	     BPF_PROG_TYPE_LWT_IN,
		BPF_PROG_TYPE_LWT_OUT,	     BPF_PROG_TYPE_LWT_XMIT,
		BPF_PROG_TYPE_SK_SKB,	     BPF_PROG_TYPE_SK_MSG,
		BPF_PROG_TYPE_CGROUP_DEVICE, BPF_PROG_TYPE_CGROUP_SOCK,
		BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_PROG_TYPE_SOCK_OPS,
	};
	const uint64_t caps = CAP_BIT(CAP_NET_ADMIN) | SYS_ADMIN;

	for (size_t i = 0; i < COUNT_OF(types); i++)
		expect_errno(state, load_without(state, caps, types[i]));
	expect_ok(state, "a socket filter without CAP_NET_ADMIN",
		  load_without(state, caps, BPF_PROG_TYPE_SOCKET_FILTER));
	expect_ok(state, "a cgroup's filter without CAP_NET_ADMIN",
		  load_without(state, caps, BPF_PROG_TYPE_CGROUP_SKB));
}

/* is_perfmon_prog_type(). */
void prog_load__no_cap_perfmon(void **state)
{
	const uint32_t types[] = {
		BPF_PROG_TYPE_KPROBE,
		BPF_PROG_TYPE_TRACEPOINT,
		BPF_PROG_TYPE_PERF_EVENT,
		BPF_PROG_TYPE_RAW_TRACEPOINT,
		BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE,
	};
	const uint64_t caps = CAP_BIT(CAP_PERFMON) | SYS_ADMIN;

	for (size_t i = 0; i < COUNT_OF(types); i++)
		expect_errno(state, load_without(state, caps, types[i]));
	expect_ok(state, "a traffic classifier without CAP_PERFMON",
		  load_without(state, caps, BPF_PROG_TYPE_SCHED_CLS));
}

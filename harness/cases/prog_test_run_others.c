// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_TEST_RUN of program types on other things than packets: what they
 * take and give; and that the rest cannot be run. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "lacking.h"
#include "progs.h"
#include "test_run.h"

static int run(int prog_fd, struct bpfsys_prog_test_run_attr *attr)
{
	attr->prog_fd = (uint32_t)prog_fd;
	return bpfsys_prog_test_run(attr);
}

/* A run needs operations that most types do not have. */
void prog_test_run__not_runnable(void **state)
{
	static const struct {
		uint32_t type, attach_type;
		const char *name;
	} types[] = {
		{BPF_PROG_TYPE_KPROBE, 0, "BPF_PROG_TYPE_KPROBE"},
		{BPF_PROG_TYPE_TRACEPOINT, 0, "BPF_PROG_TYPE_TRACEPOINT"},
		{BPF_PROG_TYPE_PERF_EVENT, 0, "BPF_PROG_TYPE_PERF_EVENT"},
		{BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE, 0,
		 "BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE"},
		{BPF_PROG_TYPE_CGROUP_DEVICE, 0, "BPF_PROG_TYPE_CGROUP_DEVICE"},
		{BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE,
		 "BPF_PROG_TYPE_CGROUP_SOCK"},
		{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND,
		 "BPF_PROG_TYPE_CGROUP_SOCK_ADDR"},
		{BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT,
		 "BPF_PROG_TYPE_CGROUP_SOCKOPT"},
		{BPF_PROG_TYPE_CGROUP_SYSCTL, 0, "BPF_PROG_TYPE_CGROUP_SYSCTL"},
		{BPF_PROG_TYPE_SOCK_OPS, 0, "BPF_PROG_TYPE_SOCK_OPS"},
		{BPF_PROG_TYPE_SK_SKB, 0, "BPF_PROG_TYPE_SK_SKB"},
		{BPF_PROG_TYPE_SK_MSG, 0, "BPF_PROG_TYPE_SK_MSG"},
		{BPF_PROG_TYPE_SK_REUSEPORT, 0, "BPF_PROG_TYPE_SK_REUSEPORT"},
	};
	const int not_supported = 524; /* ENOTSUPP */
	struct bpfsys_prog_test_run_attr attr;
	uint8_t packet[64] = {0};

	for (size_t i = 0; i < COUNT_OF(types); i++) {
		int fd = make_trivial_prog(state, types[i].type,
					   types[i].attach_type, 1);

		memset(&attr, 0, sizeof(attr));
		attr.data_in = bpfsys_ptr(packet);
		attr.data_size_in = sizeof(packet);
		expect_error(state, types[i].name, not_supported,
			     run(fd, &attr));
		close(fd);
	}
}

/* Types on packets that see no Ethernet header get back zeros for it. */
void prog_test_run__packet_types(void **state)
{
	static const struct {
		uint32_t type;
		bool sees_header;
		const char *name;
	} types[] = {
		{BPF_PROG_TYPE_SCHED_CLS, true, "BPF_PROG_TYPE_SCHED_CLS"},
		{BPF_PROG_TYPE_SCHED_ACT, true, "BPF_PROG_TYPE_SCHED_ACT"},
		{BPF_PROG_TYPE_CGROUP_SKB, false, "BPF_PROG_TYPE_CGROUP_SKB"},
		{BPF_PROG_TYPE_LWT_IN, false, "BPF_PROG_TYPE_LWT_IN"},
		{BPF_PROG_TYPE_LWT_OUT, false, "BPF_PROG_TYPE_LWT_OUT"},
	};
	struct bpfsys_prog_test_run_attr attr;
	uint8_t in[64], out[64], want[64];

	memset(in, 0x55, sizeof(in));
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		int fd = make_trivial_prog(state, types[i].type, 0, 1);

		memset(&attr, 0, sizeof(attr));
		memset(out, 0x7f, sizeof(out));
		attr.data_in = bpfsys_ptr(in);
		attr.data_size_in = sizeof(in);
		attr.data_out = bpfsys_ptr(out);
		attr.data_size_out = sizeof(out);
		expect_ok(state, types[i].name, run(fd, &attr));
		close(fd);
		memcpy(want, in, sizeof(want));
		if (!types[i].sees_header)
			memset(want, 0, 14);
		expect_mem(state, types[i].name, want, out, sizeof(out));
		expect_u64(state, types[i].name, 1, attr.retval);
	}
}

/* Live frames run through a batch at a time; only the count shows. */
void prog_test_run__live_frames(void **state)
{
	uint64_t counters[COUNTERS];
	int map_fd = make_counters(state);
	const struct bpf_insn insns[] = {
		LD_MAP_VALUE(BPF_REG_1, map_fd, 0),
		COUNT_AT(BPF_REG_1, 0),
		MOV64_IMM(BPF_REG_0, XDP_DROP),
		EXIT(),
	};
	int fd = make_hook_prog(state, BPF_PROG_TYPE_XDP, insns,
				COUNT_OF(insns));
	struct bpfsys_prog_test_run_attr attr;
	uint8_t packet[64] = {0};

	if (!kernel_offers(state, "bpf_attr.test.batch_size", BPFSYS_KV(5, 18)))
		skip_field(state, "prog_test_run", "batch_size");
	memset(&attr, 0, sizeof(attr));
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = sizeof(packet);
	attr.flags = 1 << 1; /* BPF_F_TEST_XDP_LIVE_FRAMES */
	attr.batch_size = 3;
	attr.repeat = 10;
	expect_ok(state, "BPF_F_TEST_XDP_LIVE_FRAMES", run(fd, &attr));
	read_counters(state, map_fd, counters);
	close(fd);
	close(map_fd);
	expect_u64(state, "runs", 10, counters[0]);
	expect_u64(state, "retval", 0, attr.retval);
}

static int make_tracer(void **state, uint32_t attach_type, const char *func)
{
	static const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_TRACING, insns, COUNT_OF(insns));
	attr.expected_attach_type = attach_type;
	attr.attach_btf_id = need_func_id(state, func);
	return load_prog(state, &attr);
}

/* The run calls functions that are there to be traced: with no program
 * attached, BPF_MODIFY_RETURN's add up 1 + 2 and so on. */
void prog_test_run__tracing(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_tracer(state, BPF_TRACE_FENTRY, "bpf_fentry_test1");

	memset(&attr, 0, sizeof(attr));
	attr.retval = 99;
	expect_ok(state, "a run of BPF_TRACE_FENTRY", run(fd, &attr));
	close(fd);
	expect_u64(state, "retval", 0, attr.retval);
	memset(&attr, 0, sizeof(attr));
	fd = make_tracer(state, BPF_MODIFY_RETURN, "bpf_modify_return_test");
	expect_ok(state, "a run of BPF_MODIFY_RETURN", run(fd, &attr));
	close(fd);
	expect_range(state, "side effects in retval", 1, 2, attr.retval >> 16);
	expect_range(state, "results in retval", 1, UINT16_MAX,
		     attr.retval & 0xffff);
}

/* FD's run of ATTR is refused with flags, cpu or batch_size, which kernels
 * before 5.18 have not got: past what the command reads it is EINVAL, too. */
static void refuse_options(void **state, int fd,
			   const struct bpfsys_prog_test_run_attr *attr)
{
	for (int i = 0; i < 3; i++) {
		struct bpfsys_prog_test_run_attr with = *attr;

		with.flags = i == 0;
		with.cpu = i == 1;
		with.batch_size = i == 2;
		expect_errno(state, run(fd, &with));
	}
	close(fd);
}

void prog_test_run__tracing_not_taken(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	memset(&attr, 0, sizeof(attr));
	refuse_options(state,
		       make_tracer(state, BPF_TRACE_FENTRY, "bpf_fentry_test1"),
		       &attr);
}

void prog_test_run__no_run_of_iterator(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	memset(&attr, 0, sizeof(attr));
	judge_run(state, make_tracer(state, BPF_TRACE_ITER, "bpf_iter_bpf_map"),
		  &attr);
}

/* nhoff, and 54 bytes more. */
struct flow_keys {
	uint16_t nhoff, thoff, addr_proto;
	uint8_t is_frag, is_first_frag, is_encap, ip_proto;
	uint16_t n_proto;
	uint8_t rest[128];
};

/* The keys as they are before the program sees them, for it does nothing. */
void prog_test_run__flow_dissector(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_FLOW_DISSECTOR, 0);
	struct bpfsys_prog_test_run_attr attr;
	struct flow_keys keys;
	uint8_t packet[64] = {0};
	uint32_t size = kernel_struct_size("bpf_flow_keys");

	packet[12] = 0x12;
	packet[13] = 0x34;
	memset(&keys, 0x7f, sizeof(keys));
	memset(&attr, 0, sizeof(attr));
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = sizeof(packet);
	attr.data_out = bpfsys_ptr(&keys);
	attr.data_size_out = sizeof(keys);
	expect_ok(state, "a run of a flow dissector", run(fd, &attr));
	close(fd);
	if (size)
		expect_u64(state, "data_size_out", size, attr.data_size_out);
	/* Once it was whether the program said BPF_OK, which is 0. */
	if (kernel_has_btf())
		expect_u64(
			state, "retval",
			!kernel_has_enumerator("bpf_ret_code",
					       "BPF_FLOW_DISSECTOR_CONTINUE"),
			attr.retval);
	expect_u64(state, "nhoff", 14, keys.nhoff);
	expect_u64(state, "thoff", 14, keys.thoff);
	expect_mem(state, "n_proto", packet + 12, &keys.n_proto, 2);
}

void prog_test_run__dissector_not_taken(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_FLOW_DISSECTOR, 0);
	struct bpfsys_prog_test_run_attr attr;
	uint8_t packet[64] = {0};

	memset(&attr, 0, sizeof(attr));
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = sizeof(packet);
	expect_ok(state, "a run of a flow dissector", run(fd, &attr));
	attr.duration = attr.retval = attr.data_size_out = 0;
	refuse_options(state, fd, &attr);
}

void prog_test_run__dissector_short_data(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	uint8_t packet[64] = {0};

	memset(&attr, 0, sizeof(attr));
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = 13;
	judge_run(state,
		  make_verdict_prog(state, BPF_PROG_TYPE_FLOW_DISSECTOR, 0),
		  &attr);
}

/* struct bpf_sk_lookup, as far as it is set here; its pointers are aligned as
 * in a 64-bit kernel, whatever the caller. */
struct lookup {
	uint64_t sk __attribute__((aligned(8)));
	uint32_t family, protocol, remote_ip4, remote_ip6[4];
	uint16_t remote_port, zero;
	uint32_t local_ip4, local_ip6[4], local_port, ingress_ifindex;
};

static void fill_lookup(void **state, struct bpfsys_prog_test_run_attr *attr,
			struct lookup *ctx)
{
	if (!kernel_offers(state, "bpf_sk_lookup.cookie", BPFSYS_KV(5, 13)))
		skip_case(state, "struct bpf_sk_lookup has no cookie, which "
				 "came with test runs");
	memset(attr, 0, sizeof(*attr));
	memset(ctx, 0, sizeof(*ctx));
	ctx->family = AF_INET;
	ctx->local_port = 80;
	attr->ctx_in = bpfsys_ptr(ctx);
	attr->ctx_size_in = sizeof(*ctx);
}

static int make_lookup(void **state)
{
	return make_trivial_prog(state, BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP,
				 1);
}

void prog_test_run__sk_lookup(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	struct lookup ctx, out;
	int fd;

	fill_lookup(state, &attr, &ctx);
	memset(&out, 0x7f, sizeof(out));
	attr.ctx_out = bpfsys_ptr(&out);
	attr.ctx_size_out = sizeof(out);
	fd = make_lookup(state);
	expect_ok(state, "a run of a socket lookup", run(fd, &attr));
	close(fd);
	expect_u64(state, "retval", 1, attr.retval);
	/* Without ingress_ifindex before 5.17. */
	expect_range(state, "ctx_size_out", sizeof(ctx) - 8, 256,
		     attr.ctx_size_out);
	expect_mem(state, "ctx_out", &ctx, &out,
		   attr.ctx_size_out < sizeof(out) ? attr.ctx_size_out
						   : sizeof(out));
}

void prog_test_run__lookup_not_taken(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	struct lookup ctx;

	fill_lookup(state, &attr, &ctx);
	attr.data_in = bpfsys_ptr(&ctx);
	attr.data_size_in = sizeof(ctx);
	judge_run(state, make_lookup(state), &attr);
	fill_lookup(state, &attr, &ctx);
	attr.data_size_out = 1;
	judge_run(state, make_lookup(state), &attr);
	fill_lookup(state, &attr, &ctx);
	ctx.sk = 1;
	judge_run(state, make_lookup(state), &attr);
}

void prog_test_run__lookup_flags(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	struct lookup ctx;

	fill_lookup(state, &attr, &ctx);
	refuse_options(state, make_lookup(state), &attr);
}

void prog_test_run__lookup_without_context(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	struct lookup ctx;

	fill_lookup(state, &attr, &ctx);
	attr.ctx_in = attr.ctx_size_in = 0;
	judge_run(state, make_lookup(state), &attr);
}

void prog_test_run__lookup_port(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	struct lookup ctx;

	fill_lookup(state, &attr, &ctx);
	ctx.local_port = UINT16_MAX + 1;
	judge_run(state, make_lookup(state), &attr);
}

void prog_test_run__lookup_family(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	struct lookup ctx;

	fill_lookup(state, &attr, &ctx);
	ctx.family = 99;
	judge_run(state, make_lookup(state), &attr);
}

/* A program that reads the second 8 bytes of its context. */
static int make_syscall(void **state)
{
	static const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_0, BPF_REG_1, 8),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	need_prog_type(state, "BPF_PROG_TYPE_SYSCALL", BPF_PROG_TYPE_SYSCALL,
		       BPFSYS_KV(5, 14));
	fill_prog(&attr, BPF_PROG_TYPE_SYSCALL, insns, COUNT_OF(insns));
	attr.prog_flags = BPF_F_SLEEPABLE;
	return load_prog(state, &attr);
}

void prog_test_run__syscall_context_size(void **state)
{
	static uint8_t ctx[UINT16_MAX + 1];
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_syscall(state);

	memset(&attr, 0, sizeof(attr));
	attr.ctx_in = bpfsys_ptr(ctx);
	attr.ctx_size_in = 16;
	expect_ok(state, "a context of 16 bytes", run(fd, &attr));
	attr.ctx_size_in = UINT16_MAX;
	expect_ok(state, "a context of 65535 bytes", run(fd, &attr));
	attr.ctx_size_in = sizeof(ctx);
	judge_run(state, fd, &attr);
	attr.ctx_size_in = 15;
	judge_run(state, make_syscall(state), &attr);
}

void prog_test_run__syscall_not_taken(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	uint64_t ctx[2] = {0};

	for (int i = 0; i < 7; i++) {
		memset(&attr, 0, sizeof(attr));
		attr.ctx_in = bpfsys_ptr(ctx);
		attr.ctx_size_in = sizeof(ctx);
		attr.repeat = i == 0;
		attr.flags = i == 1;
		attr.data_in = i == 2 ? bpfsys_ptr(ctx) : 0;
		attr.data_out = i == 3 ? bpfsys_ptr(ctx) : 0;
		attr.ctx_out = i == 4 ? bpfsys_ptr(ctx) : 0;
		attr.ctx_size_out = i == 4 ? sizeof(ctx) : 0;
		attr.duration = i == 5;
		attr.batch_size = i == 6;
		judge_run(state, make_syscall(state), &attr);
	}
}

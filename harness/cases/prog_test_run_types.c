// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_TEST_RUN of program types other than the witness's: what each takes,
 * and what it gives back. */
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_ether.h>

#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"
#include "lacking.h"
#include "test_run.h"

#define PACKET_SIZE 64
#define MD(field)   offsetof(struct xdp_md, field)

uint64_t test_run_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void test_run_check_duration(void **state,
			     const struct bpfsys_prog_test_run_attr *attr,
			     uint64_t before)
{
	uint64_t elapsed = test_run_now_ns() - before;
	uint64_t runs = attr->repeat ? attr->repeat : 1;

	expect_range(state, "duration times repeat", 0, elapsed,
		     attr->duration * runs);
}

static void fill_packet(uint8_t *packet)
{
	for (unsigned int i = 0; i < PACKET_SIZE; i++)
		packet[i] = (uint8_t)(0x80 + i);
}

/* Runs ATTR, which is filled but for the program. */
static void run_prog(void **state, int prog_fd,
		     struct bpfsys_prog_test_run_attr *attr)
{
	uint64_t before = test_run_now_ns();

	attr->prog_fd = (uint32_t)prog_fd;
	expect_ok(state, "BPF_PROG_TEST_RUN", bpfsys_prog_test_run(attr));
	test_run_check_duration(state, attr, before);
}

/* A socket filter sees the packet behind its Ethernet header, of which zeros
 * come back: bpf_prog_test_run_skb(), is_l2. */
void prog_test_run__socket_filter(void **state)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_W, BPF_REG_0, BPF_REG_1,
		    offsetof(struct __sk_buff, len)),
		EXIT(),
	};
	uint8_t in[PACKET_SIZE], out[PACKET_SIZE + 1];
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_hook_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, insns,
				COUNT_OF(insns));

	fill_packet(in);
	memset(out, 0x7f, sizeof(out));
	memset(&attr, 0, sizeof(attr));
	attr.data_in = bpfsys_ptr(in);
	attr.data_size_in = sizeof(in);
	attr.data_out = bpfsys_ptr(out);
	attr.data_size_out = sizeof(out);
	run_prog(state, fd, &attr);
	close(fd);
	expect_u64(state, "retval: skb->len", PACKET_SIZE - ETH_HLEN,
		   attr.retval);
	expect_u64(state, "data_size_out", PACKET_SIZE, attr.data_size_out);
	memset(in, 0, ETH_HLEN);
	expect_mem(state, "data_out", in, out, PACKET_SIZE);
	expect_u64(state, "byte behind data_out", 0x7f, out[PACKET_SIZE]);
	expect_u64(state, "ctx_size_out", 0, attr.ctx_size_out);
}

/* Drops the first 4 bytes of the packet and returns XDP_TX. */
static int make_xdp_shrink(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_2, 4),
		CALL_HELPER(BPF_FUNC_xdp_adjust_head),
		MOV64_IMM(BPF_REG_0, XDP_TX),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_XDP, insns, COUNT_OF(insns));
}

void prog_test_run__xdp(void **state)
{
	uint8_t in[PACKET_SIZE], out[PACKET_SIZE + 1];
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_xdp_shrink(state);

	fill_packet(in);
	memset(out, 0x7f, sizeof(out));
	memset(&attr, 0, sizeof(attr));
	attr.data_in = bpfsys_ptr(in);
	attr.data_size_in = sizeof(in);
	attr.data_out = bpfsys_ptr(out);
	attr.data_size_out = sizeof(out);
	attr.repeat = 2;
	run_prog(state, fd, &attr);
	close(fd);
	expect_u64(state, "retval", XDP_TX, attr.retval);
	/* Every run starts from where the last one left the packet. */
	expect_u64(state, "data_size_out", PACKET_SIZE - 8, attr.data_size_out);
	expect_mem(state, "data_out", in + 8, out, PACKET_SIZE - 8);
	expect_u64(state, "byte behind data_out", 0x7f, out[PACKET_SIZE - 8]);
}

/* Returns the first byte of the metadata in front of the packet, plus the
 * index of the device, and drops the metadata's first 4 bytes. */
static int make_xdp_meta(void **state)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_6, BPF_REG_1),
		MOV64_IMM(BPF_REG_7, 0),
		LDX(BPF_W, BPF_REG_2, BPF_REG_6, MD(data_meta)),
		LDX(BPF_W, BPF_REG_3, BPF_REG_6, MD(data)),
		MOV64_REG(BPF_REG_4, BPF_REG_2),
		ADD64_IMM(BPF_REG_4, 8),
		JMP_REG(BPF_JGT, BPF_REG_4, BPF_REG_3, 1),
		LDX(BPF_B, BPF_REG_7, BPF_REG_2, 0),
		LDX(BPF_W, BPF_REG_2, BPF_REG_6, MD(ingress_ifindex)),
		INSN(BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_7, BPF_REG_2, 0, 0),
		MOV64_REG(BPF_REG_1, BPF_REG_6),
		MOV64_IMM(BPF_REG_2, 4),
		CALL_HELPER(BPF_FUNC_xdp_adjust_meta),
		MOV64_REG(BPF_REG_0, BPF_REG_7),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_XDP, insns, COUNT_OF(insns));
}

/* xdp_md comes with metadata, which data says the length of, and leaves with
 * what the program made of it. Its addresses count from the metadata. */
void prog_test_run__xdp_context(void **state)
{
	uint8_t in[PACKET_SIZE], out[PACKET_SIZE];
	struct bpfsys_prog_test_run_attr attr;
	struct xdp_md ctx, ctx_out;
	int fd = make_xdp_meta(state);

	memset(&ctx, 0, sizeof(ctx));
	ctx.data = 8;
	ctx.data_end = PACKET_SIZE;
	ctx.ingress_ifindex = 1;
	memset(&ctx_out, 0x7f, sizeof(ctx_out));
	fill_packet(in);
	memset(&attr, 0, sizeof(attr));
	attr.data_in = bpfsys_ptr(in);
	attr.data_size_in = sizeof(in);
	attr.data_out = bpfsys_ptr(out);
	attr.data_size_out = sizeof(out);
	attr.ctx_in = bpfsys_ptr(&ctx);
	attr.ctx_size_in = sizeof(ctx);
	attr.ctx_out = bpfsys_ptr(&ctx_out);
	attr.ctx_size_out = sizeof(ctx_out);
	/* xdp_md came with 5.14, as did this; its functions leave no BTF. */
	if (!kernel_offers(state, "bpf_attr.fd_array", BPFSYS_KV(5, 14))) {
		attr.prog_fd = (uint32_t)fd;
		expect_error(state, "a context for XDP", EINVAL,
			     bpfsys_prog_test_run(&attr));
		skip_case(state, "the kernel takes no context for XDP: EINVAL");
	}
	run_prog(state, fd, &attr);
	close(fd);
	expect_u64(state, "retval: metadata and device", 0x80 + 1, attr.retval);
	expect_u64(state, "data_size_out", PACKET_SIZE - 4, attr.data_size_out);
	expect_mem(state, "data_out", in + 4, out, PACKET_SIZE - 4);
	expect_u64(state, "ctx_size_out", sizeof(ctx), attr.ctx_size_out);
	ctx.data = 4;
	ctx.data_end = PACKET_SIZE - 4;
	expect_mem(state, "ctx_out", &ctx, &ctx_out, sizeof(ctx));
}

/* Keeps its two arguments and its CPU; returns their sum. */
static int make_raw_adder(void **state, int counters_fd)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_6, BPF_REG_1),
		CALL_HELPER(BPF_FUNC_get_smp_processor_id),
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
		STX(BPF_DW, BPF_REG_7, BPF_REG_0, 16),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_6, 0),
		LDX(BPF_DW, BPF_REG_2, BPF_REG_6, 8),
		STX(BPF_DW, BPF_REG_7, BPF_REG_1, 0),
		STX(BPF_DW, BPF_REG_7, BPF_REG_2, 8),
		MOV64_REG(BPF_REG_0, BPF_REG_1),
		INSN(BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_0, BPF_REG_2, 0, 0),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT, insns,
			      COUNT_OF(insns));
}

static const uint64_t raw_args[] = {0x1111222233334444, 0x10000001};

static void fill_raw(struct bpfsys_prog_test_run_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->ctx_in = bpfsys_ptr(raw_args);
	attr->ctx_size_in = sizeof(raw_args);
}

void prog_test_run__raw_tracepoint(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	uint64_t counters[COUNTERS];
	int map_fd = make_counters(state);
	int fd = make_raw_adder(state, map_fd);

	fill_raw(&attr);
	run_prog(state, fd, &attr);
	read_counters(state, map_fd, counters);
	close(fd);
	close(map_fd);
	expect_u64(state, "retval: the low half of the sum", 0x43334445,
		   attr.retval);
	expect_mem(state, "arguments that the program saw", raw_args, counters,
		   sizeof(raw_args));
	expect_u64(state, "duration, which this type has not", 0,
		   attr.duration);
}

/* The highest CPU that this process may run on. */
static unsigned int last_cpu(void **state)
{
	unsigned int cpu = CPU_SETSIZE - 1;
	cpu_set_t set;

	CPU_ZERO(&set);
	need(state, "sched_getaffinity",
	     sched_getaffinity(0, sizeof(set), &set) != 0 ? -errno : 0);
	while (cpu && !CPU_ISSET(cpu, &set))
		cpu--;
	return cpu;
}

void prog_test_run__on_cpu(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	uint64_t counters[COUNTERS];
	int map_fd = make_counters(state);
	int fd = make_raw_adder(state, map_fd);
	unsigned int last = last_cpu(state);

	for (unsigned int cpu = 0; cpu <= last; cpu += last ? last : 1) {
		fill_raw(&attr);
		attr.flags = BPF_F_TEST_RUN_ON_CPU;
		attr.cpu = cpu;
		run_prog(state, fd, &attr);
		read_counters(state, map_fd, counters);
		expect_u64(state, "CPU that the program ran on", cpu,
			   counters[2]);
	}
	close(fd);
	close(map_fd);
}

void prog_test_run__no_such_cpu(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	int map_fd = make_counters(state);
	int fd = make_raw_adder(state, map_fd);
	int ret;

	fill_raw(&attr);
	attr.prog_fd = (uint32_t)fd;
	attr.flags = BPF_F_TEST_RUN_ON_CPU;
	attr.cpu = 1u << 20;
	ret = bpfsys_prog_test_run(&attr);
	close(fd);
	close(map_fd);
	expect_errno(state, ret);
}

/* A syscall program's context is its caller's buffer: it comes back changed. */
void prog_test_run__syscall(void **state)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_2, BPF_REG_1, 0),
		ADD64_IMM(BPF_REG_2, 5),
		STX(BPF_DW, BPF_REG_1, BPF_REG_2, 8),
		MOV64_IMM(BPF_REG_0, -3),
		EXIT(),
	};
	struct bpfsys_prog_load_attr load;
	struct bpfsys_prog_test_run_attr attr;
	const uint64_t want[] = {100, 105, 3};
	uint64_t ctx[] = {100, 2, 3};
	int fd;

	need_prog_type(state, "BPF_PROG_TYPE_SYSCALL", BPF_PROG_TYPE_SYSCALL,
		       BPFSYS_KV(5, 14));
	fill_prog(&load, BPF_PROG_TYPE_SYSCALL, insns, COUNT_OF(insns));
	load.prog_flags = BPF_F_SLEEPABLE;
	fd = load_prog(state, &load);
	memset(&attr, 0, sizeof(attr));
	attr.ctx_in = bpfsys_ptr(ctx);
	attr.ctx_size_in = 2 * sizeof(ctx[0]);
	run_prog(state, fd, &attr);
	close(fd);
	expect_u64(state, "retval", (uint32_t)-3, attr.retval);
	expect_mem(state, "the context, and what is behind it", want, ctx,
		   sizeof(want));
	expect_u64(state, "duration, which this type has not", 0,
		   attr.duration);
}

/* repeat runs the program as often, 0 being 1, and duration is one run's. */
void prog_test_run__repeat(void **state)
{
	const uint32_t repeats[] = {0, 1, 2, 1000};
	struct bpfsys_prog_test_run_attr attr;
	uint64_t counters[COUNTERS], want = 0;
	int map_fd = make_counters(state);
	const struct bpf_insn insns[] = {
		LD_MAP_VALUE(BPF_REG_1, map_fd, 0),
		COUNT_AT(BPF_REG_1, 0),
		EXIT(),
	};
	int fd = make_hook_prog(state, BPF_PROG_TYPE_SCHED_CLS, insns,
				COUNT_OF(insns));
	uint8_t packet[PACKET_SIZE];

	fill_packet(packet);
	for (size_t i = 0; i < COUNT_OF(repeats); i++) {
		memset(&attr, 0, sizeof(attr));
		attr.data_in = bpfsys_ptr(packet);
		attr.data_size_in = sizeof(packet);
		attr.repeat = repeats[i];
		run_prog(state, fd, &attr);
		want += repeats[i] ? repeats[i] : 1;
		read_counters(state, map_fd, counters);
		expect_u64(state, "runs counted", want, counters[0]);
		expect_u64(state, "retval of the last run", want, attr.retval);
	}
	close(fd);
	close(map_fd);
	/* Of many runs even a fast machine spends a nanosecond on each. */
	expect_range(state, "duration of one of 1000 runs", 1, UINT32_MAX,
		     attr.duration);
}

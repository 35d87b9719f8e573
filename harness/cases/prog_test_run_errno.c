// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_TEST_RUN: what program types other than those on packets refuse, and
 * what XDP does. The packet's own rows: prog_test_run.c. */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "kernel.h"
#include "lacking.h"
#include "progs.h"
#include "test_run.h"

enum { LIVE_FRAMES = 1 << 1, CHECKSUM_COMPLETE = 1 << 2 };

void judge_run(void **state, int prog_fd,
	       struct bpfsys_prog_test_run_attr *attr)
{
	int ret;

	attr->prog_fd = (uint32_t)prog_fd;
	ret = bpfsys_prog_test_run(attr);
	close(prog_fd);
	expect_errno(state, ret);
}

static void fill_run(struct bpfsys_prog_test_run_attr *attr)
{
	static uint8_t packet[64];

	memset(attr, 0, sizeof(*attr));
	attr->data_in = bpfsys_ptr(packet);
	attr->data_size_in = sizeof(packet);
}

static int make_classifier(void **state)
{
	return make_verdict_prog(state, BPF_PROG_TYPE_SCHED_CLS, 0);
}

void prog_test_run__ctx_out_without_size(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	uint8_t ctx[512];

	fill_run(&attr);
	attr.ctx_out = bpfsys_ptr(ctx);
	judge_run(state, make_classifier(state), &attr);
	fill_run(&attr);
	attr.ctx_size_out = sizeof(ctx);
	judge_run(state, make_classifier(state), &attr);
}

void prog_test_run__cpu_of_packet(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	fill_run(&attr);
	attr.cpu = 1;
	judge_run(state, make_classifier(state), &attr);
}

static void judge_skb_ctx(void **state, struct __sk_buff *ctx)
{
	struct bpfsys_prog_test_run_attr attr;

	fill_run(&attr);
	attr.ctx_in = bpfsys_ptr(ctx);
	attr.ctx_size_in = sizeof(*ctx);
	judge_run(state, make_classifier(state), &attr);
}

void prog_test_run__no_such_device(void **state)
{
	struct __sk_buff ctx;

	memset(&ctx, 0, sizeof(ctx));
	ctx.ifindex = INT32_MAX;
	judge_skb_ctx(state, &ctx);
}

void prog_test_run__ctx_value(void **state)
{
	struct __sk_buff ctx;

	memset(&ctx, 0, sizeof(ctx));
	ctx.wire_len = 63; /* less than the packet */
	judge_skb_ctx(state, &ctx);
	ctx.wire_len = 0;
	ctx.gso_segs = UINT32_MAX;
	judge_skb_ctx(state, &ctx);
}

#define REFUSED(field)                                            \
	{                                                         \
#field, offsetof(struct __sk_buff, field),        \
			sizeof(((struct __sk_buff *)NULL)->field) \
	}

/* What convert___skb_to_skb() takes over is not among these. */
void prog_test_run__ctx_fields(void **state)
{
	static const struct {
		const char *name;
		size_t offset, size;
	} refused[] = {
		REFUSED(len),		REFUSED(pkt_type),
		REFUSED(queue_mapping), REFUSED(protocol),
		REFUSED(vlan_present),	REFUSED(vlan_tci),
		REFUSED(vlan_proto),	REFUSED(tc_index),
		REFUSED(hash),		REFUSED(tc_classid),
		REFUSED(data),		REFUSED(napi_id),
		REFUSED(family),	REFUSED(remote_ip4),
		REFUSED(local_ip4),	REFUSED(remote_ip6),
		REFUSED(local_ip6),	REFUSED(remote_port),
		REFUSED(local_port),	REFUSED(data_meta),
	};
	struct bpfsys_prog_test_run_attr attr;
	struct __sk_buff ctx;
	int fd = make_classifier(state);

	fill_run(&attr);
	attr.prog_fd = (uint32_t)fd;
	attr.ctx_in = bpfsys_ptr(&ctx);
	attr.ctx_size_in = sizeof(ctx);
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		for (size_t byte = 0; byte < refused[i].size; byte++) {
			memset(&ctx, 0, sizeof(ctx));
			((uint8_t *)&ctx)[refused[i].offset + byte] = 1;
			expect_error(state, refused[i].name, EINVAL,
				     bpfsys_prog_test_run(&attr));
		}
	close(fd);
}

static void ignore(int sig)
{
	(void)sig;
}

/* More runs than there is time for, and a signal that comes again and again. */
void prog_test_run__interrupted(void **state)
{
	const struct itimerval ticks = {{0, 20000}, {0, 20000}}, none = {0};
	struct sigaction act = {.sa_handler = ignore}, old;
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_classifier(state), ret;

	fill_run(&attr);
	attr.prog_fd = (uint32_t)fd;
	attr.repeat = INT32_MAX;
	sigaction(SIGALRM, &act, &old);
	setitimer(ITIMER_REAL, &ticks, NULL);
	ret = bpfsys_prog_test_run(&attr);
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &old, NULL);
	close(fd);
	expect_errno(state, ret);
}

/* Changes the first byte behind the Ethernet header, or leaves it. */
static int make_spoiler(void **state, int32_t mask)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_W, BPF_REG_2, BPF_REG_1, 76), /* data */
		LDX(BPF_W, BPF_REG_3, BPF_REG_1, 80), /* data_end */
		MOV64_REG(BPF_REG_4, BPF_REG_2),
		ADD64_IMM(BPF_REG_4, 15),
		MOV64_IMM(BPF_REG_0, 0),
		JMP_REG(BPF_JGT, BPF_REG_4, BPF_REG_3, 3),
		LDX(BPF_B, BPF_REG_5, BPF_REG_2, 14),
		ALU64_IMM(BPF_XOR, BPF_REG_5, mask),
		STX(BPF_B, BPF_REG_2, BPF_REG_5, 14),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_SCHED_CLS, insns,
			      COUNT_OF(insns));
}

void prog_test_run__checksum(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_spoiler(state, 0), ret;

	fill_run(&attr);
	attr.flags = CHECKSUM_COMPLETE;
	attr.prog_fd = (uint32_t)fd;
	ret = bpfsys_prog_test_run(&attr);
	close(fd);
	if (ret == -EINVAL)
		skip_case(state, "the kernel has no "
				 "BPF_F_TEST_SKB_CHECKSUM_COMPLETE: EINVAL");
	expect_ok(state, "a packet whose checksum holds", ret);
	judge_run(state, make_spoiler(state, 0xff), &attr);
}

/* XDP */

#define BATCH_SIZE "bpf_attr.test.batch_size", BPFSYS_KV(5, 18)

static void need_live_frames(void **state)
{
	if (!kernel_offers(state, BATCH_SIZE))
		skip_field(state, "prog_test_run", "batch_size");
}

static int make_xdp(void **state)
{
	return make_verdict_prog(state, BPF_PROG_TYPE_XDP, XDP_DROP);
}

void prog_test_run__batch_without_live(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	need_live_frames(state);
	fill_run(&attr);
	attr.batch_size = 1;
	judge_run(state, make_xdp(state), &attr);
	judge_run(state, make_classifier(state), &attr);
}

void prog_test_run__batch_too_large(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_xdp(state);

	need_live_frames(state);
	fill_run(&attr);
	attr.prog_fd = (uint32_t)fd;
	attr.flags = LIVE_FRAMES;
	attr.batch_size = 256;
	expect_ok(state, "batch_size 256", bpfsys_prog_test_run(&attr));
	attr.batch_size = 257;
	judge_run(state, fd, &attr);
}

static void judge_xdp_ctx(void **state, struct xdp_md *ctx, uint32_t flags)
{
	struct bpfsys_prog_test_run_attr attr;
	uint8_t out[64];

	fill_run(&attr);
	attr.flags = flags;
	attr.data_out = bpfsys_ptr(out);
	attr.data_size_out = sizeof(out);
	attr.ctx_in = bpfsys_ptr(ctx);
	attr.ctx_size_in = sizeof(*ctx);
	/* Contexts are as new as fd_array. */
	if (!kernel_offers(state, "bpf_attr.fd_array", BPFSYS_KV(5, 14))) {
		int fd = make_xdp(state);

		attr.prog_fd = (uint32_t)fd;
		expect_error(state, "a context for XDP", EINVAL,
			     bpfsys_prog_test_run(&attr));
		close(fd);
		skip_case(state, "the kernel takes no context for XDP: EINVAL");
	}
	judge_run(state, make_xdp(state), &attr);
}

void prog_test_run__live_with_outputs(void **state)
{
	struct xdp_md ctx;

	need_live_frames(state);
	memset(&ctx, 0, sizeof(ctx));
	ctx.data_end = 64;
	judge_xdp_ctx(state, &ctx, LIVE_FRAMES);
}

void prog_test_run__xdp_no_such_device(void **state)
{
	struct xdp_md ctx;

	memset(&ctx, 0, sizeof(ctx));
	ctx.data_end = 64;
	ctx.ingress_ifindex = INT32_MAX;
	judge_xdp_ctx(state, &ctx, 0);
}

void prog_test_run__xdp_context_values(void **state)
{
	const struct xdp_md bad[] = {
		{.data_end = 65},
		{.data = 8, .data_end = 4},
		{.data = 8, .data_end = 64, .data_meta = 4},
		{.data = 6, .data_end = 64},   /* no multiple of 4 */
		{.data = 256, .data_end = 64}, /* more than the headroom */
		{.data_end = 64, .ingress_ifindex = 1, .rx_queue_index = 1000},
		{.data_end = 64, .rx_queue_index = 1},
		{.data_end = 64, .egress_ifindex = 1},
	};

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct xdp_md ctx = bad[i];

		judge_xdp_ctx(state, &ctx, 0);
	}
}

void prog_test_run__xdp_of_map(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_trivial_prog(state, BPF_PROG_TYPE_XDP, BPF_XDP_CPUMAP,
				   XDP_PASS);

	need_live_frames(state);
	fill_run(&attr);
	judge_run(state, fd, &attr);
}

/* Raw tracepoints */

/* Reads its second argument. */
static int make_raw(void **state)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_0, BPF_REG_1, 8),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT, insns,
			      COUNT_OF(insns));
}

static uint64_t raw_args[13];

static void fill_raw(struct bpfsys_prog_test_run_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->ctx_in = bpfsys_ptr(raw_args);
	attr->ctx_size_in = 2 * sizeof(raw_args[0]);
}

void prog_test_run__raw_not_taken(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	fill_raw(&attr);
	attr.data_in = bpfsys_ptr(raw_args);
	judge_run(state, make_raw(state), &attr);
	fill_raw(&attr);
	attr.data_out = bpfsys_ptr(raw_args);
	judge_run(state, make_raw(state), &attr);
	fill_raw(&attr);
	attr.ctx_out = bpfsys_ptr(raw_args);
	attr.ctx_size_out = 8;
	judge_run(state, make_raw(state), &attr);
	fill_raw(&attr);
	attr.repeat = 1;
	judge_run(state, make_raw(state), &attr);
	fill_raw(&attr);
	attr.duration = 1;
	judge_run(state, make_raw(state), &attr);
	/* Before 5.18 past what the command reads, which is EINVAL, too. */
	fill_raw(&attr);
	attr.batch_size = 1;
	judge_run(state, make_raw(state), &attr);
}

void prog_test_run__raw_context_size(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_raw(state);

	fill_raw(&attr);
	attr.prog_fd = (uint32_t)fd;
	attr.ctx_size_in = 12 * sizeof(raw_args[0]);
	expect_ok(state, "12 arguments", bpfsys_prog_test_run(&attr));
	attr.ctx_size_in = sizeof(raw_args);
	judge_run(state, fd, &attr);
	attr.ctx_size_in = 15;
	judge_run(state, make_raw(state), &attr);
}

void prog_test_run__raw_cpu(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	fill_raw(&attr);
	attr.cpu = 1;
	judge_run(state, make_raw(state), &attr);
}

void prog_test_run__unreadable_context(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	fill_raw(&attr);
	attr.ctx_in = BAD_ADDRESS;
	judge_run(state, make_raw(state), &attr);
}

void prog_test_run__unwritable_data(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	fill_run(&attr);
	attr.data_out = BAD_ADDRESS;
	attr.data_size_out = attr.data_size_in;
	judge_run(state, make_classifier(state), &attr);
	judge_run(state, make_verdict_prog(state, BPF_PROG_TYPE_XDP, 2), &attr);
}

void prog_test_run__unwritable_context(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	fill_run(&attr);
	attr.ctx_out = BAD_ADDRESS;
	attr.ctx_size_out = 512;
	judge_run(state, make_classifier(state), &attr);
}

void prog_test_run__read_only_attr(void **state)
{
	judge_read_only_attr(state);
}

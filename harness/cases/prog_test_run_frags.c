// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_TEST_RUN of XDP programs on packets of more than a page, whose rest
 * is in fragments; and on packets that are too short. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "known.h"
#include "progs.h"
#include "test_run.h"

#define HAS_FRAGS   (1u << 5) /* BPF_F_XDP_HAS_FRAGS */
#define LIVE_FRAMES (1u << 1) /* BPF_F_TEST_XDP_LIVE_FRAMES */
#define BUFF_LEN    188	      /* BPF_FUNC_xdp_get_buff_len */
#define LARGE	    9000
/* What the first page holds at the least: 4096 less 256 before and struct
 * skb_shared_info behind it, 320 where it is known. */
#define LINEAR 2048
/* More than a page in each of CONFIG_MAX_SKB_FRAGS, 45 at the most. */
#define TOO_LARGE (48 * 65536)

/* Returns the packet's length, fragments included. Skips the case where the
 * kernel does not know BPF_F_XDP_HAS_FRAGS, which is EINVAL then. */
static int make_frags_prog(void **state)
{
	const struct bpf_insn insns[] = {CALL_HELPER(BUFF_LEN), EXIT()};
	struct bpfsys_prog_load_attr attr;
	int ret;

	if (!kernel_offers(state, "bpf_prog_aux.xdp_has_frags",
			   BPFSYS_KV(5, 18))) {
		fill_filter(&attr);
		attr.prog_flags = HAS_FRAGS;
		ret = bpfsys_prog_load(&attr);
		close_if_fd(ret);
		expect_error(state, "BPF_F_XDP_HAS_FRAGS", EINVAL, ret);
		skip_case(state, "no XDP with fragments: EINVAL");
	}
	fill_prog(&attr, BPF_PROG_TYPE_XDP, insns, COUNT_OF(insns));
	attr.prog_flags = HAS_FRAGS;
	return load_prog(state, &attr);
}

static uint8_t in[LARGE], out[LARGE + 1];

/* No two pages of it are alike. */
static void fill_run(struct bpfsys_prog_test_run_attr *attr)
{
	for (unsigned int i = 0; i < LARGE; i++)
		in[i] = (uint8_t)(i * 31 + (i >> 8) * 7 + 1);
	memset(out, 0x7f, sizeof(out));
	memset(attr, 0, sizeof(*attr));
	attr->data_in = bpfsys_ptr(in);
	attr->data_size_in = LARGE;
	attr->data_out = bpfsys_ptr(out);
	attr->data_size_out = sizeof(out);
}

static int run(void **state, struct bpfsys_prog_test_run_attr *attr)
{
	int fd = make_frags_prog(state), ret;

	attr->prog_fd = (uint32_t)fd;
	ret = bpfsys_prog_test_run(attr);
	close(fd);
	return ret;
}

void prog_test_run__xdp_frags(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	fill_run(&attr);
	expect_ok(state, "a packet of 9000 bytes", run(state, &attr));
	expect_u64(state, "retval: bpf_xdp_get_buff_len()", LARGE, attr.retval);
	expect_u64(state, "data_size_out", LARGE, attr.data_size_out);
	expect_mem(state, "data_out", in, out, LARGE);
	expect_u64(state, "byte behind data_out", 0x7f, out[LARGE]);
}

/* A context says how much of the packet is in the first page. */
void prog_test_run__xdp_frags_context(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	struct xdp_md ctx, ctx_out;

	memset(&ctx, 0, sizeof(ctx));
	memset(&ctx_out, 0x7f, sizeof(ctx_out));
	ctx.data_end = LINEAR;
	fill_run(&attr);
	attr.ctx_in = bpfsys_ptr(&ctx);
	attr.ctx_size_in = sizeof(ctx);
	attr.ctx_out = bpfsys_ptr(&ctx_out);
	attr.ctx_size_out = sizeof(ctx_out);
	expect_ok(state, "a packet of 9000 bytes", run(state, &attr));
	expect_u64(state, "retval: bpf_xdp_get_buff_len()", LARGE, attr.retval);
	expect_u64(state, "data_size_out", LARGE, attr.data_size_out);
	expect_mem(state, "data_out", in, out, LARGE);
	expect_mem(state, "ctx_out", &ctx, &ctx_out, sizeof(ctx));
}

/* What does not fit is cut off at the end; older kernels cut it off where the
 * fragments begin. */
void prog_test_run__xdp_frags_cut(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	const uint32_t room = LARGE - 1000;
	int ret;

	fill_run(&attr);
	attr.data_size_out = room;
	ret = run(state, &attr);
	expect_errno(state, ret);
	expect_u64(state, "retval", LARGE, attr.retval);
	expect_u64(state, "data_size_out", LARGE, attr.data_size_out);
	expect_mem(state, "data_out", in, out, LINEAR);
	expect_u64(state, "byte behind data_out", 0x7f, out[room]);
	if (memcmp(in, out, room) != 0 && is_known(state, "a gap"))
		return;
	expect_mem(state, "data_out", in, out, room);
}

void prog_test_run__xdp_frags_live(void **state)
{
	struct bpfsys_prog_test_run_attr attr;

	fill_run(&attr);
	attr.flags = LIVE_FRAMES;
	attr.data_out = attr.data_size_out = 0;
	expect_errno(state, run(state, &attr));
}

void prog_test_run__xdp_frags_too_many(void **state)
{
	static uint8_t packet[TOO_LARGE];
	struct bpfsys_prog_test_run_attr attr;

	fill_run(&attr);
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = sizeof(packet);
	expect_errno(state, run(state, &attr));
}

/* A packet is what is behind the metadata. */
static void check_behind_metadata(void **state, int fd)
{
	struct bpfsys_prog_test_run_attr attr;
	struct xdp_md ctx;

	for (uint32_t size = 14; size > 12; size--) {
		memset(&ctx, 0, sizeof(ctx));
		ctx.data = 8;
		ctx.data_end = ctx.data + size;
		fill_run(&attr);
		attr.prog_fd = (uint32_t)fd;
		attr.data_size_in = ctx.data_end;
		attr.ctx_in = bpfsys_ptr(&ctx);
		attr.ctx_size_in = sizeof(ctx);
		if (size == 14)
			expect_ok(state, "14 bytes behind metadata",
				  bpfsys_prog_test_run(&attr));
		else
			expect_errno(state, bpfsys_prog_test_run(&attr));
	}
}

void prog_test_run__xdp_short_data(void **state)
{
	int ret, fd = make_verdict_prog(state, BPF_PROG_TYPE_XDP, XDP_PASS);
	struct bpfsys_prog_test_run_attr attr;

	fill_run(&attr);
	attr.prog_fd = (uint32_t)fd;
	attr.data_size_in = 14;
	expect_ok(state, "a packet of 14 bytes", bpfsys_prog_test_run(&attr));
	expect_u64(state, "data_size_out", 14, attr.data_size_out);
	/* Contexts are as new as fd_array. */
	if (kernel_offers(state, "bpf_attr.fd_array", BPFSYS_KV(5, 14)))
		check_behind_metadata(state, fd);
	fill_run(&attr);
	attr.prog_fd = (uint32_t)fd;
	attr.data_size_in = 13;
	ret = bpfsys_prog_test_run(&attr);
	close(fd);
	if (ret == 0 && is_known(state, "success"))
		return;
	expect_errno(state, ret);
}

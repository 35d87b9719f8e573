// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_TEST_RUN: the witness, a traffic control program on a packet with
 * context, and the errno rows. Other program types: prog_test_run_types.c. */
#include <stddef.h>
#include <string.h>

#include <linux/if_ether.h>

#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"
#include "test_run.h"

#define PACKET_SIZE 64
#define RUNS	    3
#define SKB(field)  offsetof(struct __sk_buff, field)

/* Flips the packet's first byte, adds to mark, cb[0] and priority, and counts:
 * every output depends on an input and on the number of runs. */
static int make_classifier(void **state, int counters_fd)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_6, BPF_REG_1),
		LDX(BPF_W, BPF_REG_2, BPF_REG_6, SKB(mark)),
		ADD64_IMM(BPF_REG_2, 1),
		STX(BPF_W, BPF_REG_6, BPF_REG_2, SKB(mark)),
		LDX(BPF_W, BPF_REG_2, BPF_REG_6, SKB(priority)),
		ADD64_IMM(BPF_REG_2, 2),
		STX(BPF_W, BPF_REG_6, BPF_REG_2, SKB(priority)),
		LDX(BPF_W, BPF_REG_2, BPF_REG_6, SKB(cb)),
		ADD64_IMM(BPF_REG_2, 3),
		STX(BPF_W, BPF_REG_6, BPF_REG_2, SKB(cb)),
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
		COUNT_AT(BPF_REG_7, 0),
		LDX(BPF_W, BPF_REG_2, BPF_REG_6, SKB(data)),
		LDX(BPF_W, BPF_REG_3, BPF_REG_6, SKB(data_end)),
		MOV64_REG(BPF_REG_4, BPF_REG_2),
		ADD64_IMM(BPF_REG_4, 1),
		MOV64_IMM(BPF_REG_0, 0),
		JMP_REG(BPF_JGT, BPF_REG_4, BPF_REG_3, 4),
		LDX(BPF_B, BPF_REG_5, BPF_REG_2, 0),
		ALU64_IMM(BPF_XOR, BPF_REG_5, 0xff),
		STX(BPF_B, BPF_REG_2, BPF_REG_5, 0),
		LDX(BPF_W, BPF_REG_0, BPF_REG_6, SKB(len)),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_SCHED_CLS, insns,
			      COUNT_OF(insns));
}

static void make(struct world *world)
{
	world->map_fd = make_counters(world->state);
	world->prog_fd = make_classifier(world->state, world->map_fd);
	world->zero_fd = world->prog_fd;
}

/* in: the packet, and behind it the context; out: in the same way. */
#define CTX_AT 1024

static void arm(struct world *world, union argument *attr)
{
	struct bpfsys_prog_test_run_attr *run = &attr->prog_test_run;
	struct __sk_buff ctx;
	uint64_t zeros[COUNTERS] = {0};
	uint32_t key = 0;

	put_elem(world->state, world->map_fd, &key, zeros);
	for (unsigned int i = 0; i < PACKET_SIZE; i++)
		world->in[i] = (uint8_t)(0x80 + i);
	memset(&ctx, 0, sizeof(ctx));
	ctx.mark = 40;
	ctx.priority = 50;
	ctx.cb[0] = 60;
	ctx.cb[4] = 70;
	memcpy(world->in + CTX_AT, &ctx, sizeof(ctx));
	memset(world->out, 0x7f, sizeof(world->out));
	run->prog_fd = (uint32_t)world->prog_fd;
	run->repeat = RUNS;
	run->data_in = bpfsys_ptr(world->in);
	run->data_size_in = PACKET_SIZE;
	run->data_out = bpfsys_ptr(world->out);
	run->data_size_out = CTX_AT;
	run->ctx_in = bpfsys_ptr(world->in + CTX_AT);
	run->ctx_size_in = sizeof(ctx);
	run->ctx_out = bpfsys_ptr(world->out + CTX_AT);
	run->ctx_size_out = CTX_AT;
	world->keys[0] = test_run_now_ns();
}

static void check_packet(struct world *world,
			 const struct bpfsys_prog_test_run_attr *run)
{
	void **state = world->state;

	expect_u64(state, "data_size_out", PACKET_SIZE, run->data_size_out);
	/* An odd number of runs flips once. */
	world->in[0] ^= 0xff;
	expect_mem(state, "data_out", world->in, world->out, PACKET_SIZE);
	expect_u64(state, "byte behind data_out", 0x7f,
		   world->out[PACKET_SIZE]);
}

static void check_ctx(struct world *world,
		      const struct bpfsys_prog_test_run_attr *run)
{
	uint32_t size = kernel_struct_size("__sk_buff");
	void **state = world->state;
	struct __sk_buff want;

	if (!size)
		size = run->ctx_size_out;
	memcpy(&want, world->in + CTX_AT, sizeof(want));
	want.mark += 1 * RUNS;
	want.priority += 2 * RUNS;
	want.cb[0] += 3 * RUNS;
	want.ifindex = 1; /* the loopback device */
	want.wire_len = PACKET_SIZE;
	expect_u64(state, "ctx_size_out", size, run->ctx_size_out);
	expect_mem(state, "ctx_out", &want, world->out + CTX_AT,
		   size < sizeof(want) ? size : sizeof(want));
	expect_u64(state, "byte behind ctx_out", 0x7f,
		   world->out[CTX_AT + size]);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	const struct bpfsys_prog_test_run_attr *run = &attr->prog_test_run;
	uint64_t counters[COUNTERS];

	(void)ret;
	/* Before anything else takes time. */
	test_run_check_duration(world->state, run, world->keys[0]);
	expect_u64(world->state, "retval: skb->len", PACKET_SIZE, run->retval);
	check_packet(world, run);
	check_ctx(world, run);
	read_counters(world->state, world->map_fd, counters);
	expect_u64(world->state, "runs that the program counted", RUNS,
		   counters[0]);
}

const struct witness witness_prog_test_run = {
	.make = make,
	.arm = arm,
	.check = check,
};

static void close_prog(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_test_run.prog_fd = CLOSED_FD;
}

void prog_test_run__closed_fd(void **state)
{
	judge_broken(state, close_prog);
}

static void name_map(struct world *world, union argument *attr)
{
	attr->prog_test_run.prog_fd = (uint32_t)world->map_fd;
}

void prog_test_run__not_a_program(void **state)
{
	judge_broken(state, name_map);
}

static void cut_packet(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_test_run.data_size_in = ETH_HLEN - 1;
}

void prog_test_run__short_data(void **state)
{
	judge_broken(state, cut_packet);
}

static void drop_ctx_size(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_test_run.ctx_size_in = 0;
}

void prog_test_run__ctx_without_size(void **state)
{
	judge_broken(state, drop_ctx_size);
}

static void set_ctx_len(struct world *world, union argument *attr)
{
	(void)attr;
	world->in[CTX_AT + SKB(len)] = 1;
}

void prog_test_run__ctx_field_not_taken(void **state)
{
	judge_broken(state, set_ctx_len);
}

static void grow_ctx(struct world *world, union argument *attr)
{
	attr->prog_test_run.ctx_size_in = 1024;
	world->in[CTX_AT + 1023] = 1;
}

void prog_test_run__ctx_tail(void **state)
{
	judge_broken(state, grow_ctx);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_test_run.flags = 1u << 31;
}

void prog_test_run__unknown_flag(void **state)
{
	judge_broken(state, add_flag);
}

static void lose_data(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_test_run.data_in = 8;
}

void prog_test_run__unreadable_data(void **state)
{
	judge_broken(state, lose_data);
}

void prog_test_run__no_test_run(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_KPROBE, 0);
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)fd;
	ret = bpfsys_prog_test_run(&attr);
	close_if_fd(fd);
	expect_errno(state, ret);
}

/* What fits is there, and data_size_out says what it would have taken. */
void prog_test_run__data_out_too_small(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	attr.prog_test_run.data_size_out = 8;
	ret = bpfsys_prog_test_run(&attr.prog_test_run);
	world_drop(&world);
	expect_errno(state, ret);
	expect_u64(state, "data_size_out", PACKET_SIZE,
		   attr.prog_test_run.data_size_out);
	expect_u64(state, "retval: skb->len", PACKET_SIZE,
		   attr.prog_test_run.retval);
	world.in[0] ^= 0xff;
	expect_mem(state, "data_out", world.in, world.out, 8);
	expect_u64(state, "byte behind data_out", 0x7f, world.out[8]);
}

void prog_test_run__ctx_out_too_small(void **state)
{
	uint32_t size = kernel_struct_size("__sk_buff");
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	uint32_t mark;
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	attr.prog_test_run.ctx_size_out = SKB(mark) + sizeof(mark);
	ret = bpfsys_prog_test_run(&attr.prog_test_run);
	world_drop(&world);
	expect_errno(state, ret);
	if (size)
		expect_u64(state, "ctx_size_out", size,
			   attr.prog_test_run.ctx_size_out);
	memcpy(&mark, world.out + CTX_AT + SKB(mark), sizeof(mark));
	expect_u64(state, "mark in ctx_out", 40 + RUNS, mark);
	expect_u64(state, "byte behind ctx_out", 0x7f,
		   world.out[CTX_AT + SKB(mark) + 4]);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_STREAM_READ_BY_FD, of what a program printed by kfunc. */
#include <string.h>

#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"

/* A format for each stream, and what comes out of it. */
static const char formats[2][32] = {"%llu to be read\n", "%llu to be heard\n"};
static const char texts[2][32] = {"42 to be read\n", "42 to be heard\n"};

/* Some releases call it bpf_stream_vprintk_impl() alone. Where its last
 * argument, the program, is not implicit, the verifier fills it in. */
static uint32_t need_vprintk(void **state)
{
	if (kernel_func_id("bpf_stream_vprintk") > 0)
		return need_func_id(state, "bpf_stream_vprintk");
	return need_func_id(state, "bpf_stream_vprintk_impl");
}

/* A format must be a constant string: of a map that nobody can write. */
static int make_formats(void **state)
{
	struct bpfsys_map_elem_attr freeze;
	uint32_t key = 0;
	int fd = make_map(state, BPF_MAP_TYPE_ARRAY, 4, sizeof(formats), 1,
			  BPF_F_RDONLY_PROG);

	put_elem(state, fd, &key, formats);
	memset(&freeze, 0, sizeof(freeze));
	freeze.map_fd = (uint32_t)fd;
	need(state, "BPF_MAP_FREEZE", bpfsys_map_freeze(&freeze));
	return fd;
}

/* The number is at the top of the stack. */
#define PRINT(stream, formats_fd, offset, kfunc)                            \
	MOV64_IMM(BPF_REG_1, (stream)),                                     \
		LD_MAP_VALUE(BPF_REG_2, (formats_fd), (offset)),            \
		MOV64_REG(BPF_REG_3, BPF_REG_10), ADD64_IMM(BPF_REG_3, -8), \
		MOV64_IMM(BPF_REG_4, 8), MOV64_IMM(BPF_REG_5, 0),           \
		CALL_KFUNC(kfunc)

static void make(struct world *world)
{
	int kfunc = (int)need_vprintk(world->state);
	int fd = world->map_fd = make_formats(world->state);
	const struct bpf_insn insns[] = {
		ST_IMM(BPF_DW, BPF_REG_10, -8, 42),
		PRINT(BPFABI_STREAM_STDOUT, fd, 0, kfunc),
		PRINT(BPFABI_STREAM_STDERR, fd, sizeof(formats[0]), kfunc),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	world->prog_fd = make_hook_prog(world->state, BPF_PROG_TYPE_SCHED_CLS,
					insns, COUNT_OF(insns));
	world->zero_fd = world->prog_fd;
}

static int read_stream(struct world *world, uint32_t stream, uint32_t size)
{
	struct bpfsys_prog_stream_read_attr attr;

	memset(world->out, 0x7f, sizeof(world->out));
	memset(&attr, 0, sizeof(attr));
	attr.stream_buf = bpfsys_ptr(world->out);
	attr.stream_buf_len = size;
	attr.stream_id = stream;
	attr.prog_fd = (uint32_t)world->prog_fd;
	return bpfsys_prog_stream_read_by_fd(&attr);
}

static void drain(struct world *world)
{
	for (uint32_t i = BPFABI_STREAM_STDOUT; i <= BPFABI_STREAM_STDERR; i++)
		while (read_stream(world, i, sizeof(world->out)) > 0)
			;
}

static void arm(struct world *world, union argument *attr)
{
	struct bpfsys_prog_stream_read_attr *rd = &attr->prog_stream_read;

	run_on_packet(world->state, world->prog_fd, 1);
	memset(world->out, 0x7f, sizeof(world->out));
	rd->stream_buf = bpfsys_ptr(world->out);
	rd->stream_buf_len = sizeof(world->out);
	rd->stream_id = BPFABI_STREAM_STDOUT;
	rd->prog_fd = (uint32_t)world->prog_fd;
}

static void disarm(struct world *world, int ret)
{
	(void)ret;
	drain(world);
}

/* The text without a NUL, and no byte more. */
static void expect_text(struct world *world, const char *text, int ret)
{
	size_t length = strlen(text);

	expect_ok(world->state, "BPF_PROG_STREAM_READ_BY_FD", ret);
	expect_u64(world->state, "bytes read", length, (uint64_t)ret);
	expect_mem(world->state, "stream_buf", text, world->out, length);
	expect_u64(world->state, "byte behind the text", 0x7f,
		   world->out[length]);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	(void)attr;
	expect_text(world, texts[0], ret);
	expect_text(world, "", read_stream(world, BPFABI_STREAM_STDOUT, 4096));
}

const struct witness witness_prog_stream_read_by_fd = {
	.make = make,
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

static void close_prog(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_stream_read.prog_fd = CLOSED_FD;
}

void prog_stream_read_by_fd__closed_fd(void **state)
{
	judge_broken(state, close_prog);
}

static void name_map(struct world *world, union argument *attr)
{
	attr->prog_stream_read.prog_fd = (uint32_t)world->map_fd;
}

void prog_stream_read_by_fd__not_a_program(void **state)
{
	judge_broken(state, name_map);
}

static void bend_stream(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_stream_read.stream_id = BPFABI_STREAM_STDERR + 1;
}

void prog_stream_read_by_fd__unknown_stream(void **state)
{
	judge_broken(state, bend_stream);
}

static void lose_buffer(struct world *world, union argument *attr)
{
	(void)world;
	attr->prog_stream_read.stream_buf = 8;
}

void prog_stream_read_by_fd__unwritable_buffer(void **state)
{
	judge_broken(state, lose_buffer);
}

void prog_stream_read_by_fd__two_streams(void **state)
{
	struct world world;

	world_make(&world, state);
	run_on_packet(state, world.prog_fd, 1);
	expect_text(&world, texts[1],
		    read_stream(&world, BPFABI_STREAM_STDERR, 4096));
	expect_text(&world, texts[0],
		    read_stream(&world, BPFABI_STREAM_STDOUT, 4096));
	world_drop(&world);
}

/* A small buffer takes the text in parts; prints follow each other. */
void prog_stream_read_by_fd__in_parts(void **state)
{
	struct world world;

	world_make(&world, state);
	run_on_packet(state, world.prog_fd, 2);
	expect_text(&world, "42 to",
		    read_stream(&world, BPFABI_STREAM_STDOUT, 5));
	expect_text(&world, " be read\n42",
		    read_stream(&world, BPFABI_STREAM_STDOUT, 11));
	expect_text(&world, " to be read\n",
		    read_stream(&world, BPFABI_STREAM_STDOUT, 4096));
	expect_text(&world, "",
		    read_stream(&world, BPFABI_STREAM_STDOUT, 4096));
	world_drop(&world);
}

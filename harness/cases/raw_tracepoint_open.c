// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_RAW_TRACEPOINT_OPEN, on task_newtask, which fork fires. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"
#include "lacking.h"

#define TRACEPOINT "task_newtask"

static int open_other(void **state)
{
	int prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT, 0);
	int fd = open_raw_tracepoint(state, TRACEPOINT, prog_fd);

	close(prog_fd);
	return fd;
}

static void make(struct world *world)
{
	world->map_fd = make_counters(world->state);
	world->prog_fd = make_newtask_prog(world->state, world->map_fd);
	world->zero_fd = world->prog_fd;
}

/* Where there is more than one call, other programs hang at the tracepoint,
 * too. The first two there patch the kernel's text, which takes long; a third
 * one does not: tracepoint_add_func(). */
static void arm(struct world *world, union argument *attr)
{
	if (world->keys[0]++ == 1) {
		world->link_fd = open_other(world->state);
		world->btf_fd = open_other(world->state);
	}
	attr->raw_tracepoint.name = bpfsys_ptr(TRACEPOINT);
	attr->raw_tracepoint.prog_fd = (uint32_t)world->prog_fd;
}

static void disarm(struct world *world, int ret)
{
	(void)world;
	close_if_fd(ret);
}

static void check_info(struct world *world, int link_fd)
{
	void **state = world->state;
	struct bpfsys_link_info info;
	char name[32];

	memset(name, 0x7f, sizeof(name));
	memset(&info, 0, sizeof(info));
	info.raw_tracepoint.tp_name = bpfsys_ptr(name);
	info.raw_tracepoint.tp_name_len = sizeof(name);
	get_info(state, link_fd, &info, sizeof(info));
	expect_u64(state, "info: type", BPF_LINK_TYPE_RAW_TRACEPOINT,
		   info.type);
	expect_range(state, "info: id", 1, UINT32_MAX, info.id);
	expect_u64(state, "info: prog_id", id_of_prog(state, world->prog_fd),
		   info.prog_id);
	expect_mem(state, "info: tp_name", TRACEPOINT, name,
		   sizeof(TRACEPOINT));
	expect_u64(state, "info: tp_name_len", sizeof(TRACEPOINT),
		   info.raw_tracepoint.tp_name_len);
	expect_u64(state, "info: cookie", 0, info.raw_tracepoint.cookie);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	void **state = world->state;
	uint64_t counters[COUNTERS];

	(void)attr;
	check_info(world, ret);
	make_child(state);
	read_counters(state, world->map_fd, counters);
	expect_u64(state, "runs after one fork", 1, counters[0]);
	expect_u64(state, "clone_flags that the program saw",
		   CLONE_CHILD_SETTID, counters[1] & CLONE_CHILD_SETTID);
}

const struct witness witness_raw_tracepoint_open = {
	.make = make,
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

static void close_prog(struct world *world, union argument *attr)
{
	(void)world;
	attr->raw_tracepoint.prog_fd = CLOSED_FD;
}

void raw_tracepoint_open__closed_fd(void **state)
{
	judge_broken(state, close_prog);
}

static void misspell(struct world *world, union argument *attr)
{
	(void)world;
	attr->raw_tracepoint.name = bpfsys_ptr("no_such_tracepoint");
}

void raw_tracepoint_open__no_such_tracepoint(void **state)
{
	judge_broken(state, misspell);
}

static void take_name(struct world *world, union argument *attr)
{
	(void)world;
	attr->raw_tracepoint.name = 0;
}

void raw_tracepoint_open__null_name(void **state)
{
	judge_broken(state, take_name);
}

static void name_filter(struct world *world, union argument *attr)
{
	world->prog2_fd =
		make_verdict_prog(world->state, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	attr->raw_tracepoint.prog_fd = (uint32_t)world->prog2_fd;
}

void raw_tracepoint_open__wrong_prog_type(void **state)
{
	judge_broken(state, name_filter);
}

/* task_newtask has two arguments: a third is beyond what it passes. */
static void read_third_argument(struct world *world, union argument *attr)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_0, BPF_REG_1, 16),
		EXIT(),
	};

	world->prog2_fd =
		make_hook_prog(world->state, BPF_PROG_TYPE_RAW_TRACEPOINT,
			       insns, COUNT_OF(insns));
	attr->raw_tracepoint.prog_fd = (uint32_t)world->prog2_fd;
}

void raw_tracepoint_open__beyond_arguments(void **state)
{
	judge_broken(state, read_third_argument);
}

/* Closing the last descriptor ends it. */
void raw_tracepoint_open__closed(void **state)
{
	uint64_t counters[COUNTERS];
	struct world world;
	int fd;

	world_make(&world, state);
	fd = open_raw_tracepoint(state, TRACEPOINT, world.prog_fd);
	make_child(state);
	close(fd);
	make_child(state);
	read_counters(state, world.map_fd, counters);
	world_drop(&world);
	expect_u64(state, "runs: the fork before the close, not that after", 1,
		   counters[0]);
}

/* Stores its cookie in counter 0. */
static int make_cookie_prog(void **state, int counters_fd)
{
	const struct bpf_insn insns[] = {
		CALL_HELPER(BPF_FUNC_get_attach_cookie),
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
		STX(BPF_DW, BPF_REG_7, BPF_REG_0, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT, insns,
			      COUNT_OF(insns));
}

void raw_tracepoint_open__cookie(void **state)
{
	struct bpfsys_raw_tracepoint_attr attr;
	uint64_t counters[COUNTERS];
	int map_fd, prog_fd, fd;

	if (!kernel_offers(state, "bpf_attr.raw_tracepoint.cookie",
			   BPFSYS_KV(6, 10)))
		skip_field(state, "raw_tracepoint_open", "cookie");
	map_fd = make_counters(state);
	prog_fd = make_cookie_prog(state, map_fd);
	memset(&attr, 0, sizeof(attr));
	attr.name = bpfsys_ptr(TRACEPOINT);
	attr.prog_fd = (uint32_t)prog_fd;
	attr.cookie = 0x0123456789abcdef;
	fd = bpfsys_raw_tracepoint_open(&attr);
	expect_ok(state, "BPF_RAW_TRACEPOINT_OPEN with a cookie", fd);
	make_child(state);
	read_counters(state, map_fd, counters);
	close(fd);
	close(prog_fd);
	close(map_fd);
	expect_u64(state, "cookie that the program saw", attr.cookie,
		   counters[0]);
}

/* How many programs a kernel function takes: as many as there is room for in
 * what its trampoline is made from. */
static uint32_t trampoline_room(void **state)
{
	static const char *const arrays[] = {
		"bpf_tramp_nodes.nodes",
		"bpf_tramp_links.links",
		"bpf_tramp_progs.progs",
	};
	uint32_t offset, size;

	for (size_t i = 0; i < COUNT_OF(arrays); i++)
		if (kernel_member(arrays[i], &offset, &size))
			return size / sizeof(uint64_t);
	skip_case(state, "the kernel's BTF has no trampolines");
}

/* Attaches a new program to bpf_fentry_test1(), before it and behind it in
 * turn. */
static int open_at_function(void **state, uint32_t number)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 0), EXIT()};
	int prog_fd =
		make_btf_prog(state, BPF_PROG_TYPE_TRACING,
			      number % 2 ? BPF_TRACE_FEXIT : BPF_TRACE_FENTRY,
			      need_func_id(state, "bpf_fentry_test1"), insns,
			      COUNT_OF(insns));
	int fd = open_program(prog_fd, NULL);

	close(prog_fd);
	return fd;
}

void raw_tracepoint_open__too_many_programs(void **state)
{
	uint32_t room = trampoline_room(state), n = 0;
	int fds[64], last = 0, ret;

	need(state, "room for all", room < COUNT_OF(fds) ? 0 : -E2BIG);
	while (last >= 0 && n < room) {
		last = open_at_function(state, n);
		if (last >= 0)
			fds[n++] = last;
	}
	ret = open_at_function(state, n);
	close_if_fd(ret);
	for (uint32_t i = 0; i < n; i++)
		close(fds[i]);
	expect_ok(state, "as many programs as there is room for", last);
	expect_errno(state, ret);
}

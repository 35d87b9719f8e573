// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Hooks that take a kernel function or an element of a map: what
 * BPF_RAW_TRACEPOINT_OPEN and BPF_LINK_CREATE say of them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "progs.h"

static int make_fentry(void **state, int counters_fd)
{
	const struct bpf_insn insns[] = {
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
		COUNT_AT(BPF_REG_7, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	return make_btf_prog(state, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY,
			     need_func_id(state, "bpf_fentry_test1"), insns,
			     COUNT_OF(insns));
}

static void run_functions(void **state, int prog_fd)
{
	struct bpfsys_prog_test_run_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	need(state, "BPF_PROG_TEST_RUN", bpfsys_prog_test_run(&attr));
}

/* The program runs as the function is called, while the link is open. */
void raw_tracepoint_open__fentry(void **state)
{
	int map_fd = make_counters(state);
	int prog_fd = make_fentry(state, map_fd), fd;
	uint64_t before[COUNTERS], during[COUNTERS], after[COUNTERS];

	run_functions(state, prog_fd);
	read_counters(state, map_fd, before);
	fd = open_program(prog_fd, NULL);
	expect_ok(state, "BPF_RAW_TRACEPOINT_OPEN of BPF_TRACE_FENTRY", fd);
	run_functions(state, prog_fd);
	read_counters(state, map_fd, during);
	close(fd);
	run_functions(state, prog_fd);
	read_counters(state, map_fd, after);
	close(prog_fd);
	close(map_fd);
	expect_u64(state, "runs before it is attached", 0, before[0]);
	expect_u64(state, "runs while it is", 1, during[0]);
	expect_u64(state, "runs behind the close", 1, after[0]);
}

void raw_tracepoint_open__function_twice(void **state)
{
	int map_fd = make_counters(state);
	int prog_fd = make_fentry(state, map_fd);
	int first = need(state, "BPF_RAW_TRACEPOINT_OPEN",
			 open_program(prog_fd, NULL));
	int ret = open_program(prog_fd, NULL);

	close_if_fd(ret);
	close(first);
	close(prog_fd);
	close(map_fd);
	skip_where_forgotten(state, ret);
	expect_errno(state, ret);
}

void raw_tracepoint_open__name_of_tracing(void **state)
{
	int map_fd = make_counters(state);
	int prog_fd = make_fentry(state, map_fd);
	int ret = open_program(prog_fd, "task_newtask");

	close_if_fd(ret);
	close(prog_fd);
	close(map_fd);
	expect_errno(state, ret);
}

/* A name is cut behind 127 bytes, not refused for its length. */
void raw_tracepoint_open__long_name(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT, 0);
	char name[256];
	int ret;

	memset(name, 'a', sizeof(name));
	ret = open_program(fd, name);
	close_if_fd(ret);
	close(fd);
	expect_error(state, "a name of 256 bytes without a NUL", ENOENT, ret);
}

/* task_newtask has no buffer that a program may write. */
void raw_tracepoint_open__not_writable(void **state)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_6, BPF_REG_1, 0),
		ST_IMM(BPF_DW, BPF_REG_6, 0, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	int fd = make_hook_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE,
				insns, COUNT_OF(insns));
	int ret = open_program(fd, "task_newtask");

	close_if_fd(ret);
	close(fd);
	expect_errno(state, ret);
}

/* Iterators over the elements of a map: the program reads KEY bytes of the key
 * and VALUE bytes of the value (struct bpf_iter__bpf_map_elem). */
static int make_elem_walker(void **state, int16_t key, int16_t value)
{
	const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_2, BPF_REG_1, 16),
		LDX(BPF_DW, BPF_REG_3, BPF_REG_1, 24),
		MOV64_IMM(BPF_REG_0, 0),
		JMP_IMM(BPF_JEQ, BPF_REG_2, 0, 3),
		JMP_IMM(BPF_JEQ, BPF_REG_3, 0, 2),
		LDX(BPF_B, BPF_REG_4, BPF_REG_2, (int16_t)(key - 1)),
		LDX(BPF_B, BPF_REG_4, BPF_REG_3, (int16_t)(value - 1)),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_TRACING, insns, COUNT_OF(insns));
	attr.expected_attach_type = BPF_TRACE_ITER;
	attr.attach_btf_id = need_func_id(state, "bpf_iter_bpf_map_elem");
	return load_prog(state, &attr);
}

/* union bpf_iter_link_info begins with the map's descriptor. */
static int link_walker(int prog_fd, uint32_t map_fd)
{
	struct bpfsys_link_create_attr attr;
	uint32_t info = map_fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.attach_type = BPF_TRACE_ITER;
	attr.iter_info = bpfsys_ptr(&info);
	attr.iter_info_len = sizeof(info);
	return bpfsys_link_create(&attr);
}

static void judge_walker(void **state, uint32_t type, int16_t key,
			 int16_t value)
{
	int map_fd = make_map(state, type, type == BPF_MAP_TYPE_QUEUE ? 0 : 4,
			      8, 1, 0);
	int prog_fd = make_elem_walker(state, key, value);
	int ret = link_walker(prog_fd, (uint32_t)map_fd);

	close_if_fd(ret);
	close(prog_fd);
	close(map_fd);
	expect_errno(state, ret);
}

void link_create__iter_key_too_small(void **state)
{
	judge_walker(state, BPF_MAP_TYPE_HASH, 5, 8);
}

void link_create__iter_value_too_small(void **state)
{
	judge_walker(state, BPF_MAP_TYPE_HASH, 4, 9);
}

void link_create__iter_of_other_map(void **state)
{
	judge_walker(state, BPF_MAP_TYPE_QUEUE, 4, 8);
}

static void judge_map_fd(void **state, uint32_t map_fd)
{
	int prog_fd = make_elem_walker(state, 4, 8);
	int ret = link_walker(prog_fd, map_fd);

	close_if_fd(ret);
	close(prog_fd);
	expect_errno(state, ret);
}

void link_create__iter_without_map(void **state)
{
	judge_map_fd(state, 0);
	judge_map_fd(state, CLOSED_FD);
}

/* The link holds the map, and says which. */
void link_create__iter_map(void **state)
{
	int map_fd = make_map(state, BPF_MAP_TYPE_HASH, 4, 8, 1, 0);
	int prog_fd = make_elem_walker(state, 4, 8);
	int fd = link_walker(prog_fd, (uint32_t)map_fd);
	struct bpfsys_link_info info;
	uint32_t map_id = id_of_map(state, map_fd);

	expect_ok(state, "BPF_LINK_CREATE of an iterator over a map", fd);
	close(map_fd);
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	close(prog_fd);
	expect_u64(state, "info: type", BPF_LINK_TYPE_ITER, info.type);
	expect_u64(state, "info: target_name_len", sizeof("bpf_map_elem"),
		   info.iter.target_name_len);
	expect_u64(state, "info: map_id", map_id, info.iter.map.map_id);
}

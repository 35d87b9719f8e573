// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Links of programs to kernel functions, and to tracepoints that BTF names:
 * what runs where, and what the info says. */
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "progs.h"

enum { LINK_RAW_TRACEPOINT = 1, LINK_TRACING = 2 };

#define COOKIE 0x0123456789abcdefull

static int link_prog(int prog_fd, uint32_t attach_type, uint64_t cookie)
{
	struct bpfsys_link_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.attach_type = attach_type;
	attr.tracing.cookie = cookie;
	return bpfsys_link_create(&attr);
}

static uint32_t run_functions(void **state, int prog_fd)
{
	struct bpfsys_prog_test_run_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	need(state, "BPF_PROG_TEST_RUN", bpfsys_prog_test_run(&attr));
	return attr.retval;
}

static void check_tracing(void **state, int fd, uint32_t attach_type,
			  uint32_t btf_id, uint64_t cookie)
{
	struct bpfsys_link_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	expect_u64(state, "info: type", LINK_TRACING, info.type);
	expect_u64(state, "info: attach_type", attach_type,
		   info.tracing.attach_type);
	expect_field(state, "bpf_link_info.tracing.target_btf_id",
		     BPFSYS_KV(5, 13), "info: target_btf_id", btf_id,
		     info.tracing.target_btf_id);
	expect_field(state, "bpf_link_info.tracing.cookie", BPFSYS_KV(6, 19),
		     "info: cookie", cookie, info.tracing.cookie);
}

static void need_tracing_links(void **state)
{
	if (!kernel_offers(state, "bpf_attr.link_create.tracing.cookie",
			   BPFSYS_KV(6, 0)))
		skip_case(state, "bpf_attr has no link_create.tracing");
}

/* Keeps what the function returned, and its cookie. */
static int make_fexit(void **state, int counters_fd)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_6, BPF_REG_1),
		CALL_HELPER(BPF_FUNC_get_attach_cookie),
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
		STX(BPF_DW, BPF_REG_7, BPF_REG_0, 16),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_6, 8),
		STX(BPF_DW, BPF_REG_7, BPF_REG_1, 8),
		COUNT_AT(BPF_REG_7, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	return make_btf_prog(state, BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT,
			     need_func_id(state, "bpf_fentry_test1"), insns,
			     COUNT_OF(insns));
}

/* bpf_fentry_test1(1) returns 2. */
void link_create__fexit(void **state)
{
	uint64_t counters[COUNTERS];
	int map_fd, prog_fd, fd, again;

	need_tracing_links(state);
	map_fd = make_counters(state);
	prog_fd = make_fexit(state, map_fd);
	fd = link_prog(prog_fd, BPF_TRACE_FEXIT, COOKIE);
	expect_ok(state, "BPF_LINK_CREATE of BPF_TRACE_FEXIT", fd);
	check_tracing(state, fd, BPF_TRACE_FEXIT,
		      need_func_id(state, "bpf_fentry_test1"), COOKIE);
	run_functions(state, prog_fd);
	close(fd);
	run_functions(state, prog_fd);
	again = link_prog(prog_fd, BPF_TRACE_FEXIT, COOKIE);
	expect_ok(state, "BPF_LINK_CREATE behind the close", again);
	run_functions(state, prog_fd);
	close(again);
	read_counters(state, map_fd, counters);
	close(prog_fd);
	close(map_fd);
	expect_u64(state, "runs while it is attached", 2, counters[0]);
	expect_u64(state, "what the function returned", 2, counters[1]);
	expect_u64(state, "the cookie", COOKIE, counters[2]);
}

/* bpf_modify_return_test(1, &b) of b = 2 makes that 3, for which the run's
 * result has 1 << 16 more, and returns 4. With the program it is not called. */
void raw_tracepoint_open__fmod_ret(void **state)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 42), EXIT()};
	uint32_t btf_id = need_func_id(state, "bpf_modify_return_test");
	int prog_fd =
		make_btf_prog(state, BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN,
			      btf_id, insns, COUNT_OF(insns));
	uint32_t before = run_functions(state, prog_fd), during, after;
	int fd = open_program(prog_fd, NULL);

	expect_ok(state, "BPF_RAW_TRACEPOINT_OPEN of BPF_MODIFY_RETURN", fd);
	check_tracing(state, fd, BPF_MODIFY_RETURN, btf_id, 0);
	during = run_functions(state, prog_fd);
	close(fd);
	after = run_functions(state, prog_fd);
	close(prog_fd);
	expect_u64(state, "retval while it is attached",
		   before - (1u << 16) - 4 + 42, during);
	expect_u64(state, "retval behind the close", before, after);
}

/* Iterators are for BPF_LINK_CREATE alone. */
void raw_tracepoint_open__iterator(void **state)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 0), EXIT()};
	int prog_fd =
		make_btf_prog(state, BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER,
			      need_func_id(state, "bpf_iter_bpf_map"), insns,
			      COUNT_OF(insns));
	int ret = open_program(prog_fd, NULL);

	close_if_fd(ret);
	close(prog_fd);
	expect_errno(state, ret);
}

/* As typed by BTF: task_newtask(struct task_struct *, u64 flags). */
static int make_typed(void **state, int counters_fd)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_6, BPF_REG_1),
		CALL_HELPER(BPF_FUNC_get_current_pid_tgid),
		ALU64_IMM(BPF_RSH, BPF_REG_0, 32),
		JMP_IMM(BPF_JNE, BPF_REG_0, getpid(), 5),
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
		COUNT_AT(BPF_REG_7, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	return make_btf_prog(state, BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP,
			     need_typedef_id(state, "btf_trace_task_newtask"),
			     insns, COUNT_OF(insns));
}

static void check_typed(void **state, int map_fd, int prog_fd, int fd,
			uint64_t cookie)
{
	struct bpfsys_link_info info;
	uint64_t counters[COUNTERS];
	char name[32];

	memset(&info, 0, sizeof(info));
	info.raw_tracepoint.tp_name = bpfsys_ptr(name);
	info.raw_tracepoint.tp_name_len = sizeof(name);
	get_info(state, fd, &info, sizeof(info));
	make_child(state);
	close(fd);
	make_child(state);
	read_counters(state, map_fd, counters);
	close(prog_fd);
	close(map_fd);
	expect_u64(state, "info: type", LINK_RAW_TRACEPOINT, info.type);
	expect_mem(state, "info: tp_name", "task_newtask", name,
		   sizeof("task_newtask"));
	expect_field(state, "bpf_link_info.raw_tracepoint.cookie",
		     BPFSYS_KV(6, 19), "info: cookie", cookie,
		     info.raw_tracepoint.cookie);
	expect_u64(state, "runs: the fork while it is attached", 1,
		   counters[0]);
}

void raw_tracepoint_open__typed(void **state)
{
	int map_fd = make_counters(state);
	int prog_fd = make_typed(state, map_fd),
	    fd = open_program(prog_fd, NULL);

	expect_ok(state, "BPF_RAW_TRACEPOINT_OPEN of BPF_TRACE_RAW_TP", fd);
	check_typed(state, map_fd, prog_fd, fd, 0);
}

void link_create__typed(void **state)
{
	int map_fd, prog_fd, fd;

	need_tracing_links(state);
	map_fd = make_counters(state);
	prog_fd = make_typed(state, map_fd);
	fd = link_prog(prog_fd, BPF_TRACE_RAW_TP, COOKIE);
	expect_ok(state, "BPF_LINK_CREATE of BPF_TRACE_RAW_TP", fd);
	/* Before 6.10 the cookie is not read. */
	check_typed(state, map_fd, prog_fd, fd, COOKIE);
}

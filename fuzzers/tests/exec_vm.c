// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The executor in a VM of a stock kernel, by fuzzvm: what sequences do, that
 * each finds the same world, and what becomes of VMs that die or hang. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "../clock.h"
#include "../guest/executor.h"
#include "../host/fuzzvm.h"
#include "../kinds.h"
#include "build.h"

static const char *executor = BUILD "/bpfsys-exec";
static struct fuzzvm *vm;
static struct built b;
static struct fuzzvm_result res;

static const char *kernel(void)
{
	const char *spec = getenv("EXEC_KERNEL");

	return spec ? spec : "debian:6.12";
}

static struct fuzzvm *open_vm(const char *program, unsigned int timeout_s)
{
	struct fuzzvm_config cfg;

	memset(&cfg, 0, sizeof(cfg));
	cfg.kernel = kernel();
	cfg.executor = program;
	cfg.accel = BPFVM_ACCEL_TCG;
	cfg.timeout_s = timeout_s;
	return fuzzvm_open(&cfg);
}

static enum fuzzvm_end run_in(struct fuzzvm *in, unsigned int flags,
			      unsigned int repeat)
{
	static uint8_t bytes[SEQ_MOST];
	const size_t len = seq_encode(&b.seq, bytes, sizeof(bytes));

	assert_true(len > 0);
	return fuzzvm_run(in, bytes, len, flags, repeat, &res);
}

static void run(unsigned int flags)
{
	const enum fuzzvm_end end = run_in(vm, flags, 0);

	if (end != FUZZVM_RAN)
		print_error("%s\n", res.why);
	assert_int_equal(end, FUZZVM_RAN);
	assert_int_equal(res.page.n_calls, b.seq.n);
}

static int ret(unsigned int call)
{
	return res.page.calls[call].ret;
}

static int setup(void **state)
{
	(void)state;
	vm = open_vm(executor, 0);
	return vm ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	fuzzvm_close(vm);
	return 0;
}

static unsigned int map_create(uint32_t type, uint32_t value_size,
			       uint32_t entries)
{
	const unsigned int i = build_bpf(&b, BPF_MAP_CREATE, 72);

	build_u32(&b, 0, type);
	build_u32(&b, 4, 4);
	build_u32(&b, 8, value_size);
	build_u32(&b, 12, entries);
	return i;
}

static unsigned int elem(unsigned int cmd, enum seq_ref_kind kind,
			 unsigned int map, uint32_t key, const char *value,
			 uint32_t len)
{
	const unsigned int i = build_bpf(&b, cmd, 32);

	build_ref(&b, kind, map, 0);
	build_buf(&b, 8, 4, &key, key ? 1 : 0);
	build_buf(&b, 16, len, value, value ? (uint32_t)strlen(value) : 0);
	return i;
}

static unsigned int prog_load(uint32_t type)
{
	static const uint64_t insns[] = {0xb7, 0x95};
	const unsigned int i = build_bpf(&b, BPF_PROG_LOAD, 128);

	build_u32(&b, 0, type);
	build_u32(&b, 4, 2);
	build_buf(&b, 8, 16, insns, 9);
	build_buf(&b, 16, 4, "GPL", 3);
	return i;
}

/* The AT-th run of bytes that CALL wrote. */
static const struct exec_bytes *written(unsigned int call, unsigned int at)
{
	const uint8_t *p = res.bytes, *end;

	for (unsigned int i = 0; i < call; i++)
		p += res.page.calls[i].written;
	end = p + res.page.calls[call].written;
	for (; p < end; at--) {
		const struct exec_bytes *head = (const void *)p;

		if (!at)
			return head;
		p += sizeof(*head) + (head->len + 3U) / 4 * 4;
	}
	return NULL;
}

static void calls_carry_results(void **state)
{
	unsigned int map, next;

	(void)state;
	build_begin(&b);
	map = map_create(BPF_MAP_TYPE_HASH, 8, 4);
	elem(BPF_MAP_UPDATE_ELEM, SEQ_REF_FD, map, 7, "abcd", 8);
	elem(BPF_MAP_LOOKUP_ELEM, SEQ_REF_FD, map, 7, NULL, 8);
	next = elem(BPF_MAP_GET_NEXT_KEY, SEQ_REF_FD, map, 0, NULL, 4);
	elem(BPF_MAP_LOOKUP_ELEM, SEQ_REF_FD, map, 8, NULL, 8);
	run(EXEC_DETAIL);
	assert_true(ret(0) > 2);
	assert_int_equal(ret(1), 0);
	assert_int_equal(ret(2), 0);
	assert_int_equal(ret(3), 0);
	assert_int_equal(ret(4), -ENOENT);
	assert_null(written(1, 0));
	assert_int_equal(written(2, 0)->in, SEQ_IN_BUF + 1);
	assert_int_equal(written(2, 0)->at, 0);
	assert_int_equal(written(2, 0)->len, 4);
	assert_memory_equal(written(2, 0) + 1, "abcd", 4);
	assert_null(written(2, 1));
	assert_memory_equal(written(next, 0) + 1, "\7\0\0\0", 4);
}

static void ids_are_known(void **state)
{
	unsigned int prog, again;

	(void)state;
	build_begin(&b);
	prog = prog_load(BPF_PROG_TYPE_SOCKET_FILTER);
	again = build_bpf(&b, BPF_PROG_GET_FD_BY_ID, 12);
	build_ref(&b, SEQ_REF_ID, prog, 0);
	build_bpf(&b, BPF_PROG_GET_NEXT_ID, 12);
	build_ref(&b, SEQ_REF_ID, prog, 0);
	build_bpf(&b, BPF_BTF_GET_FD_BY_ID, 12);
	build_ref(&b, SEQ_REF_ID, 0, 0);
	run(0);
	assert_true(ret(prog) > 0);
	assert_true(ret(again) > 0);
	assert_int_equal(ret(2), -ENOENT);
	assert_int_equal(ret(3), -ENOENT);
}

/* The type of BTF that IDs of names stand for is asked for by a load. */
static void names_are_known(void **state)
{
	(void)state;
	build_begin(&b);
	prog_load(BPF_PROG_TYPE_TRACING);
	build_u32(&b, 68, BPF_TRACE_FENTRY);
	build_ref(&b, SEQ_REF_BTF, 0, 108);
	prog_load(BPF_PROG_TYPE_TRACING);
	build_u32(&b, 68, BPF_TRACE_FENTRY);
	run(0);
	assert_true(ret(0) > 0);
	assert_int_equal(ret(1), -EINVAL);
}

static void givens_are_there(void **state)
{
	(void)state;
	for (unsigned int fresh = 0; fresh < 2; fresh++) {
		for (unsigned int g = 0; g < SEQ_GIVEN_PID; g++) {
			build_begin(&b);
			build_op(&b, SEQ_DUP, 0);
			build_ref(&b, SEQ_REF_GIVEN, g, 0);
			run(fresh ? EXEC_FRESH : 0);
			if ((ret(0) < 0) != (g == SEQ_GIVEN_CLOSED))
				fail_msg("%s: %d", seq_given_name(g), ret(0));
		}
	}
}

/* TASK_FD_QUERY answers for the process alone that has the event. */
static void the_process_is_known(void **state)
{
	(void)state;
	for (unsigned int fresh = 0; fresh < 2; fresh++) {
		build_begin(&b);
		build_bpf(&b, BPF_TASK_FD_QUERY, 48);
		build_ref(&b, SEQ_REF_GIVEN, SEQ_GIVEN_PID, 0);
		build_ref(&b, SEQ_REF_GIVEN, SEQ_GIVEN_MAP_HASH, 4);
		run(fresh ? EXEC_FRESH : 0);
		assert_int_equal(ret(0), -524); /* ENOTSUPP */
	}
}

static void attr_lies_where_it_shall(void **state)
{
	static const int want[SEQ_PLACES] = {
		[SEQ_UNMAPPED] = -EFAULT,
		[SEQ_NULL] = -EFAULT,
		[SEQ_READONLY] = -EFAULT,
	};

	(void)state;
	for (unsigned int place = 0; place < SEQ_PLACES; place++) {
		build_begin(&b);
		/* Its count is written back. */
		build_bpf(&b, BPF_PROG_QUERY, 32);
		build_last(&b)->place = (uint8_t)place;
		if (place != SEQ_UNMAPPED && place != SEQ_NULL)
			build_ref(&b, SEQ_REF_GIVEN, SEQ_GIVEN_CGROUP, 0);
		run(0);
		if (ret(0) != want[place])
			fail_msg("place %u: %d", place, ret(0));
	}
}

static void buffers_end_at_guards(void **state)
{
	struct seq_buf *value;

	(void)state;
	for (uint32_t len = 8; len >= 7; len--) {
		build_begin(&b);
		build_bpf(&b, BPF_MAP_LOOKUP_ELEM, 32);
		build_ref(&b, SEQ_REF_GIVEN, SEQ_GIVEN_MAP_HASH, 0);
		build_buf(&b, 8, 4, NULL, 0);
		value = build_buf(&b, 16, len, NULL, 0);
		value->place = SEQ_GUARDED;
		run(0);
		assert_int_equal(ret(0), len == 8 ? 0 : -EFAULT);
	}
}

static void a_child_goes_on(void **state)
{
	unsigned int map;

	(void)state;
	build_begin(&b);
	map = map_create(BPF_MAP_TYPE_ARRAY, 8, 4);
	build_op(&b, SEQ_FORK, 0);
	elem(BPF_MAP_UPDATE_ELEM, SEQ_REF_FD, map, 1, "child", 8);
	elem(BPF_MAP_LOOKUP_ELEM, SEQ_REF_FD, map, 1, NULL, 8);
	run(EXEC_DETAIL);
	assert_true(ret(0) > 0);
	assert_int_equal(ret(1), 0);
	assert_int_equal(ret(2), 0);
	assert_int_equal(ret(3), 0);
	assert_memory_equal(written(3, 0) + 1, "child", 5);
}

static void operations_work(void **state)
{
	unsigned int map;

	(void)state;
	build_begin(&b);
	map = map_create(BPF_MAP_TYPE_ARRAY, 8, 4);
	build_u32(&b, 16, BPF_F_MMAPABLE);
	build_op(&b, SEQ_MMAP, 3);
	build_ref(&b, SEQ_REF_FD, map, 0);
	build_op(&b, SEQ_DUP, 0);
	build_ref(&b, SEQ_REF_FD, map, 0);
	build_op(&b, SEQ_CLOSE, 0);
	build_ref(&b, SEQ_REF_FD, map, 0);
	build_op(&b, SEQ_CLOSE, 0);
	build_ref(&b, SEQ_REF_FD, map, 0);
	build_op(&b, SEQ_READ, 0);
	build_ref(&b, SEQ_REF_GIVEN, SEQ_GIVEN_TCP, 0);
	for (unsigned int what = 0; what < SEQ_RUNS; what++)
		build_op(&b, SEQ_RUN, what);
	run(0);
	assert_int_equal(ret(1), 0);
	assert_int_equal(ret(2), ret(0) + 1);
	assert_int_equal(ret(3), 0);
	assert_int_equal(ret(4), -EBADF);
	assert_int_equal(ret(5), -EAGAIN);
	for (unsigned int what = 0; what < SEQ_RUNS; what++)
		if (ret(6 + what))
			fail_msg("run %u: %d", what, ret(6 + what));
}

/* What one input leaves behind, the next would trip over. */
static void inputs_leave_nothing(void **state)
{
	unsigned int prog;

	(void)state;
	build_begin(&b);
	prog = prog_load(BPF_PROG_TYPE_CGROUP_SKB);
	build_bpf(&b, BPF_OBJ_PIN, 20);
	build_buf(&b, 0, 4, "pin", 3);
	build_ref(&b, SEQ_REF_FD, prog, 8);
	build_bpf(&b, BPF_PROG_ATTACH, 20);
	build_ref(&b, SEQ_REF_GIVEN, SEQ_GIVEN_CGROUP, 0);
	build_ref(&b, SEQ_REF_FD, prog, 4);
	build_u32(&b, 8, BPF_CGROUP_INET_EGRESS);
	build_u32(&b, 12, BPF_F_ALLOW_MULTI);
	build_bpf(&b, BPF_MAP_DELETE_ELEM, 32);
	build_ref(&b, SEQ_REF_GIVEN, SEQ_GIVEN_MAP_HASH, 0);
	build_buf(&b, 8, 4, "\1", 1);
	build_bpf(&b, BPF_PROG_QUERY, 32);
	build_ref(&b, SEQ_REF_GIVEN, SEQ_GIVEN_CGROUP, 0);
	build_u32(&b, 4, BPF_CGROUP_INET_EGRESS);
	for (unsigned int round = 0; round < 3; round++) {
		run(EXEC_DETAIL);
		for (unsigned int i = 1; i < 5; i++)
			if (ret(i))
				fail_msg("round %u, call %u: %d", round, i,
					 ret(i));
		/* attach_flags, then the count of programs */
		assert_memory_equal(written(4, 1) + 1, "\1\0\0\0", 4);
	}
}

/* The input runs twice, and has left no more the second time. */
static void leaves_nothing(unsigned int call)
{
	struct exec_page first;

	run(EXEC_COUNT);
	first = res.page;
	run(EXEC_COUNT);
	assert_int_equal(ret(call), 0);
	assert_int_equal(res.page.n_progs, first.n_progs);
	assert_int_equal(res.page.n_maps, first.n_maps);
}

/* The child that goes on takes back what it did. */
static void children_leave_nothing(void **state)
{
	unsigned int prog;

	(void)state;
	build_begin(&b);
	prog = prog_load(BPF_PROG_TYPE_CGROUP_SKB);
	build_op(&b, SEQ_FORK, 0);
	build_bpf(&b, BPF_PROG_ATTACH, 32);
	build_ref(&b, SEQ_REF_GIVEN, SEQ_GIVEN_CGROUP, 0);
	build_ref(&b, SEQ_REF_FD, prog, 4);
	build_u32(&b, 8, BPF_CGROUP_INET_EGRESS);
	build_u32(&b, 12, BPF_F_ALLOW_MULTI);
	leaves_nothing(2);
}

/* What is bound to a program that is given goes with the input. */
static void given_programs_keep_nothing(void **state)
{
	unsigned int map;

	(void)state;
	build_begin(&b);
	map = map_create(BPF_MAP_TYPE_ARRAY, 8, 1);
	build_bpf(&b, BPF_PROG_BIND_MAP, 12);
	build_ref(&b, SEQ_REF_GIVEN, SEQ_GIVEN_PROG_XDP, 0);
	build_ref(&b, SEQ_REF_FD, map, 4);
	leaves_nothing(1);
}

/* What a program closes behind the executor's back, the next input has. */
static void closed_descriptors_come_back(void **state)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K,
		 .dst_reg = 1,
		 .imm = FD_GIVEN + SEQ_GIVEN_MAP_HASH},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_sys_close},
		{.code = BPF_JMP | BPF_EXIT},
	};

	(void)state;
	build_begin(&b);
	build_bpf(&b, BPF_PROG_LOAD, 128);
	build_u32(&b, 0, BPF_PROG_TYPE_SYSCALL);
	build_u32(&b, 4, 3);
	build_buf(&b, 8, sizeof(insns), insns, sizeof(insns));
	build_buf(&b, 16, 4, "GPL", 3);
	build_u32(&b, 44, BPF_F_SLEEPABLE);
	build_bpf(&b, BPF_PROG_TEST_RUN, 80);
	build_ref(&b, SEQ_REF_FD, 0, 0);
	elem(BPF_MAP_LOOKUP_ELEM, SEQ_REF_GIVEN, SEQ_GIVEN_MAP_HASH, 3, NULL,
	     8);
	for (unsigned int round = 0; round < 3; round++) {
		run(EXEC_DETAIL);
		assert_int_equal(ret(1), 0);
		assert_int_equal(ret(2), -EBADF);
	}
	build_begin(&b);
	elem(BPF_MAP_LOOKUP_ELEM, SEQ_REF_GIVEN, SEQ_GIVEN_MAP_HASH, 3, NULL,
	     8);
	run(0);
	assert_int_equal(ret(0), 0);
	assert_int_equal(fuzzvm_started(vm), 1);
}

/* An interface's index may be the number of a descriptor, too: 1 is lo's. */
static void interfaces_are_left_alone(void **state)
{
	unsigned int prog;

	(void)state;
	build_begin(&b);
	prog = prog_load(BPF_PROG_TYPE_SCHED_CLS);
	build_bpf(&b, BPF_PROG_ATTACH, 32);
	build_u32(&b, 0, 1);
	build_ref(&b, SEQ_REF_FD, prog, 4);
	build_u32(&b, 8, ABI_BPF_TCX_INGRESS);
	leaves_nothing(1);
}

static void fresh_is_the_same_twice(void **state)
{
	static uint8_t bytes[4096];
	struct exec_page first;
	uint32_t len = 0;

	(void)state;
	build_begin(&b);
	elem(BPF_MAP_LOOKUP_ELEM, SEQ_REF_GIVEN, SEQ_GIVEN_MAP_HASH, 3, NULL,
	     8);
	elem(BPF_MAP_UPDATE_ELEM, SEQ_REF_GIVEN, SEQ_GIVEN_MAP_HASH, 3, "other",
	     8);
	elem(BPF_MAP_LOOKUP_ELEM, SEQ_REF_GIVEN, SEQ_GIVEN_MAP_HASH, 3, NULL,
	     8);
	run(EXEC_FRESH | EXEC_DETAIL);
	first = res.page;
	for (unsigned int i = 0; i < first.n_calls; i++)
		len += first.calls[i].written;
	assert_in_range(len, 1, sizeof(bytes));
	memcpy(bytes, res.bytes, len);
	run(EXEC_FRESH | EXEC_DETAIL);
	assert_memory_equal(res.page.calls, first.calls, sizeof(first.calls));
	assert_memory_equal(res.bytes, bytes, len);
	assert_memory_equal(written(0, 0) + 1, "\3\0\0\0", 4);
	assert_memory_equal(written(2, 0) + 1, "othe", 4);
}

static void objects_are_counted(void **state)
{
	uint32_t maps;

	(void)state;
	build_begin(&b);
	map_create(BPF_MAP_TYPE_HASH, 8, 4);
	run(EXEC_COUNT);
	maps = res.page.n_maps;
	/* Those that are given. */
	assert_true(maps >= 2);
	assert_true(res.page.n_progs >= 2 && res.page.n_btfs >= 1);
	assert_true(res.page.mem_free > 0 && res.page.slab > 0);
	run(EXEC_COUNT);
	assert_int_equal(res.page.n_maps, maps);
}

static void what_lasts_is_interrupted(void **state)
{
	unsigned int prog;

	(void)state;
	build_begin(&b);
	prog = prog_load(BPF_PROG_TYPE_SOCKET_FILTER);
	build_bpf(&b, BPF_PROG_TEST_RUN, 80);
	build_ref(&b, SEQ_REF_FD, prog, 0);
	build_u32(&b, 8, 64);
	build_buf(&b, 16, 64, NULL, 0);
	build_u32(&b, 32, UINT32_MAX);
	run(0);
	assert_int_equal(ret(1), -EINTR);
	assert_int_equal(fuzzvm_started(vm), 1);
}

static void noise_makes_no_calls(void **state)
{
	static uint8_t noise[SEQ_MOST];

	(void)state;
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (uint8_t)(i * 7);
	assert_int_equal(fuzzvm_run(vm, noise, sizeof(noise), 0, 0, &res),
			 FUZZVM_RAN);
	assert_int_equal(res.page.n_calls, 0);
}

static void hangs_are_noticed(void **state)
{
	struct fuzzvm *slow = open_vm(executor, 2);

	(void)state;
	build_begin(&b);
	build_op(&b, SEQ_RUN, SEQ_RUN_FORK);
	assert_int_equal(run_in(slow, 0, 0), FUZZVM_RAN);
	assert_int_equal(run_in(slow, EXEC_LOOP, UINT32_MAX), FUZZVM_HUNG);
	assert_non_null(strstr(res.why, "2 s"));
	assert_int_equal(run_in(slow, 0, 0), FUZZVM_RAN);
	assert_int_equal(fuzzvm_started(slow), 2);
	fuzzvm_close(slow);
}

static void deaths_cost_a_clone(void **state)
{
	struct fuzzvm *deadly = open_vm(BUILD "/tests/exec-deadly", 0);
	double start, worst = 0;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		build_begin(&b);
		build_op(&b, SEQ_RUN, SEQ_RUN_FORK);
		start = now_s();
		assert_int_equal(run_in(deadly, 0, 0), FUZZVM_RAN);
		if (i)
			print_message("next answer after %.2f s\n",
				      now_s() - start);
		build_op(&b, SEQ_RUN, SEQ_RUN_SYSCALL);
		start = now_s();
		assert_int_equal(run_in(deadly, 0, 0), FUZZVM_DIED);
		assert_non_null(res.vm);
		assert_int_equal(res.vm->outcome, BPFVM_PANIC);
		worst = now_s() - start > worst ? now_s() - start : worst;
		assert_int_equal(fuzzvm_started(deadly), i + 1);
	}
	print_message("a death is known after %.2f s\n", worst);
	fuzzvm_close(deadly);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_carry_results),
		cmocka_unit_test(ids_are_known),
		cmocka_unit_test(names_are_known),
		cmocka_unit_test(givens_are_there),
		cmocka_unit_test(the_process_is_known),
		cmocka_unit_test(attr_lies_where_it_shall),
		cmocka_unit_test(buffers_end_at_guards),
		cmocka_unit_test(a_child_goes_on),
		cmocka_unit_test(operations_work),
		cmocka_unit_test(inputs_leave_nothing),
		cmocka_unit_test(children_leave_nothing),
		cmocka_unit_test(given_programs_keep_nothing),
		cmocka_unit_test(closed_descriptors_come_back),
		cmocka_unit_test(interfaces_are_left_alone),
		cmocka_unit_test(fresh_is_the_same_twice),
		cmocka_unit_test(objects_are_counted),
		cmocka_unit_test(what_lasts_is_interrupted),
		cmocka_unit_test(noise_makes_no_calls),
		cmocka_unit_test(hangs_are_noticed),
		cmocka_unit_test(deaths_cost_a_clone),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, setup, teardown);
}

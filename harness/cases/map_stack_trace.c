// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Elements of BPF_MAP_TYPE_STACK_TRACE: a program stores, the caller reads and
 * deletes. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_elem.h"
#include "map_typed.h"
#include "progs.h"

#define FRAMES 100

struct traces {
	void **state;
	int map_fd, prog_fd;
	int dirty_fd; /* an array of one value as large, all ones */
};

/* Room for one trace, and a program that returns bpf_get_stackid(). */
static void make_traces(struct traces *t, void **state)
{
	uint64_t ones[FRAMES];
	struct typed map;
	uint32_t key = 0;

	typed_need(&map, state, SHAPE_STACK_TRACE);
	typed_drop(&map);
	t->state = state;
	t->map_fd = make_map(state, BPF_MAP_TYPE_STACK_TRACE, 4, sizeof(ones),
			     1, 0);
	t->dirty_fd =
		make_map(state, BPF_MAP_TYPE_ARRAY, 4, sizeof(ones), 1, 0);
	memset(ones, 0xff, sizeof(ones));
	put_elem(state, t->dirty_fd, &key, ones);
	t->prog_fd = make_hook_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT,
				    (const struct bpf_insn[]){
					    LD_MAP_FD(BPF_REG_2, t->map_fd),
					    MOV64_IMM(BPF_REG_3, 0),
					    CALL_HELPER(BPF_FUNC_get_stackid),
					    EXIT(),
				    },
				    5);
}

static void drop_traces(struct traces *t)
{
	close(t->prog_fd);
	close(t->dirty_fd);
	close(t->map_fd);
}

/* The id of the trace that the program stored, or its error. */
static int32_t store(struct traces *t)
{
	struct bpfsys_prog_test_run_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)t->prog_fd;
	need(t->state, "BPF_PROG_TEST_RUN", bpfsys_prog_test_run(&attr));
	return (int32_t)attr.retval;
}

static int call(struct traces *t, elem_fn *fn, const uint32_t *key, void *value)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)t->map_fd;
	attr.key = bpfsys_ptr(key);
	attr.value = bpfsys_ptr(value);
	return fn(&attr);
}

/* A trace by FN, where the kernel's memory for it held all ones a moment ago:
 * addresses, and behind the last one zeros. */
static void read_trace(struct traces *t, elem_fn *fn, uint64_t trace[FRAMES])
{
	static const uint64_t zeros[FRAMES];
	uint32_t key = 0, n = 0;

	memset(trace, 0x7f, FRAMES * sizeof(trace[0]));
	expect_ok(t->state, "lookup in an array",
		  lookup_value(t->dirty_fd, &key, trace));
	expect_ok(t->state, "the trace", call(t, fn, &key, trace));
	while (n < FRAMES && trace[n])
		n++;
	expect_range(t->state, "frames", 1, FRAMES - 1, n);
	expect_mem(t->state, "what is behind the frames", zeros, trace + n,
		   (FRAMES - n) * sizeof(trace[0]));
}

void map_lookup_elem__stack_trace(void **state)
{
	uint64_t first[FRAMES], second[FRAMES];
	struct traces t;
	uint32_t id = 1;

	make_traces(&t, state);
	expect_u64(state, "bpf_get_stackid()", 0, (uint32_t)store(&t));
	read_trace(&t, bpfsys_map_lookup_elem, first);
	read_trace(&t, bpfsys_map_lookup_elem, second);
	expect_mem(state, "the trace, read again", first, second,
		   sizeof(first));
	expect_ok(state, "the first key",
		  call(&t, bpfsys_map_get_next_key, NULL, &id));
	expect_u64(state, "the first key", 0, id);
	expect_error(state, "the key behind it", ENOENT,
		     call(&t, bpfsys_map_get_next_key, &id, &id));
	drop_traces(&t);
}

/* There is room for one trace: deleting it makes room for the next. */
static void take_each(struct traces *t, elem_fn *fn)
{
	void **state = t->state;
	uint64_t trace[FRAMES];
	uint32_t key = 0;

	for (int i = 0; i < 3; i++) {
		expect_u64(state, "bpf_get_stackid()", 0, (uint32_t)store(t));
		if (fn == bpfsys_map_delete_elem)
			expect_ok(state, "delete", call(t, fn, &key, NULL));
		else
			read_trace(t, fn, trace);
		expect_error(state, "lookup of what was taken", ENOENT,
			     call(t, bpfsys_map_lookup_elem, &key, trace));
		expect_error(state, "deleting it again", ENOENT,
			     call(t, bpfsys_map_delete_elem, &key, NULL));
	}
}

void map_delete_elem__stack_trace(void **state)
{
	struct traces t;

	make_traces(&t, state);
	take_each(&t, bpfsys_map_delete_elem);
	drop_traces(&t);
}

void map_lookup_and_delete_elem__stack_trace(void **state)
{
	struct traces t;
	uint32_t key = 0;
	uint64_t trace[FRAMES];

	make_traces(&t, state);
	if (!kernel_has_btf())
		skip_case(state, "stack traces came to this command with 6.19; "
				 "without BTF it is not known");
	if (kernel_func_id("bpf_stackmap_extract") < 0) {
		store(&t);
		expect_error(state, "a stack trace", BPFSYS_ENOTSUPP,
			     call(&t, bpfsys_map_lookup_and_delete_elem, &key,
				  trace));
		skip_case(state, "the command takes no stack traces: ENOTSUPP");
	}
	take_each(&t, bpfsys_map_lookup_and_delete_elem);
	drop_traces(&t);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Programs that put something into fields of values. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bpf/btf.h>

#include "fields_live.h"
#include "kernel.h"

/* From the UAPI, where the header that we build against may be older. */
enum {
	PSEUDO_FUNC = 4,
	TIMER_INIT = 169,
	TIMER_SET_CALLBACK = 170,
	TIMER_START = 171,
	KPTR_XCHG = 194,
};

/* Ten: r6 = the element under 0, or the program returns 1. */
#define FIND_ELEMENT(map_fd)                                                \
	ST_IMM(BPF_W, BPF_REG_10, -4, 0), LD_MAP_FD(BPF_REG_1, (map_fd)),   \
		MOV64_REG(BPF_REG_2, BPF_REG_10), ADD64_IMM(BPF_REG_2, -4), \
		CALL_HELPER(BPF_FUNC_map_lookup_elem),                      \
		MOV64_REG(BPF_REG_6, BPF_REG_0), MOV64_IMM(BPF_REG_0, 1),   \
		JMP_IMM(BPF_JNE, BPF_REG_6, 0, 1), EXIT()

/* BTF of two functions, as a program with a callback wants it. */
static int make_functions(void **state, uint32_t ids[2])
{
	struct btf *btf = btf__new_empty();
	int proto;

	add_map_types(btf);
	proto = btf__add_func_proto(btf, TYPE_INT);
	ids[0] = (uint32_t)btf__add_func(btf, "set", BTF_FUNC_GLOBAL, proto);
	ids[1] = (uint32_t)btf__add_func(btf, "fire", BTF_FUNC_STATIC, proto);
	return load_map_types(state, btf);
}

/* A program of COUNT instructions, with the functions FUNCS of BTF_FD. */
static int load_with(struct live *live, const struct bpf_insn *insns,
		     uint32_t count, int btf_fd,
		     const struct bpf_func_info *funcs, uint32_t n_funcs)
{
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_SCHED_CLS, insns, count);
	attr.prog_btf_fd = (uint32_t)btf_fd;
	attr.func_info = bpfsys_ptr(funcs);
	attr.func_info_cnt = n_funcs;
	attr.func_info_rec_size = sizeof(*funcs);
	return load_prog(live->state, &attr);
}

static int load_timer(struct live *live, int32_t delay_ns)
{
	const struct bpf_insn insns[] = {
		FIND_ELEMENT(live->map_fd),
		MOV64_REG(BPF_REG_1, BPF_REG_6),
		ADD64_IMM(BPF_REG_1, FIELD_AT),
		LD_MAP_FD(BPF_REG_2, live->map_fd),
		MOV64_IMM(BPF_REG_3, CLOCK_MONOTONIC),
		CALL_HELPER(TIMER_INIT),
		MOV64_REG(BPF_REG_7, BPF_REG_0),
		MOV64_REG(BPF_REG_1, BPF_REG_6),
		ADD64_IMM(BPF_REG_1, FIELD_AT),
		INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_2, PSEUDO_FUNC, 0, 9),
		INSN(0, 0, 0, 0, 0),
		CALL_HELPER(TIMER_SET_CALLBACK),
		MOV64_REG(BPF_REG_1, BPF_REG_6),
		ADD64_IMM(BPF_REG_1, FIELD_AT),
		MOV64_IMM(BPF_REG_2, delay_ns),
		MOV64_IMM(BPF_REG_3, 0),
		CALL_HELPER(TIMER_START),
		MOV64_REG(BPF_REG_0, BPF_REG_7),
		EXIT(),
		/* fire */
		LD_MAP_VALUE(BPF_REG_1, live->counters_fd, 0),
		COUNT_AT(BPF_REG_1, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	const uint32_t fire = COUNT_OF(insns) - 7;
	struct bpf_func_info funcs[2];
	uint32_t ids[2];
	int fd, btf_fd = make_functions(live->state, ids);

	funcs[0] = (struct bpf_func_info){.insn_off = 0, .type_id = ids[0]};
	funcs[1] = (struct bpf_func_info){.insn_off = fire, .type_id = ids[1]};
	fd = load_with(live, insns, COUNT_OF(insns), btf_fd, funcs, 2);
	close(btf_fd);
	return fd;
}

void live_make_timer(struct live *live, void **state, enum map_number type,
		     int32_t delay_ns)
{
	struct shaped shaped;

	if (kernel_struct_id("bpf_timer") <= 0)
		skip_case(state, "the kernel's BTF has no struct bpf_timer");
	live->state = state;
	live->peek_fd = -1;
	live->counters_fd = make_counters(state);
	shape_need(state, type, &shaped);
	shaped.with_fd = make_types(state, false);
	type_values(&shaped.attr, shaped.with_fd, TYPE_TIMED);
	live->map_fd =
		need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	live->set_fd = load_timer(live, delay_ns);
	live_store(live, 0, 0);
}

static int load_reference(struct live *live)
{
	int32_t from_pid =
		(int32_t)need_func_id(live->state, "bpf_task_from_pid");
	int32_t release =
		(int32_t)need_func_id(live->state, "bpf_task_release");
	const struct bpf_insn insns[] = {
		FIND_ELEMENT(live->map_fd),
		MOV64_IMM(BPF_REG_1, getpid()),
		CALL_KFUNC(from_pid),
		JMP_IMM(BPF_JNE, BPF_REG_0, 0, 2),
		MOV64_IMM(BPF_REG_0, 2),
		EXIT(),
		MOV64_REG(BPF_REG_1, BPF_REG_6),
		ADD64_IMM(BPF_REG_1, FIELD_AT),
		MOV64_REG(BPF_REG_2, BPF_REG_0),
		CALL_HELPER(KPTR_XCHG),
		JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 3),
		MOV64_REG(BPF_REG_1, BPF_REG_0),
		CALL_KFUNC(release),
		MOV64_IMM(BPF_REG_0, LIVE_REPLACED),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_SCHED_CLS, insns, COUNT_OF(insns));
	return load_prog(live->state, &attr);
}

/* With the map's own BTF, or the object would be of another type. */
static int load_object(struct live *live, int btf_fd)
{
	int32_t make = (int32_t)need_func_id(live->state, "bpf_obj_new_impl");
	int32_t drop = (int32_t)need_func_id(live->state, "bpf_obj_drop_impl");
	const struct bpf_insn insns[] = {
		FIND_ELEMENT(live->map_fd),
		MOV64_IMM(BPF_REG_1, TYPE_OWN_OBJECT),
		MOV64_IMM(BPF_REG_2, 0),
		CALL_KFUNC(make),
		JMP_IMM(BPF_JNE, BPF_REG_0, 0, 2),
		MOV64_IMM(BPF_REG_0, 2),
		EXIT(),
		MOV64_REG(BPF_REG_1, BPF_REG_6),
		ADD64_IMM(BPF_REG_1, FIELD_AT),
		MOV64_REG(BPF_REG_2, BPF_REG_0),
		CALL_HELPER(KPTR_XCHG),
		JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 4),
		MOV64_REG(BPF_REG_1, BPF_REG_0),
		MOV64_IMM(BPF_REG_2, 0),
		CALL_KFUNC(drop),
		MOV64_IMM(BPF_REG_0, LIVE_REPLACED),
		EXIT(),
	};
	const struct bpf_func_info func = {.type_id = TYPE_OWN_FUNC};

	return load_with(live, insns, COUNT_OF(insns), btf_fd, &func, 1);
}

void live_make_object(struct live *live, void **state, enum map_number type)
{
	struct shaped shaped;
	uint32_t value, size;
	int btf_fd = make_field(state, FIELD_OWN, &value, &size);

	live->state = state;
	live->counters_fd = live->peek_fd = -1;
	shape_need(state, type, &shaped);
	field_values(&shaped.attr, btf_fd, value, size);
	live->map_fd =
		need(state, "BPF_MAP_CREATE", bpfsys_map_create(&shaped.attr));
	shape_drop(&shaped);
	live->set_fd = load_object(live, btf_fd);
	close(btf_fd);
	live_store(live, 0, 0);
}

/* Returns task_struct.rcu_users, which its own reference is one of. */
static int load_peek(struct live *live)
{
	int32_t from_pid =
		(int32_t)need_func_id(live->state, "bpf_task_from_pid");
	int32_t release =
		(int32_t)need_func_id(live->state, "bpf_task_release");
	uint32_t users, size;
	bool has = kernel_member("task_struct.rcu_users", &users, &size);
	const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_1, getpid()),
		CALL_KFUNC(from_pid),
		JMP_IMM(BPF_JEQ, BPF_REG_0, 0, 4),
		LDX(BPF_W, BPF_REG_6, BPF_REG_0, (int16_t)users),
		MOV64_REG(BPF_REG_1, BPF_REG_0),
		CALL_KFUNC(release),
		MOV64_REG(BPF_REG_0, BPF_REG_6),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	if (!has)
		skip_case(live->state, "the kernel's BTF has no "
				       "task_struct.rcu_users");
	fill_prog(&attr, BPF_PROG_TYPE_SCHED_CLS, insns, COUNT_OF(insns));
	return load_prog(live->state, &attr);
}

void live_make_reference(struct live *live, void **state, enum map_number type)
{
	live->state = state;
	live->counters_fd = -1;
	live->map_fd = make_field_map(state, type, FIELD_TASK);
	live->set_fd = load_reference(live);
	live->peek_fd = load_peek(live);
	live_store(live, 0, 0);
}

void live_drop(struct live *live)
{
	close_if_fd(live->map_fd);
	close_if_fd(live->counters_fd);
	close_if_fd(live->set_fd);
	close_if_fd(live->peek_fd);
}

void live_store(struct live *live, uint64_t data, uint8_t fill)
{
	struct live_value value;
	uint32_t key = 0;

	value.data = data;
	memset(value.field, fill, sizeof(value.field));
	put_elem(live->state, live->map_fd, &key, &value);
}

void live_look_up(struct live *live, struct live_value *value)
{
	struct bpfsys_map_elem_attr attr;
	uint32_t key = 0;

	memset(value, 0x5a, sizeof(*value));
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)live->map_fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(value);
	need(live->state, "BPF_MAP_LOOKUP_ELEM", bpfsys_map_lookup_elem(&attr));
}

static uint32_t run(struct live *live, int prog_fd)
{
	struct bpfsys_prog_test_run_attr attr;
	uint8_t packet[64] = {0};

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = sizeof(packet);
	need(live->state, "BPF_PROG_TEST_RUN", bpfsys_prog_test_run(&attr));
	return attr.retval;
}

int live_set(struct live *live)
{
	return (int)run(live, live->set_fd);
}

uint64_t live_fired(struct live *live)
{
	uint64_t counters[COUNTERS];

	read_counters(live->state, live->counters_fd, counters);
	return counters[0];
}

uint32_t live_references(struct live *live)
{
	return run(live, live->peek_fd);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Maps whose values have fields that the kernel itself keeps: locks, timers,
 * pointers to its objects, lists, trees. */
#include "recipes.h"

enum special {
	SPIN_LOCK,
	TIMER,
	WORKQUEUE,
	KPTR_UNTRUSTED,
	KPTR,
	LIST,
	TREE,
	SPECIALS,
};

/* A struct of the kernel's NAME that programs must not look into. */
static uint32_t opaque(struct types *t, const char *name, uint32_t size,
		       uint32_t word)
{
	uint32_t id = types_add(t, name, KIND_STRUCT, 1, size);

	types_member(t, "__opaque", word, 0);
	return id;
}

static uint32_t pointer(struct types *t, const char *tag)
{
	uint32_t id = types_add(t, "task_struct", KIND_STRUCT, 0, 0);

	id = types_add(t, tag, KIND_TYPE_TAG, 0, id);
	return types_add(t, "", KIND_PTR, 0, id);
}

/* A list or tree of struct node, whose head is member 1 of the value. */
static uint32_t container(struct types *t, bool list, uint32_t *size,
			  uint32_t word)
{
	uint32_t link = opaque(t, list ? "bpf_list_node" : "bpf_rb_node",
			       list ? 24 : 32, word);
	uint32_t head =
		opaque(t, list ? "bpf_list_head" : "bpf_rb_root", 16, word);

	types_add(t, "node", KIND_STRUCT, 2, list ? 32 : 40);
	types_member(t, "link", link, 0);
	types_member(t, "data", word, list ? 192 : 256);
	*size = 16;
	return head;
}

/* The value: an int, perhaps a lock, then what is special. */
static uint32_t value_type(struct types *t, enum special what, uint32_t *size)
{
	static const struct {
		const char *name;
		uint32_t size;
	} opaques[] = {
		[TIMER] = {"bpf_timer", 16},
		[WORKQUEUE] = {"bpf_wq", 16},
	};
	const bool locked = what == SPIN_LOCK || what == LIST || what == TREE;
	uint32_t word, field = 0, lock, id, len = 0, number;

	number = types_int(t, "int", 4, INT_SIGNED);
	word = types_int(t, "u64", 8, 0);
	lock = opaque(t, "bpf_spin_lock", 4, number);
	if (what == TIMER || what == WORKQUEUE) {
		len = opaques[what].size;
		field = opaque(t, opaques[what].name, len, word);
	} else if (what == KPTR || what == KPTR_UNTRUSTED) {
		len = 8;
		field = pointer(t, what == KPTR ? "kptr" : "kptr_untrusted");
	} else if (what != SPIN_LOCK) {
		field = container(t, what == LIST, &len, word);
	}
	*size = 8 + len;
	id = types_add(t, "value", KIND_STRUCT, len ? 3 : 2, *size);
	types_member(t, "a", number, 0);
	types_member(t, "lock", locked ? lock : number, 32);
	if (len)
		types_member(t, "field", field, 64);
	if (what == LIST || what == TREE) {
		types_add(t, "contains:node:link", KIND_DECL_TAG, 0, id);
		types_word(t, 2);
	}
	return id;
}

static void take_lock(struct code *c, unsigned int map)
{
	lookup(c, map, 0);
	mov_reg(c, R6, R0);
	mov_reg(c, R1, R0);
	alu(c, OP_ADD, R1, 4);
	helper(c, 93); /* bpf_spin_lock */
	store_imm(c, W, R6, 0, 1);
	mov_reg(c, R1, R6);
	alu(c, OP_ADD, R1, 4);
	helper(c, 94); /* bpf_spin_unlock */
	ret(c, 0);
}

static void start_timer(struct code *c, unsigned int map)
{
	lookup(c, map, 0);
	mov_reg(c, R6, R0);
	mov_reg(c, R1, R0);
	alu(c, OP_ADD, R1, 8);
	load_map(c, R2, map);
	mov(c, R3, 1);	/* CLOCK_MONOTONIC */
	helper(c, 169); /* bpf_timer_init */
	mov_reg(c, R1, R6);
	alu(c, OP_ADD, R1, 8);
	helper(c, 172); /* bpf_timer_cancel */
	ret(c, 0);
}

static void exchange_pointer(struct code *c, unsigned int map)
{
	lookup(c, map, 0);
	mov_reg(c, R1, R0);
	alu(c, OP_ADD, R1, 8);
	mov(c, R2, 0);
	helper(c, 194); /* bpf_kptr_xchg */
	jump(c, J_EQ, R0, 0, 2);
	mov_reg(c, R1, R0);
	kfunc(c, "bpf_task_release");
	ret(c, 0);
}

static void use_fields(struct make *m, enum special what, unsigned int map)
{
	struct code c;
	unsigned int prog;

	code_clear(&c);
	if (what == SPIN_LOCK)
		take_lock(&c, map);
	else if (what == TIMER)
		start_timer(&c, map);
	else if (what == KPTR)
		exchange_pointer(&c, map);
	else
		return;
	prog = load_code(m, &c,
			 what == KPTR ? BPF_PROG_TYPE_SYSCALL
				      : BPF_PROG_TYPE_SCHED_CLS,
			 0);
	bpf(m, BPFSYS_PROG_TEST_RUN);
	put_fd(m, "prog_fd", prog);
	if (what == KPTR)
		return;
	put(m, "data_size_in", 64);
	put_buf(m, "data_in", NULL, 0, 64);
}

void recipe_map_fields(struct make *m)
{
	static const uint8_t types[] = {BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_HASH,
					BPF_MAP_TYPE_HASH,
					BPF_MAP_TYPE_LRU_HASH};
	struct shape shape = *shape_of(types[any(m, COUNT_OF(types))]);
	static struct types t;
	enum special what = (enum special)any(m, SPECIALS);
	unsigned int map, btf;
	uint32_t value, size;
	uint64_t flags;

	types_clear(&t);
	/* Locks are not for what is evicted. */
	if (shape.type == BPF_MAP_TYPE_LRU_HASH && what == SPIN_LOCK)
		what = TIMER;
	value = value_type(&t, what, &size);
	btf = load_types(m, &t);
	shape.value = (uint16_t)size;
	shape.with = ALONE;
	map = make_map(m, &shape, 0);
	put_fd(m, "btf_fd", btf);
	put(m, "btf_key_type_id", 1);
	put(m, "btf_value_type_id", value);
	flags = what == SPIN_LOCK && one_in(m, 2) ? BPF_F_LOCK : 0;
	elem(m, BPFSYS_MAP_UPDATE_ELEM, map, &shape, 0, 0, 0);
	if (one_in(m, 2) && shape.keys == NUMBER)
		use_fields(m, what, map);
	elem(m, BPFSYS_MAP_LOOKUP_ELEM, map, &shape, 0, flags, 0);
	elem(m, BPFSYS_MAP_UPDATE_ELEM, map, &shape, 0, flags, 0);
	if (one_in(m, 2))
		batch(m,
		      one_in(m, 2) ? BPFSYS_MAP_LOOKUP_BATCH
				   : BPFSYS_MAP_UPDATE_BATCH,
		      map, &shape, 1, SEQ_CALLS);
	if (flags && m->call->cmd >= BPFSYS_MAP_LOOKUP_BATCH)
		put(m, "elem_flags", flags);
	elem(m, BPFSYS_MAP_DELETE_ELEM, map, &shape, 0, 0, 0);
	info(m, btf, 32);
	if (one_in(m, 3)) {
		bpf(m, BPFSYS_MAP_FREEZE);
		put_fd(m, "map_fd", map);
	}
}

/* struct tcp_congestion_ops of 6.2 and later, in bytes from its start; the
 * struct around it has 64 before it, where caches have lines of 64. */
enum {
	OPS_START = 64,
	OPS_SSTHRESH = OPS_START,
	OPS_CONG_AVOID = OPS_START + 8,
	OPS_UNDO_CWND = OPS_START + 64,
	OPS_NAME = OPS_START + 88,
	OPS_SIZE = 256,
};

/* Member NR of struct tcp_congestion_ops. */
static unsigned int ops_prog(struct make *m, unsigned int nr)
{
	struct code c;
	unsigned int prog;

	code_clear(&c);
	ret(&c, 2);
	prog = load_code(m, &c, BPF_PROG_TYPE_STRUCT_OPS, nr);
	put_name(m, "attach_btf_id", "tcp_congestion_ops");
	return prog;
}

static void fill_ops(struct make *m, const unsigned int *progs, uint8_t name)
{
	static const uint8_t at[] = {OPS_SSTHRESH, OPS_CONG_AVOID,
				     OPS_UNDO_CWND};
	uint8_t bytes[OPS_SIZE] = {0};
	unsigned int value;

	bytes[OPS_NAME] = 'f';
	bytes[OPS_NAME + 1] = name;
	value = put_buf(m, "value", bytes, OPS_NAME + 2, OPS_SIZE);
	for (size_t i = 0; i < COUNT_OF(at); i++)
		in_fd(m, value, at[i], progs[i], 8);
}

static unsigned int ready_ops(struct make *m, uint32_t flags,
			      const unsigned int *progs, uint8_t name)
{
	const struct shape *shape = shape_of(BPF_MAP_TYPE_STRUCT_OPS);
	unsigned int map = make_map(m, shape, flags);

	elem(m, BPFSYS_MAP_UPDATE_ELEM, map, shape, 0, 0, 0);
	fill_ops(m, progs, name);
	return map;
}

/* To another map of the same name: to itself, kernels break. */
static void link_ops(struct make *m, unsigned int map, unsigned int other)
{
	unsigned int link = bpf(m, BPFSYS_LINK_CREATE);

	put_fd(m, "map_fd", map);
	put(m, "attach_type", BPF_STRUCT_OPS);
	info(m, link, 64);
	bpf(m, BPFSYS_LINK_UPDATE);
	put_fd(m, "link_fd", link);
	put_fd(m, "new_map_fd", other);
	if (one_in(m, 2)) {
		put(m, "flags", BPF_F_REPLACE);
		put_fd(m, "old_map_fd", map);
	}
	bpf(m, BPFSYS_LINK_DETACH);
	put_fd(m, "link_fd", link);
}

void recipe_struct_ops(struct make *m)
{
	const struct shape *shape = shape_of(BPF_MAP_TYPE_STRUCT_OPS);
	const uint8_t name = (uint8_t)('a' + any(m, 16));
	const bool by_link = !one_in(m, 3);
	unsigned int progs[3], map, other;

	progs[0] = ops_prog(m, 0);
	progs[1] = ops_prog(m, 1);
	progs[2] = ops_prog(m, 8);
	map = ready_ops(m, by_link ? BPF_F_LINK : 0, progs, name);
	if (by_link) {
		other = ready_ops(m, BPF_F_LINK, progs, name);
		link_ops(m, map, other);
	}
	elem(m, BPFSYS_MAP_LOOKUP_ELEM, map, shape, 0, 0, 0);
	put_buf(m, "value", NULL, 0, OPS_SIZE);
	info(m, map, 80);
	elem(m, BPFSYS_MAP_DELETE_ELEM, map, shape, 0, 0, 0);
}

void recipe_struct_ops_run(struct make *m)
{
	unsigned int nr = any(m, 3), prog;
	uint64_t args[8] = {0};
	struct code c;

	code_clear(&c);
	ret(&c, 7);
	prog = load_code(m, &c, BPF_PROG_TYPE_STRUCT_OPS, nr);
	put_name(m, "attach_btf_id", "bpf_dummy_ops");
	if (nr == 2)
		put(m, "prog_flags", BPF_F_SLEEPABLE);
	bpf(m, BPFSYS_PROG_TEST_RUN);
	put_fd(m, "prog_fd", prog);
	put(m, "ctx_size_in", nr == 1 ? 40 : 8);
	in_buf(m, put_buf(m, "ctx_in", args, 0, nr == 1 ? 40 : 8), 0, NULL, 0,
	       4);
	info(m, prog, 232);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BTF of every kind, as the verifier of BTF wants it or nearly so. */
#include "change.h"
#include "near.h"
#include "types.h"

enum { TYPES_MOST = 24 };

static const char *const names[] = {"a",	   "b",
				    "value",	   "bpf_spin_lock",
				    "task_struct", "int",
				    "x_1",	   ".data"};

static const char *any_name(struct make *m)
{
	return names[any(m, COUNT_OF(names))];
}

/* A type that is there, or void. */
static uint32_t any_type(struct make *m, const struct types *t)
{
	return one_in(m, 12) ? 0 : 1 + any(m, t->n);
}

static void members(struct make *m, struct types *t, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		types_member(t, any_name(m), 1, 32 * i);
}

static void pairs(struct make *m, struct types *t, unsigned int n, bool types)
{
	for (unsigned int i = 0; i < n; i++) {
		types_word(t, types_str(t, any_name(m)));
		types_word(t, types ? 1 + any(m, 2) : i);
	}
}

static void add_data(struct make *m, struct types *t)
{
	unsigned int n = 1 + any(m, 3);
	uint32_t first = t->n + 1;

	for (unsigned int i = 0; i < n; i++) {
		types_add(t, any_name(m), KIND_VAR, 0, 1);
		types_word(t, any(m, 2));
	}
	types_add(t, ".data", KIND_DATASEC, n, 4 * n);
	for (unsigned int i = 0; i < n; i++) {
		types_word(t, first + i);
		types_word(t, 4 * i);
		types_word(t, 4);
	}
}

static void add_function(struct make *m, struct types *t)
{
	unsigned int n = any(m, 6);
	uint32_t id = types_add(t, "", KIND_FUNC_PROTO, n, any(m, 2));

	pairs(m, t, n, true);
	types_add(t, any_name(m), KIND_FUNC, any(m, 3), id);
}

static void add_tag(struct make *m, struct types *t)
{
	uint32_t id = types_add(t, any_name(m), KIND_STRUCT, 2, 8);

	members(m, t, 2);
	types_add(t, any_name(m), KIND_DECL_TAG, 0, id);
	types_word(t, any(m, 3) - 1);
}

static void add(struct make *m, struct types *t)
{
	static const uint8_t sizes[] = {1, 2, 4, 8, 16};
	unsigned int n = one_in(m, 10) ? 40 + any(m, 300) : any(m, 5);

	switch (1 + any(m, KIND_MOST)) {
	case KIND_INT:
		n = sizes[any(m, 5)];
		types_int(t, any_name(m), n, (1u << 24) * any(m, 3));
		return;
	case KIND_ARRAY:
		types_add(t, "", KIND_ARRAY, 0, 0);
		types_word(t, any_type(m, t));
		types_word(t, 1);
		types_word(t,
			   one_in(m, 8) ? (uint32_t)any_number(m) : any(m, 9));
		return;
	case KIND_STRUCT:
		types_add(t, any_name(m), KIND_STRUCT, n, 4 * n);
		members(m, t, n);
		return;
	case KIND_UNION:
		types_add(t, any_name(m), KIND_UNION, n ? 1 : 0, 4);
		members(m, t, n ? 1 : 0);
		return;
	case KIND_ENUM:
		types_add(t, any_name(m), KIND_ENUM, n, 4);
		pairs(m, t, n, false);
		return;
	case KIND_ENUM64:
		types_add(t, any_name(m), KIND_ENUM64, n, 8);
		members(m, t, n);
		return;
	case KIND_FWD:
		types_add(t, any_name(m), KIND_FWD, 0, 0);
		return;
	case KIND_TYPEDEF:
		types_add(t, any_name(m), KIND_TYPEDEF, 0, any_type(m, t));
		return;
	case KIND_TYPE_TAG:
		types_add(t, any_name(m), KIND_TYPE_TAG, 0, any_type(m, t));
		types_add(t, "", KIND_PTR, 0, t->n);
		return;
	case KIND_FUNC:
	case KIND_FUNC_PROTO:
		add_function(m, t);
		return;
	case KIND_VAR:
	case KIND_DATASEC:
		add_data(m, t);
		return;
	case KIND_FLOAT:
		types_add(t, any_name(m), KIND_FLOAT, 0, sizes[1 + any(m, 4)]);
		return;
	case KIND_DECL_TAG:
		add_tag(m, t);
		return;
	default:
		types_add(t, "", KIND_PTR + (one_in(m, 2) ? 7 : 0), 0,
			  any_type(m, t));
	}
}

static void use(struct make *m, unsigned int btf, const struct types *t)
{
	struct code c;

	if (one_in(m, 2)) {
		make_array(m, 4u * (1 + any(m, 4)), 2);
		put_fd(m, "btf_fd", btf);
		put(m, "btf_key_type_id", one_in(m, 4) ? any(m, t->n) : 1);
		put(m, "btf_value_type_id", any_type(m, t));
		return;
	}
	code_clear(&c);
	ret(&c, 0);
	load_code(m, &c, BPF_PROG_TYPE_SOCKET_FILTER, 0);
	put_fd(m, "prog_btf_fd", btf);
	put(m, "func_info_rec_size", 8);
	put(m, "func_info_cnt", 1);
	put_buf(m, "func_info",
		(const uint8_t[8]){0, 0, 0, 0, (uint8_t)any(m, t->n + 1)}, 5,
		8);
}

void new_types(struct make *m)
{
	unsigned int n = 1 + any(m, TYPES_MOST), btf;
	static struct types t;

	types_clear(&t);
	types_int(&t, "int", 4, INT_SIGNED);
	types_int(&t, "u64", 8, 0);
	while (n-- && t.len < sizeof(t.bytes) / 2)
		add(m, &t);
	btf = load_types(m, &t);
	if (one_in(m, 3))
		change_buf(m, m->call, 0);
	if (one_in(m, 4)) {
		put(m, "btf_log_level", 1 + any(m, 3));
		put(m, "btf_log_size", 4096);
		put_buf(m, "btf_log_buf", NULL, 0, 4096);
	}
	if (one_in(m, 2))
		use(m, btf, &t);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Types one by one. */
#include <string.h>

#include "types.h"

void types_clear(struct types *t)
{
	t->n = t->len = 0;
	t->str[0] = 0;
	t->str_len = 1;
}

uint32_t types_str(struct types *t, const char *text)
{
	const uint32_t len = (uint32_t)strlen(text) + 1, at = t->str_len;

	if (len == 1 || at + len > sizeof(t->str))
		return 0;
	memcpy(t->str + at, text, len);
	t->str_len += len;
	return at;
}

void types_word(struct types *t, uint32_t word)
{
	if (t->len + 4 > sizeof(t->bytes))
		return;
	put_le(t->bytes + t->len, word, 4);
	t->len += 4;
}

uint32_t types_add(struct types *t, const char *name, unsigned int kind,
		   unsigned int vlen, uint32_t size_or_type)
{
	types_word(t, types_str(t, name));
	types_word(t, kind << 24 | vlen);
	types_word(t, size_or_type);
	return ++t->n;
}

uint32_t types_int(struct types *t, const char *name, uint32_t size,
		   uint32_t how)
{
	uint32_t id = types_add(t, name, KIND_INT, 0, size);

	types_word(t, how | size * 8);
	return id;
}

void types_member(struct types *t, const char *name, uint32_t type,
		  uint32_t bits)
{
	types_word(t, types_str(t, name));
	types_word(t, type);
	types_word(t, bits);
}

uint32_t types_write(const struct types *t, uint8_t *bytes, uint32_t size)
{
	const uint32_t len = BTF_HEADER + t->len + t->str_len;

	if (len > size)
		return 0;
	put_le(bytes, BTF_MAGIC, 2);
	bytes[2] = 1;
	bytes[3] = 0;
	put_le(bytes + 4, BTF_HEADER, 4);
	put_le(bytes + 8, 0, 4);
	put_le(bytes + 12, t->len, 4);
	put_le(bytes + 16, t->len, 4);
	put_le(bytes + 20, t->str_len, 4);
	memcpy(bytes + BTF_HEADER, t->bytes, t->len);
	memcpy(bytes + BTF_HEADER + t->len, t->str, t->str_len);
	return len;
}

unsigned int load_types(struct make *m, const struct types *t)
{
	static uint8_t bytes[BTF_HEADER + sizeof(t->bytes) + sizeof(t->str)];
	const uint32_t len = types_write(t, bytes, sizeof(bytes));
	unsigned int call = bpf(m, BPFSYS_BTF_LOAD);

	put(m, "btf_size", len);
	buf_is(m, put_buf(m, "btf", bytes, len, len), SEQ_BTF);
	return call;
}

unsigned int load_plain_types(struct make *m)
{
	static struct types t;

	types_clear(&t);
	types_int(&t, "int", 4, INT_SIGNED);
	/* By this name the verifier knows the context. */
	types_add(&t, "__sk_buff", KIND_STRUCT, 0, 0);
	types_add(&t, "", KIND_PTR, 0, 2);
	types_add(&t, "", KIND_FUNC_PROTO, 1, PLAIN_INT);
	types_word(&t, types_str(&t, "ctx"));
	types_word(&t, 3);
	types_add(&t, "", KIND_FUNC_PROTO, 0, PLAIN_INT);
	types_add(&t, "main", KIND_FUNC, 1, 4);
	types_add(&t, "sub", KIND_FUNC, 0, 5);
	types_add(&t, "global", KIND_FUNC, 1, 5);
	types_add(&t, "pair", KIND_STRUCT, 2, 8);
	types_member(&t, "a", PLAIN_INT, 0);
	types_member(&t, "b", PLAIN_INT, 32);
	return load_types(m, &t);
}

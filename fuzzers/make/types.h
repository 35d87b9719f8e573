/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* BTF that recipes load. */
#ifndef BPFSYS_MAKE_TYPES_H
#define BPFSYS_MAKE_TYPES_H

#include "build.h"

enum {
	KIND_INT = 1,
	KIND_PTR,
	KIND_ARRAY,
	KIND_STRUCT,
	KIND_UNION,
	KIND_ENUM,
	KIND_FWD,
	KIND_TYPEDEF,
	KIND_VOLATILE,
	KIND_CONST,
	KIND_RESTRICT,
	KIND_FUNC,
	KIND_FUNC_PROTO,
	KIND_VAR,
	KIND_DATASEC,
	KIND_FLOAT,
	KIND_DECL_TAG,
	KIND_TYPE_TAG,
	KIND_ENUM64,
	KIND_MOST = KIND_ENUM64,
};

enum { BTF_HEADER = 24, BTF_MAGIC = 0xeb9f, INT_SIGNED = 1 << 24 };

struct types {
	uint32_t n, len, str_len;
	uint8_t bytes[8192];
	char str[2048];
};

void types_clear(struct types *t);
uint32_t types_str(struct types *t, const char *text);
/* The ID of the new type; what follows its three words is added by
 * types_word(). */
uint32_t types_add(struct types *t, const char *name, unsigned int kind,
		   unsigned int vlen, uint32_t size_or_type);
void types_word(struct types *t, uint32_t word);
uint32_t types_int(struct types *t, const char *name, uint32_t size,
		   uint32_t how);
/* The next member of a struct, BITS from its start. */
void types_member(struct types *t, const char *name, uint32_t type,
		  uint32_t bits);
/* The raw BTF in BYTES, of SIZE; its length. */
uint32_t types_write(const struct types *t, uint8_t *bytes, uint32_t size);

/* Calls BTF_LOAD of it. */
unsigned int load_types(struct make *m, const struct types *t);
/* What most programs and maps need of BTF: int main(struct __sk_buff *), a
 * static and a global int sub(void), a struct; IDs below. */
unsigned int load_plain_types(struct make *m);
enum {
	PLAIN_INT = 1,
	PLAIN_MAIN = 6,
	PLAIN_SUB,
	PLAIN_GLOBAL,
	PLAIN_STRUCT,
};

#endif

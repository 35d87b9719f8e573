// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_BTF_LOAD of types that are well formed: what the cases of refused ones
 * break, each at its limits. */
#include "btf_types.h"
#include "catalogue.h"

static const struct {
	const char *what;
	const uint32_t *types;
	uint32_t size;
} good[] = {
	{"an int of 128 bits", TYPES(NAME_INT, KIND(BTF_KIND_INT, 0), 16, 128)},
	{"a character", TYPES(NAME_INT, KIND(BTF_KIND_INT, 0), 1, 2 << 24 | 8)},
	{"a truth value",
	 TYPES(NAME_INT, KIND(BTF_KIND_INT, 0), 1, 4 << 24 | 8)},
	{"an int without a name", TYPES(0, KIND(BTF_KIND_INT, 0), 4, 32)},
	{"a pointer to void", TYPES(0, KIND(BTF_KIND_PTR, 0), 0)},
	{"a const void", TYPES(0, KIND(BTF_KIND_CONST, 0), 0)},
	{"a volatile and restrict pointer",
	 TYPES(INT4, 0, KIND(BTF_KIND_VOLATILE, 0), 3, 0,
	       KIND(BTF_KIND_RESTRICT, 0), 4, 0, KIND(BTF_KIND_PTR, 0), 1)},
	{"a typedef", TYPES(INT4, NAME_A, KIND(BTF_KIND_TYPEDEF, 0), 1)},
	{"struct and union declared ahead",
	 TYPES(NAME_A, KIND(BTF_KIND_FWD, 0), 0, NAME_B,
	       KIND(BTF_KIND_FWD, 0) | KFLAG, 0)},
	{"a pointer to what is declared ahead",
	 TYPES(NAME_A, KIND(BTF_KIND_FWD, 0), 0, 0, KIND(BTF_KIND_PTR, 0), 1)},
	{"an array of no elements",
	 TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 0, 1, 1, 0)},
	{"an array of less than 4 GiB",
	 TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 0, 1, 1, (1 << 30) - 1)},
	{"an empty struct", TYPES(NAME_A, KIND(BTF_KIND_STRUCT, 0), 0)},
	{"a struct that points to itself",
	 TYPES(NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 2, 0, 0,
	       KIND(BTF_KIND_PTR, 0), 1)},
	{"members that end with their struct",
	 TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 2), 8, NAME_A, 1, 0, NAME_B,
	       1, 32)},
	{"an empty array at the end of a struct",
	 TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 0, 1, 1, 0, NAME_A,
	       KIND(BTF_KIND_STRUCT, 2), 4, NAME_A, 1, 0, NAME_B, 2, 32)},
	{"members of a union", TYPES(INT4, NAME_A, KIND(BTF_KIND_UNION, 2), 4,
				     NAME_A, 1, 0, NAME_B, 1, 0)},
	{"a bit-field that ends with its struct",
	 TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1) | KFLAG, 8, NAME_B, 1,
	       8 << 24 | 56)},
	{"a bit-field as wide as its integer",
	 TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1) | KFLAG, 4, NAME_B, 1,
	       32 << 24)},
	{"enums of 1 and 8 bytes",
	 TYPES(NAME_A, KIND(BTF_KIND_ENUM, 1), 1, NAME_A, 0, NAME_B,
	       KIND(BTF_KIND_ENUM, 1), 8, NAME_B, 1)},
	{"an enum without values", TYPES(0, KIND(BTF_KIND_ENUM, 0), 4)},
	{"an enum of 64 bits",
	 TYPES(NAME_A, KIND(BTF_KIND_ENUM64, 1) | KFLAG, 8, NAME_B, 1, 2)},
	{"a prototype",
	 TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 2), 1, NAME_A, 1, 0, 0)},
	{"a function of each linkage",
	 TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 0, NAME_A, 1, NAME_A,
	       KIND(BTF_KIND_FUNC, 0), 2, NAME_B, KIND(BTF_KIND_FUNC, 1), 2)},
	{"a data section full of variables",
	 TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 0, NAME_B,
	       KIND(BTF_KIND_VAR, 0), 1, 1, NAME_SECTION,
	       KIND(BTF_KIND_DATASEC, 2), 8, 2, 0, 4, 3, 4, 4)},
	{"floating point numbers of 2, 12 and 16 bytes",
	 TYPES(NAME_A, KIND(BTF_KIND_FLOAT, 0), 2, NAME_A,
	       KIND(BTF_KIND_FLOAT, 0), 12, NAME_A, KIND(BTF_KIND_FLOAT, 0),
	       16)},
	{"a floating point number that ends with its struct",
	 TYPES(NAME_A, KIND(BTF_KIND_FLOAT, 0), 4, NAME_B,
	       KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1, 32)},
	{"a tag at a variable",
	 TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1, NAME_BAD,
	       KIND(BTF_KIND_DECL_TAG, 0), 2, (uint32_t)-1)},
	{"tags at a struct and its last member",
	 TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 4, NAME_B, 1, 0, NAME_A,
	       KIND(BTF_KIND_DECL_TAG, 0), 2, (uint32_t)-1, NAME_A,
	       KIND(BTF_KIND_DECL_TAG, 0), 2, 0)},
	{"a type tag", TYPES(INT4, NAME_BAD, KIND(BTF_KIND_TYPE_TAG, 0), 1, 0,
			     KIND(BTF_KIND_PTR, 0), 2)},
};

void btf_load__kinds_taken(void **state)
{
	for (size_t i = 0; i < COUNT_OF(good); i++)
		take_btf(state, good[i].what, good[i].types, good[i].size);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_BTF_LOAD of types that are not well formed: integers, references, forward
 * declarations and arrays. */
#include "btf_types.h"
#include "catalogue.h"
#include "kernel.h"

void btf_load__type_cut(void **state)
{
	refuse_btf(state, "meta_left:8 meta_needed:12", TYPES(INT4, 0, 0));
}

void btf_load__info_bits(void **state)
{
	refuse_btf(state, NULL,
		   TYPES(NAME_INT, KIND(BTF_KIND_INT, 0) | 1 << 16, 4, 32));
}

void btf_load__kind_zero(void **state)
{
	refuse_btf(state, "Invalid kind:0",
		   TYPES(0, KIND(BTF_KIND_UNKN, 0), 0));
}

void btf_load__kind_unknown(void **state)
{
	refuse_btf(state, "Invalid", TYPES(0, KIND(31, 0), 0));
}

void btf_load__name_past_strings(void **state)
{
	refuse_btf(state, "Invalid name_offset:1000",
		   TYPES(1000, KIND(BTF_KIND_INT, 0), 4, 32));
}

void btf_load__int_cut(void **state)
{
	refuse_btf(state, "meta_left:0 meta_needed:4",
		   TYPES(NAME_INT, KIND(BTF_KIND_INT, 0), 4));
}

void btf_load__int_vlen(void **state)
{
	refuse_btf(state, "vlen != 0",
		   TYPES(NAME_INT, KIND(BTF_KIND_INT, 1), 4, 32));
}

void btf_load__int_kflag(void **state)
{
	refuse_btf(state, "Invalid btf_info kind_flag",
		   TYPES(NAME_INT, KIND(BTF_KIND_INT, 0) | KFLAG, 4, 32));
}

void btf_load__int_data(void **state)
{
	refuse_btf(state, "Invalid int_data",
		   TYPES(NAME_INT, KIND(BTF_KIND_INT, 0), 4, 1 << 28 | 32));
}

void btf_load__int_too_wide(void **state)
{
	refuse_btf(state, "nr_bits exceeds 128",
		   TYPES(NAME_INT, KIND(BTF_KIND_INT, 0), 17, 129));
}

void btf_load__int_over_size(void **state)
{
	refuse_btf(state, "nr_bits exceeds type_size",
		   TYPES(NAME_INT, KIND(BTF_KIND_INT, 0), 4, 33));
}

void btf_load__int_encoding(void **state)
{
	refuse_btf(state, "Unsupported encoding",
		   TYPES(NAME_INT, KIND(BTF_KIND_INT, 0), 4, 3 << 24 | 32));
}

void btf_load__typedef_without_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, 0, KIND(BTF_KIND_TYPEDEF, 0), 1));
}

void btf_load__typedef_bad_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, NAME_BAD, KIND(BTF_KIND_TYPEDEF, 0), 1));
}

void btf_load__type_tag_without_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, 0, KIND(BTF_KIND_TYPE_TAG, 0), 1));
}

/* Newer kernels walk mixed chains of tags and modifiers, btf_type_tag_walk().
 */
void btf_load__type_tag_behind_modifier(void **state)
{
	static const uint32_t types[] = {
		INT4, NAME_A, KIND(BTF_KIND_TYPE_TAG, 0),
		1,    0,      KIND(BTF_KIND_CONST, 0),
		2,
	};

	if (kernel_struct_size("btf_type_tag_match"))
		take_btf(state, "a tag behind const", types, sizeof(types));
	else
		refuse_btf(state, "Type tags don't precede modifiers", types,
			   sizeof(types));
}

void btf_load__fwd_vlen(void **state)
{
	refuse_btf(state, "vlen != 0", TYPES(NAME_A, KIND(BTF_KIND_FWD, 1), 0));
}

void btf_load__fwd_type(void **state)
{
	refuse_btf(state, "type != 0",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_FWD, 0), 1));
}

void btf_load__fwd_without_name(void **state)
{
	refuse_btf(state, "Invalid name", TYPES(0, KIND(BTF_KIND_FWD, 0), 0));
}

void btf_load__array_cut(void **state)
{
	refuse_btf(state, "meta_left:8 meta_needed:12",
		   TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 0, 1, 1));
}

void btf_load__array_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_ARRAY, 0), 0, 1, 1, 4));
}

void btf_load__array_vlen(void **state)
{
	refuse_btf(state, "vlen != 0",
		   TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 1), 0, 1, 1, 4));
}

void btf_load__array_kflag(void **state)
{
	refuse_btf(state, "Invalid btf_info kind_flag",
		   TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0) | KFLAG, 0, 1, 1, 4));
}

void btf_load__array_size(void **state)
{
	refuse_btf(state, "size != 0",
		   TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 16, 1, 1, 4));
}

void btf_load__array_elem_void(void **state)
{
	refuse_btf(state, "Invalid elem",
		   TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 0, 0, 1, 4));
}

void btf_load__array_index_void(void **state)
{
	refuse_btf(state, "Invalid index",
		   TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 0, 1, 0, 4));
}

void btf_load__array_elem_past(void **state)
{
	refuse_btf(state, "Invalid elem",
		   TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 0, 9, 1, 4));
}

void btf_load__array_elem_fwd(void **state)
{
	refuse_btf(state, "Invalid elem",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_FWD, 0), 0, 0,
			 KIND(BTF_KIND_ARRAY, 0), 0, 2, 1, 4));
}

void btf_load__array_index_not_int(void **state)
{
	refuse_btf(state, "Invalid index",
		   TYPES(INT4, 0, KIND(BTF_KIND_PTR, 0), 1, 0,
			 KIND(BTF_KIND_ARRAY, 0), 0, 1, 2, 4));
}

void btf_load__array_of_bits(void **state)
{
	refuse_btf(state, "Invalid array of int",
		   TYPES(INT4, NAME_INT, KIND(BTF_KIND_INT, 0), 1, 7, 0,
			 KIND(BTF_KIND_ARRAY, 0), 0, 2, 1, 4));
}

void btf_load__array_overflow(void **state)
{
	refuse_btf(state, "Array size overflows U32_MAX",
		   TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 0, 1, 1, 1 << 30));
}

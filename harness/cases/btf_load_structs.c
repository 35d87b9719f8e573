// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_BTF_LOAD of types that are not well formed: structs, unions, enums and
 * floating point numbers. */
#include "btf_types.h"
#include "catalogue.h"

void btf_load__struct_cut(void **state)
{
	refuse_btf(state, "meta_left:8 meta_needed:12",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, 0, 1));
}

void btf_load__struct_bad_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, NAME_BAD, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1,
			 0));
}

void btf_load__member_name_past_strings(void **state)
{
	refuse_btf(state, "Invalid member name_offset:1000",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, 1000, 1,
			 0));
}

void btf_load__member_bad_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_BAD, 1,
			 0));
}

void btf_load__member_void(void **state)
{
	refuse_btf(state, "Invalid type_id",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 0,
			 0));
}

void btf_load__member_past(void **state)
{
	refuse_btf(state, "Invalid member",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 9,
			 0));
}

void btf_load__member_fwd(void **state)
{
	refuse_btf(state, "Invalid member",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_FWD, 0), 0, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 2, 0));
}

void btf_load__union_offset(void **state)
{
	refuse_btf(state, "Invalid member bits_offset",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_UNION, 1), 8, NAME_B, 1,
			 8));
}

void btf_load__member_order(void **state)
{
	refuse_btf(state, "Invalid member bits_offset",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 2), 8, NAME_A, 1,
			 32, NAME_B, 1, 0));
}

void btf_load__member_offset(void **state)
{
	refuse_btf(state, "Member bits_offset exceeds its struct size",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1,
			 72));
}

void btf_load__member_int_exceeds(void **state)
{
	refuse_btf(state, "Member exceeds struct_size",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1,
			 40));
}

void btf_load__member_ptr_unaligned(void **state)
{
	refuse_btf(state, "Member is not byte aligned",
		   TYPES(INT4, 0, KIND(BTF_KIND_PTR, 0), 1, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 16, NAME_B, 2, 4));
}

void btf_load__member_ptr_exceeds(void **state)
{
	refuse_btf(state, "Member exceeds struct_size",
		   TYPES(INT4, 0, KIND(BTF_KIND_PTR, 0), 1, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 2, 64));
}

void btf_load__member_ptr_bitfield(void **state)
{
	refuse_btf(state, "Invalid member bitfield_size",
		   TYPES(INT4, 0, KIND(BTF_KIND_PTR, 0), 1, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1) | KFLAG, 8, NAME_B, 2,
			 8 << 24));
}

void btf_load__member_array_unaligned(void **state)
{
	refuse_btf(state, "Member is not byte aligned",
		   TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 0, 1, 1, 4, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 24, NAME_B, 2, 4));
}

void btf_load__member_array_exceeds(void **state)
{
	refuse_btf(state, "Member exceeds struct_size",
		   TYPES(INT4, 0, KIND(BTF_KIND_ARRAY, 0), 0, 1, 1, 4, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 15, NAME_B, 2, 0));
}

void btf_load__member_struct_unaligned(void **state)
{
	refuse_btf(state, "Member is not byte aligned",
		   TYPES(INT4, NAME_B, KIND(BTF_KIND_STRUCT, 0), 4, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 2, 4));
}

void btf_load__member_struct_exceeds(void **state)
{
	refuse_btf(state, "Member exceeds struct_size",
		   TYPES(INT4, NAME_B, KIND(BTF_KIND_STRUCT, 0), 4, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 2, 40));
}

void btf_load__bitfield_too_wide(void **state)
{
	refuse_btf(state, "Invalid member bitfield_size",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1) | KFLAG, 8,
			 NAME_B, 1, 33 << 24));
}

void btf_load__bitfield_unaligned(void **state)
{
	refuse_btf(state, "Invalid member offset",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1) | KFLAG, 8,
			 NAME_B, 1, 4));
}

void btf_load__bitfield_base(void **state)
{
	refuse_btf(state, "Invalid member base type",
		   TYPES(INT4, NAME_INT, KIND(BTF_KIND_INT, 0), 1, 7, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1) | KFLAG, 8, NAME_B, 2,
			 3 << 24));
}

void btf_load__bitfield_exceeds(void **state)
{
	refuse_btf(state, "Member exceeds struct_size",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1) | KFLAG, 8,
			 NAME_B, 1, 8 << 24 | 57));
}

void btf_load__enum_cut(void **state)
{
	refuse_btf(state, "meta_left:4 meta_needed:8",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM, 1), 4, NAME_B));
}

void btf_load__enum_size(void **state)
{
	refuse_btf(state, "Unexpected size",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM, 1), 3, NAME_B, 0));
}

void btf_load__enum_too_large(void **state)
{
	refuse_btf(state, "Unexpected size",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM, 1), 16, NAME_B, 0));
}

void btf_load__enum_bad_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(NAME_BAD, KIND(BTF_KIND_ENUM, 1), 4, NAME_B, 0));
}

void btf_load__enumerator_name_past_strings(void **state)
{
	refuse_btf(state, "Invalid name_offset:1000",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM, 1), 4, 1000, 0));
}

void btf_load__enumerator_without_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM, 1), 4, 0, 0));
}

void btf_load__member_enum_unaligned(void **state)
{
	refuse_btf(state, "Member is not byte aligned",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM, 1), 4, NAME_B, 0, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1, 4));
}

void btf_load__member_enum_exceeds(void **state)
{
	refuse_btf(state, "Member exceeds struct_size",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM, 1), 4, NAME_B, 0, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1, 40));
}

void btf_load__enum64_cut(void **state)
{
	refuse_btf(state, "meta_left:8 meta_needed:12",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM64, 1), 8, NAME_B, 0));
}

void btf_load__enum64_size(void **state)
{
	refuse_btf(state, "Unexpected size",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM64, 1), 3, NAME_B, 0, 0));
}

void btf_load__enum64_bad_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(NAME_BAD, KIND(BTF_KIND_ENUM64, 1), 8, NAME_B, 0, 0));
}

void btf_load__enumerator64_name_past_strings(void **state)
{
	refuse_btf(state, "Invalid name_offset:1000",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM64, 1), 8, 1000, 0, 0));
}

void btf_load__enumerator64_without_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(NAME_A, KIND(BTF_KIND_ENUM64, 1), 8, 0, 0, 0));
}

void btf_load__float_vlen(void **state)
{
	refuse_btf(state, "vlen != 0",
		   TYPES(NAME_A, KIND(BTF_KIND_FLOAT, 1), 4));
}

void btf_load__float_kflag(void **state)
{
	refuse_btf(state, "Invalid btf_info kind_flag",
		   TYPES(NAME_A, KIND(BTF_KIND_FLOAT, 0) | KFLAG, 4));
}

void btf_load__float_size(void **state)
{
	refuse_btf(state, "Invalid type_size",
		   TYPES(NAME_A, KIND(BTF_KIND_FLOAT, 0), 3));
}

void btf_load__member_float_unaligned(void **state)
{
	refuse_btf(state, "Member is not properly aligned",
		   TYPES(NAME_A, KIND(BTF_KIND_FLOAT, 0), 4, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1, 8));
}

void btf_load__member_float_exceeds(void **state)
{
	refuse_btf(state, "Member exceeds struct_size",
		   TYPES(NAME_A, KIND(BTF_KIND_FLOAT, 0), 4, NAME_A,
			 KIND(BTF_KIND_STRUCT, 1), 7, NAME_B, 1, 32));
}

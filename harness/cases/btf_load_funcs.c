// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_BTF_LOAD of types that are not well formed: prototypes, functions,
 * variables, data sections and declaration tags. */
#include "btf_types.h"
#include "catalogue.h"

void btf_load__proto_cut(void **state)
{
	refuse_btf(state, "meta_left:4 meta_needed:8",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 1, NAME_A));
}

void btf_load__proto_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, NAME_B, KIND(BTF_KIND_FUNC_PROTO, 1), 1, NAME_A,
			 1));
}

void btf_load__proto_kflag(void **state)
{
	refuse_btf(state, "Invalid btf_info kind_flag",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1) | KFLAG, 1,
			 NAME_A, 1));
}

void btf_load__return_past(void **state)
{
	refuse_btf(state, "Invalid return type",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 9, NAME_A, 1));
}

void btf_load__return_fwd(void **state)
{
	refuse_btf(state, "Invalid return type",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_FWD, 0), 0, 0,
			 KIND(BTF_KIND_FUNC_PROTO, 1), 2, NAME_A, 1));
}

void btf_load__argument_past(void **state)
{
	refuse_btf(state, "Invalid arg#1",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 1, NAME_A, 9));
}

void btf_load__argument_bad_name(void **state)
{
	refuse_btf(state, "Invalid arg#1",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 1, NAME_BAD,
			 1));
}

void btf_load__argument_void(void **state)
{
	refuse_btf(state, "Invalid arg#1",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 2), 1, 0, 0, NAME_A,
			 1));
}

void btf_load__vararg_name(void **state)
{
	refuse_btf(state, "Invalid arg#2",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 2), 1, NAME_B, 1,
			 NAME_A, 0));
}

void btf_load__func_without_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 1, NAME_A, 1, 0,
			 KIND(BTF_KIND_FUNC, 0), 2));
}

void btf_load__func_linkage(void **state)
{
	refuse_btf(state, "Invalid func linkage",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 1, NAME_A, 1,
			 NAME_B, KIND(BTF_KIND_FUNC, 2), 2));
}

void btf_load__func_kflag(void **state)
{
	refuse_btf(state, "Invalid btf_info kind_flag",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 1, NAME_A, 1,
			 NAME_B, KIND(BTF_KIND_FUNC, 0) | KFLAG, 2));
}

void btf_load__func_type(void **state)
{
	refuse_btf(state, "Invalid type_id",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 1, NAME_A, 1,
			 NAME_B, KIND(BTF_KIND_FUNC, 0), 1));
}

void btf_load__func_argument_without_name(void **state)
{
	refuse_btf(state, "Invalid arg#1",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 1, 0, 1, NAME_B,
			 KIND(BTF_KIND_FUNC, 0), 2));
}

void btf_load__var_cut(void **state)
{
	refuse_btf(state, "meta_left:0 meta_needed:4",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1));
}

void btf_load__var_vlen(void **state)
{
	refuse_btf(state, "vlen != 0",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 1), 1, 1));
}

void btf_load__var_kflag(void **state)
{
	refuse_btf(state, "Invalid btf_info kind_flag",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0) | KFLAG, 1, 1));
}

void btf_load__var_without_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, 0, KIND(BTF_KIND_VAR, 0), 1, 1));
}

void btf_load__var_void(void **state)
{
	refuse_btf(state, "Invalid type_id",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 0, 1));
}

void btf_load__var_linkage(void **state)
{
	refuse_btf(state, "Linkage not supported",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 2));
}

void btf_load__var_fwd(void **state)
{
	refuse_btf(state, "Invalid type_id",
		   TYPES(INT4, NAME_B, KIND(BTF_KIND_FWD, 0), 0, NAME_A,
			 KIND(BTF_KIND_VAR, 0), 2, 1));
}

void btf_load__section_cut(void **state)
{
	refuse_btf(state, "meta_left:8 meta_needed:12",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 1), 8, 2, 0));
}

void btf_load__section_size(void **state)
{
	refuse_btf(state, "size == 0",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 1), 0, 2, 0, 4));
}

void btf_load__section_kflag(void **state)
{
	refuse_btf(state, "Invalid btf_info kind_flag",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 1) | KFLAG, 8, 2,
			 0, 4));
}

void btf_load__section_without_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1, 0,
			 KIND(BTF_KIND_DATASEC, 1), 8, 2, 0, 4));
}

void btf_load__section_bad_name(void **state)
{
	refuse_btf(state, "Invalid name",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_CONTROL, KIND(BTF_KIND_DATASEC, 1), 8, 2, 0, 4));
}

void btf_load__section_void(void **state)
{
	refuse_btf(state, "Invalid type_id",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 1), 8, 0, 0, 4));
}

void btf_load__section_overlap(void **state)
{
	refuse_btf(state, "Invalid offset",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 2), 8, 2, 0, 4, 2,
			 3, 4));
}

void btf_load__section_offset(void **state)
{
	refuse_btf(state, "Invalid offset",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 1), 8, 2, 8, 4));
}

void btf_load__section_size_zero(void **state)
{
	refuse_btf(state, "Invalid size",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 1), 8, 2, 0, 0));
}

void btf_load__section_size_over(void **state)
{
	refuse_btf(state, "Invalid size",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 1), 8, 2, 0, 9));
}

void btf_load__section_end(void **state)
{
	refuse_btf(state, "Invalid offset+size",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 1), 8, 2, 5, 4));
}

void btf_load__section_not_var(void **state)
{
	refuse_btf(state, "Not a VAR kind member",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 1), 8, 1, 0, 4));
}

void btf_load__section_size_of_type(void **state)
{
	refuse_btf(state, "Invalid size",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1,
			 NAME_SECTION, KIND(BTF_KIND_DATASEC, 1), 8, 2, 0, 3));
}

void btf_load__decl_tag_cut(void **state)
{
	refuse_btf(state, "meta_left:0 meta_needed:4",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_DECL_TAG, 0), 1));
}

void btf_load__decl_tag_without_name(void **state)
{
	refuse_btf(state, "Invalid value",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1,
			 0, 0, KIND(BTF_KIND_DECL_TAG, 0), 2, 0));
}

void btf_load__decl_tag_vlen(void **state)
{
	refuse_btf(state, "vlen != 0",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1,
			 0, NAME_A, KIND(BTF_KIND_DECL_TAG, 1), 2, 0));
}

void btf_load__decl_tag_negative(void **state)
{
	refuse_btf(state, "Invalid component_idx",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1,
			 0, NAME_A, KIND(BTF_KIND_DECL_TAG, 0), 2,
			 (uint32_t)-2));
}

void btf_load__decl_tag_target(void **state)
{
	refuse_btf(state, "Invalid type_id",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1,
			 0, NAME_A, KIND(BTF_KIND_DECL_TAG, 0), 1, 0));
}

void btf_load__decl_tag_member(void **state)
{
	refuse_btf(state, "Invalid component_idx",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_STRUCT, 1), 8, NAME_B, 1,
			 0, NAME_A, KIND(BTF_KIND_DECL_TAG, 0), 2, 1));
}

void btf_load__decl_tag_of_var(void **state)
{
	refuse_btf(state, "Invalid component_idx",
		   TYPES(INT4, NAME_A, KIND(BTF_KIND_VAR, 0), 1, 1, NAME_A,
			 KIND(BTF_KIND_DECL_TAG, 0), 2, 0));
}

void btf_load__decl_tag_argument(void **state)
{
	refuse_btf(state, "Invalid component_idx",
		   TYPES(INT4, 0, KIND(BTF_KIND_FUNC_PROTO, 1), 1, NAME_A, 1,
			 NAME_B, KIND(BTF_KIND_FUNC, 0), 2, NAME_A,
			 KIND(BTF_KIND_DECL_TAG, 0), 3, 1));
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_CREATE. */
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "objects.h"

static void arm(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_create.map_type = BPF_MAP_TYPE_HASH;
	attr->map_create.key_size = 4;
	attr->map_create.value_size = 16;
	attr->map_create.max_entries = 7;
	attr->map_create.map_flags = BPF_F_NO_PREALLOC;
	memcpy(attr->map_create.map_name, "a_map.1", 8);
}

static void disarm(struct world *world, int ret)
{
	(void)world;
	close_if_fd(ret);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	void **state = world->state;
	struct bpfsys_map_info info;

	(void)attr;
	memset(&info, 0, sizeof(info));
	get_info(state, ret, &info, sizeof(info));
	expect_u64(state, "type of the map", BPF_MAP_TYPE_HASH, info.type);
	expect_u64(state, "key_size of the map", 4, info.key_size);
	expect_u64(state, "value_size of the map", 16, info.value_size);
	expect_u64(state, "max_entries of the map", 7, info.max_entries);
	expect_u64(state, "map_flags of the map", BPF_F_NO_PREALLOC,
		   info.map_flags);
	expect_mem(state, "name of the map", "a_map.1\0\0\0\0\0\0\0\0",
		   info.name, sizeof(info.name));
	expect_range(state, "id of the map", 1, UINT32_MAX, info.id);
}

const struct witness witness_map_create = {
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

/* The witness's argument with one thing broken by BREAK. */
static void create_broken(void **state, void (*brk)(union argument *attr))
{
	union argument attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	arm(NULL, &attr);
	brk(&attr);
	ret = bpfsys_map_create(&attr.map_create);
	close_if_fd(ret);
	expect_errno(state, ret);
}

static void unknown_type(union argument *attr)
{
	attr->map_create.map_type = 5000;
}

void map_create__unknown_type(void **state)
{
	create_broken(state, unknown_type);
}

static void bad_char(union argument *attr)
{
	attr->map_create.map_name[1] = '-';
}

void map_create__name_bad_char(void **state)
{
	create_broken(state, bad_char);
}

static void zero_key_size(union argument *attr)
{
	attr->map_create.key_size = 0;
}

void map_create__zero_key_size(void **state)
{
	create_broken(state, zero_key_size);
}

static void break_name_unterminated(union argument *attr)
{
	memset(attr->map_create.map_name, 'a', BPFSYS_OBJ_NAME_LEN);
}

void map_create__name_unterminated(void **state)
{
	create_broken(state, break_name_unterminated);
}

static void break_zero_value_size(union argument *attr)
{
	attr->map_create.value_size = 0;
}

void map_create__zero_value_size(void **state)
{
	create_broken(state, break_zero_value_size);
}

static void break_zero_max_entries(union argument *attr)
{
	attr->map_create.max_entries = 0;
}

void map_create__zero_max_entries(void **state)
{
	create_broken(state, break_zero_max_entries);
}

static void break_both_access_flags(union argument *attr)
{
	attr->map_create.map_flags |= BPF_F_RDONLY | BPF_F_WRONLY;
}

void map_create__both_access_flags(void **state)
{
	create_broken(state, break_both_access_flags);
}

void map_create__key_type_alone(void **state)
{
	int btf_fd = make_btf(state), ret;
	union argument attr;

	memset(&attr, 0, sizeof(attr));
	arm(NULL, &attr);
	attr.map_create.btf_fd = (uint32_t)btf_fd;
	attr.map_create.btf_key_type_id = 1;
	ret = bpfsys_map_create(&attr.map_create);
	close_if_fd(ret);
	close(btf_fd);
	expect_errno(state, ret);
}

static void break_vmlinux_type_of_other_map(union argument *attr)
{
	attr->map_create.btf_vmlinux_value_type_id = 1;
}

void map_create__vmlinux_type_of_other_map(void **state)
{
	create_broken(state, break_vmlinux_type_of_other_map);
}

static void break_closed_btf_fd(union argument *attr)
{
	attr->map_create.btf_fd = CLOSED_FD;
	attr->map_create.btf_key_type_id = 1;
	attr->map_create.btf_value_type_id = 1;
}

void map_create__closed_btf_fd(void **state)
{
	create_broken(state, break_closed_btf_fd);
}

static void break_array_key_size(union argument *attr)
{
	attr->map_create.map_type = BPF_MAP_TYPE_ARRAY;
	attr->map_create.map_flags = 0;
	attr->map_create.key_size = 8;
}

void map_create__array_key_size(void **state)
{
	create_broken(state, break_array_key_size);
}

static void break_value_too_large(union argument *attr)
{
	attr->map_create.value_size = 1u << 30;
}

void map_create__value_too_large(void **state)
{
	create_broken(state, break_value_too_large);
}

static void break_closed_inner_map_fd(union argument *attr)
{
	attr->map_create.map_type = BPF_MAP_TYPE_HASH_OF_MAPS;
	attr->map_create.map_flags = 0;
	attr->map_create.value_size = 4;
	attr->map_create.inner_map_fd = CLOSED_FD;
}

void map_create__closed_inner_map_fd(void **state)
{
	create_broken(state, break_closed_inner_map_fd);
}

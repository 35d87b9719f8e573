// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Which types of map the kernel creates, and with which flags. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/probe.h>

#include "probe.h"
#include "untraced.h"

#define NO_PREALLOC (1u << 0)
#define MMAPABLE    (1u << 10)
#define TOKEN_FD    (1u << 16)
#define TOO_LARGE   0x10000000u

enum beside { ALONE, INNER, TYPED, OPS };

/* What a map of a type is created with. What a type wants BESIDE is wrong on
 * purpose: an inner map that is not open, local storage that is too large, a
 * struct_ops type that is none. What is then refused is the map, not its type,
 * and nothing is created. */
static const struct shape {
	uint32_t key_size, value_size, max_entries, flags;
	enum beside beside;
} shapes[] = {
	[1] = {4, 8, 1, 0, ALONE},
	[2] = {4, 8, 1, 0, ALONE},
	[3] = {4, 4, 1, 0, ALONE},
	[4] = {4, 4, 1, 0, ALONE},
	[5] = {4, 8, 1, 0, ALONE},
	[6] = {4, 8, 1, 0, ALONE},
	[7] = {4, 160, 1, 0, ALONE},
	[8] = {4, 4, 1, 0, ALONE},
	[9] = {4, 8, 1, 0, ALONE},
	[10] = {4, 8, 1, 0, ALONE},
	[11] = {8, 8, 1, NO_PREALLOC, ALONE},
	[12] = {4, 4, 1, 0, INNER},
	[13] = {4, 4, 1, 0, INNER},
	[14] = {4, 4, 1, 0, ALONE},
	[15] = {4, 4, 1, 0, ALONE},
	[16] = {4, 4, 1, 0, ALONE},
	[17] = {4, 4, 1, 0, ALONE},
	[18] = {4, 4, 1, 0, ALONE},
	[19] = {8, 8, 0, 0, ALONE},
	[20] = {4, 8, 1, 0, ALONE},
	[21] = {8, 8, 0, 0, ALONE},
	[22] = {0, 8, 1, 0, ALONE},
	[23] = {0, 8, 1, 0, ALONE},
	[24] = {4, TOO_LARGE, 0, NO_PREALLOC, TYPED},
	[25] = {4, 4, 1, 0, ALONE},
	[26] = {4, 0, 1, 0, OPS},
	[27] = {0, 0, 65536, 0, ALONE},
	[28] = {4, TOO_LARGE, 0, NO_PREALLOC, TYPED},
	[29] = {4, TOO_LARGE, 0, NO_PREALLOC, TYPED},
	[30] = {0, 8, 1, 0, ALONE},
	[31] = {0, 0, 65536, 0, ALONE},
	[32] = {4, TOO_LARGE, 0, NO_PREALLOC, TYPED},
	[33] = {0, 0, 1, MMAPABLE, ALONE},
	[34] = {4, 16, 1, 0, ALONE},
	[35] = {4, 8, 1, NO_PREALLOC, ALONE},
};

/* No kernel knows this type. */
#define NO_TYPE 0xfffffffu

static int create(unsigned int type, const struct shape *shape,
		  unsigned int flags)
{
	const struct bpfsys_command *cmd =
		bpfsys_abi_command(BPFSYS_MAP_CREATE);
	struct bpfsys_map_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = shape->key_size;
	attr.value_size = shape->value_size;
	attr.max_entries = shape->max_entries;
	attr.map_flags = shape->flags | flags;
	if (flags & TOKEN_FD)
		attr.map_token_fd = -1;
	if (shape->beside == INNER)
		attr.inner_map_fd = UINT32_MAX;
	if (shape->beside == TYPED)
		attr.btf_key_type_id = attr.btf_value_type_id = 1;
	if (shape->beside == TYPED)
		attr.btf_fd = UINT32_MAX;
	if (shape->beside == OPS)
		attr.btf_vmlinux_value_type_id = 1;
	return bpfsys_untraced(BPFSYS_MAP_CREATE, &attr, cmd->group_end);
}

int bpfsys_probe_create_map(unsigned int type, unsigned int flags)
{
	if (type == 0)
		return -EINVAL;
	if (type >= sizeof(shapes) / sizeof(shapes[0]))
		return -ENODATA;
	return create(type, &shapes[type], flags);
}

static int ask_map_type(unsigned int type, unsigned int unused)
{
	int ret = bpfsys_probe_create_map(type, 0);

	(void)unused;
	if (ret >= 0) {
		close(ret);
		return 1;
	}
	/* EOPNOTSUPP: the type is there, and the machine cannot do it. */
	if (ret == -EINVAL || ret == -EOPNOTSUPP)
		return 0;
	if (ret == -EPERM)
		return bpfsys_probe_by_refusal(create(NO_TYPE, &shapes[1], 0),
					       ret);
	return bpfsys_probe_failed(ret) ? ret : 1;
}

int bpfsys_supports_map_type(unsigned int type)
{
	return bpfsys_probe_answer(PROBE_MAP_TYPE, type, 0, ask_map_type);
}

/* The map is refused as without the flag, or for what the flag is about: a
 * token that is not open. */
static int ask_map_flag(unsigned int type, unsigned int bit)
{
	int plain = bpfsys_probe_create_map(type, 0);
	int ret = bpfsys_probe_create_map(type, 1u << bit);

	if (plain >= 0)
		close(plain);
	if (ret >= 0)
		close(ret);
	if (ret >= 0 || ret == -EBADF)
		return 1;
	if (ret == plain)
		return ret == -EPERM || bpfsys_probe_failed(ret) ? ret : 1;
	if (ret == -EINVAL || ret == -BPFSYS_ENOTSUPP)
		return 0;
	return ret;
}

int bpfsys_supports_map_flag(unsigned int type, unsigned int flag)
{
	int has = bpfsys_supports_map_type(type);
	unsigned int bit = 0;

	if (!flag || flag & (flag - 1))
		return -EINVAL;
	while (flag >> bit != 1)
		bit++;
	/* Set in the shape already: no map of the type without it. */
	if (has == 1 && shapes[type].flags & flag)
		return 1;
	return has == 1 ? bpfsys_probe_answer(PROBE_MAP_FLAG, type, bit,
					      ask_map_flag)
			: has;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_BTF_LOAD. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <linux/btf.h>

#include "callers.h"
#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"
#include "objects.h"

static void arm(struct world *world, union argument *attr)
{
	uint32_t size;
	const void *blob = btf_blob(&size);

	memcpy(world->in, blob, size);
	attr->btf_load.btf = bpfsys_ptr(world->in);
	attr->btf_load.btf_size = size;
	attr->btf_load.btf_log_buf = bpfsys_ptr(world->out);
	attr->btf_load.btf_log_size = sizeof(world->out);
	attr->btf_load.btf_log_level = 1;
}

static void disarm(struct world *world, int ret)
{
	(void)world;
	close_if_fd(ret);
}

/* The log is a string, and its true size counts the NUL. */
static void check_log(struct world *world, const union argument *attr)
{
	size_t len = strnlen((const char *)world->out, sizeof(world->out));

	expect_range(world->state, "length of the log", 1,
		     sizeof(world->out) - 1, len);
	expect_field(world->state, "bpf_attr.btf_log_true_size",
		     BPFSYS_KV(6, 4), "btf_log_true_size", len + 1,
		     attr->btf_load.btf_log_true_size);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	expect_range(world->state, "id of the BTF", 1, UINT32_MAX,
		     id_of_btf(world->state, ret));
	check_log(world, attr);
}

const struct witness witness_btf_load = {
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

static void too_big(struct world *world, union argument *attr)
{
	(void)world;
	attr->btf_load.btf_size = (16 << 20) + 1;
}

void btf_load__too_big(void **state)
{
	judge_broken(state, too_big);
}

static void null_btf(struct world *world, union argument *attr)
{
	(void)world;
	attr->btf_load.btf = 0;
}

void btf_load__null_btf(void **state)
{
	judge_broken(state, null_btf);
}

static void bad_magic(struct world *world, union argument *attr)
{
	(void)attr;
	world->in[0] ^= 1;
}

void btf_load__bad_magic(void **state)
{
	judge_broken(state, bad_magic);
}

static void bad_version(struct world *world, union argument *attr)
{
	(void)attr;
	world->in[offsetof(struct btf_header, version)] = 2;
}

void btf_load__bad_version(void **state)
{
	judge_broken(state, bad_version);
}

void btf_load__content(void **state)
{
	struct bpfsys_btf_info info;
	uint8_t bytes[256] = {0};
	uint32_t size, came;
	const void *blob = btf_blob(&size);
	int fd = make_btf(state);

	memset(&info, 0, sizeof(info));
	info.btf = bpfsys_ptr(bytes);
	info.btf_size = sizeof(bytes);
	came = get_info(state, fd, &info, sizeof(info));
	close(fd);
	expect_range(state, "info_len", 16, sizeof(info), came);
	expect_u64(state, "info.btf_size", size, info.btf_size);
	expect_mem(state, "the loaded BTF", blob, bytes, size);
	expect_u64(state, "memory behind the loaded BTF", 0, bytes[size]);
	expect_range(state, "info.id", 1, UINT32_MAX, info.id);
	expect_u64(state, "info.kernel_btf", 0, info.kernel_btf);
	expect_u64(state, "info.name_len", 0, info.name_len);
}

void btf_load__log(void **state)
{
	union argument attr;
	struct world world;
	int ret;

	world_make(&world, state);
	memset(&attr, 0, sizeof(attr));
	arm(&world, &attr);
	bad_magic(&world, &attr);
	ret = bpfsys_btf_load(&attr.btf_load);
	close_if_fd(ret);
	expect_error(state, "BTF of another magic", EINVAL, ret);
	expect_true(state, "the log speaks of the magic",
		    strstr((const char *)world.out, "magic"));
	check_log(&world, &attr);
	world_drop(&world);
}

static void break_shorter_than_start(struct world *world, union argument *attr)
{
	(void)world;
	attr->btf_load.btf_size = 0;
}

void btf_load__shorter_than_start(void **state)
{
	judge_broken(state, break_shorter_than_start);
}

static void break_log_truncated(struct world *world, union argument *attr)
{
	(void)world;
	/* The least that every kernel takes, and less than there is to say. */
	attr->btf_load.btf_log_size = 128;
}

void btf_load__log_truncated(void **state)
{
	judge_broken(state, break_log_truncated);
}

void btf_load__no_caps(void **state)
{
	judge_no_caps(state);
}

void btf_load__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}

/* Since 6.9 there are flags, and tokens: before, they are past the end. */
static void need_flags(void **state)
{
	if (!kernel_offers(state, "bpf_attr.btf_token_fd", BPFSYS_KV(6, 9)))
		skip_case(state, "BPF_BTF_LOAD has no flags: no "
				 "bpf_attr.btf_token_fd in the kernel's BTF");
}

static void unknown_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->btf_load.btf_flags = 1;
}

void btf_load__unknown_flag(void **state)
{
	need_flags(state);
	judge_broken(state, unknown_flag);
}

static void closed_token(struct world *world, union argument *attr)
{
	(void)world;
	attr->btf_load.btf_flags = BPFABI_F_TOKEN_FD;
	attr->btf_load.btf_token_fd = CLOSED_FD;
}

void btf_load__closed_token(void **state)
{
	need_flags(state);
	judge_broken(state, closed_token);
}

static void not_a_token(struct world *world, union argument *attr)
{
	(void)world;
	attr->btf_load.btf_flags = BPFABI_F_TOKEN_FD;
	attr->btf_load.btf_token_fd = STDIN_FILENO;
}

void btf_load__not_a_token(void **state)
{
	need_flags(state);
	judge_broken(state, not_a_token);
}

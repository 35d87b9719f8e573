// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The system call itself, and the five-argument form: a kernel without it takes
 * the flag for part of an unknown command, which is asserted. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "catalogue.h"
#include "kernel.h"
#include "witness.h"

/* Where the last named field of struct bpf_common_attr ends. */
static size_t common_end(void)
{
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_common(&count);

	return (size_t)fields[count - 1].offset + fields[count - 1].size;
}

void any__unknown_command(void **state)
{
	static const unsigned int unknown[] = {1000, 0x7fff, 0x7fffffff,
					       UINT32_MAX};
	uint8_t attr[64];

	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		/* With the flag in the number, the kernel reads the fourth
		 * argument too: a good one. */
		struct bpfsys_common_attr common = {0};

		memset(attr, 0xff, sizeof(attr));
		expect_error(state, "an unknown command", EINVAL,
			     bpfsys_common(unknown[i], attr, sizeof(attr),
					   &common, 0));
		if (!(unknown[i] & BPFSYS_COMMON_ATTRS))
			expect_error(state, "an unknown command", EINVAL,
				     bpfsys(unknown[i], attr, sizeof(attr)));
	}
}

void any__attr_size(void **state)
{
	uint32_t size = kernel_struct_size("bpf_attr");

	if (!size)
		skip_case(state, "the kernel has no BTF");
	expect_u64(state, "sizeof(union bpf_attr)", size, kernel_attr_size());
}

/* Calls CMD on a good argument with SIZE bytes of COMMON beside it. */
static int call_common(void **state, const struct bpfsys_command *cmd,
		       void *common, unsigned int size)
{
	const struct witness *w = witness_of(cmd);
	union argument attr;
	struct world world;
	int ret;

	world_make_for(&world, state, w);
	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	ret = bpfsys_common(cmd->nr, &attr, cmd->group_end, common, size);
	if (w->disarm)
		w->disarm(&world, ret);
	world_drop(&world);
	return witness_succeeded(w, ret) ? 0 : ret;
}

/* Ends the case as absent where the kernel lacks the five-argument form. */
static bool common_absent(void **state)
{
	struct run *run = *state;
	struct bpfsys_common_attr common = {0};
	int ret;

	if (kernel_has_common_attrs())
		return false;
	ret = call_common(state, bpfsys_abi_command(BPFSYS_MAP_CREATE), &common,
			  sizeof(common));
	expect_error(state, "BPF_COMMON_ATTRS on a kernel without it", EINVAL,
		     ret);
	run->verdict = VERDICT_ABSENT;
	return true;
}

void any__common_attrs_accepted(void **state)
{
	static uint8_t zeros[65536];
	unsigned int page = (unsigned int)sysconf(_SC_PAGESIZE);
	char what[96];

	if (common_absent(state))
		return;
	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		const struct bpfsys_command *cmd = bpfsys_abi_command(nr);

		/* A token is made in a user namespace, which this process
		 * would not leave again. */
		if (!kernel_has_command(cmd) || nr == BPFSYS_TOKEN_CREATE)
			continue;
		snprintf(what, sizeof(what), "%s with common attributes",
			 cmd->name);
		expect_ok(state, what,
			  call_common(state, cmd, zeros,
				      sizeof(struct bpfsys_common_attr)));
	}
	for (unsigned int size = 0; size <= 64; size++)
		expect_ok(state, "common attributes of any size",
			  call_common(state,
				      bpfsys_abi_command(BPFSYS_MAP_CREATE),
				      zeros, size));
	expect_ok(state, "a page of common attributes",
		  call_common(state, bpfsys_abi_command(BPFSYS_MAP_CREATE),
			      zeros, page));
}

void any__common_attrs_tail(void **state)
{
	static uint8_t common[65536 + 1];
	const struct bpfsys_command *cmd =
		bpfsys_abi_command(BPFSYS_MAP_CREATE);
	unsigned int page = (unsigned int)sysconf(_SC_PAGESIZE);

	if (common_absent(state))
		return;
	for (unsigned int at = (unsigned int)common_end(); at < 256; at++) {
		common[at] = 1;
		expect_error(state, "a byte past the common attributes", E2BIG,
			     call_common(state, cmd, common, at + 1));
		common[at] = 0;
	}
	expect_error(state, "more than a page of common attributes", E2BIG,
		     call_common(state, cmd, common, page + 1));
}

void any__common_attrs_unreadable(void **state)
{
	const struct bpfsys_command *cmd =
		bpfsys_abi_command(BPFSYS_MAP_CREATE);

	if (common_absent(state))
		return;
	expect_error(state, "NULL common attributes", EFAULT,
		     call_common(state, cmd, NULL,
				 sizeof(struct bpfsys_common_attr)));
	expect_ok(state, "NULL common attributes of size 0",
		  call_common(state, cmd, NULL, 0));
}

void any__common_attrs_log(void **state)
{
	struct bpfsys_map_create_attr attr;
	struct bpfsys_common_attr common;
	char log[256] = "";
	size_t len;
	int ret;

	if (common_absent(state))
		return;
	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 4;
	attr.max_entries = 1;
	attr.btf_key_type_id = 1;
	memset(&common, 0, sizeof(common));
	common.log_buf = bpfsys_ptr(log);
	common.log_size = sizeof(log);
	common.log_level = 1;
	ret = bpfsys_common(BPFSYS_MAP_CREATE, &attr, sizeof(attr), &common,
			    sizeof(common));
	close_if_fd(ret);
	expect_error(state, "a key type without a value type", EINVAL, ret);
	len = strnlen(log, sizeof(log));
	expect_range(state, "length of the log", 1, sizeof(log) - 1, len);
	expect_u64(state, "log_true_size", len + 1, common.log_true_size);
}

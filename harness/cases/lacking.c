// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A skip is a claim: what the kernel is said to lack is asked for. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "hooks.h"
#include "kernel.h"
#include "lacking.h"

/* The witness of CMD with a byte of FIELD set. */
static int call_with(void **state, const struct bpfsys_command *cmd,
		     const struct bpfsys_field *field)
{
	const struct witness *w = witness_of(cmd);
	union argument attr;
	struct world world;
	int ret;

	world_make_for(&world, state, w);
	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	attr.bytes[field->offset] = 1;
	ret = call_wrapper(cmd, &attr);
	if (w->disarm)
		w->disarm(&world, ret);
	world_drop(&world);
	return ret;
}

void skip_field(void **state, const char *id, const char *name)
{
	const struct bpfsys_command *cmd = bpfsys_abi_find(id);
	const struct bpfsys_field *field = bpfsys_abi_field(cmd, name);
	const int err = field->offset < kernel_attr_size() ? EINVAL : E2BIG;

	expect_error(state, "a field that the kernel lacks", err,
		     call_with(state, cmd, field));
	skip_case(state, "BPF_%s has no %s: %s", cmd->name, name,
		  bpfsys_errno_name(err));
}

void skip_link(void **state, const char *family, int prog_fd,
	       uint32_t attach_type)
{
	struct bpfsys_link_create_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.target_fd = 1;
	attr.attach_type = attach_type;
	ret = bpfsys_link_create(&attr);
	close_if_fd(ret);
	close(prog_fd);
	expect_error(state, "BPF_LINK_CREATE of a kind that the kernel lacks",
		     EINVAL, ret);
	skip_case(state, "no links of %s: EINVAL", family);
}

void need_prog_type(void **state, const char *name, uint32_t type,
		    uint32_t since)
{
	static const struct bpf_insn smallest[] = {MOV64_IMM(BPF_REG_0, 0),
						   EXIT()};
	struct bpfsys_prog_load_attr attr;
	int ret;

	/* What is no BTF path is as new as SINCE. */
	if (!kernel_has_btf())
		kernel_offers(state, name, since);
	if (!kernel_has_btf() || kernel_has_enumerator("bpf_prog_type", name))
		return;
	fill_prog(&attr, type, smallest, COUNT_OF(smallest));
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	expect_error(state, name, EINVAL, ret);
	skip_case(state, "no %s: EINVAL", name);
}

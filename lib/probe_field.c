// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Which fields of a command the kernel takes: bytes past the last one that it
 * knows have to be zero, before anything else is looked at. */
#include <errno.h>
#include <string.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/probe.h>

#include "probe.h"
#include "untraced.h"

/* What a field has to be set to, and what beside it, so that a kernel that
 * knows it does not find a fault with it that is EINVAL too. */
static const struct {
	uint8_t cmd;
	const char *last; /* the step's field */
	const char *field;
	uint32_t value;
} recipes[] = {
	{BPFSYS_MAP_CREATE, "map_extra", "map_type", 30 /* bloom filter */},
	{BPFSYS_MAP_CREATE, "map_extra", "key_size", 0},
	{BPFSYS_OBJ_GET, "path_fd", "file_flags", 1 << 14 /* PATH_FD */},
	{BPFSYS_PROG_ATTACH, "expected_revision", "attach_type", 46 /* tcx */},
	{BPFSYS_PROG_DETACH, "expected_revision", "attach_type", 46},
	{BPFSYS_MAP_LOOKUP_AND_DELETE_ELEM, "flags", "flags", 4 /* LOCK */},
};

/* The answer to CMD with the field of STEP set. */
static int ask_with(const struct bpfsys_command *cmd,
		    const struct bpfsys_last *step)
{
	uint8_t attr[PROBE_ATTR_SIZE];

	bpfsys_probe_fill(attr, cmd);
	bpfsys_probe_set(attr, cmd, step->field, 1);
	for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++)
		if (recipes[i].cmd == cmd->nr &&
		    strcmp(recipes[i].last, step->field) == 0)
			bpfsys_probe_set(attr, cmd, recipes[i].field,
					 recipes[i].value);
	return bpfsys_untraced(cmd->nr, attr, cmd->group_end);
}

/* The answer to CMD with a byte set that no field of it will ever be, or to CMD
 * as it is where OFFSET is 0. */
static int ask_plain(const struct bpfsys_command *cmd, unsigned int offset)
{
	uint8_t attr[PROBE_ATTR_SIZE];

	bpfsys_probe_fill(attr, cmd);
	if (offset)
		attr[offset] = 1;
	return bpfsys_untraced(cmd->nr, attr,
			       offset ? offset + 1 : cmd->group_end);
}

static int ask_step(unsigned int nr, unsigned int i)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
	int attr_size = bpfsys_probe_attr_size(), ret;
	size_t count;
	const struct bpfsys_last *step;

	/* BPF_OBJ_PIN looks for the object first; its struct is the same. */
	if (nr == BPFSYS_OBJ_PIN)
		cmd = bpfsys_abi_command(BPFSYS_OBJ_GET);
	step = &bpfsys_abi_lasts(cmd, &count)[i];
	if (attr_size < 0)
		return attr_size;
	if (step->end > attr_size)
		return 0;
	ret = ask_with(cmd, step);
	if (ret == -EINVAL)
		return ask_plain(cmd, 0) == -EINVAL ? -ENODATA : 0;
	if (ret != -EPERM)
		return bpfsys_probe_failed(ret) && ret != -EACCES ? ret : 1;
	/* Which of the two is looked at first, the field or the caller? */
	if (attr_size <= cmd->group_end)
		return ret;
	return bpfsys_probe_by_refusal(
		ask_plain(cmd, (unsigned int)attr_size - 1), ret);
}

static int has_step(const struct bpfsys_command *cmd, size_t i)
{
	return i ? bpfsys_probe_answer(PROBE_STEP, cmd->nr, (unsigned int)i,
				       ask_step)
		 : bpfsys_supports(cmd->nr);
}

/* Has the kernel what came with a release? Raises LEAST, lowers BEFORE. */
static void narrow(int has, uint32_t since, uint32_t *least, uint32_t *before)
{
	if (has == 1 && since > *least)
		*least = since;
	if (has == 0 && since < *before)
		*before = since;
}

int bpfsys_probe_release(uint32_t release)
{
	uint32_t least = 0, before = UINT32_MAX;

	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
		size_t count;
		const struct bpfsys_last *steps = bpfsys_abi_lasts(cmd, &count);

		narrow(bpfsys_supports(nr), cmd->since, &least, &before);
		for (size_t i = 1; i < count; i++)
			narrow(has_step(cmd, i), steps[i].since, &least,
			       &before);
	}
	if (release <= least)
		return 1;
	return release >= before ? 0 : -ENODATA;
}

int bpfsys_supports_field(unsigned int nr, const char *name)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
	const struct bpfsys_field *field =
		cmd ? bpfsys_abi_field(cmd, name) : NULL;
	const struct bpfsys_last *steps;
	size_t count, i = 0;
	int has;

	if (!field)
		return -EINVAL;
	steps = bpfsys_abi_lasts(cmd, &count);
	while (i + 1 < count && steps[i].end < field->offset + field->size)
		i++;
	has = has_step(cmd, 0);
	if (has == 1 && i)
		has = has_step(cmd, i);
	/* The first step is not asked for; it came with the command or later.
	 */
	if (has != 1 || field->since <= (i ? steps[i].since : cmd->since))
		return has;
	/* It shares its place, or lies in a hole, and fields have been taken
	 * over into older kernels: Linux 6.12.117 has link_create.cgroup of
	 * 6.17. */
	return bpfsys_probe_release(field->since) == 1 ? 1 : -ENODATA;
}

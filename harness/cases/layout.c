// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The table against the running kernel's own description of its ABI. */
#include <stdio.h>
#include <string.h>

#include "catalogue.h"
#include "kernel.h"

static void need_btf(void **state)
{
	if (!kernel_has_btf())
		skip_case(state, "the kernel has no BTF "
				 "(/sys/kernel/btf/vmlinux cannot be read)");
}

/* PATH of the kernel is where FIELD says; MUST: it has to be there. */
static void check_field(void **state, const char *path,
			const struct bpfsys_field *field, bool must)
{
	uint32_t offset, size;
	char what[160];

	if (!kernel_member(path, &offset, &size)) {
		snprintf(what, sizeof(what), "the kernel has %s", path);
		expect_true(state, what, !must);
		return;
	}
	snprintf(what, sizeof(what), "offset of %s", path);
	expect_u64(state, what, field->offset, offset);
	snprintf(what, sizeof(what), "size of %s", path);
	expect_u64(state, what, field->size, size);
}

void generic__layout(void **state)
{
	struct run *run = *state;
	const struct bpfsys_command *cmd = run->which->command;
	const struct bpfsys_last *last;
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &count);
	char path[128];

	need_btf(state);
	last = kernel_last(cmd);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "bpf_attr%s%s.%s",
			 cmd->member[0] ? "." : "", cmd->member,
			 fields[i].name);
		/* What came with the kernel's last field, or before, stays. */
		check_field(state, path, &fields[i],
			    fields[i].since <= last->since);
	}
	if (kernel_group_end(cmd) > cmd->group_end)
		skip_case(state,
			  "every known field is in place, but the kernel has "
			  "bytes up to %u and the table up to %u: the table "
			  "lacks new fields",
			  kernel_group_end(cmd), cmd->group_end);
}

static void check_info(void **state, const char *name)
{
	size_t n_infos, count;
	const struct bpfsys_info_struct *infos = bpfsys_abi_infos(&n_infos);
	const struct bpfsys_field *fields;
	char path[128];

	need_btf(state);
	for (size_t i = 0; i < n_infos; i++) {
		if (strcmp(infos[i].name, name) != 0)
			continue;
		fields = bpfsys_abi_info_fields(&infos[i], &count);
		for (size_t k = 0; k < count; k++) {
			snprintf(path, sizeof(path), "bpf_%s_info.%s", name,
				 fields[k].name);
			check_field(state, path, &fields[k],
				    fields[k].since <= BPFSYS_KV(5, 8));
		}
	}
}

void any__layout_prog_info(void **state)
{
	check_info(state, "prog");
}

void any__layout_map_info(void **state)
{
	check_info(state, "map");
}

void any__layout_btf_info(void **state)
{
	check_info(state, "btf");
}

void any__layout_link_info(void **state)
{
	check_info(state, "link");
}

void any__layout_commands(void **state)
{
	char name[64];

	need_btf(state);
	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
		int64_t value;

		snprintf(name, sizeof(name), "BPF_%s", cmd->name);
		if (kernel_enumerator("bpf_cmd", name, &value))
			expect_u64(state, name, cmd->nr, (uint64_t)value);
	}
}

void any__layout_common_attr(void **state)
{
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_common(&count);
	char path[64];

	need_btf(state);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "bpf_common_attr.%s",
			 fields[i].name);
		check_field(state, path, &fields[i], kernel_has_common_attrs());
	}
}

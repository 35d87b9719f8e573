// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* IDs, in the kernel's BTF, of what sequences know by name. */
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "executor.h"

#define NAMES_MOST 256 /* as many as a reference can tell apart */

static uint32_t ids[NAMES_MOST];

static unsigned int kind_of(const char *kind)
{
	if (strcmp(kind, "func") == 0)
		return BTF_KIND_FUNC;
	return strcmp(kind, "struct") == 0 ? BTF_KIND_STRUCT : BTF_KIND_TYPEDEF;
}

static void look_up(const struct btf *btf, uint32_t id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);
	const unsigned int kind = btf_kind(type);
	const char *name;

	if (kind != BTF_KIND_FUNC && kind != BTF_KIND_STRUCT &&
	    kind != BTF_KIND_TYPEDEF)
		return;
	name = btf__name_by_offset(btf, type->name_off);
	for (unsigned int i = 0; i < seq_names_count && i < NAMES_MOST; i++)
		if (!ids[i] && kind == kind_of(seq_names[i].kind) &&
		    strcmp(name, seq_names[i].name) == 0)
			ids[i] = id;
}

void names_init(void)
{
	struct btf *btf = btf__parse("/sys/kernel/btf/vmlinux", NULL);

	if (libbpf_get_error(btf))
		return;
	for (uint32_t id = 1; id < btf__type_cnt(btf); id++)
		look_up(btf, id);
	btf__free(btf);
}

uint32_t names_id(unsigned int name)
{
	return name < NAMES_MOST ? ids[name] : 0;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What the running kernel has, from its BTF (libbpf reads it) and by probes. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "kernel.h"
#include "suite.h"

static struct btf *btf;

static int quiet(enum libbpf_print_level level, const char *format, va_list ap)
{
	(void)level;
	(void)format;
	(void)ap;
	return 0;
}

/* libbpf looks through all types for a name: what was looked for is kept. */
#define KEPT 64
static struct {
	char name[64];
	unsigned int kind;
	int id;
} kept[KEPT];
static size_t n_kept;

static int find(const char *name, unsigned int kind)
{
	int id;

	if (!btf)
		return -ENOENT;
	for (size_t i = 0; i < n_kept; i++)
		if (kept[i].kind == kind && strcmp(kept[i].name, name) == 0)
			return kept[i].id;
	id = btf__find_by_name_kind(btf, name, kind);
	if (n_kept < KEPT && strlen(name) < sizeof(kept[0].name)) {
		strcpy(kept[n_kept].name, name);
		kept[n_kept].kind = kind;
		kept[n_kept++].id = id;
	}
	return id;
}

bool kernel_load_btf(void)
{
	static const char *const structs[] = {
		"bpf_attr",	"bpf_common_attr", "bpf_prog_info",
		"bpf_map_info", "bpf_btf_info",	   "bpf_link_info",
		"bpf_map_ops",
	};

	libbpf_set_print(quiet);
	btf = btf__parse("/sys/kernel/btf/vmlinux", NULL);
	if (libbpf_get_error(btf))
		btf = NULL;
	/* Once for the processes of all cases. */
	for (size_t i = 0; i < sizeof(structs) / sizeof(structs[0]); i++)
		kernel_struct_id(structs[i]);
	find("bpf_cmd", BTF_KIND_ENUM);
	return btf;
}

bool kernel_has_btf(void)
{
	return btf;
}

int kernel_func_id(const char *name)
{
	return find(name, BTF_KIND_FUNC);
}

int kernel_typedef_id(const char *name)
{
	return find(name, BTF_KIND_TYPEDEF);
}

int kernel_struct_id(const char *name)
{
	int id = find(name, BTF_KIND_STRUCT);

	return id > 0 ? id : find(name, BTF_KIND_UNION);
}

uint32_t kernel_struct_size(const char *name)
{
	int id = kernel_struct_id(name);

	return id > 0 ? btf__type_by_id(btf, (uint32_t)id)->size : 0;
}

int kernel_member_index(const char *name, const char *member)
{
	int id = kernel_struct_id(name);
	const struct btf_type *type;

	if (id <= 0)
		return -ENOENT;
	type = btf__type_by_id(btf, (uint32_t)id);
	for (int i = 0; i < btf_vlen(type); i++)
		if (strcmp(btf__name_by_offset(btf,
					       btf_members(type)[i].name_off),
			   member) == 0)
			return i;
	return -ENOENT;
}

/* The type behind typedefs and qualifiers. */
static const struct btf_type *bare_type(uint32_t id, uint32_t *bare_id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type) || btf_is_typedef(type)) {
		id = type->type;
		type = btf__type_by_id(btf, id);
	}
	*bare_id = id;
	return type;
}

/* A member called NAME (LEN bytes) of the struct or union ID, looked for in
 * anonymous members too. BIT is where it starts. */
static bool find_member(uint32_t id, const char *name, size_t len,
			uint32_t *member_id, uint32_t *bit)
{
	const struct btf_type *type = bare_type(id, &id);
	const struct btf_member *m = btf_members(type);

	if (!btf_is_composite(type))
		return false;
	for (uint16_t i = 0; i < btf_vlen(type); i++) {
		const char *is = btf__name_by_offset(btf, m[i].name_off);
		uint32_t inner;

		if (is[0] && strlen(is) == len && strncmp(is, name, len) == 0) {
			*member_id = m[i].type;
			*bit = btf_member_bit_offset(type, i);
			return true;
		}
		if (!is[0] &&
		    find_member(m[i].type, name, len, member_id, &inner)) {
			*bit = btf_member_bit_offset(type, i) + inner;
			return true;
		}
	}
	return false;
}

bool kernel_member(const char *path, uint32_t *offset, uint32_t *size)
{
	size_t len = strcspn(path, ".");
	uint32_t bits = 0, id, bit;
	char name[64];
	int found;

	snprintf(name, sizeof(name), "%.*s", (int)len, path);
	found = kernel_struct_id(name);
	if (found <= 0)
		return false;
	id = (uint32_t)found;
	for (path += len; *path == '.'; path += len) {
		len = strcspn(++path, ".");
		if (!find_member(id, path, len, &id, &bit))
			return false;
		bits += bit;
	}
	*offset = bits / 8;
	*size = (uint32_t)btf__resolve_size(btf, id);
	return true;
}

bool kernel_enumerator(const char *name, const char *enumerator, int64_t *value)
{
	int id = find(name, BTF_KIND_ENUM);
	const struct btf_type *type;

	if (id <= 0)
		return false;
	type = btf__type_by_id(btf, (uint32_t)id);
	for (uint16_t i = 0; i < btf_vlen(type); i++) {
		const struct btf_enum *e = &btf_enum(type)[i];

		*value = e->val;
		if (strcmp(btf__name_by_offset(btf, e->name_off), enumerator) ==
		    0)
			return true;
	}
	return false;
}

bool kernel_has_enumerator(const char *name, const char *enumerator)
{
	int64_t value;

	return kernel_enumerator(name, enumerator, &value);
}

bool kernel_has_constant(const char *enumerator)
{
	for (uint32_t id = 1; btf && id < btf__type_cnt(btf); id++) {
		const struct btf_type *type = btf__type_by_id(btf, id);

		for (uint16_t i = 0; btf_is_enum(type) && i < btf_vlen(type);
		     i++)
			if (strcmp(btf__name_by_offset(
					   btf, btf_enum(type)[i].name_off),
				   enumerator) == 0)
				return true;
	}
	return false;
}

uint32_t kernel_attr_size(void)
{
	static uint32_t known;
	uint8_t attr[4096];

	/* An unknown command: nothing but the size checks runs. */
	for (uint32_t size = 64; !known && size < sizeof(attr); size++) {
		memset(attr, 0, sizeof(attr));
		attr[size - 1] = 1;
		if (bpfsys(UINT16_MAX, attr, size) == -E2BIG)
			known = size - 1;
	}
	return known;
}

/* Without BTF: a closed fd in every fd field makes a command that is there say
 * something else than EINVAL. Holds for the commands since 5.10, which is as
 * old as a supported kernel gets; the older ones are there. */
static bool probe_command(const struct bpfsys_command *cmd)
{
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &count);
	uint8_t attr[256];

	if (cmd->since <= BPFSYS_KV(5, 10))
		return true;
	memset(attr, 0, sizeof(attr));
	for (size_t i = 0; i < count; i++)
		if (fields[i].kind == BPFSYS_KIND_FD)
			memset(attr + fields[i].offset, 0xff, fields[i].size);
	return bpfsys(cmd->nr, attr, cmd->group_end) != -EINVAL;
}

bool kernel_has_command(const struct bpfsys_command *cmd)
{
	char name[64];

	if (!btf)
		return probe_command(cmd);
	snprintf(name, sizeof(name), "BPF_%s", cmd->name);
	return kernel_has_enumerator("bpf_cmd", name);
}

/* The largest last field of all commands as of SINCE, rounded up as a union's
 * size is; STRICTLY: before SINCE. */
static uint32_t union_size(uint32_t since, bool strictly)
{
	uint32_t end = 0;

	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		size_t count;
		const struct bpfsys_last *lasts =
			bpfsys_abi_lasts(bpfsys_abi_command(nr), &count);

		for (size_t i = 0; i < count; i++)
			if (lasts[i].since < since + !strictly &&
			    lasts[i].end > end)
				end = lasts[i].end;
	}
	return (end + 7) / 8 * 8;
}

/* The union grew with SINCE, and the kernel's is that large. */
static bool shows_in_size(uint32_t since)
{
	uint32_t size = union_size(since, false);

	return union_size(since, true) < size && size <= kernel_attr_size();
}

/* A release that the kernel is not older than, by what probes find: how large
 * its union is, and which commands it has. */
static uint32_t at_least(void)
{
	static uint32_t known;
	uint32_t newest = 0;

	for (unsigned int nr = 0; !known && nr < bpfsys_abi_commands(); nr++) {
		const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
		size_t count;
		const struct bpfsys_last *lasts = bpfsys_abi_lasts(cmd, &count);

		if (kernel_has_command(cmd) && cmd->since > newest)
			newest = cmd->since;
		for (size_t i = 0; i < count; i++)
			if (lasts[i].since > newest &&
			    shows_in_size(lasts[i].since))
				newest = lasts[i].since;
	}
	return known ? known : (known = newest);
}

enum presence kernel_presence(const char *path, uint32_t since)
{
	uint32_t offset, size;

	if (btf)
		return kernel_member(path, &offset, &size) ? PRESENT : ABSENT;
	return at_least() >= since ? PRESENT : UNKNOWN;
}

bool kernel_offers(void **state, const char *path, uint32_t since)
{
	enum presence presence = kernel_presence(path, since);

	if (presence == UNKNOWN)
		skip_case(state,
			  "without BTF it cannot be known whether the kernel "
			  "has %s",
			  path);
	return presence == PRESENT;
}

void expect_field(void **state, const char *path, uint32_t since,
		  const char *what, uint64_t want, uint64_t got)
{
	enum presence presence = kernel_presence(path, since);

	if (presence == UNKNOWN && got == 0)
		return;
	expect_u64(state, what, presence == ABSENT ? 0 : want, got);
}

const struct bpfsys_last *kernel_last(const struct bpfsys_command *cmd)
{
	uint32_t offset, size;
	size_t count;
	const struct bpfsys_last *lasts = bpfsys_abi_lasts(cmd, &count);
	const struct bpfsys_last *last = &lasts[0];

	if (!btf && count > 1)
		return NULL;
	for (size_t i = 1; i < count; i++)
		if (kernel_member(lasts[i].gate, &offset, &size))
			last = &lasts[i];
	return last;
}

/* Where the last named member of the struct or union ID ends, in bits. */
static uint32_t end_of(uint32_t id)
{
	const struct btf_type *type = bare_type(id, &id);
	const struct btf_member *m = btf_members(type);
	uint32_t end = 0;

	if (!btf_is_composite(type))
		return (uint32_t)btf__resolve_size(btf, id) * 8;
	for (uint16_t i = 0; i < btf_vlen(type); i++) {
		const struct btf_type *inner = btf__type_by_id(btf, m[i].type);
		uint32_t at = btf_member_bit_offset(type, i);

		/* Unnamed scalars are padding. */
		if (!*btf__name_by_offset(btf, m[i].name_off) &&
		    !btf_is_composite(inner))
			continue;
		at += end_of(m[i].type);
		end = at > end ? at : end;
	}
	return end;
}

/* The member of union bpf_attr that holds CMD's fields. */
static bool find_group(const struct bpfsys_command *cmd, uint32_t *group)
{
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &count);
	int id = kernel_struct_id("bpf_attr");
	const struct btf_type *type;
	uint32_t member, bit;

	if (id <= 0)
		return false;
	type = btf__type_by_id(btf, (uint32_t)id);
	for (uint16_t i = 0; i < btf_vlen(type); i++) {
		const struct btf_member *m = &btf_members(type)[i];

		*group = m->type;
		if (strcmp(btf__name_by_offset(btf, m->name_off),
			   cmd->member) != 0)
			continue;
		if (cmd->member[0] ||
		    find_member(m->type, fields[0].name, strlen(fields[0].name),
				&member, &bit))
			return true;
	}
	return false;
}

uint32_t kernel_group_end(const struct bpfsys_command *cmd)
{
	uint32_t group, end = 0;

	if (btf && find_group(cmd, &group))
		end = end_of(group) / 8;
	return end > cmd->group_end ? end : cmd->group_end;
}

bool kernel_has_common_attrs(void)
{
	if (btf)
		return kernel_has_enumerator("bpf_cmd", "BPF_COMMON_ATTRS");
	/* The flag makes the kernel read the fourth argument. */
	return bpfsys_common(BPFSYS_MAP_CREATE, NULL, 0, NULL, 8) == -EFAULT;
}

unsigned int kernel_possible_cpus(void)
{
	int cpus = libbpf_num_possible_cpus();

	return cpus > 0 ? (unsigned int)cpus : 1;
}

static const struct utsname *names(void)
{
	static struct utsname name;

	if (!name.release[0])
		uname(&name);
	return &name;
}

const char *kernel_release(void)
{
	return names()->release;
}

bool kernel_is_i386(void)
{
	return fnmatch("i[3-6]86", names()->machine, 0) == 0;
}

uint32_t kernel_cgroup_storage_key(void)
{
	return kernel_is_i386() ? 12 : 16;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The rows of abi/ as constant arrays, and every compile-time assertion that
 * holds the structs of the public headers to them. */
#include <errno.h>
#include <string.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>
#include <bpfsys/info.h>

#include "rows.h"

#define KV(major, minor) BPFSYS_KV(major, minor)
#define ENOTSUPP	 BPFSYS_ENOTSUPP
#define COUNT_OF(array)	 (sizeof(array) / sizeof((array)[0]))

/* Every assertion follows from a row; none is written by hand. */
#define ASSERT_FIELD(type, path, off, len)                  \
	_Static_assert(offsetof(type, path) == (off),       \
		       #type "." #path " is not at " #off); \
	_Static_assert(sizeof(((type *)0)->path) == (len),  \
		       #type "." #path " is not of size " #len);

#define GROUP(group, member, end)                                             \
	_Static_assert(sizeof(struct bpfsys_##group##_attr) ==                \
				       ((end) + 7) / 8 * 8 ||                 \
			       sizeof(struct bpfsys_##group##_attr) == (end), \
		       #group " does not end at " #end);                      \
	typedef struct bpfsys_##group##_attr group##_type;
#include "abi/all.def"

/* Each command's struct under the command's own name. */
#define CMD(name, id, nr, group, returns, cap, since) \
	typedef group##_type id##_cmd_type;           \
	_Static_assert(BPFSYS_##name == (nr), #name " is not " #nr);
#include "abi/all.def"

#define FIELD(cmd, path, off, len, kind, dir, since, detail) \
	ASSERT_FIELD(cmd##_cmd_type, path, off, len)
#include "abi/all.def"

#define LAST(cmd, path, end, since, gate)                                     \
	_Static_assert(offsetof(cmd##_cmd_type, path) +                       \
				       sizeof(((cmd##_cmd_type *)0)->path) == \
			       (end),                                         \
		       #cmd "." #path " does not end at " #end);
#include "abi/all.def"

#define COMMON(path, off, len, kind, dir, since, detail) \
	ASSERT_FIELD(struct bpfsys_common_attr, path, off, len)
#include "abi/all.def"

#define INFO_STRUCT(id, size, end)                                  \
	_Static_assert(sizeof(struct bpfsys_##id##_info) == (size), \
		       #id "_info is not of size " #size);
#define INFO(id, path, off, len, kind, dir, since, detail) \
	ASSERT_FIELD(struct bpfsys_##id##_info, path, off, len)
#include "abi/all.def"

/* The rows of all commands in the order of the files. A command's rows stand
 * together (a test holds the files to that), so a slice is all of them. */
enum {
#define CMD(name, id, nr, group, returns, cap, since) INDEX_##id,
#include "abi/all.def"
	N_COMMANDS
};

#define FIELD_ROW(path, off, len, kind, dir, since, detail) \
	{#path, off, len, BPFSYS_KIND_##kind, BPFSYS_DIR_##dir, since, detail},

static const struct bpfsys_field field_rows[] = {
#define FIELD(cmd, ...) FIELD_ROW(__VA_ARGS__)
#include "abi/all.def"
};
static const uint8_t field_owners[] = {
#define FIELD(cmd, ...) INDEX_##cmd,
#include "abi/all.def"
};

static const struct bpfsys_last last_rows[] = {
#define LAST(cmd, path, end, since, gate) {#path, end, since, gate},
#include "abi/all.def"
};
static const uint8_t last_owners[] = {
#define LAST(cmd, ...) INDEX_##cmd,
#include "abi/all.def"
};

/* A row that no case provokes says why, in more than a word. */
#define NO_CASE(cmd, name, err, since, condition, because) \
	_Static_assert(sizeof(because) > 16,               \
		       #cmd "/" #name " has neither case nor reason");
#include "abi/all.def"

static const struct bpfsys_errno_row errno_rows[] = {
#define ERR(cmd, name, err, since, condition) \
	{#name, err, since, condition, NULL},
#define NO_CASE(cmd, name, err, since, condition, because) \
	{#name, err, since, condition, because},
#include "abi/all.def"
};
static const uint8_t errno_owners[] = {
#define ERR(cmd, ...)	  INDEX_##cmd,
#define NO_CASE(cmd, ...) INDEX_##cmd,
#include "abi/all.def"
};

/* A hint's row and field must be there: by number, by offset. */
enum {
#define ERR(cmd, name, ...)	ERR_##cmd##__##name,
#define NO_CASE(cmd, name, ...) ERR_##cmd##__##name,
#include "abi/all.def"
};

/* The names of kinds, for the values of hints. */
enum {
#define ENUMERATOR(kind, name, value, since) HINT_##name = (value),
#include "abi/all.def"
};
#define MAP(kind)  (1ull << HINT_BPF_MAP_TYPE_##kind)
#define PROG(kind) (1ull << HINT_BPF_PROG_TYPE_##kind)
#define HOOK(kind) (1ull << HINT_BPF_##kind)

static const struct hint hint_rows[] = {
#define HINT(cmd, name, says, path, test, value) \
	{ERR_##cmd##__##name,                    \
	 offsetof(cmd##_cmd_type, path),         \
	 sizeof(((cmd##_cmd_type *)0)->path),    \
	 SAYS_##says,                            \
	 TEST_##test,                            \
	 (value)},
#include "abi/all.def"
};

static const struct any_row any_error_rows[] = {
#define ANY(err, condition) {err, condition},
#include "abi/all.def"
};

static const struct bpfsys_enumerator enumerator_rows[] = {
#define ENUMERATOR(kind, name, value, since) {#kind, #name, value, since},
#include "abi/all.def"
};

static const struct bpfsys_field common_rows[] = {
#define COMMON(...) FIELD_ROW(__VA_ARGS__)
#include "abi/all.def"
};

static const struct bpfsys_field info_rows[] = {
#define INFO(id, ...) FIELD_ROW(__VA_ARGS__)
#include "abi/all.def"
};
enum {
#define INFO_STRUCT(id, size, end) INFO_INDEX_##id,
#include "abi/all.def"
	N_INFOS
};
static const uint8_t info_owners[] = {
#define INFO(id, ...) INFO_INDEX_##id,
#include "abi/all.def"
};

/* A group's member of the union and its end, by the group's name. */
enum {
#define GROUP(group, member, end) GROUP_END_##group = (end),
#include "abi/all.def"
};
#define GROUP(group, member, end) \
	static const char group_member_##group[] = #member;
#include "abi/all.def"

static const struct bpfsys_command commands[] = {
#define CMD(name, id, nr, group, returns, cap, since) \
	{#name,                                       \
	 #id,                                         \
	 nr,                                          \
	 #group,                                      \
	 group_member_##group,                        \
	 GROUP_END_##group,                           \
	 BPFSYS_RETURNS_##returns,                    \
	 BPFSYS_CAP_##cap,                            \
	 since},
#include "abi/all.def"
};

static const struct bpfsys_info_struct infos[] = {
#define INFO_STRUCT(id, size, end) {#id, size, end},
#include "abi/all.def"
};

unsigned int bpfsys_abi_commands(void)
{
	return N_COMMANDS;
}

const struct bpfsys_command *bpfsys_abi_command(unsigned int nr)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (commands[i].nr == nr)
			return &commands[i];
	return NULL;
}

const struct bpfsys_command *bpfsys_abi_find(const char *name)
{
	if (strncmp(name, "BPF_", 4) == 0)
		name += 4;
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0 ||
		    strcmp(commands[i].id, name) == 0)
			return &commands[i];
	return NULL;
}

/* Where in OWNERS, of N rows, the rows of OWNER start; how many in *COUNT. */
static size_t slice(const uint8_t *owners, size_t n, size_t owner,
		    size_t *count)
{
	size_t first = 0;

	while (first < n && owners[first] != owner)
		first++;
	for (*count = 0; first + *count < n; ++*count)
		if (owners[first + *count] != owner)
			break;
	return first;
}

static size_t index_of(const struct bpfsys_command *cmd)
{
	return (size_t)(cmd - commands);
}

const struct bpfsys_field *bpfsys_abi_fields(const struct bpfsys_command *cmd,
					     size_t *count)
{
	return field_rows + slice(field_owners, COUNT_OF(field_owners),
				  index_of(cmd), count);
}

const struct bpfsys_last *bpfsys_abi_lasts(const struct bpfsys_command *cmd,
					   size_t *count)
{
	return last_rows +
	       slice(last_owners, COUNT_OF(last_owners), index_of(cmd), count);
}

const struct bpfsys_errno_row *bpfsys_abi_errnos(
	const struct bpfsys_command *cmd, size_t *count)
{
	return errno_rows + slice(errno_owners, COUNT_OF(errno_owners),
				  index_of(cmd), count);
}

const struct hint *bpfsys_row_hints(const struct bpfsys_errno_row *row,
				    size_t *count)
{
	size_t nr = (size_t)(row - errno_rows), first = 0;

	while (first < COUNT_OF(hint_rows) && hint_rows[first].row != nr)
		first++;
	for (*count = 0; first + *count < COUNT_OF(hint_rows); ++*count)
		if (hint_rows[first + *count].row != nr)
			break;
	return hint_rows + first;
}

const struct any_row *bpfsys_any_rows(size_t *count)
{
	*count = COUNT_OF(any_error_rows);
	return any_error_rows;
}

const struct bpfsys_enumerator *bpfsys_abi_enumerator(const char *kind,
						      uint32_t value)
{
	for (size_t i = 0; i < COUNT_OF(enumerator_rows); i++)
		if (enumerator_rows[i].value == value &&
		    strcmp(enumerator_rows[i].kind, kind) == 0)
			return &enumerator_rows[i];
	return NULL;
}

const struct bpfsys_field *bpfsys_abi_field(const struct bpfsys_command *cmd,
					    const char *name)
{
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

const struct bpfsys_info_struct *bpfsys_abi_infos(size_t *count)
{
	*count = N_INFOS;
	return infos;
}

const struct bpfsys_field *bpfsys_abi_info_fields(
	const struct bpfsys_info_struct *info, size_t *count)
{
	return info_rows + slice(info_owners, COUNT_OF(info_owners),
				 (size_t)(info - infos), count);
}

const struct bpfsys_field *bpfsys_abi_common(size_t *count)
{
	*count = COUNT_OF(common_rows);
	return common_rows;
}

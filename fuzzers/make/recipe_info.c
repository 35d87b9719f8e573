// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Info with what it points to: the table says which field gives the length of
 * which pointer's memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recipes.h"

struct asked {
	const struct bpfsys_field *fields;
	size_t n;
	uint8_t bytes[256]; /* of the struct */
	uint32_t count;
};

static const struct bpfsys_field *find(const struct asked *a,
				       const char *prefix, const char *name,
				       size_t len)
{
	const size_t before = strlen(prefix);

	for (size_t i = 0; i < a->n; i++)
		if (strncmp(a->fields[i].name, prefix, before) == 0 &&
		    strncmp(a->fields[i].name + before, name, len) == 0 &&
		    a->fields[i].name[before + len] == 0)
			return &a->fields[i];
	return NULL;
}

static uint32_t record_size(const char *name)
{
	return strncmp(name, "line_info", 9) == 0 ? 16 : 8;
}

/* Sets what gives the length of FIELD's memory; the length in bytes. */
static uint32_t ask(struct asked *a, const struct bpfsys_field *field,
		    const char *prefix)
{
	const char *detail = field->detail, *times = strstr(detail, " times ");
	const struct bpfsys_field *count, *size;
	uint32_t each = 1;

	count = find(a, prefix, detail, strcspn(detail, " "));
	/* The detail of a tracepoint's name is not the field's name. */
	if (!count)
		count = find(a, prefix, "name_len", strlen("name_len"));
	if (!count)
		return 64;
	if (times) {
		times += strlen(" times ");
		each = (uint32_t)atoi(times);
		size = each ? NULL : find(a, prefix, times, strlen(times));
		if (size) {
			each = record_size(size->name);
			put_le(a->bytes + size->offset, each, size->size);
		}
	} else {
		a->count = a->count < 4 ? a->count * 16 : 512;
	}
	put_le(a->bytes + count->offset, a->count, count->size);
	return (each ? each : 8) * a->count;
}

/* Whether it is one of those that are asked for. */
static bool is_asked(const struct bpfsys_field *field, const char *prefix)
{
	if (field->kind != BPFSYS_KIND_PTR_OUT)
		return false;
	return *prefix ? strncmp(field->name, prefix, strlen(prefix)) == 0
		       : strchr(field->name, '.') == NULL;
}

static const struct bpfsys_info_struct *struct_of(const char *name)
{
	size_t n;
	const struct bpfsys_info_struct *rows = bpfsys_abi_infos(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return rows;
}

unsigned int info_full(struct make *m, unsigned int of, const char *name,
		       const char *prefix)
{
	const struct bpfsys_info_struct *row = struct_of(name);
	const bool all = one_in(m, 2);
	uint32_t lens[64] = {0};
	struct asked a = {0};
	unsigned int call, buf;

	a.fields = bpfsys_abi_info_fields(row, &a.n);
	for (size_t i = 0; i < a.n && i < COUNT_OF(lens); i++) {
		if (!is_asked(&a.fields[i], prefix) || (!all && one_in(m, 2)))
			continue;
		a.count = one_in(m, 3) ? 1 + any(m, 4) : 8;
		lens[i] = ask(&a, &a.fields[i], prefix);
	}
	call = info(m, of, row->size);
	buf = put_buf(m, "info", a.bytes, row->size, row->size);
	for (size_t i = 0; i < a.n && i < COUNT_OF(lens); i++)
		if (lens[i])
			in_buf(m, buf, a.fields[i].offset, NULL, 0, lens[i]);
	return call;
}

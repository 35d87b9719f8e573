// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Selects cases by filters, by the same rule as the suite in the guest. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cases/filter.h"

#include "bpfabi.h"
#include "select.h"

static bool selected(const char *name, char *const *filters, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (filter_matches(filters[i], name))
			return true;
	return n == 0;
}

static bool matches_any(const char *filter, const struct suite_case *all,
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (filter_matches(filter, all[i].name))
			return true;
	return false;
}

int select_cases(struct selection *sel, char *const *filters, size_t n_filters,
		 const char **unmatched)
{
	size_t count;
	const struct suite_case *all = suite_cases(&count);

	memset(sel, 0, sizeof(*sel));
	for (size_t i = 0; i < n_filters; i++)
		if (!matches_any(filters[i], all, count)) {
			*unmatched = filters[i];
			return -ENOENT;
		}
	sel->cases = calloc(count + 1, sizeof(*sel->cases));
	if (!sel->cases)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (selected(all[i].name, filters, n_filters))
			sel->cases[sel->n++] = &all[i];
	sel->filters = filters;
	sel->n_filters = n_filters;
	return 0;
}

int select_shard(struct selection *part, const struct selection *whole,
		 struct shard shard)
{
	const size_t of = whole->shard.of ? whole->shard.of : 1;

	*part = *whole;
	part->n = 0;
	part->cases = calloc(whole->n + 1, sizeof(*part->cases));
	if (!part->cases)
		return -ENOMEM;
	for (size_t i = 0; i < whole->n; i++)
		if (shard_has(&shard, i))
			part->cases[part->n++] = whole->cases[i];
	/* Every Mth of every Nth case is every (M * N)th. */
	if (shard.of) {
		part->shard.nr = whole->shard.nr + of * shard.nr;
		part->shard.of = of * shard.of;
	}
	return 0;
}

int select_or_complain(struct selection *sel, char *const *filters,
		       size_t n_filters)
{
	const char *unmatched = NULL;

	switch (select_cases(sel, filters, n_filters, &unmatched)) {
	case 0:
		return STATUS_HOLDS;
	case -ENOENT:
		complain("--filter '%s' matches no case; `bpfabi list` prints "
			 "them",
			 unmatched);
		return STATUS_USAGE;
	default:
		complain("selecting cases: out of memory");
		return STATUS_NO_VERDICT;
	}
}

bool select_matches(const struct selection *sel, const char *name)
{
	return selected(name, sel->filters, sel->n_filters);
}

void select_free(struct selection *sel)
{
	free(sel->cases);
	memset(sel, 0, sizeof(*sel));
}

unsigned int select_commands(const struct selection *sel)
{
	unsigned int commands = 0;

	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++)
		for (size_t i = 0; i < sel->n; i++)
			if (sel->cases[i]->command == bpfsys_abi_command(nr)) {
				commands++;
				break;
			}
	return commands;
}

const char *case_kind_name(enum case_kind kind)
{
	switch (kind) {
	case CASE_CONTRACT:
		return "contract";
	case CASE_ERRNO:
		return "errno";
	case CASE_SIZE:
		return "size";
	}
	return "unknown";
}

const char *case_errno_name(const struct suite_case *c)
{
	return c->kind == CASE_ERRNO ? bpfsys_errno_name(c->err) : NULL;
}

const char *case_command_name(const struct suite_case *c)
{
	return c->command ? c->command->id : "any";
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The cases that a run is about: those of the catalogue that filters leave. */
#ifndef BPFABI_SELECT_H
#define BPFABI_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "cases/shard.h"
#include "cases/suite.h"

struct selection {
	const struct suite_case **cases; /* in catalogue order */
	size_t n;
	char *const *filters; /* as given; none: all cases */
	size_t n_filters;
	struct shard shard; /* of what the filters leave */
};

/* Fills SEL with the cases that any of FILTERS matches. 0, -ENOMEM, or -ENOENT
 * when a filter matches none: *UNMATCHED is then that filter. FILTERS must
 * live as long as SEL. */
int select_cases(struct selection *sel, char *const *filters, size_t n_filters,
		 const char **unmatched);

/* Fills PART with the cases of WHOLE that are SHARD's, which may be none, and
 * with what selects them. 0 or -ENOMEM. */
int select_shard(struct selection *part, const struct selection *whole,
		 struct shard shard);

/* select_cases(), for a subcommand: says what is wrong, and returns the exit
 * status. */
int select_or_complain(struct selection *sel, char *const *filters,
		       size_t n_filters);

void select_free(struct selection *sel);

/* Whether NAME is one of those that SEL's filters leave. */
bool select_matches(const struct selection *sel, const char *name);

/* The number of commands that SEL has cases of. */
unsigned int select_commands(const struct selection *sel);

/* "contract", "errno", "size". */
const char *case_kind_name(enum case_kind kind);

/* The errno that C is about, "EPERM", or NULL where it is about none. */
const char *case_errno_name(const struct suite_case *c);

/* "map_freeze", or "any". */
const char *case_command_name(const struct suite_case *c);

#endif

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* All cases in one order: by command, and for each its generic rules, its
 * contract cases, its errno rows. Built into the suite and, without the
 * functions, into bpfabi, so that both know the same list. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue.h"

#ifdef BPFABI_GUEST
#define FUNCTION(fn) fn
#else
#define FUNCTION(fn) NULL
#endif

/* A case without its command, which the first column names. */
struct row {
	const char *command; /* "map_freeze", "any", NULL: every command */
	const char *name;
	enum case_kind kind;
	int err;
	const char *rule;
	case_fn *fn;
};

#define ENOTSUPP BPFSYS_ENOTSUPP

static const struct row rows[] = {
#define GENERIC(name, kind, rule) \
	{NULL, #name, kind, 0, rule, FUNCTION(generic__##name)},
#include "size.def"
#undef GENERIC
#define CALLER(name, number, rule)       \
	{NULL,		"caller_" #name, \
	 CASE_CONTRACT, 0,               \
	 rule,		FUNCTION(generic__caller_##name)},
#include "caller.def"
#define CASE(cmd, name, rule) \
	{#cmd, #name, CASE_CONTRACT, 0, rule, FUNCTION(cmd##__##name)},
#include "cases.def"
#undef CASE
#define ERR(cmd, name, err, since, condition) \
	{#cmd, #name, CASE_ERRNO, err, condition, FUNCTION(cmd##__##name)},
#include "abi/all.def"
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static struct suite_case *cases;
static size_t n_cases;

static void add(const struct bpfsys_command *cmd, const struct row *row)
{
	struct suite_case *c = &cases[n_cases++];

	c->command = cmd;
	snprintf(c->name, sizeof(c->name), "%s/%s", cmd ? cmd->id : "any",
		 row->name);
	c->kind = row->kind;
	c->err = row->err;
	c->rule = row->rule;
	c->fn = row->fn;
}

static void build(void)
{
	unsigned int n_cmds = bpfsys_abi_commands();

	cases = calloc(N_ROWS * (n_cmds + 1), sizeof(*cases));
	if (!cases)
		abort();
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].command && strcmp(rows[i].command, "any") == 0)
			add(NULL, &rows[i]);
	for (unsigned int nr = 0; nr < n_cmds; nr++) {
		const struct bpfsys_command *cmd = bpfsys_abi_command(nr);

		for (size_t i = 0; i < N_ROWS; i++)
			if (!rows[i].command ||
			    strcmp(rows[i].command, cmd->id) == 0)
				add(cmd, &rows[i]);
	}
}

const struct suite_case *suite_cases(size_t *count)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, build);
	*count = n_cases;
	return cases;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* All cases in one order: by command, and for each its generic rules, its
 * contract cases, its errno rows; behind all, those that spoil the kernel.
 * Built into the suite and, without the functions, into bpfabi, so that both
 * know the same list. */
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
	bool spoils;
};

#define ENOTSUPP BPFSYS_ENOTSUPP

#define ROW(command, name, kind, err, rule, fn, spoils) \
	{command, name, kind, err, rule, FUNCTION(fn), spoils},

static const struct row rows[] = {
#define GENERIC(name, kind, rule) \
	ROW(NULL, #name, kind, 0, rule, generic__##name, false)
#include "size.def"
#undef GENERIC
#define CALLER(name, rule)                                 \
	ROW(NULL, "caller_" #name, CASE_CONTRACT, 0, rule, \
	    generic__caller_##name, false)
#include "caller.def"
#define CASE(cmd, name, rule) \
	ROW(#cmd, #name, CASE_CONTRACT, 0, rule, cmd##__##name, false)
#define SPOILING_CASE(cmd, name, rule) \
	ROW(#cmd, #name, CASE_CONTRACT, 0, rule, cmd##__##name, true)
#include "cases.def"
#undef SPOILING_CASE
#undef CASE
#define ERR(cmd, name, err, since, condition) \
	ROW(#cmd, #name, CASE_ERRNO, err, condition, cmd##__##name, false)
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
	c->spoils = row->spoils;
}

/* Those of CMD, NULL: of no one command. */
static void add_all(const struct bpfsys_command *cmd, bool spoils)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		const char *id = rows[i].command;

		if (rows[i].spoils == spoils &&
		    (id ? strcmp(id, cmd ? cmd->id : "any") == 0 : cmd != NULL))
			add(cmd, &rows[i]);
	}
}

static void build(void)
{
	unsigned int n_cmds = bpfsys_abi_commands();

	cases = calloc(N_ROWS * (n_cmds + 1), sizeof(*cases));
	if (!cases)
		abort();
	for (int spoils = 0; spoils < 2; spoils++) {
		add_all(NULL, spoils);
		for (unsigned int nr = 0; nr < n_cmds; nr++)
			add_all(bpfsys_abi_command(nr), spoils);
	}
}

const struct suite_case *suite_cases(size_t *count)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, build);
	*count = n_cases;
	return cases;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi list: the cases, one a line; a run's plan is their number. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "bpfabi.h"
#include "select.h"

struct options {
	bool json;
	char **filters;
	size_t n_filters;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'f':
		options->filters[options->n_filters++] = arg;
		return 0;
	case 'j':
		options->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "what is %s?", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Calls SHOW for each row of the table that has no case and that a filter
 * matches, or, without filters, each. Returns what SHOW returned but 0. */
static int each_without_case(const struct selection *sel,
			     int (*show)(const char *name,
					 const struct bpfsys_command *cmd,
					 const struct bpfsys_errno_row *row,
					 void *arg),
			     void *arg)
{
	char name[96];
	int ret = 0;

	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		const struct bpfsys_command *cmd = bpfsys_abi_command(nr);
		size_t n;
		const struct bpfsys_errno_row *row = bpfsys_abi_errnos(cmd, &n);

		for (; n && !ret; n--, row++) {
			if (!row->no_case)
				continue;
			snprintf(name, sizeof(name), "%s/%s", cmd->id,
				 row->name);
			if (select_matches(sel, name))
				ret = show(name, cmd, row, arg);
		}
	}
	return ret;
}

static int print_without_case(const char *name,
			      const struct bpfsys_command *cmd,
			      const struct bpfsys_errno_row *row, void *arg)
{
	(void)cmd;
	(void)arg;
	printf("# %s %s has no case: %s (%s)\n", name,
	       bpfsys_errno_name(row->err), row->no_case, row->condition);
	return 0;
}

static int append_without_case(const char *name,
			       const struct bpfsys_command *cmd,
			       const struct bpfsys_errno_row *row, void *list)
{
	json_t *entry = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "name",
				  name, "command", cmd->id, "kind", "no case",
				  "errno", bpfsys_errno_name(row->err), "rule",
				  row->condition, "because", row->no_case);

	return json_array_append_new(list, entry);
}

static void print_aligned(const struct selection *sel)
{
	int name = 0, err = 1;

	for (size_t i = 0; i < sel->n; i++) {
		const char *e = case_errno_name(sel->cases[i]);
		int name_len = (int)strlen(sel->cases[i]->name);
		int err_len = e ? (int)strlen(e) : 1;

		name = name_len > name ? name_len : name;
		err = err_len > err ? err_len : err;
	}
	for (size_t i = 0; i < sel->n; i++) {
		const char *e = case_errno_name(sel->cases[i]);

		printf("%-*s  %-*s  %s\n", name, sel->cases[i]->name, err,
		       e ? e : "-", sel->cases[i]->rule);
	}
}

static void print_tabs(const struct selection *sel)
{
	for (size_t i = 0; i < sel->n; i++) {
		const char *e = case_errno_name(sel->cases[i]);

		printf("%s\t%s\t%s\n", sel->cases[i]->name, e ? e : "-",
		       sel->cases[i]->rule);
	}
}

static int print_json(const struct selection *sel)
{
	json_t *list = json_array();
	int ret = 0;

	for (size_t i = 0; i < sel->n && ret == 0; i++) {
		const struct suite_case *c = sel->cases[i];
		json_t *entry =
			json_pack("{s:s, s:s, s:s, s:s?, s:s}", "name", c->name,
				  "command", case_command_name(c), "kind",
				  case_kind_name(c->kind), "errno",
				  case_errno_name(c), "rule", c->rule);

		ret = json_array_append_new(list, entry);
	}
	if (ret == 0)
		ret = each_without_case(sel, append_without_case, list);
	if (ret != 0) {
		json_decref(list);
		complain("listing cases: out of memory");
		return STATUS_NO_VERDICT;
	}
	json_dumpf(list, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(list);
	return STATUS_HOLDS;
}

static int list(const struct options *options)
{
	struct selection sel;
	int ret =
		select_or_complain(&sel, options->filters, options->n_filters);

	if (ret != STATUS_HOLDS)
		return ret;
	if (options->json)
		ret = print_json(&sel);
	else if (isatty(STDOUT_FILENO))
		print_aligned(&sel);
	else
		print_tabs(&sel);
	if (!options->json)
		each_without_case(&sel, print_without_case, NULL);
	select_free(&sel);
	return (int)status_worse((enum status)ret, finish_stdout());
}

int cmd_list(int argc, char **argv)
{
	static const struct argp_option keys[] = {
		{"filter", 'f', "GLOB", 0,
		 "only cases of this name; a bare command stands for all of "
		 "its cases (may be repeated)",
		 0},
		{"json", 'j', NULL, 0, "print JSON", 0},
		{0},
	};
	static const struct argp argp = {
		keys,
		parse,
		NULL,
		"Prints the cases: name, expected errno (or -), rule, with a "
		"tab between them; then, in lines that begin with #, the errno "
		"values that no case provokes, and why.",
		NULL,
		NULL,
		NULL};
	struct options options = {0};
	int ret;

	options.filters = calloc((size_t)argc, sizeof(*options.filters));
	if (!options.filters) {
		complain("listing cases: out of memory");
		return STATUS_NO_VERDICT;
	}
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	ret = list(&options);
	free(options.filters);
	return ret;
}

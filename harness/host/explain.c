// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi explain: what the errnos of a command mean, from the table. */
#include <argp.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <bpfsys/abi.h>
#include <bpfsys/explain.h>

#include "bpfabi.h"

#define MAX_ERRNO 4095

struct options {
	const char *command, *err;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (!options->command)
			options->command = arg;
		else if (!options->err)
			options->err = arg;
		else
			argp_error(state, "what is %s?", arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which command?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* NAME in any case, with or without BPF_ before it. */
static const struct bpfsys_command *find_command(const char *name)
{
	char lower[64];
	size_t len = strlen(name);

	if (len >= sizeof(lower))
		return NULL;
	for (size_t i = 0; i <= len; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	return bpfsys_abi_find(strncmp(lower, "bpf_", 4) == 0 ? lower + 4
							      : lower);
}

/* A name in any case, or a number of either sign; 0 where it is neither. */
static int find_errno(const char *name)
{
	char *end;
	long number = strtol(name, &end, 10);

	if (end != name && !*end) {
		number = number < 0 ? -number : number;
		return number <= MAX_ERRNO ? (int)number : 0;
	}
	for (int err = 1; err <= MAX_ERRNO; err++) {
		const char *is = bpfsys_errno_name(err);

		if (is && strcasecmp(is, name) == 0)
			return err;
	}
	return 0;
}

static bool print_errno(const struct bpfsys_command *cmd, int err)
{
	int len = bpfsys_explain(cmd->nr, NULL, 0, err, NULL, 0);
	char *text = malloc((size_t)len + 1);

	if (!text) {
		complain("explaining BPF_%s: out of memory", cmd->name);
		return false;
	}
	bpfsys_explain(cmd->nr, NULL, 0, err, text, (size_t)len + 1);
	puts(text);
	free(text);
	return true;
}

/* Every errno that the command's rows have, in their order. */
static bool print_all(const struct bpfsys_command *cmd)
{
	size_t count;
	const struct bpfsys_errno_row *rows = bpfsys_abi_errnos(cmd, &count);
	bool done[MAX_ERRNO + 1] = {false};

	for (size_t i = 0; i < count; i++) {
		if (done[rows[i].err])
			continue;
		done[rows[i].err] = true;
		if (!print_errno(cmd, rows[i].err))
			return false;
	}
	return true;
}

int cmd_explain(int argc, char **argv)
{
	static const struct argp argp = {
		NULL,
		parse,
		"COMMAND [ERRNO]",
		"Says what an errno of a bpf(2) command means, one cause a "
		"line; without ERRNO, all that are documented."
		"\v"
		"COMMAND is a name such as MAP_UPDATE_BATCH, ERRNO a name or a "
		"number; case does not matter, nor does BPF_ before a command.",
		NULL,
		NULL,
		NULL};
	struct options options = {0};
	const struct bpfsys_command *cmd;
	int err = 0;
	bool ok;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	cmd = find_command(options.command);
	if (!cmd) {
		complain("no command %s; bpfabi list names them",
			 options.command);
		return STATUS_USAGE;
	}
	if (options.err) {
		err = find_errno(options.err);
		if (!err) {
			complain("no errno %s", options.err);
			return STATUS_USAGE;
		}
	}
	ok = err ? print_errno(cmd, err) : print_all(cmd);
	return (int)status_worse(ok ? STATUS_HOLDS : STATUS_NO_VERDICT,
				 finish_stdout());
}

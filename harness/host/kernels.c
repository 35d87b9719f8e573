// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi kernels: brings kernels into the cache before they are needed. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include <bpfvm/bpfvm.h>

#include "bpfabi.h"
#include "text.h"

struct options {
	char **specs;
	size_t n_specs;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (state->arg_num == 0 && strcmp(arg, "fetch") != 0)
			argp_error(state, "what is %s?", arg);
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < 2)
			argp_error(state, "fetch which kernels?");
		options->specs =
			state->argv + state->next - (int)state->arg_num + 1;
		options->n_specs = state->arg_num - 1;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static enum status fetch(const char *spec)
{
	char path[4096], why[512], clean[1024];

	if (bpfvm_kernel_resolve(spec, path, sizeof(path), why, sizeof(why)) <
	    0) {
		text_clean_str(clean, sizeof(clean), why);
		complain("%s: %s", spec, clean);
		return STATUS_NO_VERDICT;
	}
	printf("%s\t%s\n", spec, path);
	return STATUS_HOLDS;
}

int cmd_kernels(int argc, char **argv)
{
	static const struct argp argp = {
		NULL,
		parse,
		"fetch SPEC...",
		"Finds each kernel, fetching it into the cache if need be, and "
		"prints where its image is.",
		NULL,
		NULL,
		NULL};
	struct options options = {NULL, 0};
	enum status status = STATUS_HOLDS;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	for (size_t i = 0; i < options.n_specs; i++)
		status = status_worse(status, fetch(options.specs[i]));
	return (int)status_worse(status, finish_stdout());
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi kernels: what the cache holds; brings kernels into it before they are
 * needed. */
#include <argp.h>
#include <stdio.h>
#include <string.h>

#include <bpfvm/bpfvm.h>

#include "bpfabi.h"
#include "text.h"

enum { KEY_ARCH = 256 };

static const struct argp_option keys[] = {
	{"arch", KEY_ARCH, "NAME", 0, "architecture of the kernels", 0},
	{0},
};

struct options {
	const char *arch; /* NULL: the host's */
	char **specs;
	size_t n_specs;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;
	char why[256];

	switch (key) {
	case KEY_ARCH:
		options->arch = bpfvm_arch_find(arg, why, sizeof(why));
		if (!options->arch)
			argp_error(state, "--arch: %s", why);
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num == 0 && strcmp(arg, "fetch") != 0)
			argp_error(state, "what is %s?", arg);
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num == 1)
			argp_error(state, "fetch which kernels?");
		options->specs =
			state->argv + state->next - (int)state->arg_num + 1;
		options->n_specs = state->arg_num ? state->arg_num - 1 : 0;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static enum status fetch(const char *arch, const char *spec)
{
	char path[4096], why[512], clean[1024];

	if (bpfvm_kernel_resolve_for(arch, spec, path, sizeof(path), why,
				     sizeof(why)) < 0) {
		text_clean_str(clean, sizeof(clean), why);
		complain("%s: %s", spec, clean);
		return STATUS_NO_VERDICT;
	}
	printf("%s\t%s\n", spec, path);
	return STATUS_HOLDS;
}

static void print(void *ctx, const char *spec, const char *path)
{
	(void)ctx;
	printf("%s\t%s\n", spec, path);
}

static enum status list(const char *arch)
{
	char why[512], clean[1024];

	if (bpfvm_kernel_each(arch, print, NULL, why, sizeof(why)) == 0)
		return STATUS_HOLDS;
	text_clean_str(clean, sizeof(clean), why);
	complain("%s", clean);
	return STATUS_NO_VERDICT;
}

int cmd_kernels(int argc, char **argv)
{
	static const struct argp argp = {
		keys,
		parse,
		"[fetch SPEC...]",
		"Prints which kernels the cache holds, and where their images "
		"are. With fetch, finds each SPEC, fetching it into the cache "
		"if need be, and prints where its image is.",
		NULL,
		NULL,
		NULL};
	struct options options = {NULL, NULL, 0};
	enum status status = STATUS_HOLDS;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	if (!options.n_specs)
		status = list(options.arch);
	for (size_t i = 0; i < options.n_specs; i++)
		status = status_worse(status,
				      fetch(options.arch, options.specs[i]));
	return (int)status_worse(status, finish_stdout());
}

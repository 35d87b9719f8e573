// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi: hands the command line to the subcommand that it names. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpfsys/abi.h>

#include "bpfabi.h"

static const struct subcommand {
	const char *name;
	int (*entry)(int argc, char **argv);
	char argv0[24];
} subcommands[] = {
	{"run", cmd_run, "bpfabi run"},
	{"list", cmd_list, "bpfabi list"},
	{"explain", cmd_explain, "bpfabi explain"},
	{"fuzz", cmd_fuzz, "bpfabi fuzz"},
	{"repro", cmd_repro, "bpfabi repro"},
	{"kernels", cmd_kernels, "bpfabi kernels"},
};

static void print_version(FILE *stream, struct argp_state *state)
{
	(void)state;
	fprintf(stream, "bpfabi %s, knows %u commands of bpf(2)\n",
		BPFABI_VERSION, bpfsys_abi_commands());
}

void (*argp_program_version_hook)(FILE *, struct argp_state *) = print_version;

static const char doc[] =
	"Says, command by command, whether a kernel's bpf(2) keeps its word."
	"\v"
	"Subcommands (each has its own --help):\n"
	"  run        run the suite on a kernel in a throwaway VM, and report\n"
	"  list       print the cases: name, errno, rule\n"
	"  explain    say what an errno of a command means\n"
	"  fuzz       fuzz a kernel's bpf(2) in throwaway VMs\n"
	"  repro      run a find of fuzz again, or print it\n"
	"  kernels    fetch kernels into the cache\n"
	"\n"
	"Exit status:\n"
	"  0  the ABI holds (known deviations allowed; run --strict counts "
	"them)\n"
	"  1  it does not\n"
	"  2  usage\n"
	"  3  no verdict: no VM, the kernel does not boot, disk full\n"
	"  4  the kernel crashed or hung\n";

static error_t parse(int key, char *arg, struct argp_state *state)
{
	int *at = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		(void)arg;
		*at = state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which subcommand?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		NULL, parse, "SUBCOMMAND [OPTION...]", doc, NULL, NULL, NULL};
	static char name[sizeof(subcommands[0].argv0)];
	int at = 0;

	argp_err_exit_status = STATUS_USAGE;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &at);
	for (size_t i = 0; i < sizeof(subcommands) / sizeof(*subcommands); i++)
		if (strcmp(argv[at], subcommands[i].name) == 0) {
			strcpy(name, subcommands[i].argv0);
			argv[at] = name;
			return subcommands[i].entry(argc - at, argv + at);
		}
	complain("no subcommand %s; bpfabi --help names them", argv[at]);
	return STATUS_USAGE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What bpfvm's command line says. */
#ifndef BPFVM_OPTIONS_H
#define BPFVM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "bpfvm/bpfvm.h"

enum {
	EXIT_CRASHED = 122,
	EXIT_NO_BOOT = 123,
	EXIT_TIMEOUT = 124,
	EXIT_OWN = 125,
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

struct options {
	struct bpfvm_config cfg;
	struct bpfvm_file *files, *late_files, *out_files;
	const char **modules;
	const char **packages; /* what --fetch-libs names */
	size_t n_packages;
	char *input;
	bool fetch_qemu, fetch_libs, fatal_warn;
};

/* Ends the program on what cannot be understood, and after --help. 0 or an
 * errno. */
int options_parse(struct options *o, int argc, char **argv);

void options_free(struct options *o);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The command line of bpfabi run. */
#ifndef BPFABI_RUN_OPTIONS_H
#define BPFABI_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <bpfvm/bpfvm.h>

#include "cases/shard.h"

/* What standard output gets. */
enum form {
	FORM_AUTO, /* becomes one of the others */
	FORM_KTAP,
	FORM_SUMMARY,
	FORM_FILE, /* the document that was asked for with "-" */
};

struct run_options {
	char **kernels; /* at least one */
	size_t n_kernels;
	char **filters;
	size_t n_filters;
	struct shard shard; /* of what they leave */
	enum form form;
	const char *json;
	const char *junit;
	const char *append;
	const char *guest;
	const char *corpus; /* a folder to replay instead of the suite */
	const char *arch;   /* NULL: the host's */
	unsigned int timeout_s;
	enum bpfvm_accel accel;
	bool compat32;	   /* the suite of 32 bits */
	bool isolate;	   /* a clone for each case */
	unsigned int jobs; /* VMs at once; 0: as many as there are CPUs */
	bool strict;
	bool verbose;
	bool quiet;
};

/* 0 or -ENOMEM; ends the process where the command line is wrong. */
int run_options_parse(struct run_options *options, int argc, char **argv);

void run_options_free(struct run_options *options);

#endif

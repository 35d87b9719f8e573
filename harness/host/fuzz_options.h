/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The command line of bpfabi fuzz. */
#ifndef BPFABI_FUZZ_OPTIONS_H
#define BPFABI_FUZZ_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include <bpfvm/bpfvm.h>

#include "host/files.h"
#include "make/make.h"

enum fuzz_engine { ENGINE_LIBFUZZER, ENGINE_AFL };

enum fuzz_what { FUZZ_RUN, FUZZ_TRIAGE, FUZZ_MERGE, FUZZ_PLOT };

struct fuzz_options {
	enum fuzz_what what;
	enum make_target target;
	enum fuzz_engine engine;
	enum bpfvm_accel accel;
	const char *kernel, *append;
	double seconds;		/* 0: until it is told to stop */
	unsigned int timeout_s; /* of one input */
	unsigned int jobs;
	unsigned int seed; /* 0: of the clock */
	bool cmp, triage, quiet;
	const char *merge; /* FUZZ_MERGE: directory of what is kept */
	const char *plot;  /* FUZZ_PLOT: the HTML, from ... */
	char **args;	   /* CSV files */
	size_t n_args;
	char work[FILES_PATH];
	char corpus[FILES_PATH]; /* of seeds; "" if there is none */
	char built[FILES_PATH];	 /* where bpfabi and the engines are */
	char executor[FILES_PATH];
	char cached[FILES_PATH]; /* the kernel that make kernel builds */
};

/* Ends the process where the command line is wrong. An exit status. */
int fuzz_options_parse(struct fuzz_options *options, int argc, char **argv);

struct argp_state;

/* What stands behind an option; ends the process where that is wrong. */
enum bpfvm_accel fuzz_read_accel(struct argp_state *state, const char *arg);
unsigned int fuzz_read_number(struct argp_state *state, const char *what,
			      const char *arg, unsigned long most);

const char *accel_name(enum bpfvm_accel accel);

/* $XDG_CACHE_HOME/bpfsys/built/kcov-6.12 into PATH of FILES_PATH bytes; false:
 * it has not been built. */
bool cached_kernel(char *path);

/* The guest's program that belongs to this bpfabi, into PATH. */
void own_executor(char *path);

#endif

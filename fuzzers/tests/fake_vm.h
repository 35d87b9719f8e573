/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A fuzzvm without a VM: what an input does is told by its calls' commands. */
#ifndef BPFSYS_FAKE_VM_H
#define BPFSYS_FAKE_VM_H

#include "host/fuzzvm.h"

/* Commands, by what they do here. */
enum {
	FAKE_DIES = 2, /* with a report of KASAN */
	FAKE_HANGS = 3,
	FAKE_MARKS = 4, /* a later FAKE_DIES_MARKED in the same VM */
	FAKE_DIES_MARKED = 5,
	FAKE_LEAKS = 6,		 /* an object each time */
	FAKE_DIES_LATER = 38,	 /* before the next input runs */
	FAKE_DIES_AT_TIMES = 39, /* of three, where it is the first call */
};

struct fake_vm {
	unsigned int started, runs, open, times;
	bool up, marked, blind, lost, dying;
	bool odd; /* every other PROG_LOAD fails */
	uint32_t objects;
	char console[128]; /* each death leaves a file of this name and a
			    * number, or "" */
};
extern struct fake_vm fake_vm;

/* Encodes calls of N commands; the length. */
size_t fake_input(uint8_t *data, const unsigned int *cmds, unsigned int n);

#endif

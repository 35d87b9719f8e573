/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A campaign's work directory, for tests that run with a fake VM. */
#ifndef BPFSYS_FUZZ_WORK_H
#define BPFSYS_FUZZ_WORK_H

#include "host/files.h"
#include "host/triage.h"

extern char work_dir[64];
extern const struct fuzzvm_config work_vm;

/* Of each test: a new one, and a new fake VM. */
int work_setup(void **state);
int work_teardown(void **state);

/* Path of NAME there, good for four calls. */
const char *in_dir(const char *name);
void assert_in_file(const char *name, const char *text);
unsigned int entries(const char *path);
/* Console logs that a fake death has left and nobody has taken away. */
unsigned int logs_left(void);

/* Has an input of commands CMDS die, behind others of one command each, and
 * keeps it as an engine does. */
void keep_raw(const unsigned int *before, unsigned int n_before,
	      const unsigned int *cmds, unsigned int n);

/* Triage judges so many NAMES. */
void judge(int names);

#define DIES_NAME   "kasan-slab-out-of-bounds-dies-__sys_bpf"
#define LATER_NAME  "kasan-slab-out-of-bounds-dies_later-__sys_bpf"
#define MARKED_NAME "kasan-slab-out-of-bounds-dies_marked-__sys_bpf"

/* What is kept and told of finds when things go wrong; how many tests failed.
 */
int fuzz_finds(void);

#endif

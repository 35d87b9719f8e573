/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Processes that a campaign runs beside itself. */
#ifndef BPFABI_FUZZ_CHILD_H
#define BPFABI_FUZZ_CHILD_H

#include <sys/types.h>

#include "fuzz_options.h"

enum { CHILD_ARGS = 48 };

/* A command line; starts as zeros. */
struct child_args {
	char *argv[CHILD_ARGS];
	char text[CHILD_ARGS][FILES_PATH];
	unsigned int n;
};

void child_add(struct child_args *args, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A child in a group of its own: Ctrl-C is for us, who then stop it; if we are
 * killed, it ends. 0 in the child. */
pid_t child_start(void);

/* In the child: standard output and error into WORK/log.NAME. */
void child_redirect(const struct fuzz_options *options, const char *name);

/* Asks PID to end, waits for that, and makes it 0. */
void child_reap(pid_t *pid);

#endif

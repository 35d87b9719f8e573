/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* kernel.unprivileged_bpf_disabled, set for a while. */
#ifndef BPFABI_UNPRIV_H
#define BPFABI_UNPRIV_H

#include <sys/types.h>

#define UNPRIV_NAME   "kernel/unprivileged_bpf_disabled"
#define UNPRIV_SWITCH "/proc/sys/" UNPRIV_NAME

struct unpriv {
	pid_t keeper; /* puts the old value back; 0: nothing was changed */
	int pipe_fd;
};

/* What the switch is: '0', '1' or '2'. Skips the case where there is none. */
char unpriv_get(void **state);

/* Writes VALUE; 0 or a negative errno. */
int unpriv_write(char value);

/* Sets it to VALUE until unpriv_end(), or until this process ends, however
 * that comes. Skips the case where it is 1, which is for good. */
void unpriv_begin(struct unpriv *unpriv, void **state, char value);
void unpriv_end(struct unpriv *unpriv);

#endif

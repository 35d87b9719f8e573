/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Callers who may less, or have no room: the same for many commands. */
#ifndef BPFABI_CALLERS_H
#define BPFABI_CALLERS_H

#include "witness.h"

/* The witness of the case's command, called without CAP_SYS_ADMIN (but with
 * CAP_BPF), or with neither. */
void judge_no_sys_admin(void **state);
void judge_no_caps(void **state);

/* The process may have no more descriptors, and may have them again. */
void take_descriptors(void **state);
void give_descriptors(void **state);

/* Called where the process may have no more descriptors. */
void judge_no_descriptor(void **state);

/* Called where the system may have no more open files, without CAP_SYS_ADMIN,
 * which may all the same. */
void judge_no_file(void **state);

/* Called with an argument that can be read and not written. */
void judge_read_only_attr(void **state);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Callers who may less, or have no room: the same for many commands. */
#ifndef BPFABI_CALLERS_H
#define BPFABI_CALLERS_H

#include "witness.h"

/* The witness of the case's command, called without CAP_SYS_ADMIN (but with
 * CAP_BPF), or with neither. */
void judge_no_sys_admin(void **state);
void judge_no_caps(void **state);

/* Callers of every kind: caller.def and who.def. */
enum caller {
	CALLER_OPEN,
	CALLER_NONE,
	ONLY_CAP_BPF,
	ONLY_CAP_PERFMON,
	ONLY_CAP_NET_ADMIN,
	ONLY_CAP_SYS_ADMIN,
	CALLER_USERNS,
	N_CALLERS
};

/* Memory for an argument that call_as() can write to. */
union argument *caller_memory(void **state);
void caller_memory_drop(union argument *attr);

/* CMD with the argument ATTR, of caller_memory(), through the library's wrapper
 * and as CALLER; the switch is the case's. A descriptor that USERNS gets is
 * closed, and CLOSED_FD returned for it. */
int call_as(void **state, enum caller caller, const struct bpfsys_command *cmd,
	    union argument *attr);

/* The same for who has CAPS and no other capability. */
int call_with_caps(void **state, uint64_t caps,
		   const struct bpfsys_command *cmd, union argument *attr);

/* Whether the kernel looks at the switch first, whatever the command. */
bool caller_is_told_first(void **state);

/* Skips the case where the kernel has no user namespaces. */
void need_userns(void **state);

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

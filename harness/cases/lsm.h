/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Whether BPF is among the security modules that the kernel has started. */
#ifndef BPFABI_LSM_H
#define BPFABI_LSM_H

#include <stdbool.h>

/* Where it is not, its hooks are not called and inodes have no storage. */
bool lsm_active(void **state);

#endif

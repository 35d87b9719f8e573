// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The door to the kernel: the only place that makes the system call. */
#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>

#include "door.h"

/* Out of line, so that a call that succeeds needs no stack. */
__attribute__((noinline)) static int failed(long ret)
{
	errno = (int)-ret;
	return (int)ret;
}

int bpfsys(unsigned int cmd, void *attr, unsigned int size)
{
	long ret = door3(cmd, attr, size);

	return ret < 0 ? failed(ret) : (int)ret;
}

int bpfsys_common(unsigned int cmd, void *attr, unsigned int size,
		  struct bpfsys_common_attr *common, unsigned int common_size)
{
	long ret = door5(cmd | BPFSYS_COMMON_ATTRS, attr, size, common,
			 common_size);

	return ret < 0 ? failed(ret) : (int)ret;
}

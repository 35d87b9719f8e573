// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The door to the kernel: the only place that makes the system call. */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>

#include "trace.h"

int untraced(unsigned int cmd, void *attr, unsigned int size)
{
	long ret = syscall(SYS_bpf, cmd, attr, size);

	return ret < 0 ? -errno : (int)ret;
}

int untraced_common(unsigned int cmd, void *attr, unsigned int size,
		    struct bpfsys_common_attr *common, unsigned int common_size)
{
	long ret = syscall(SYS_bpf, cmd | BPFSYS_COMMON_ATTRS, attr, size,
			   common, common_size);

	return ret < 0 ? -errno : (int)ret;
}

int bpfsys(unsigned int cmd, void *attr, unsigned int size)
{
	long ret;

	if (is_traced())
		return traced(cmd, attr, size);
	ret = syscall(SYS_bpf, cmd, attr, size);
	return ret < 0 ? -errno : (int)ret;
}

int bpfsys_common(unsigned int cmd, void *attr, unsigned int size,
		  struct bpfsys_common_attr *common, unsigned int common_size)
{
	if (is_traced())
		return traced_common(cmd, attr, size, common, common_size);
	return untraced_common(cmd, attr, size, common, common_size);
}

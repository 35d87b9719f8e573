// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The door to the kernel: the only place that makes the system call. */
#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>

#include "door.h"
#include "untraced.h"

const struct bpfsys_hook *_Atomic bpfsys_hook;

/* Out of line, so that a call that succeeds needs no stack. */
__attribute__((noinline)) static int failed(long ret)
{
	errno = (int)-ret;
	return (int)ret;
}

static inline int through(unsigned int cmd, void *attr, unsigned int size)
{
	long ret = door3(cmd, attr, size);

	return ret < 0 ? failed(ret) : (int)ret;
}

int bpfsys_untraced(unsigned int cmd, void *attr, unsigned int size)
{
	return through(cmd, attr, size);
}

int bpfsys_untraced_common(unsigned int cmd, void *attr, unsigned int size,
			   struct bpfsys_common_attr *common,
			   unsigned int common_size)
{
	long ret = door5(cmd | BPFSYS_COMMON_ATTRS, attr, size, common,
			 common_size);

	return ret < 0 ? failed(ret) : (int)ret;
}

int bpfsys(unsigned int cmd, void *attr, unsigned int size)
{
	const struct bpfsys_hook *hook = bpfsys_hook_now();

	if (__builtin_expect(hook != NULL, 0))
		return hook->call(cmd, attr, size);
	return through(cmd, attr, size);
}

int bpfsys_common(unsigned int cmd, void *attr, unsigned int size,
		  struct bpfsys_common_attr *common, unsigned int common_size)
{
	const struct bpfsys_hook *hook = bpfsys_hook_now();

	if (__builtin_expect(hook != NULL, 0))
		return hook->common(cmd, attr, size, common, common_size);
	return bpfsys_untraced_common(cmd, attr, size, common, common_size);
}

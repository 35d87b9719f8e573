// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Names of errnos, the one that <errno.h> lacks included. */
#include <errno.h>
#include <stddef.h>

#include <bpfsys/abi.h>

#define NAMED(name) \
	case name:  \
		return #name

const char *bpfsys_errno_name(int err)
{
	switch (err) {
		NAMED(EPERM);
		NAMED(ENOENT);
		NAMED(ESRCH);
		NAMED(EINTR);
		NAMED(EIO);
		NAMED(ENXIO);
		NAMED(E2BIG);
		NAMED(EBADF);
		NAMED(EAGAIN);
		NAMED(ENOMEM);
		NAMED(EACCES);
		NAMED(EFAULT);
		NAMED(EBUSY);
		NAMED(EEXIST);
		NAMED(ENODEV);
		NAMED(ENOTDIR);
		NAMED(EISDIR);
		NAMED(EINVAL);
		NAMED(ENFILE);
		NAMED(EMFILE);
		NAMED(ENOSPC);
		NAMED(EROFS);
		NAMED(EMLINK);
		NAMED(EDOM);
		NAMED(ERANGE);
		NAMED(EDEADLK);
		NAMED(ENAMETOOLONG);
		NAMED(ENOSYS);
		NAMED(ENOTEMPTY);
		NAMED(ELOOP);
		NAMED(EPROTO);
		NAMED(EBADMSG);
		NAMED(EOVERFLOW);
		NAMED(EBADFD);
		NAMED(ENOLINK);
		NAMED(ENOTSOCK);
		NAMED(EOPNOTSUPP);
		NAMED(EAFNOSUPPORT);
		NAMED(ENOBUFS);
		NAMED(ETIMEDOUT);
		NAMED(EINPROGRESS);
		NAMED(ESTALE);
		NAMED(ECANCELED);
	case BPFSYS_ENOTSUPP:
		return "ENOTSUPP";
	default:
		return NULL;
	}
}

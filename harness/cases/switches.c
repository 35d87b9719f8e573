// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Switches of the system below /proc/sys. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "switches.h"

int64_t turn_switch(void **state, const char *path, int64_t value)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char number[24] = "";
	int64_t was;
	ssize_t n;

	if (fd < 0)
		skip_case(state, "open of %s is %s", path,
			  bpfsys_errno_name(errno));
	n = read(fd, number, sizeof(number) - 1);
	need(state, path, n < 0 ? -errno : 0);
	was = strtoll(number, NULL, 10);
	n = snprintf(number, sizeof(number), "%" PRId64, value);
	if (pwrite(fd, number, (size_t)n, 0) != n) {
		int err = errno;

		close(fd);
		skip_case(state, "%s does not take %" PRId64 ": %s", path,
			  value, bpfsys_errno_name(err));
	}
	close(fd);
	return was;
}

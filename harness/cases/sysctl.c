// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Switches of the kernel, by their files under /proc/sys. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sysctl.h"

static int open_switch(const char *name, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return open(path, flags | O_CLOEXEC);
}

int sysctl_write(const char *name, const char *value)
{
	int err, fd = open_switch(name, O_WRONLY);

	if (fd < 0)
		return -errno;
	err = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

char sysctl_read(void **state, const char *name)
{
	int fd = open_switch(name, O_RDONLY);
	char value = '\0';

	need(state, "open of a file in /proc/sys", fd < 0 ? -errno : 0);
	need(state, "read of a file in /proc/sys",
	     read(fd, &value, 1) < 0 ? -errno : 0);
	close(fd);
	return value;
}

char sysctl_swap(void **state, const char *name, char value)
{
	const char text[] = {value, '\0'};
	char before = sysctl_read(state, name);

	need(state, "write of a file in /proc/sys", sysctl_write(name, text));
	return before;
}

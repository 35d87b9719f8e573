// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The kernel's files of text, and its switches under /proc/sys. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysctl.h"

int write_text(const char *dir, const char *name, const char *text)
{
	char path[160];
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return err;
}

void read_text(void **state, const char *dir, const char *name, char *text,
	       size_t size)
{
	char path[160];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	need(state, path, fd < 0 ? -errno : 0);
	n = read(fd, text, size - 1);
	need(state, path, n < 0 ? -errno : 0);
	text[n] = '\0';
	close(fd);
}

int sysctl_write(const char *name, const char *value)
{
	return write_text("/proc/sys", name, value);
}

char sysctl_read(void **state, const char *name)
{
	char value[16];

	read_text(state, "/proc/sys", name, value, sizeof(value));
	return value[0];
}

char sysctl_swap(void **state, const char *name, char value)
{
	const char text[] = {value, '\0'};
	char before = sysctl_read(state, name);

	need(state, "write of a file in /proc/sys", sysctl_write(name, text));
	return before;
}

int64_t turn_switch(void **state, const char *name, int64_t value)
{
	char path[160], number[24];
	int64_t was;
	int ret;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	if (access(path, F_OK))
		skip_case(state, "%s is %s", path, bpfsys_errno_name(errno));
	read_text(state, "/proc/sys", name, number, sizeof(number));
	was = strtoll(number, NULL, 10);
	snprintf(number, sizeof(number), "%" PRId64, value);
	ret = sysctl_write(name, number);
	if (ret)
		skip_case(state, "%s does not take %" PRId64 ": %s", path,
			  value, bpfsys_errno_name(-ret));
	return was;
}

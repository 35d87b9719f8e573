// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Files written beside their place and renamed into it. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

static bool is_stdout(const char *path)
{
	return strcmp(path, "-") == 0;
}

/* A device or a pipe cannot be replaced, only written to. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

enum status output_check(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int ret;

	if (is_stdout(path))
		return STATUS_HOLDS;
	if (is_special(path))
		ret = access(path, W_OK);
	else {
		dir = slash ? strndup(path, (size_t)(slash - path) + 1)
			    : strdup(".");
		ret = dir ? access(dir, W_OK | X_OK) : -1;
		free(dir);
	}
	if (ret == 0)
		return STATUS_HOLDS;
	complain("%s cannot be written: %s", path, strerror(errno));
	return STATUS_NO_VERDICT;
}

/* Closes OUT in any case. 0 or -errno. */
static int fill(FILE *out, output_fn *write, const void *data, bool sync)
{
	int ret;

	errno = 0;
	ret = write(out, data);
	if (ret == 0 && (fflush(out) != 0 || ferror(out)))
		ret = errno ? -errno : -EIO;
	else if (ret == -EIO && errno)
		ret = -errno;
	if (ret == 0 && sync && fsync(fileno(out)) != 0)
		ret = -errno;
	if (fclose(out) != 0 && ret == 0)
		ret = -errno;
	return ret;
}

static int write_special(const char *path, output_fn *write, const void *data)
{
	FILE *out = fopen(path, "we");

	return out ? fill(out, write, data, false) : -errno;
}

static int write_regular(const char *path, output_fn *write, const void *data)
{
	const mode_t mask = umask(0);
	char *temp;
	FILE *out;
	int fd, ret;

	umask(mask);
	if (asprintf(&temp, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkstemp(temp);
	if (fd < 0) {
		ret = -errno;
		goto out_free;
	}
	out = fdopen(fd, "w");
	if (!out) {
		ret = -errno;
		close(fd);
		goto out_unlink;
	}
	/* mkstemp() makes it for the owner alone; it is not a secret. */
	fchmod(fd, 0666 & ~mask);
	ret = fill(out, write, data, true);
	if (ret == 0 && rename(temp, path) != 0)
		ret = -errno;
out_unlink:
	if (ret < 0)
		unlink(temp);
out_free:
	free(temp);
	return ret;
}

enum status output_write(const char *path, output_fn *write, const void *data)
{
	int ret;

	if (is_stdout(path)) {
		ret = write(stdout, data);
		if (ret == -ENOMEM)
			complain("writing the report: out of memory");
		return ret == -ENOMEM ? STATUS_NO_VERDICT : finish_stdout();
	}
	ret = is_special(path) ? write_special(path, write, data)
			       : write_regular(path, write, data);
	if (ret == 0)
		return STATUS_HOLDS;
	complain("writing %s: %s", path, strerror(-ret));
	return STATUS_NO_VERDICT;
}

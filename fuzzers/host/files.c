// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Files of a campaign. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

static ssize_t read_all(int fd, uint8_t *data, size_t most)
{
	size_t len = 0;
	ssize_t n;

	while (len < most) {
		n = read(fd, data + len, most - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

uint8_t *file_read(const char *path, size_t most, size_t *len)
{
	uint8_t *data = NULL;
	struct stat st;
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0) {
		n = -errno;
		goto out_close;
	}
	n = S_ISREG(st.st_mode) ? 0 : -EINVAL;
	if (n == 0 && (size_t)st.st_size > most)
		n = -EFBIG;
	if (n < 0)
		goto out_close;
	data = malloc((size_t)st.st_size + 1);
	n = data ? read_all(fd, data, (size_t)st.st_size) : -ENOMEM;
out_close:
	close(fd);
	if (n < 0) {
		free(data);
		errno = (int)-n;
		return NULL;
	}
	data[n] = '\0';
	*len = (size_t)n;
	return data;
}

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int file_write(const char *path, const void *data, size_t len)
{
	char tmp[FILES_PATH];
	int fd, ret = path_make(tmp, "%s.%d~", path, (int)getpid());

	if (ret < 0)
		return ret;
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	ret = write_all(fd, data, len);
	if (close(fd) < 0 && ret == 0)
		ret = -errno;
	if (ret == 0 && rename(tmp, path) < 0)
		ret = -errno;
	if (ret < 0)
		unlink(tmp);
	return ret;
}

int file_copy(const char *from, const char *to, size_t most)
{
	uint8_t *data = malloc(most);
	ssize_t n;
	int fd, ret;

	if (!data)
		return -ENOMEM;
	fd = open(from, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		ret = -errno;
		goto out_free;
	}
	n = read_all(fd, data, most);
	close(fd);
	ret = n < 0 ? (int)n : file_write(to, data, (size_t)n);
out_free:
	free(data);
	return ret;
}

void *file_map(const char *path, size_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644), err;
	struct stat st;
	void *mem;

	if (fd < 0)
		return NULL;
	/* Room now: a full disk must not become SIGBUS later. */
	if (fstat(fd, &st) < 0 || ftruncate(fd, (off_t)size) < 0) {
		err = errno;
		goto fail;
	}
	err = posix_fallocate(fd, 0, (off_t)size);
	if (err)
		goto fail;
	mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	err = errno;
	if (mem == MAP_FAILED)
		goto fail;
	close(fd);
	return mem;
fail:
	close(fd);
	errno = err;
	return NULL;
}

int dir_make(const char *path)
{
	char part[FILES_PATH];
	int ret = path_make(part, "%s", path);

	if (ret < 0)
		return ret;
	for (char *at = part + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (mkdir(part, 0755) < 0 && errno != EEXIST)
			return -errno;
		*at = '/';
	}
	return mkdir(part, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

int path_make(char *path, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(path, FILES_PATH, format, ap);
	va_end(ap);
	return n < 0 || n >= FILES_PATH ? -ENAMETOOLONG : 0;
}

int dir_each(const char *dir, int (*each)(void *ctx, const char *name),
	     void *ctx)
{
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort), ret = 0;

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;

		if (ret == 0 && strcmp(name, ".") != 0 &&
		    strcmp(name, "..") != 0)
			ret = each(ctx, name);
		free(list[i]);
	}
	free(list);
	return ret;
}

uint64_t hash_bytes(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3u;
	return hash;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Takes the files that the host sends once the guest is up. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

static char path[PATH_MAX];
static uint32_t mode;
static int fd = -1;

static void make_parents(void)
{
	char *p;

	for (p = path + 1; (p = strchr(p, '/')); p++) {
		*p = 0;
		mkdir(path, 0755);
		*p = '/';
	}
}

static int begin(const struct proto_frame *f)
{
	if (fd >= 0)
		close(fd);
	fd = -1;
	if (f->len < 5 || f->len - 4 >= sizeof(path))
		return EPROTO;
	mode = proto_get32(f->data);
	memcpy(path, f->data + 4, f->len - 4);
	path[f->len - 4] = 0;
	make_parents();
	if (S_ISDIR(mode))
		return mkdir(path, mode & 07777) && errno != EEXIST ? errno : 0;
	if (unlink(path) && errno != ENOENT)
		return errno;
	if (S_ISLNK(mode))
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 || fchmod(fd, mode & 07777) ? errno : 0;
}

static int data(const struct proto_frame *f)
{
	const char *p = (const char *)f->data;
	char target[PATH_MAX] = "";
	size_t left = f->len;
	ssize_t n;

	if (S_ISLNK(mode)) {
		memcpy(target, p, left < PATH_MAX ? left : PATH_MAX - 1);
		return symlink(target, path) ? errno : 0;
	}
	for (; left; p += n, left -= n) {
		n = write(fd, p, left);
		if (n < 0)
			return errno;
	}
	return 0;
}

static void fail(int err)
{
	uint8_t buf[4 + PATH_MAX];
	size_t len = strlen(path);

	len = len < 1024 ? len : 1024;
	proto_put32(buf, err);
	memcpy(buf + 4, path, len);
	send_frame(PROTO_IN_FAILED, buf, 4 + len);
}

bool files_take(void)
{
	struct proto_frame f;
	int err;

	for (;;) {
		receive_bulk(&f);
		err = f.type == PROTO_IN_BEGIN	? begin(&f)
		      : f.type == PROTO_IN_DATA ? data(&f)
		      : f.type == PROTO_IN_END	? 0
						: EPROTO;
		if (err)
			fail(err);
		if (err || f.type == PROTO_IN_END)
			break;
	}
	if (fd >= 0)
		close(fd);
	return !err;
}

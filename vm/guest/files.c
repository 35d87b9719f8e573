/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Sends files and directories to the host once the program has ended. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

#define DEPTH_MOST 64

static char *wanted[PROTO_WANT_MOST];
static uint32_t n_wanted;

void files_want(const struct proto_frame *f)
{
	char *path = strndup((const char *)f->data, f->len);

	if (path && n_wanted < PROTO_WANT_MOST)
		wanted[n_wanted++] = path;
}

static void begin(uint32_t which, uint32_t mode, const char *path)
{
	uint8_t buf[8 + PATH_MAX];
	size_t len = strnlen(path, PATH_MAX - 1);

	proto_put32(buf, which);
	proto_put32(buf + 4, mode);
	memcpy(buf + 8, path, len);
	send_bulk(PROTO_OUT_BEGIN, buf,
		  8 + len < PROTO_PAYLOAD ? 8 + len : PROTO_PAYLOAD);
}

static void end(int err)
{
	uint8_t buf[4];

	proto_put32(buf, err);
	send_bulk(PROTO_OUT_END, buf, sizeof(buf));
}

static void send_data(const char *path)
{
	/* Not to hang on what would wait for a writer or for events. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err = 0;
	ssize_t n = -1;

	while (fd >= 0 && (n = send_from(fd, PROTO_OUT_DATA)) > 0)
		;
	if (n < 0 && errno != EAGAIN)
		err = errno;
	if (fd >= 0)
		close(fd);
	end(err);
}

/* path is PATH_MAX bytes; what stands at top in it is the host's business. */
static void send_item(uint32_t which, char *path, size_t top, int depth)
{
	size_t len = strlen(path), add;
	struct dirent *de;
	struct stat st;
	DIR *d;

	/* The link that was named is followed, those below are not. */
	if (depth ? lstat(path, &st) : stat(path, &st)) {
		begin(which, 0, path + top);
		end(errno);
		return;
	}
	begin(which, st.st_mode, path + top);
	if (S_ISREG(st.st_mode))
		send_data(path);
	d = S_ISDIR(st.st_mode) && depth < DEPTH_MOST ? opendir(path) : NULL;
	while (d && (de = readdir(d))) {
		add = strlen(de->d_name);
		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, "..") ||
		    len + add + 2 > PATH_MAX)
			continue;
		path[len] = '/';
		memcpy(path + len + 1, de->d_name, add + 1);
		send_item(which, path, depth ? top : len + 1, depth + 1);
		path[len] = 0;
	}
	if (d)
		closedir(d);
}

void files_send(void)
{
	char path[PATH_MAX];
	uint32_t i;

	for (i = 0; i < n_wanted; i++) {
		snprintf(path, sizeof(path), "%s", wanted[i]);
		send_item(i, path, strlen(path), 0);
	}
}

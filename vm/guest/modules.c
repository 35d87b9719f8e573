/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Loads the kernel modules that the host has put into the initramfs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guest.h"

static int load(const char *dir, const char *name)
{
	char path[sizeof(PROTO_MODULES) + 300];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		err = errno;
	if (fd >= 0)
		close(fd);
	return err == EEXIST ? 0 : err;
}

int modules_load(const char *dir, bool say)
{
	struct dirent **de = NULL;
	uint8_t buf[4 + 256];
	int i, n, err = 0;
	size_t len;

	/* Their names begin with their place in the order. */
	n = scandir(dir, &de, NULL, alphasort);
	for (i = 0; i < n && !err; i++) {
		if (de[i]->d_name[0] == '.')
			continue;
		err = load(dir, de[i]->d_name);
		if (!err || !say)
			continue;
		/* Between "000-" and ".ko". */
		len = strnlen(de[i]->d_name, 255);
		len = len > 7 ? len - 7 : 0;
		proto_put32(buf, err);
		memcpy(buf + 4, de[i]->d_name + 4, len);
		send_frame(PROTO_NO_MODULE, buf, 4 + len);
	}
	for (i = 0; i < n; i++)
		free(de[i]);
	free(de);
	return err;
}

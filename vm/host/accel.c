/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Remembers whether KVM really boots guests on this host, until it reboots. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

/* What the answer holds for: this boot of the host and this QEMU. */
static int identity(char *buf, size_t size, const struct qemu *qemu)
{
	char boot[64] = "";
	struct stat st;
	ssize_t n;
	int fd;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || stat(qemu->path, &st)) {
		if (fd >= 0)
			close(fd);
		return -errno;
	}
	n = read(fd, boot, sizeof(boot) - 1);
	close(fd);
	if (n < 1)
		return -EIO;
	boot[strcspn(boot, "\n")] = 0;
	return path_fmt(buf, size, "%s %s %lld %lld\n", boot, qemu->path,
			(long long)st.st_size, (long long)st.st_mtim.tv_sec);
}

static int answer_path(char *path, size_t size)
{
	char dir[PATH_MAX];
	int ret = cache_dir(dir, sizeof(dir), "accel", NULL);

	return ret ? ret : path_fmt(path, size, "%s/auto", dir);
}

int accel_recall(const struct qemu *qemu)
{
	char path[PATH_MAX], want[PATH_MAX + 128], buf[PATH_MAX + 128] = "";
	ssize_t n;
	int fd;

	if (access("/dev/kvm", R_OK | W_OK))
		return 0;
	if (answer_path(path, sizeof(path)) ||
	    identity(want, sizeof(want), qemu))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	/* "kvm IDENTITY" or "tcg IDENTITY" */
	if (n < 4 || strcmp(buf + 4, want))
		return -1;
	return !strncmp(buf, "kvm ", 4);
}

void accel_remember(const struct qemu *qemu, bool kvm)
{
	char path[PATH_MAX], tmp[PATH_MAX], line[PATH_MAX + 128];
	int fd, ret;

	/* Failing here costs the next run a probe, no more. */
	if (identity(line, sizeof(line), qemu) ||
	    answer_path(path, sizeof(path)) ||
	    path_fmt(tmp, sizeof(tmp), "%s.XXXXXX", path))
		return;
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return;
	ret = write_all(fd, kvm ? "kvm " : "tcg ", 4);
	if (!ret)
		ret = write_all(fd, line, strlen(line));
	close(fd);
	if (ret || rename(tmp, path))
		unlink(tmp);
}

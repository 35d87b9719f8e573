/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Small things that every part of libbpfvm uses. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vm.h"

volatile bool vm_interrupted;

void bpfvm_interrupt(void)
{
	vm_interrupted = true;
}

bool is_stopped(const struct bpfvm_config *cfg)
{
	return cfg->stop && *cfg->stop;
}

int fault(const struct why *why, int err, const char *fmt, ...)
{
	va_list ap;

	if (!why || !why->size)
		return err;
	va_start(ap, fmt);
	vsnprintf(why->buf, why->size, fmt, ap);
	va_end(ap);
	return err;
}

void say(const struct bpfvm_config *cfg, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (cfg && cfg->note)
		cfg->note(cfg->ctx, line);
	else
		fprintf(stderr, "bpfvm: %s\n", line);
}

double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void printable(char *dst, size_t size, const char *src, size_t len)
{
	size_t i;

	for (i = 0; i < len && i + 1 < size && src[i]; i++)
		dst[i] = src[i] >= ' ' && src[i] < 127 ? src[i] : '?';
	if (size)
		dst[i] = 0;
}

int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR && !vm_interrupted)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= n;
	}
	return 0;
}

int path_fmt(char *path, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(path, size, fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int make_dirs(const char *path)
{
	char buf[PATH_MAX], *p;

	if (path_fmt(buf, sizeof(buf), "%s", path))
		return -ENAMETOOLONG;
	for (p = buf + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdir(buf, 0700) && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return mkdir(buf, 0700) && errno != EEXIST ? -errno : 0;
}

int cache_dir(char *path, size_t size, const char *sub, const struct why *why)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	int ret;

	if (xdg && *xdg == '/')
		ret = path_fmt(path, size, "%s/bpfsys/%s", xdg, sub);
	else if (home && *home == '/')
		ret = path_fmt(path, size, "%s/.cache/bpfsys/%s", home, sub);
	else
		return fault(why, -ENOENT,
			     "no cache directory: set HOME or XDG_CACHE_HOME");
	if (!ret)
		ret = make_dirs(path);
	if (ret)
		return fault(why, ret, "cache directory %s: %s", path,
			     strerror(-ret));
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int remove_tree(const char *path)
{
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) ? -errno : 0;
}

int lock_dir(const char *dir, const struct why *why)
{
	char path[PATH_MAX];
	int fd;

	if (path_fmt(path, sizeof(path), "%s/lock", dir))
		return fault(why, -ENAMETOOLONG, "%s: path too long", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault(why, -errno, "%s: %s", path, strerror(errno));
	while (flock(fd, LOCK_EX)) {
		if (errno == EINTR && !vm_interrupted)
			continue;
		close(fd);
		return fault(why, -EINTR, "interrupted waiting for %s", path);
	}
	return fd;
}

struct aged {
	char name[NAME_MAX + 1];
	struct timespec mtime;
	bool young;
};

static int newest_first(const void *a, const void *b)
{
	const struct aged *x = a, *y = b;

	if (x->mtime.tv_sec != y->mtime.tv_sec)
		return x->mtime.tv_sec < y->mtime.tv_sec ? 1 : -1;
	if (x->mtime.tv_nsec != y->mtime.tv_nsec)
		return x->mtime.tv_nsec < y->mtime.tv_nsec ? 1 : -1;
	return 0;
}

bool is_used(const char *path)
{
	return !utimensat(AT_FDCWD, path, NULL, 0) || !access(path, F_OK);
}

/* A time to come is an error of the clock, and no reason to stay. */
static bool is_young(const struct stat *st, unsigned young_s)
{
	const time_t age = time(NULL) - st->st_mtim.tv_sec;

	return age >= 0 && age < young_s;
}

static void remove_in(const char *dir, const char *name)
{
	char path[PATH_MAX];

	if (!path_fmt(path, sizeof(path), "%s/%s", dir, name))
		remove_tree(path);
}

void prune_dir(const char *dir, unsigned keep, unsigned young_s)
{
	enum { MOST = 256 };
	struct aged *all = calloc(MOST, sizeof(*all));
	struct dirent *de;
	struct stat st;
	size_t n = 0;
	DIR *d;

	d = all ? opendir(dir) : NULL;
	while (d && n < MOST && (de = readdir(d))) {
		if (fstatat(dirfd(d), de->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (!strncmp(de->d_name, ".tmp-", 5) && !is_young(&st, USED_S))
			remove_in(dir, de->d_name);
		if (de->d_name[0] == '.' || !strcmp(de->d_name, "lock"))
			continue;
		strcpy(all[n].name, de->d_name);
		all[n].young = is_young(&st, young_s);
		all[n++].mtime = st.st_mtim;
	}
	if (d)
		closedir(d);
	if (n)
		qsort(all, n, sizeof(*all), newest_first);
	for (; n > keep && !all[n - 1].young; n--)
		remove_in(dir, all[n - 1].name);
	free(all);
}

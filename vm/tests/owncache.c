/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* See owncache.h. */
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "owncache.h"
#include "vmtest.h"

char cache[] = "/tmp/bpfvm-cache-XXXXXX";

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void drop(const char *sub)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s", cache, sub);
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int own_cache(void **state)
{
	static const char *const shared[] = {"kernels", "unpacked", "qemu",
					     "sysroot"};
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
	char from[512], to[512];
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(cache));
	snprintf(to, sizeof(to), "%s/bpfsys", cache);
	assert_int_equal(mkdir(to, 0700), 0);
	for (i = 0; i < sizeof(shared) / sizeof(*shared); i++) {
		snprintf(from, sizeof(from), "%s%s/bpfsys/%s", xdg ? xdg : home,
			 xdg ? "" : "/.cache", shared[i]);
		snprintf(to, sizeof(to), "%s/bpfsys/%s", cache, shared[i]);
		/* Only make setup-cross brings the last one. */
		if (!access(from, F_OK))
			assert_int_equal(symlink(from, to), 0);
	}
	return setenv("XDG_CACHE_HOME", cache, 1);
}

int forget_cache(void **state)
{
	(void)state;
	drop("");
	return 0;
}

unsigned templates(char *path, size_t size)
{
	char dir[256];
	struct dirent *de;
	unsigned n = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s/bpfsys/templates", cache);
	d = opendir(dir);
	while (d && (de = readdir(d))) {
		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, "..") ||
		    !strcmp(de->d_name, "lock"))
			continue;
		snprintf(path, size, "%s/%s/ram", dir, de->d_name);
		n++;
	}
	if (d)
		closedir(d);
	return n;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The kernels in the cache, which debian.c brought there. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm.h"

/* VERSION -> directory; that itself, locks and leftovers begin otherwise. */
static int is_version(const struct dirent *de)
{
	return isdigit((unsigned char)de->d_name[0]);
}

static int tell(const char *dir, const char *version,
		void (*each)(void *ctx, const char *spec, const char *path),
		void *ctx)
{
	char link[PATH_MAX], real[PATH_MAX], spec[300];
	int ret = path_fmt(link, sizeof(link), "%s/%s/vmlinuz", dir, version);

	if (!ret)
		ret = path_fmt(spec, sizeof(spec), "debian:%s", version);
	/* A link whose directory was removed is no kernel. */
	if (!ret && realpath(link, real))
		each(ctx, spec, real);
	return ret;
}

int bpfvm_kernel_each(const char *name,
		      void (*each)(void *ctx, const char *spec,
				   const char *path),
		      void *ctx, char *why, size_t why_size)
{
	const struct why reason = {why, why_size};
	const struct arch *arch = arch_find(name, &reason);
	char file[64], dir[PATH_MAX];
	struct dirent **de = NULL;
	int i, n, ret;

	if (!arch)
		return -EINVAL;
	ret = arch_file(file, sizeof(file), "kernels", arch);
	if (!ret)
		ret = cache_dir(dir, sizeof(dir), file, &reason);
	if (ret)
		return ret;
	n = scandir(dir, &de, is_version, versionsort);
	if (n < 0)
		return fault(&reason, -errno, "%s: %s", dir, strerror(errno));
	for (i = 0; i < n; i++) {
		if (!ret)
			ret = tell(dir, de[i]->d_name, each, ctx);
		free(de[i]);
	}
	free(de);
	return ret;
}

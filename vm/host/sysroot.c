/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Roots of foreign architectures in the cache: what compilers and programs of
 * theirs need, unpacked beside the host's packages and without touching them.
 *
 * sysroot/<arch> is a symbolic link to <arch>.root; .packages in it says what
 * was asked for. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm.h"

#define ASKED_MOST 32
#define RECORD	   ".packages"

struct wish {
	char text[4096]; /* words that *names points to */
	size_t used, n;
	const char *names[ASKED_MOST + 1];
};

static int wish_add(struct wish *w, const char *name)
{
	const size_t len = strlen(name) + 1;
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (!strcmp(w->names[i], name))
			return 0;
	}
	if (w->n == ASKED_MOST || len > sizeof(w->text) - w->used)
		return -E2BIG;
	memcpy(w->text + w->used, name, len);
	w->names[w->n++] = w->text + w->used;
	w->used += len;
	return 0;
}

static int record_path(char *path, const char *root)
{
	return path_fmt(path, PATH_MAX, "%s/" RECORD, root);
}

/* What root was made of. */
static int wish_read(struct wish *w, const char *root)
{
	char path[PATH_MAX], line[256];
	int ret = record_path(path, root);
	FILE *f = ret ? NULL : fopen(path, "re");

	while (f && !ret && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		ret = wish_add(w, line);
	}
	if (f)
		fclose(f);
	return ret;
}

static int wish_write(const struct wish *w, const char *root,
		      const struct why *why)
{
	char path[PATH_MAX];
	size_t i;
	int ret = record_path(path, root);
	FILE *f = ret ? NULL : fopen(path, "we");

	if (!f)
		return fault(why, ret ? ret : -errno, "%s: %s", path,
			     strerror(ret ? -ret : errno));
	for (i = 0; i < w->n; i++)
		fprintf(f, "%s\n", w->names[i]);
	ret = ferror(f) ? -EIO : 0;
	if (fclose(f))
		ret = -errno;
	return ret ? fault(why, ret, "%s: %s", path, strerror(-ret)) : 0;
}

static int root_path(char *path, size_t size, const struct arch *arch,
		     const struct why *why)
{
	char dir[PATH_MAX];
	int ret = cache_dir(dir, sizeof(dir), "sysroot", why);

	return ret ? ret : path_fmt(path, size, "%s/%s", dir, arch->name);
}

int sysroot_path(char *path, size_t size, const struct arch *arch)
{
	int ret = 0;

	*path = 0;
	if (!arch_is_native(arch))
		ret = root_path(path, size, arch, NULL);
	if (!ret && *path && access(path, X_OK))
		*path = 0;
	return ret;
}

/* As Debian's own installations are since bookworm: packages of older releases
 * still have /lib, and loaders are sought there. */
static int merge_usr(const char *root)
{
	char path[PATH_MAX];
	int ret = path_fmt(path, sizeof(path), "%s/usr/lib", root);

	if (!ret)
		ret = make_dirs(path);
	if (!ret)
		ret = path_fmt(path, sizeof(path), "%s/lib", root);
	return !ret && symlink("usr/lib", path) ? -errno : ret;
}

/* The host's own release, or else trixie, which has architectures more. */
static int fill(const struct arch *arch, const struct wish *w, const char *tmp,
		const char *root, const struct why *why)
{
	char security[64], version[128] = "";
	const char *suites[] = {NULL, security};
	struct apt apt;
	int ret = apt_open(&apt, arch, "apt-root", false, why), tries;

	suites[0] = apt.codename;
	for (tries = 0; !ret && tries < 2; tries++) {
		path_fmt(security, sizeof(security), "%s-security", suites[0]);
		ret = apt_update(&apt, suites, 2, why);
		if (ret)
			break;
		ret = apt_tree(&apt, NULL, w->names, tmp, root, version, why);
		if (!ret || ret == -EINTR || tries)
			break;
		suites[0] = "trixie";
		ret = 0;
	}
	if (ret && *apt.failed)
		fault(why, ret, "libraries of %s cannot be fetched: %s",
		      arch->name, apt.failed);
	return ret;
}

static int fetch(const struct arch *arch, const struct wish *w, const char *dir,
		 const struct why *why)
{
	char tmp[PATH_MAX], root[PATH_MAX], name[64];
	int ret;

	if (path_fmt(tmp, sizeof(tmp), "%s/.fetch", dir) ||
	    path_fmt(root, sizeof(root), "%s/root", tmp) ||
	    path_fmt(name, sizeof(name), "%s.root", arch->name))
		return -ENAMETOOLONG;
	remove_tree(tmp);
	ret = make_dirs(root);
	if (!ret)
		ret = merge_usr(root);
	if (ret)
		return fault(why, ret, "%s: %s", tmp, strerror(-ret));
	ret = fill(arch, w, tmp, root, why);
	if (!ret)
		ret = wish_write(w, root, why);
	if (!ret)
		ret = apt_tree_publish(dir, root, name, arch->name, why);
	remove_tree(tmp);
	return ret;
}

static int add_all(struct wish *w, const char *const *packages,
		   const struct why *why)
{
	int ret = 0;

	for (; !ret && *packages; packages++)
		ret = wish_add(w, *packages);
	return ret ? fault(why, ret, "more than %d packages", ASKED_MOST) : 0;
}

int bpfvm_fetch_libs(const char *arch_name, const char *const *packages,
		     char *path, size_t size, char *why_buf, size_t why_size)
{
	const struct why why = {why_buf, why_size};
	const struct arch *arch = arch_find(arch_name, &why);
	struct wish *w = calloc(1, sizeof(*w));
	char dir[PATH_MAX];
	size_t had;
	int ret, lock = -1;

	ret = !w ? -ENOMEM : !arch ? -EINVAL : 0;
	if (!ret && (arch_is_native(arch) || !packages[0]))
		ret = fault(&why, -EINVAL,
			    "libraries of a foreign architecture are fetched: "
			    "which, and for which?");
	if (!ret)
		ret = cache_dir(dir, sizeof(dir), "sysroot", &why);
	if (!ret)
		ret = root_path(path, size, arch, &why);
	if (!ret)
		ret = lock = lock_dir(dir, &why);
	if (ret >= 0)
		ret = wish_read(w, path);
	had = w ? w->n : 0;
	if (ret >= 0)
		ret = add_all(w, packages, &why);
	if (ret >= 0 && w->n > had)
		ret = fetch(arch, w, dir, &why);
	if (lock >= 0)
		close(lock);
	free(w);
	return ret;
}

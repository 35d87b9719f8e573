/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Turns what people call a kernel into the path of its image. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "vm.h"

/* Images unpacked from people's own packages that stay in the cache. */
#define UNPACKED_KEPT 8

static int resolve_tree(const struct arch *arch, const char *dir, char *path,
			size_t size, const struct why *why)
{
	size_t i;

	for (i = 0; i < 4 && arch->tree[i]; i++) {
		if (path_fmt(path, size, "%s/%s", dir, arch->tree[i]))
			return fault(why, -ENAMETOOLONG, "%s: path too long",
				     dir);
		if (!access(path, F_OK))
			return 0;
	}
	return fault(why, -ENOENT, "%s: built? no %s in it; run make %s there",
		     dir, arch->tree[0], strrchr(arch->tree[0], '/') + 1);
}

static int resolve_host(char *path, size_t size, const struct why *why)
{
	struct utsname u;

	uname(&u);
	if (!path_fmt(path, size, "/boot/vmlinuz-%s", u.release) &&
	    !access(path, R_OK))
		return 0;
	if (!path_fmt(path, size, "/lib/modules/%s/vmlinuz", u.release) &&
	    !access(path, R_OK))
		return 0;
	return fault(why, -ENOENT,
		     "no readable image of the running kernel %s: looked for "
		     "/boot/vmlinuz-%s and /lib/modules/%s/vmlinuz",
		     u.release, u.release, u.release);
}

static bool is_deb(const char *path)
{
	char magic[21] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool ret;

	if (fd < 0)
		return false;
	ret = read(fd, magic, sizeof(magic)) == sizeof(magic) &&
	      !memcmp(magic, "!<arch>\ndebian-binary", sizeof(magic));
	close(fd);
	return ret;
}

/* Unpacking takes seconds, so the image is kept under the file's identity, in a
 * directory, whose time says when it was used: its own is part of the name of
 * templates. */
static int resolve_deb(const char *deb, const struct stat *st, char *path,
		       size_t size, const struct why *why)
{
	char dir[PATH_MAX], own[PATH_MAX], tmp[PATH_MAX];
	int ret = cache_dir(dir, sizeof(dir), "unpacked", why);

	if (!ret)
		ret = path_fmt(own, sizeof(own), "%s/deb-%llx-%llx-%llx.%09lx",
			       dir, (unsigned long long)st->st_ino,
			       (unsigned long long)st->st_size,
			       (unsigned long long)st->st_mtim.tv_sec,
			       (unsigned long)st->st_mtim.tv_nsec);
	if (!ret)
		ret = path_fmt(path, size, "%s/vmlinuz", own);
	if (!ret && is_used(own) && !access(path, R_OK))
		return 0;
	if (!ret)
		ret = path_fmt(tmp, sizeof(tmp), "%s/.tmp-%d-%p", dir,
			       (int)getpid(), (void *)&tmp);
	if (ret)
		return ret;
	prune_dir(dir, UNPACKED_KEPT - 1, USED_S);
	ret = deb_extract(deb, deb_is_kernel_member, tmp, why);
	if (!ret &&
	    ((mkdir(own, 0700) && errno != EEXIST) || rename(tmp, path)))
		ret = fault(why, -errno, "%s: %s", path, strerror(errno));
	if (ret)
		unlink(tmp);
	return ret;
}

int bpfvm_kernel_resolve(const char *spec, char *path, size_t size,
			 char *why_buf, size_t why_size)
{
	return bpfvm_kernel_resolve_for(NULL, spec, path, size, why_buf,
					why_size);
}

int bpfvm_kernel_resolve_for(const char *name, const char *spec, char *path,
			     size_t size, char *why_buf, size_t why_size)
{
	const struct why why = {why_buf, why_size};
	const struct arch *arch = arch_find(name, &why);
	struct stat st;

	if (!arch)
		return -EINVAL;
	if (why_size)
		*why_buf = 0;
	if (!spec || !*spec)
		return fault(&why, -EINVAL, "no kernel was named");
	if (!strncmp(spec, "debian:", 7))
		return debian_kernel(arch, spec + 7, path, size, &why);
	if (!strcmp(spec, "host"))
		return resolve_host(path, size, &why);
	if (stat(spec, &st))
		return fault(&why, -errno, "kernel %s: %s", spec,
			     strerror(errno));
	if (S_ISDIR(st.st_mode))
		return resolve_tree(arch, spec, path, size, &why);
	if (S_ISREG(st.st_mode) && is_deb(spec))
		return resolve_deb(spec, &st, path, size, &why);
	if (path_fmt(path, size, "%s", spec))
		return fault(&why, -ENAMETOOLONG, "%s: path too long", spec);
	return 0;
}

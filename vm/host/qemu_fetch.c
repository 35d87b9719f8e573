/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Brings a QEMU with a sound TCG into the cache, beside the host's packages
 * and without touching them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm.h"

/* One root for each package that has a QEMU. */
static int link_name(const struct arch *arch, char *name, size_t size)
{
	const char *package = arch->qemu_package;

	return strcmp(package, arch_native()->qemu_package)
		       ? path_fmt(name, size, "current-%s", package)
		       : path_fmt(name, size, "current");
}

int qemu_private_root(const struct arch *arch, char *root, size_t size)
{
	char name[64];
	char dir[PATH_MAX], link[PATH_MAX], real[PATH_MAX];
	int ret = cache_dir(dir, sizeof(dir), "qemu", NULL);

	if (!ret)
		ret = link_name(arch, name, sizeof(name));
	if (!ret)
		ret = path_fmt(link, sizeof(link), "%s/%s", dir, name);
	if (!ret && !realpath(link, real))
		ret = -errno;
	return ret ? ret : path_fmt(root, size, "%s", real);
}

static bool good(const char *path, const char *root)
{
	struct qemu qemu;

	memset(&qemu, 0, sizeof(qemu));
	if (path_fmt(qemu.path, sizeof(qemu.path), "%s", path) ||
	    path_fmt(qemu.root, sizeof(qemu.root), "%s", root))
		return false;
	qemu_version(&qemu);
	return qemu.major >= QEMU_TRUSTED;
}

static bool good_root(const struct arch *arch, const char *root)
{
	char path[PATH_MAX];

	return !path_fmt(path, sizeof(path), "%s/usr/bin/%s", root,
			 arch->qemu) &&
	       good(path, root);
}

static int fetch(const struct arch *arch, const char *dir,
		 const struct why *why)
{
	const char *const packages[] = {arch->qemu_package, NULL};
	char tmp[PATH_MAX], root[PATH_MAX], version[128] = "", name[200];
	char suites[3][64], link[64];
	const char *names[4] = {NULL, suites[0], suites[1], suites[2]};
	struct apt apt;
	int ret = apt_open(&apt, arch_native(), "apt-qemu", true, why);

	if (ret)
		return ret;
	names[0] = apt.codename;
	path_fmt(suites[0], sizeof(suites[0]), "%s-updates", apt.codename);
	path_fmt(suites[1], sizeof(suites[1]), "%s-security", apt.codename);
	path_fmt(suites[2], sizeof(suites[2]), "%s-backports", apt.codename);
	if (path_fmt(tmp, sizeof(tmp), "%s/.fetch", dir) ||
	    path_fmt(root, sizeof(root), "%s/root", tmp))
		return -ENAMETOOLONG;
	remove_tree(tmp);
	ret = make_dirs(tmp);
	if (ret)
		return fault(why, ret, "%s: %s", tmp, strerror(-ret));
	ret = apt_update(&apt, names, 4, why);
	if (!ret)
		ret = apt_tree(&apt, suites[2], packages, tmp, root, version,
			       why);
	if (ret && *apt.failed)
		fault(why, ret, "QEMU cannot be fetched: %s", apt.failed);
	if (!ret && !good_root(arch, root))
		ret = fault(why, -ENOEXEC,
			    "QEMU %s from %s does not run here, or is older "
			    "than %d.0",
			    version, suites[2], QEMU_TRUSTED);
	/* Without the epoch: LD_LIBRARY_PATH cannot have a colon in it. */
	if (!ret)
		ret = link_name(arch, link, sizeof(link));
	if (!ret)
		ret = path_fmt(name, sizeof(name), "qemu%s-%s",
			       link + strlen("current"),
			       strchr(version, ':') ? strchr(version, ':') + 1
						    : version);
	if (!ret)
		ret = apt_tree_publish(dir, root, name, link, why);
	remove_tree(tmp);
	return ret;
}

int bpfvm_fetch_qemu(char *why_buf, size_t why_size)
{
	return bpfvm_fetch_qemu_for(NULL, why_buf, why_size);
}

int bpfvm_fetch_qemu_for(const char *name, char *why_buf, size_t why_size)
{
	const struct why why = {why_buf, why_size};
	const struct arch *arch = arch_find(name, &why);
	char path[PATH_MAX], dir[PATH_MAX];
	int lock, ret;

	if (!arch)
		return -EINVAL;
	if (why_size)
		*why_buf = 0;
	if (find_program(arch->qemu, path) && good(path, ""))
		return 0;
	if (!qemu_private_root(arch, path, sizeof(path)) &&
	    good_root(arch, path))
		return 0;
	ret = cache_dir(dir, sizeof(dir), "qemu", &why);
	if (ret)
		return ret;
	lock = lock_dir(dir, &why);
	if (lock < 0)
		return lock;
	if (qemu_private_root(arch, path, sizeof(path)) ||
	    !good_root(arch, path))
		ret = fetch(arch, dir, &why);
	close(lock);
	return ret;
}

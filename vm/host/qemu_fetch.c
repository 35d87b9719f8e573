/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Brings a QEMU with a sound TCG into the cache, beside the host's packages
 * and without touching them. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm.h"

#define PACKAGES_MOST 200

int qemu_private_root(char *root, size_t size)
{
	char dir[PATH_MAX], link[PATH_MAX], real[PATH_MAX];
	int ret = cache_dir(dir, sizeof(dir), "qemu", NULL);

	if (!ret)
		ret = path_fmt(link, sizeof(link), "%s/current", dir);
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

static bool good_root(const char *root)
{
	char path[PATH_MAX];

	return !path_fmt(path, sizeof(path), "%s/usr/bin/" QEMU_NAME, root) &&
	       good(path, root);
}

/* "Inst name [old] (version ...": name=version, in place; NULL: another. */
static char *wanted(char *line, char **version)
{
	char *name, *end, *open;

	if (strncmp(line, "Inst ", 5))
		return NULL;
	name = line + 5;
	open = strchr(name, '(');
	if (!open)
		return NULL;
	end = name + strcspn(name, " ");
	if (open <= end)
		return NULL;
	*version = open + 1;
	(*version)[strcspn(*version, " )")] = 0;
	*end++ = '=';
	memmove(end, *version, strlen(*version) + 1);
	*version = end;
	return name;
}

/* Asks apt what an installation would bring, then downloads just that. */
static int download(const struct apt *apt, const char *suite, const char *dir,
		    char *qemu_version_of, size_t size, const struct why *why)
{
	const char *const plan[] = {"get",
				    "install",
				    "-s",
				    "-q",
				    "--no-install-recommends",
				    "-t",
				    suite,
				    "qemu-system-x86",
				    NULL};
	const char *args[PACKAGES_MOST + 4] = {"get", "download", "-q"};
	struct capture cap, done = {NULL, 0, 0};
	char *line, *name, *version, *save = NULL;
	size_t n = 3;
	int ret = apt_run(apt, plan, NULL, &cap, why);

	if (ret)
		return ret;
	for (line = strtok_r(cap.out, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		name = wanted(line, &version);
		if (!name || n >= PACKAGES_MOST + 3)
			continue;
		args[n++] = name;
		if (!strncmp(name, "qemu-system-x86=", 16))
			path_fmt(qemu_version_of, size, "%s", version);
	}
	if (n == 3 || !*qemu_version_of)
		ret = fault(why, -ENOENT, "apt offers no qemu-system-x86");
	if (!ret)
		say(NULL, "fetching QEMU %s (%zu packages)", qemu_version_of,
		    n - 3);
	if (!ret)
		ret = apt_run(apt, args, dir, &done, why);
	free(done.out);
	free(cap.out);
	return ret;
}

/* Unpacks every package of dir into dir/root. */
static int unpack_all(const char *dir, const char *root, const struct why *why)
{
	char path[PATH_MAX];
	struct dirent *de;
	DIR *d = opendir(dir);
	size_t n;
	int ret = d ? make_dirs(root) : -errno;

	while (!ret && (de = readdir(d))) {
		n = strlen(de->d_name);
		if (n < 5 || strcmp(de->d_name + n - 4, ".deb"))
			continue;
		ret = path_fmt(path, sizeof(path), "%s/%s", dir, de->d_name);
		if (!ret)
			ret = deb_unpack(path, root, why);
		if (!ret)
			unlink(path);
	}
	if (d)
		closedir(d);
	return ret;
}

static int publish(const char *dir, const char *root, const char *name,
		   const struct why *why)
{
	char final[PATH_MAX], link[PATH_MAX], tmp[PATH_MAX];

	if (path_fmt(final, sizeof(final), "%s/%s", dir, name) ||
	    path_fmt(link, sizeof(link), "%s/current", dir) ||
	    path_fmt(tmp, sizeof(tmp), "%s/.link", dir))
		return fault(why, -ENAMETOOLONG, "%s: path too long", dir);
	remove_tree(final);
	unlink(tmp);
	if (rename(root, final) || symlink(name, tmp) || rename(tmp, link))
		return fault(why, -errno, "%s: %s", final, strerror(errno));
	return 0;
}

static int fetch(const char *dir, const struct why *why)
{
	char tmp[PATH_MAX], root[PATH_MAX], version[128] = "", name[160];
	char suites[3][64];
	const char *names[4] = {NULL, suites[0], suites[1], suites[2]};
	struct apt apt;
	int ret = apt_open(&apt, "apt-qemu", true, why);

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
		ret = download(&apt, suites[2], tmp, version, sizeof(version),
			       why);
	if (ret && *apt.failed)
		fault(why, ret, "QEMU cannot be fetched: %s", apt.failed);
	if (!ret)
		ret = unpack_all(tmp, root, why);
	if (!ret && !good_root(root))
		ret = fault(why, -ENOEXEC,
			    "QEMU %s from %s does not run here, or is older "
			    "than %d.0",
			    version, suites[2], QEMU_TRUSTED);
	/* Without the epoch: LD_LIBRARY_PATH cannot have a colon in it. */
	if (!ret)
		ret = path_fmt(name, sizeof(name), "qemu-%s",
			       strchr(version, ':') ? strchr(version, ':') + 1
						    : version);
	if (!ret)
		ret = publish(dir, root, name, why);
	remove_tree(tmp);
	return ret;
}

int bpfvm_fetch_qemu(char *why_buf, size_t why_size)
{
	const struct why why = {why_buf, why_size};
	char path[PATH_MAX], dir[PATH_MAX];
	int lock, ret;

	if (why_size)
		*why_buf = 0;
	if (find_program(QEMU_NAME, path) && good(path, ""))
		return 0;
	if (!qemu_private_root(path, sizeof(path)) && good_root(path))
		return 0;
	ret = cache_dir(dir, sizeof(dir), "qemu", &why);
	if (ret)
		return ret;
	lock = lock_dir(dir, &why);
	if (lock < 0)
		return lock;
	if (qemu_private_root(path, sizeof(path)) || !good_root(path))
		ret = fetch(dir, &why);
	close(lock);
	return ret;
}

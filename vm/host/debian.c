/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* debian:VERSION: finds, fetches and keeps Debian's stock kernels. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

#define PACKAGES_MOST 400

struct candidate {
	char package[128], version[128];
	int rank;
};

static int unknown_version(const char *version, const struct apt *apt,
			   const struct why *why)
{
	if (*apt->failed)
		return fault(why, -ENETUNREACH,
			     "debian:%s is not in the cache and cannot be "
			     "fetched: %s",
			     version, apt->failed);
	return fault(why, -ENOENT,
		     "debian:%s: no such kernel of %s in Debian's suites "
		     "(bullseye to trixie-backports); try 5.10, 6.1, 6.12, 7.3",
		     version, apt->arch->name);
}

/* A line of apt-cache madison: " package | version | where". */
static void consider(const struct arch *arch, struct candidate *best,
		     char *line, const char *want)
{
	char *name, *version, *save = NULL;
	int rank, diff;

	name = strtok_r(line, " |", &save);
	version = strtok_r(NULL, " |", &save);
	if (!version || strlen(name) >= sizeof(best->package) ||
	    strlen(version) >= sizeof(best->version))
		return;
	rank = debian_image_rank(arch, name);
	if (!rank || !debian_version_matches(version, want))
		return;
	diff = best->rank ? debian_compare(version, best->version) : 1;
	if (diff < 0 || (diff == 0 && rank <= best->rank))
		return;
	strcpy(best->package, name);
	strcpy(best->version, version);
	best->rank = rank;
}

/* The versions of every package that may hold a kernel image. */
static int list_versions(const struct apt *apt, struct capture *cap,
			 const struct why *why)
{
	static const char *const names[] = {"cache", "pkgnames", "linux-",
					    NULL};
	const char *args[PACKAGES_MOST + 3] = {"cache", "madison"};
	char *name, *save = NULL;
	struct capture list;
	size_t n = 2;
	int ret = apt_run(apt, names, NULL, &list, why);

	if (ret)
		return ret;
	for (name = strtok_r(list.out, "\n", &save); name;
	     name = strtok_r(NULL, "\n", &save)) {
		if (debian_image_rank(apt->arch, name) && n < PACKAGES_MOST + 2)
			args[n++] = name;
	}
	memset(cap, 0, sizeof(*cap));
	if (n > 2)
		ret = apt_run(apt, args, NULL, cap, why);
	free(list.out);
	return ret;
}

static int find_best(const struct apt *apt, const char *want,
		     struct candidate *best, const struct why *why)
{
	struct capture cap;
	char *line, *save = NULL;
	int ret = list_versions(apt, &cap, why);

	best->rank = 0;
	if (ret || !cap.out)
		return ret;
	for (line = strtok_r(cap.out, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		consider(apt->arch, best, line, want);
	free(cap.out);
	return 0;
}

/* The host's own release first: most often that is enough and quick. */
static int search(const struct arch *arch, struct apt *near, struct apt *far,
		  const char *want, struct apt **where, struct candidate *best,
		  const struct why *why)
{
	static const char *const all[] = {"bullseye", "bookworm",
					  "bookworm-security", "trixie",
					  "trixie-backports"};
	char security[64];
	const char *own[2] = {NULL, security};
	int ret;

	*where = near;
	ret = apt_open(near, arch, "apt-near", false, why);
	if (ret)
		return ret;
	own[0] = near->codename;
	path_fmt(security, sizeof(security), "%s-security", near->codename);
	ret = apt_update(near, own, 2, why);
	if (!ret)
		ret = find_best(near, want, best, why);
	if (ret || best->rank)
		return ret;
	*where = far;
	ret = apt_open(far, arch, "apt-far", false, why);
	if (!ret)
		ret = apt_update(far, all, sizeof(all) / sizeof(*all), why);
	if (!ret)
		ret = find_best(far, want, best, why);
	return !ret && !best->rank ? unknown_version(want, far, why) : ret;
}

static int find_deb(const char *dir, char *path, const struct why *why)
{
	DIR *d = opendir(dir);
	struct dirent *de;
	int ret = -ENOENT;

	while (d && ret && (de = readdir(d))) {
		if (is_deb_name(de->d_name))
			ret = path_fmt(path, PATH_MAX, "%s/%s", dir,
				       de->d_name);
	}
	if (d)
		closedir(d);
	return ret ? fault(why, ret, "%s: apt left no package there", dir) : 0;
}

/* Everything goes into a directory of its own that is renamed when it is
 * whole: a half-fetched kernel never counts. */
static int fetch(const struct apt *apt, const struct candidate *c,
		 const char *kernels, const char *dir, const struct why *why)
{
	char tmp[PATH_MAX], deb[PATH_MAX], image[PATH_MAX], pkg[300];
	const char *const args[] = {"get", "download", "-q", pkg, NULL};
	struct capture cap = {NULL, 0, 0};
	int ret;

	path_fmt(pkg, sizeof(pkg), "%s=%s", c->package, c->version);
	ret = path_fmt(tmp, sizeof(tmp), "%s/.fetch", kernels);
	if (ret)
		return ret;
	/* What an interrupted run left; the lock is ours. */
	remove_tree(tmp);
	ret = make_dirs(tmp);
	if (ret)
		return fault(why, ret, "%s: %s", tmp, strerror(-ret));
	say(NULL, "fetching %s %s", c->package, c->version);
	ret = apt_run(apt, args, tmp, &cap, why);
	free(cap.out);
	if (!ret)
		ret = find_deb(tmp, deb, why);
	if (!ret)
		ret = path_fmt(image, sizeof(image), "%s/vmlinuz", tmp);
	if (!ret)
		ret = deb_extract(deb, deb_is_kernel_member, image, why);
	if (!ret)
		remove_tree(dir);
	if (!ret && rename(tmp, dir))
		ret = fault(why, -errno, "%s: %s", dir, strerror(errno));
	if (ret)
		remove_tree(tmp);
	return ret;
}

/* VERSION -> directory, as a symbolic link that is replaced atomically. */
static int set_link(const char *kernels, const char *version, const char *name,
		    const struct why *why)
{
	char link[PATH_MAX], tmp[PATH_MAX];
	int ret;

	ret = path_fmt(link, sizeof(link), "%s/%s", kernels, version);
	if (!ret)
		ret = path_fmt(tmp, sizeof(tmp), "%s/.link", kernels);
	if (ret)
		return ret;
	unlink(tmp);
	if (symlink(name, tmp) || rename(tmp, link))
		return fault(why, -errno, "%s: %s", link, strerror(errno));
	return 0;
}

static int bring(const struct arch *arch, const char *kernels,
		 const char *version, const struct why *why)
{
	struct apt *apt = calloc(2, sizeof(*apt)), *where;
	struct candidate best;
	char dir[PATH_MAX], name[300];
	int ret = -ENOMEM;

	if (apt)
		ret = search(arch, &apt[0], &apt[1], version, &where, &best,
			     why);
	if (!ret)
		ret = path_fmt(name, sizeof(name), "%s_%s", best.package,
			       best.version);
	if (!ret)
		ret = path_fmt(dir, sizeof(dir), "%s/%s", kernels, name);
	/* Another VERSION may have brought the same package. */
	if (!ret && access(dir, F_OK))
		ret = fetch(where, &best, kernels, dir, why);
	if (!ret)
		ret = set_link(kernels, version, name, why);
	free(apt);
	return ret;
}

int debian_kernel(const struct arch *arch, const char *version, char *path,
		  size_t size, const struct why *why)
{
	char name[64], kernels[PATH_MAX], link[PATH_MAX], real[PATH_MAX];
	int lock, ret;

	if (!isdigit((unsigned char)*version) ||
	    strspn(version, "0123456789abcdefghijklmnopqrstuvwxyz.+~-") !=
		    strlen(version))
		return fault(why, -EINVAL,
			     "debian:%s: want a version such as debian:6.12",
			     version);
	ret = arch_file(name, sizeof(name), "kernels", arch);
	if (!ret)
		ret = cache_dir(kernels, sizeof(kernels), name, why);
	if (!ret)
		ret = path_fmt(link, sizeof(link), "%s/%s/vmlinuz", kernels,
			       version);
	if (ret)
		return ret;
	if (!realpath(link, real)) {
		lock = lock_dir(kernels, why);
		if (lock < 0)
			return lock;
		/* Somebody else may have brought it while we waited. */
		if (access(link, R_OK))
			ret = bring(arch, kernels, version, why);
		close(lock);
		if (!ret && !realpath(link, real))
			ret = fault(why, -errno, "%s: %s", link,
				    strerror(errno));
	}
	return ret ? ret : path_fmt(path, size, "%s", real);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Unpacks the package that has the modules of a Debian kernel: up to 6.18 that
 * of the image, from 6.19 on one of its own. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm.h"

#define PACKAGES_KEPT 4 /* whose modules stay unpacked */

bool is_deb_name(const char *name)
{
	return strlen(name) > 4 && !strcmp(name + strlen(name) - 4, ".deb");
}

/* Unpacked once, under the package's identity. */
static int unpack(const char *deb, char *root, const struct why *why)
{
	char dir[PATH_MAX], tmp[PATH_MAX];
	struct stat st;
	int ret = cache_dir(dir, sizeof(dir), "modules", why), lock;

	if (!ret && stat(deb, &st))
		ret = fault(why, -errno, "%s: %s", deb, strerror(errno));
	if (!ret)
		ret = path_fmt(root, PATH_MAX, "%s/%llx-%llx-%llx", dir,
			       (unsigned long long)st.st_ino,
			       (unsigned long long)st.st_size,
			       (unsigned long long)st.st_mtim.tv_sec);
	if (!ret)
		ret = path_fmt(tmp, sizeof(tmp), "%s/.tmp", dir);
	if (ret || is_used(root))
		return ret;
	lock = lock_dir(dir, why);
	if (lock < 0)
		return lock;
	if (!is_used(root)) {
		prune_dir(dir, PACKAGES_KEPT - 1, USED_S);
		remove_tree(tmp);
		ret = make_dirs(tmp);
		if (!ret)
			ret = deb_unpack(deb, tmp, why);
		/* The package may have a time for it. */
		if (!ret && (rename(tmp, root) || !is_used(root)))
			ret = -errno;
		if (ret)
			remove_tree(tmp);
	}
	close(lock);
	return ret;
}

/* The image itself may lie below lib/modules. */
static bool has_modules(const char *root)
{
	static const char *const where[] = {"lib/modules/*/kernel",
					    "usr/lib/modules/*/kernel"};
	char pattern[PATH_MAX];
	bool found = false;
	glob_t g;
	size_t i;

	for (i = 0; i < 2 && !found; i++) {
		if (path_fmt(pattern, sizeof(pattern), "%s/%s", root, where[i]))
			break;
		found = !glob(pattern, 0, NULL, &g);
		globfree(&g);
	}
	return found;
}

/* linux-binary-RELEASE_VERSION_ARCH.deb: what follows the kind of package;
 * NULL: not named so. */
static const char *release_of(const char *name)
{
	static const char *const kinds[] = {"linux-binary-", "linux-image-"};
	size_t i;

	for (i = 0; i < 2; i++) {
		if (!strncmp(name, kinds[i], strlen(kinds[i])) &&
		    strchr(name, '_'))
			return name + strlen(kinds[i]);
	}
	return NULL;
}

/* By the end of its name, _ARCH.deb; the host's if it says none that we know.
 */
static const struct arch *arch_of_package(const char *name)
{
	const char *end = strrchr(name, '_');
	const struct arch *arch;
	size_t i, len;

	for (i = 0; end && (arch = arch_nth(i)); i++) {
		len = strlen(arch->debian);
		if (!strncmp(end + 1, arch->debian, len) &&
		    !strcmp(end + 1 + len, ".deb"))
			return arch;
	}
	return arch_native();
}

/* By the lists that are there: the kernel was fetched with them. */
static int fetch(const char *dir, const char *release, const struct why *why)
{
	static const char *const lists[] = {"apt-near", "apt-far"};
	const size_t len = strcspn(release, "_");
	const char *version = release + len + (release[len] == '_');
	char pkg[300], wanted[300];
	const char *const args[] = {"get", "download", "-q", pkg, NULL};
	struct apt *apt = malloc(sizeof(*apt));
	struct capture cap = {NULL, 0, 0};
	int ret = apt ? path_fmt(pkg, sizeof(pkg), "%s%.*s=%.*s",
				 MODULES_PACKAGE, (int)len, release,
				 (int)strcspn(version, "_"), version)
		      : -ENOMEM;
	size_t i;

	if (!ret)
		ret = path_fmt(wanted, sizeof(wanted), "fetching %s", pkg);
	if (!ret)
		say(NULL, "%s", wanted);
	for (i = 0; !ret && i < 2; i++) {
		ret = apt_open(apt, arch_of_package(release), lists[i], false,
			       why);
		if (ret)
			break;
		ret = apt_run(apt, args, dir, &cap, why);
		free(cap.out);
		if (!ret)
			break;
		ret = i ? ret : 0;
	}
	free(apt);
	return ret;
}

/* A half-fetched package never gets its name: apt renames it itself. */
static int bring(const char *dir, const char *release, const char *deb,
		 const struct why *why)
{
	int lock = lock_dir(dir, why), ret = 0;

	if (lock < 0)
		return lock;
	if (access(deb, R_OK))
		ret = fetch(dir, release, why);
	close(lock);
	return ret;
}

int modpackage_root(const char *image_deb, bool may_fetch, char *root,
		    const struct why *why)
{
	const char *slash = strrchr(image_deb, '/'), *release;
	char dir[PATH_MAX], deb[PATH_MAX];
	int ret = unpack(image_deb, root, why);

	if (ret || has_modules(root))
		return ret;
	release = release_of(slash ? slash + 1 : image_deb);
	if (!release)
		return fault(why, -ENOENT,
			     "--module: %s holds no modules, and its name does "
			     "not tell which package does",
			     image_deb);
	ret = path_fmt(dir, sizeof(dir), "%.*s",
		       slash ? (int)(slash - image_deb) : 1,
		       slash ? image_deb : ".");
	if (!ret)
		ret = path_fmt(deb, sizeof(deb), "%s/" MODULES_PACKAGE "%s",
			       dir, release);
	if (!ret && may_fetch && access(deb, R_OK))
		ret = bring(dir, release, deb, why);
	if (ret)
		return ret;
	if (access(deb, R_OK))
		return fault(
			why, -ENOENT,
			"--module: %s holds no modules; put " MODULES_PACKAGE
			"%s beside it",
			image_deb, release);
	return unpack(deb, root, why);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Unpacks packages and what they need into a tree of their own. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm.h"

#define PACKAGES_MOST 200
#define ASKED_MOST    32

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

/* What apt would do if it were to install them; to be freed. */
static int plan(const struct apt *apt, const char *suite,
		const char *const *packages, struct capture *cap,
		const struct why *why)
{
	const char *args[ASKED_MOST + 8] = {"get", "install", "-s", "-q",
					    "--no-install-recommends"};
	size_t n = 5, i;

	if (suite) {
		args[n++] = "-t";
		args[n++] = suite;
	}
	for (i = 0; packages[i]; i++) {
		if (i == ASKED_MOST)
			return fault(why, -E2BIG, "more than %d packages",
				     ASKED_MOST);
		args[n++] = packages[i];
	}
	return apt_run(apt, args, NULL, cap, why);
}

/* Asks apt what an installation would bring, then downloads just that. */
static int download(const struct apt *apt, const char *suite,
		    const char *const *packages, const char *dir,
		    char version_of[128], const struct why *why)
{
	const char *args[PACKAGES_MOST + 4] = {"get", "download", "-q"};
	const size_t len = strlen(packages[0]);
	struct capture cap, done = {NULL, 0, 0};
	char *line, *name, *version, *save = NULL;
	size_t n = 3;
	int ret = plan(apt, suite, packages, &cap, why);

	if (ret)
		return ret;
	for (line = strtok_r(cap.out, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		name = wanted(line, &version);
		if (!name || n >= PACKAGES_MOST + 3)
			continue;
		args[n++] = name;
		if (!strncmp(name, packages[0], len) && name[len] == '=')
			path_fmt(version_of, 128, "%s", version);
	}
	if (n == 3 || !*version_of)
		ret = fault(why, -ENOENT, "apt offers no %s", packages[0]);
	if (!ret)
		say(NULL, "fetching %s %s (%s, %zu packages)", packages[0],
		    version_of, apt->arch->debian, n - 3);
	if (!ret)
		ret = apt_run(apt, args, dir, &done, why);
	free(done.out);
	free(cap.out);
	return ret;
}

/* Every package of dir. */
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

int apt_tree(const struct apt *apt, const char *suite,
	     const char *const *packages, const char *dir, const char *root,
	     char version[128], const struct why *why)
{
	int ret = download(apt, suite, packages, dir, version, why);

	return ret ? ret : unpack_all(dir, root, why);
}

int apt_tree_publish(const char *dir, const char *root, const char *name,
		     const char *link_name, const struct why *why)
{
	char final[PATH_MAX], link[PATH_MAX], tmp[PATH_MAX];

	if (path_fmt(final, sizeof(final), "%s/%s", dir, name) ||
	    path_fmt(link, sizeof(link), "%s/%s", dir, link_name) ||
	    path_fmt(tmp, sizeof(tmp), "%s/.link", dir))
		return fault(why, -ENAMETOOLONG, "%s: path too long", dir);
	remove_tree(final);
	unlink(tmp);
	if (rename(root, final) || symlink(name, tmp) || rename(tmp, link))
		return fault(why, -errno, "%s: %s", final, strerror(errno));
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Finds kernel modules by name in the kernel's own package or tree, with all
 * that they depend on, in the order in which they have to be loaded. */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../proto/proto.h"
#include "vm.h"

/* Modules out of .xz files that stay. */
#define LOOSE_KEPT 128
#define DEPTH_MOST 16

/* The directory below which the modules of this kernel are. */
static int find_root(const char *spec, const char *image, char *root,
		     const struct why *why)
{
	char dir[PATH_MAX], deb[PATH_MAX];
	struct utsname u;
	struct dirent *de;
	struct stat st;
	DIR *d;
	int ret = -ENOENT;

	if (!strcmp(spec, "host")) {
		uname(&u);
		return path_fmt(root, PATH_MAX, "/lib/modules/%s", u.release);
	}
	if (!stat(spec, &st) && S_ISDIR(st.st_mode))
		return path_fmt(root, PATH_MAX, "%s", spec);
	if (!stat(spec, &st) && is_deb_name(spec))
		return modpackage_root(spec, false, root, why);
	/* debian:VERSION keeps its package beside the image. */
	if (strncmp(spec, "debian:", 7) ||
	    path_fmt(dir, sizeof(dir), "%.*s",
		     (int)(strrchr(image, '/') - image), image))
		return fault(why, -ENOENT,
			     "--module: %s is no build tree, package, "
			     "debian:VERSION or host: where would its modules "
			     "be?",
			     spec);
	d = opendir(dir);
	while (d && ret == -ENOENT && (de = readdir(d))) {
		if (is_deb_name(de->d_name) &&
		    strncmp(de->d_name, MODULES_PACKAGE,
			    strlen(MODULES_PACKAGE)) &&
		    !path_fmt(deb, sizeof(deb), "%s/%s", dir, de->d_name))
			ret = modpackage_root(deb, true, root, why);
	}
	if (d)
		closedir(d);
	return ret;
}

/* As the kernel writes it: "-" is "_". Length 0: no module. */
static size_t module_name(const char *file, char *name, size_t size)
{
	const char *end = strstr(file, ".ko");
	size_t n = end ? (size_t)(end - file) : 0, i;

	if (!n || n >= size || (end[3] && end[3] != '.'))
		return 0;
	for (i = 0; i < n; i++)
		name[i] = file[i] == '-' ? '_' : file[i];
	name[n] = 0;
	return n;
}

static int find_file(const char *root, const char *wanted, char *path)
{
	char *const roots[] = {(char *)root, NULL};
	char name[128];
	FTS *fts =
		fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_NOSTAT, NULL);
	int ret = -ENOENT;
	FTSENT *item;

	while (fts && ret == -ENOENT && (item = fts_read(fts))) {
		if (item->fts_info != FTS_D && item->fts_info != FTS_DP &&
		    module_name(item->fts_name, name, sizeof(name)) &&
		    !strcmp(name, wanted))
			ret = path_fmt(path, PATH_MAX, "%s", item->fts_path);
	}
	if (fts)
		fts_close(fts);
	return ret;
}

static int unpack_file(const char *from, int fd)
{
	struct archive *a = archive_read_new();
	struct archive_entry *e;
	int ret = -EIO;

	if (!a)
		return -ENOMEM;
	archive_read_support_format_raw(a);
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_zstd(a);
	if (archive_read_open_filename(a, from, 65536) == ARCHIVE_OK &&
	    archive_read_next_header(a, &e) == ARCHIVE_OK &&
	    archive_read_data_into_fd(a, fd) == ARCHIVE_OK)
		ret = 0;
	archive_read_free(a);
	return ret;
}

/* A compressed module is unpacked into the cache, to a directory whose time
 * says when it was used; path becomes that file. */
static int plain_file(char *path, const char *name, const struct why *why)
{
	char dir[PATH_MAX], own[PATH_MAX], dst[PATH_MAX], tmp[PATH_MAX];
	struct stat st;
	int ret, fd;

	if (!strcmp(path + strlen(path) - 3, ".ko"))
		return 0;
	ret = cache_dir(dir, sizeof(dir), "modules-plain", why);
	if (!ret && stat(path, &st))
		ret = -errno;
	if (!ret)
		ret = path_fmt(own, sizeof(own), "%s/%llx-%llx-%llx", dir,
			       (unsigned long long)st.st_ino,
			       (unsigned long long)st.st_size,
			       (unsigned long long)st.st_mtim.tv_sec);
	if (!ret)
		ret = path_fmt(dst, sizeof(dst), "%s/%s.ko", own, name);
	if (!ret)
		ret = path_fmt(tmp, sizeof(tmp), "%s/.tmp-XXXXXX", dir);
	if (!ret && (!is_used(own) || access(dst, R_OK))) {
		prune_dir(dir, LOOSE_KEPT, USED_S);
		fd = mkostemp(tmp, O_CLOEXEC);
		ret = fd < 0 ? -errno : unpack_file(path, fd);
		if (fd >= 0)
			close(fd);
		if (!ret &&
		    ((mkdir(own, 0700) && errno != EEXIST) || rename(tmp, dst)))
			ret = -errno;
		if (ret && fd >= 0)
			unlink(tmp);
	}
	if (ret)
		return fault(why, ret, "%s: unpacking it: %s", path,
			     strerror(-ret));
	return path_fmt(path, PATH_MAX, "%s", dst);
}

/* The comma-separated names of .modinfo's depends= */
static int dependencies(const char *path, char *buf, size_t size)
{
	static const char key[] = "\0depends=";
	struct elf_file f;
	const char *p = NULL;
	size_t room = 0;
	int ret = elf_open(&f, path);

	if (ret)
		return ret;
	*buf = 0;
	if (elf_is(&f))
		p = memmem(f.map, f.size, key, sizeof(key) - 1);
	if (p) {
		p += sizeof(key) - 1;
		room = f.map + f.size - (const uint8_t *)p;
		ret = path_fmt(buf, size, "%.*s", (int)strnlen(p, room), p);
	}
	elf_close(&f);
	return ret;
}

static bool is_in(const struct modules *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (!strcmp(m->name[i], name))
			return true;
	}
	return false;
}

/* Built in, as modules.builtin says, there or below? */
static bool is_builtin(const char *root, const char *name)
{
	char *const roots[] = {(char *)root, NULL};
	char line[512], have[128];
	FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	bool found = false;
	FTSENT *item;
	FILE *f;

	while (fts && !found && (item = fts_read(fts)) && item->fts_level < 6) {
		if (strcmp(item->fts_name, "modules.builtin"))
			continue;
		f = fopen(item->fts_path, "re");
		while (f && !found && fgets(line, sizeof(line), f)) {
			const char *base = strrchr(line, '/');

			line[strcspn(line, "\n")] = 0;
			found = module_name(base ? base + 1 : line, have,
					    sizeof(have)) &&
				!strcmp(have, name);
		}
		if (f)
			fclose(f);
	}
	if (fts)
		fts_close(fts);
	return found;
}

static int add(struct modules *m, const char *root, const char *asked,
	       int depth, const struct why *why)
{
	char name[128], file[136], path[PATH_MAX], deps[4096];
	char *dep, *save = NULL;
	int ret;

	snprintf(file, sizeof(file), "%.127s.ko", asked);
	if (strchr(asked, '/') || !module_name(file, name, sizeof(name)))
		return fault(why, -EINVAL, "--module %s: no name of a module",
			     asked);
	if (is_in(m, name))
		return 0;
	ret = depth < DEPTH_MOST ? find_file(root, name, path) : -ELOOP;
	if (ret == -ENOENT && is_builtin(root, name))
		return 0;
	if (ret)
		return fault(why, ret, "--module %s: no such module in %s",
			     asked, root);
	ret = plain_file(path, name, why);
	if (!ret)
		ret = dependencies(path, deps, sizeof(deps));
	if (ret)
		return ret;
	for (dep = strtok_r(deps, ",", &save); dep && !ret;
	     dep = strtok_r(NULL, ",", &save))
		ret = add(m, root, dep, depth + 1, why);
	if (ret)
		return ret;
	if (m->n == MODULES_MOST)
		return fault(why, -E2BIG, "--module: more than %d modules",
			     MODULES_MOST);
	strcpy(m->name[m->n], name);
	m->host[m->n] = strdup(path);
	snprintf(m->guest[m->n], sizeof(m->guest[0]), "%s/%03zu-%s.ko", m->dir,
		 m->n, name);
	return m->host[m->n++] ? 0 : -ENOMEM;
}

int modules_find(const struct bpfvm_config *cfg, const char *image,
		 struct modules *m, const struct why *why)
{
	char root[PATH_MAX];
	size_t i;
	int ret;

	if (!cfg->n_modules)
		return 0;
	m->spec = cfg->kernel;
	m->dir = PROTO_MODULES;
	ret = find_root(cfg->kernel, image, root, why);
	for (i = 0; !ret && i < cfg->n_modules; i++)
		ret = add(m, root, cfg->modules[i], 0, why);
	return ret;
}

int modules_early(const struct arch *arch, const struct bpfvm_config *cfg,
		  const char *image, struct modules *m)
{
	char root[PATH_MAX];
	int ret;

	m->spec = cfg->kernel;
	m->dir = PROTO_EARLY;
	if (!arch->module || find_root(cfg->kernel, image, root, NULL))
		return 0;
	ret = add(m, root, arch->module, 0, NULL);
	return ret == -ENOENT ? 0 : ret;
}

void modules_free(struct modules *m)
{
	while (m->n)
		free(m->host[--m->n]);
}

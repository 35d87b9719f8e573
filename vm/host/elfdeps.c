/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Finds the loader and the libraries of a program where ld.so finds them. */
#include <elf.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm.h"

/* A script may be run by a script, as execve() allows. */
#define SCRIPTS_MOST 4
#define DEPTH_MOST   64

struct closure {
	bring_fn bring;
	void *ctx;
	char root[PATH_MAX];		 /* of foreign libraries, or "" */
	const struct arch *guest, *libs; /* libs: the program's own */
	const struct why *why;
	const char *program;
	const struct elf_file *arch;
	struct elf_file cache; /* /etc/ld.so.cache */
	void *seen;	       /* tree of the sonames that were handled */
};

/* glibc-ld.so.cache1.1: header, then entries of 24 bytes, then strings. */
#define CACHE_MAGIC "glibc-ld.so.cache1.1"
struct cache_header {
	char magic[20];
	uint32_t nlibs, len_strings;
	uint32_t unused[5];
};
struct cache_entry {
	int32_t flags;
	uint32_t key, value;
	uint32_t osversion;
	uint64_t hwcap;
};

/* What lies below root is at the same place in the guest without it. */
static int bring(struct closure *c, const char *path)
{
	size_t n = strlen(c->root);
	bool below = !strncmp(path, c->root, n) && path[n] == '/';

	return c->bring(c->ctx, path, below ? path + n : path);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* 1: this is it, and path holds it. */
static int try_file(const struct closure *c, const char *path)
{
	struct elf_file elf;
	int ret = 0;

	if (!elf_open(&elf, path)) {
		ret = elf_same_arch(&elf, c->arch);
		elf_close(&elf);
	}
	return ret;
}

/* Replaces $ORIGIN and ${ORIGIN} at the start, the only place in use. */
static int expand(char *dst, size_t size, const char *dir, size_t len,
		  const char *origin, const char *name)
{
	static const char *const words[] = {"$ORIGIN", "${ORIGIN}"};
	int slash = strrchr(origin, '/') - origin;
	size_t i, n;

	for (i = 0; i < 2; i++) {
		n = strlen(words[i]);
		if (len >= n && !strncmp(dir, words[i], n))
			return path_fmt(dst, size, "%.*s%.*s/%s", slash, origin,
					(int)(len - n), dir + n, name);
	}
	return path_fmt(dst, size, "%.*s/%s", (int)len, dir, name);
}

static bool search_list(const struct closure *c, const char *list,
			const char *origin, const char *name, char *path)
{
	size_t len;

	for (; list && *list; list += len + (list[len] == ':')) {
		len = strcspn(list, ":");
		if (len && !expand(path, PATH_MAX, list, len, origin, name) &&
		    try_file(c, path))
			return true;
	}
	return false;
}

static const char *cache_string(const struct elf_file *f, size_t base,
				uint32_t off)
{
	size_t at = base + off;

	if (at >= f->size || !memchr(f->map + at, 0, f->size - at))
		return "";
	return (const char *)f->map + at;
}

static bool search_cache(const struct closure *c, const char *name, char *path)
{
	const struct elf_file *f = &c->cache;
	struct cache_header head;
	struct cache_entry e;
	size_t base = 0, at;
	const char *value;
	uint32_t i;

	/* An old-format cache may stand in front of the one we read. */
	if (f->size && memcmp(f->map, CACHE_MAGIC, 20)) {
		const void *p = memmem(f->map, f->size, CACHE_MAGIC, 20);

		base = p ? (size_t)((const uint8_t *)p - f->map) : f->size;
	}
	if (f->size < base + sizeof(head))
		return false;
	memcpy(&head, f->map + base, sizeof(head));
	for (i = 0; i < head.nlibs; i++) {
		at = base + sizeof(head) + (size_t)i * sizeof(e);
		if (at + sizeof(e) > f->size)
			return false;
		memcpy(&e, f->map + at, sizeof(e));
		/* Variants for better processors: the guest's may be plain. */
		if (e.hwcap || strcmp(cache_string(f, base, e.key), name))
			continue;
		value = cache_string(f, base, e.value);
		if (!path_fmt(path, PATH_MAX, "%s", value) && try_file(c, path))
			return true;
	}
	return false;
}

/* Where the loader looks without being told. */
static int default_dirs(const struct closure *c, char *list, size_t size)
{
	const char *root = c->root, *triplet = c->libs->triplet;

	if (*root)
		return path_fmt(list, size,
				"%s/lib/%s:%s/usr/lib/%s:%s/lib:%s/usr/lib",
				root, triplet, root, triplet, root, root);
	return path_fmt(list, size,
			"/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:"
			"/lib/i386-linux-gnu:/usr/lib/i386-linux-gnu:"
			"/lib64:/usr/lib64:/lib32:/usr/lib32:"
			"/lib:/usr/lib:/usr/local/lib");
}

static bool find_library(const struct closure *c, const struct elf_file *user,
			 const char *origin, const char *name, char *path)
{
	const char *runpath = elf_dynamic(user, DT_RUNPATH, 0);
	const char *rpath = elf_dynamic(user, DT_RPATH, 0);
	/* Neither the host's setting nor its cache speak of a foreign root. */
	const char *env = *c->root ? NULL : getenv("LD_LIBRARY_PATH");
	char defaults[4 * PATH_MAX];

	if (strchr(name, '/'))
		return !path_fmt(path, PATH_MAX, "%s", name) &&
		       try_file(c, path);
	return (!runpath && search_list(c, rpath, origin, name, path)) ||
	       search_list(c, env, origin, name, path) ||
	       search_list(c, runpath, origin, name, path) ||
	       search_cache(c, name, path) ||
	       (!default_dirs(c, defaults, sizeof(defaults)) &&
		search_list(c, defaults, origin, name, path));
}

static int missing(const struct closure *c, const char *name)
{
	if (arch_is_native(c->libs))
		return fault(c->why, -ENOENT,
			     "%s needs %s, which is nowhere to be found",
			     c->program, name);
	if (arch_is_native(c->guest))
		return fault(c->why, -ENOENT,
			     "%s, a program for %s, needs %s, which the host "
			     "lacks: link it statically, or see bpfvm --arch "
			     "%s --fetch-libs",
			     c->program, c->libs->name, name, c->libs->name);
	return fault(c->why, -ENOENT,
		     "%s needs %s, and libraries of %s cannot come from the "
		     "host: link it statically, or see bpfvm --fetch-libs",
		     c->program, name, c->libs->name);
}

static int libraries(struct closure *c, const struct elf_file *elf,
		     const char *origin, unsigned depth)
{
	struct elf_file lib;
	const char *name;
	char path[PATH_MAX];
	unsigned n;
	int ret = 0;

	for (n = 0; !ret && (name = elf_dynamic(elf, DT_NEEDED, n)); n++) {
		if (tfind(name, &c->seen, compare))
			continue;
		if (depth > DEPTH_MOST ||
		    !find_library(c, elf, origin, name, path))
			return missing(c, name);
		name = strdup(name);
		if (!name || !tsearch(name, &c->seen, compare))
			return -ENOMEM;
		ret = bring(c, path);
		if (ret || elf_open(&lib, path))
			continue;
		ret = libraries(c, &lib, path, depth + 1);
		elf_close(&lib);
	}
	return ret;
}

/* All of it from c->root, or from the host where that is "". */
static int bring_all(struct closure *c, const struct elf_file *elf,
		     const char *path)
{
	char loader[PATH_MAX];
	int ret = path_fmt(loader, sizeof(loader), "%s%s", c->root,
			   elf_interp(elf));

	if (ret)
		return ret;
	if (access(loader, X_OK))
		return missing(c, elf_interp(elf));
	c->arch = elf;
	ret = bring(c, loader);
	if (!ret && !*c->root && !elf_open(&c->cache, "/etc/ld.so.cache"))
		ret = bring(c, "/etc/ld.so.cache");
	if (!ret)
		ret = libraries(c, elf, path, 0);
	elf_close(&c->cache);
	tdestroy(c->seen, free);
	c->seen = NULL;
	return ret;
}

static int bring_nothing(void *ctx, const char *host, const char *guest)
{
	(void)ctx;
	(void)host;
	(void)guest;
	return 0;
}

/* A host of 64 bits may have the libraries of 32 ones, or not all of them:
 * those of two places may not fit each other. */
static int host_has_all(const struct closure *c, const struct elf_file *elf,
			const char *path)
{
	struct closure dry = {.bring = bring_nothing,
			      .guest = c->guest,
			      .libs = c->libs,
			      .why = c->why,
			      .program = c->program};

	return arch_is_native(c->libs) ? 0 : bring_all(&dry, elf, path);
}

static int dynamic_program(struct closure *c, const struct elf_file *elf,
			   const char *path)
{
	const struct arch *its = arch_of_elf(elf);
	int ret, lacks = 0;

	if (!elf_interp(elf))
		return 0; /* static */
	c->libs = its ? its : c->guest;
	*c->root = 0;
	if (arch_is_native(c->guest)) {
		lacks = host_has_all(c, elf, path);
		if (!lacks)
			return bring_all(c, elf, path);
	}
	ret = sysroot_path(c->root, sizeof(c->root), c->libs);
	if (!ret && !*c->root)
		ret = lacks ? lacks : missing(c, elf_interp(elf));
	return ret ? ret : bring_all(c, elf, path);
}

/* The words after "#!": the interpreter, and what it is told. */
static bool script_words(const struct elf_file *f, char *line, size_t size,
			 char **interp, char **arg)
{
	char *save = NULL;
	size_t n = f->size < size - 1 ? f->size : size - 1;

	if (n < 3 || memcmp(f->map, "#!", 2))
		return false;
	memcpy(line, f->map, n);
	line[n] = 0;
	line[strcspn(line, "\n")] = 0;
	*interp = strtok_r(line + 2, " \t", &save);
	*arg = strtok_r(NULL, " \t", &save);
	return *interp;
}

static int deps_of(struct closure *c, const char *path, unsigned depth)
{
	char line[256], *interp, *arg;
	struct program named;
	struct elf_file elf;
	int ret = elf_open(&elf, path);

	if (ret)
		return fault(c->why, ret, "%s: %s", path, strerror(-ret));
	if (elf_is(&elf)) {
		ret = program_fits(path, c->guest, c->why);
		if (!ret)
			ret = dynamic_program(c, &elf, path);
	} else if (script_words(&elf, line, sizeof(line), &interp, &arg) &&
		   depth < SCRIPTS_MOST) {
		ret = access(interp, X_OK) ? -errno : bring(c, interp);
		if (ret == -ENOENT || ret == -EACCES)
			fault(c->why, ret, "%s is a script for %s: %s", path,
			      interp, strerror(-ret));
		if (!ret)
			ret = deps_of(c, interp, depth + 1);
		/* #!/usr/bin/env NAME */
		if (!ret && arg &&
		    !strcmp(strrchr(interp, '/') ? strrchr(interp, '/') : "",
			    "/env")) {
			ret = program_find(arg, &named, c->why);
			if (!ret)
				ret = bring(c, named.host);
			if (!ret)
				ret = deps_of(c, named.host, depth + 1);
		}
	}
	elf_close(&elf);
	return ret;
}

int elf_deps(const char *program, const struct arch *arch, bring_fn bring_one,
	     void *ctx, const struct why *why)
{
	struct closure c = {.bring = bring_one,
			    .ctx = ctx,
			    .guest = arch,
			    .why = why,
			    .program = program};

	return deps_of(&c, program, 0);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Saved boots in the cache: found, made, checked and pruned.
 *
 * templates/<key>/ram is the guest's memory, state its devices, info says what
 * the two must look like. Whoever holds templates/lock writes them without a
 * name, which come last: who is killed leaves nothing. Where the file system
 * has no such files, they lie in templates/.new until the next one is made.
 * Clones need no lock, they hold the files open. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

#define TEMPLATES_KEPT 12
#define SAVE_TIMEOUT_S 60 /* each for booting and for saving */
#define INFO	       "bpfvm template 3: elf %d, ram %s, state %s, request %s\n"
#define PAGE	       4096

static int dir_path(char *path, size_t size, const char *name,
		    const struct why *why)
{
	char dir[PATH_MAX];
	int ret = cache_dir(dir, sizeof(dir), "templates", why);

	return ret ? ret : path_fmt(path, size, "%s/%s", dir, name);
}

int template_key(struct template *t, const struct vm_setup *setup,
		 const char *kernel_path, const struct hash *more,
		 const struct why *why)
{
	const bool flags[] = {setup->cfg->await_ready, setup->cfg->input};
	struct hash h = *more;
	size_t i;

	t->ram = t->state = -1;
	if (vm_hash(&h, setup) || hash_identity(&h, setup->qemu->path) ||
	    hash_identity(&h, kernel_path))
		return fault(why, -EIO, "naming the template of %s: %s",
			     kernel_path, strerror(errno));
	/* Elsewhere another one's arguments cost a start, no more. */
	for (i = 0; setup->cfg->await_ready && setup->cfg->argv[i]; i++)
		hash_text(&h, setup->cfg->argv[i]);
	hash_add(&h, flags, sizeof(flags));
	hash_hex(&h, t->key);
	return 0;
}

/* Of the state, the content, too: it is small. */
static int describe(int fd, bool content, char text[HASH_TEXT])
{
	struct stat st;
	struct hash h;

	hash_init(&h);
	if (fstat(fd, &st))
		return -errno;
	hash_add(&h, &st.st_size, sizeof(st.st_size));
	hash_add(&h, &st.st_mtim, sizeof(st.st_mtim));
	if (content && hash_content(&h, fd))
		return -EIO;
	hash_hex(&h, text);
	return 0;
}

static int info_line(char *line, size_t size, const struct template *t, int ram,
		     int state)
{
	char of_ram[HASH_TEXT], of_state[HASH_TEXT];
	int ret = describe(ram, false, of_ram);

	if (!ret)
		ret = describe(state, true, of_state);
	return ret ? ret
		   : path_fmt(line, size, INFO, t->elf, of_ram, of_state,
			      t->request);
}

/* Whether info says of the two what is true of them. */
static int check_info(struct template *t, const char *path)
{
	char line[256] = "", want[256];
	const char *elf, *request;
	ssize_t n = -1;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, line, sizeof(line) - 1);
		close(fd);
	}
	elf = strstr(line, "elf ");
	request = strstr(line, "request ");
	if (n < 0 || !elf || !request)
		return -ESTALE;
	t->elf = elf[4] == '1';
	snprintf(t->request, sizeof(t->request), "%s", request + 8);
	return info_line(want, sizeof(want), t, t->ram, t->state) ||
			       strcmp(line, want)
		       ? -ESTALE
		       : 0;
}

static int open_in(const char *dir, const char *name)
{
	char path[PATH_MAX];

	if (path_fmt(path, sizeof(path), "%s/%s", dir, name))
		return -1;
	return open(path, O_RDONLY | O_CLOEXEC);
}

int template_open(struct template *t, ino_t avoid)
{
	char dir[PATH_MAX], path[PATH_MAX];
	struct stat st;
	int ret;

	t->ram = t->state = -1;
	ret = dir_path(dir, sizeof(dir), t->key, NULL);
	if (ret)
		return ret;
	if (access(dir, F_OK))
		return -ENOENT;
	t->ram = open_in(dir, "ram");
	t->state = open_in(dir, "state");
	if (t->ram < 0 || t->state < 0)
		ret = -ESTALE;
	if (!ret)
		ret = path_fmt(path, sizeof(path), "%s/info", dir);
	if (!ret)
		ret = check_info(t, path);
	if (!ret && avoid && (fstat(t->state, &st) || st.st_ino == avoid))
		ret = -ENOENT;
	if (ret) {
		template_close(t);
		return ret;
	}
	/* The least recently used ones are pruned. */
	utimensat(AT_FDCWD, dir, NULL, 0);
	return 0;
}

ino_t template_inode(const struct template *t)
{
	struct stat st;

	return fstat(t->state, &st) ? 0 : st.st_ino;
}

void template_close(struct template *t)
{
	if (t->state >= 0)
		close(t->state);
	if (t->ram >= 0)
		close(t->ram);
	t->ram = t->state = -1;
}

int template_lock(const struct bpfvm_config *cfg, const struct why *why)
{
	const struct timespec nap = {0, 20000000};
	char path[PATH_MAX];
	int fd, ret = dir_path(path, sizeof(path), "lock", why);

	if (ret)
		return ret;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return fault(why, -errno, "%s: %s", path, strerror(errno));
	/* The signal of an impatient user may reach another thread. */
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno == EWOULDBLOCK && !vm_interrupted &&
		    !is_stopped(cfg)) {
			nanosleep(&nap, NULL);
			continue;
		}
		ret = vm_interrupted ? -EINTR : -errno;
		close(fd);
		return fault(why, ret, "%s: %s", path, strerror(-ret));
	}
	return fd;
}

/* Boots and saves; the state is whole when this returns 0. */
static int save(const struct vm_setup *setup, struct template *t,
		const struct why *why)
{
	struct session s = {.cfg = setup->cfg,
			    .mode = VM_SAVE,
			    .files = {.fd = -1},
			    .bulk = {.fd = -1},
			    .late = {.fd = -1, .over = true},
			    .timeout_s = SAVE_TIMEOUT_S};
	int ret = console_init(&s.con);

	if (!ret)
		ret = session_request(&s, setup->program, setup->cfg->argv,
				      NULL, why);
	if (!ret)
		ret = session_run(&s, setup, SAVE_TIMEOUT_S, why);
	if (!ret && s.end == SESSION_INTERRUPTED)
		ret = fault(why, -EINTR, "interrupted");
	else if (!ret && s.end == SESSION_STOPPED)
		ret = fault(why, -ECANCELED, "stopped");
	else if (!ret && s.end != SESSION_SAVED)
		ret = fault(why, -EIO, "%s: %.180s",
			    s.prepared ? "QEMU could not save the guest"
			    : s.ready  ? "the guest was not ready to be saved"
				       : "the guest did not come up",
			    *s.qmp.said	   ? s.qmp.said
			    : *s.con.panic ? s.con.panic
			    : *s.qemu_said ? s.qemu_said
					   : "no reason given");
	strcpy(t->request, s.request);
	session_free(&s);
	return ret;
}

static int write_info(const char *path, const struct template *t, int ram,
		      int state)
{
	char line[256];
	int fd, ret;

	/* A crash of the host must not leave a name without its bytes. */
	if (fdatasync(state) || fdatasync(ram))
		return -errno;
	ret = info_line(line, sizeof(line), t, ram, state);
	if (ret)
		return ret;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ret = write_all(fd, line, strlen(line));
	close(fd);
	return ret;
}

/* Pages of zeros, most of them, become a hole. */
static int copy_pages(int ram, const char *map, size_t size)
{
	static const char zeros[PAGE];
	size_t at = 0, end;

	while (at < size) {
		if (!memcmp(map + at, zeros, PAGE)) {
			at += PAGE;
			continue;
		}
		for (end = at + PAGE; end < size; end += PAGE)
			if (!memcmp(map + end, zeros, PAGE))
				break;
		if (lseek(ram, at, SEEK_SET) < 0)
			return -errno;
		int ret = write_all(ram, map + at, end - at);

		if (ret)
			return ret;
		at = end;
	}
	return ftruncate(ram, size) ? -errno : 0;
}

static int keep_ram(int ram, int memory)
{
	struct stat st;
	char *map;
	int ret;

	if (fstat(memory, &st))
		return -errno;
	if (!st.st_size || st.st_size % PAGE)
		return -EIO;
	map = mmap(NULL, st.st_size, PROT_READ, MAP_SHARED, memory, 0);
	if (map == MAP_FAILED)
		return -errno;
	ret = copy_pages(ram, map, st.st_size);
	munmap(map, st.st_size);
	return ret;
}

static int make_dir(const char *dir, const struct why *why)
{
	if (mkdir(dir, 0700) && errno != EEXIST)
		return fault(why, -errno, "%s: %s", dir, strerror(errno));
	return 0;
}

/* Without a name, if that can be; else in DIR. */
static int create_in(const char *dir, const char *name, const struct why *why)
{
	char path[PATH_MAX];
	int fd = -1, ret = dir_path(path, sizeof(path), "", why);

	if (!ret)
		fd = open(path, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (ret || fd >= 0)
		return ret ? ret : fd;
	ret = make_dir(dir, why);
	if (!ret)
		ret = path_fmt(path, sizeof(path), "%s/%s", dir, name);
	if (!ret)
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (!ret && fd < 0)
		ret = fault(why, -errno, "%s: %s", path, strerror(errno));
	return ret ? ret : fd;
}

static int name_in(const char *dir, const char *name, int fd)
{
	char from[32], path[PATH_MAX];
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_nlink)
		return 0;
	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	if (path_fmt(path, sizeof(path), "%s/%s", dir, name))
		return -ENAMETOOLONG;
	return linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW)
		       ? -errno
		       : 0;
}

/* All of it under names in DIR. */
static int publish(const char *dir, const struct template *t, int ram,
		   int state, const struct why *why)
{
	char info[PATH_MAX];
	int ret = make_dir(dir, why);

	if (ret)
		return ret;
	ret = name_in(dir, "state", state);
	if (!ret)
		ret = name_in(dir, "ram", ram);
	if (!ret)
		ret = path_fmt(info, sizeof(info), "%s/info", dir);
	if (!ret)
		ret = write_info(info, t, ram, state);
	return ret ? fault(why, ret, "%s: %s", dir, strerror(-ret)) : 0;
}

/* While the guest runs its RAM is no file of a disk that could be full. */
static int save_to(const char *dir, struct vm_setup *setup, struct template *t,
		   int ram, const struct why *why)
{
	int ret;

	setup->ram = memfd_create("template", MFD_CLOEXEC);
	if (setup->ram < 0)
		return fault(why, -errno, "memory for a template: %s",
			     strerror(errno));
	ret = save(setup, t, why);
	t->elf = setup->kernel->elf;
	if (!ret) {
		ret = keep_ram(ram, setup->ram);
		if (ret)
			fault(why, ret, "%s: %s", dir, strerror(-ret));
	}
	if (!ret)
		ret = publish(dir, t, ram, setup->state, why);
	close(setup->ram);
	return ret;
}

static int fill(const char *dir, struct vm_setup *setup, struct template *t,
		const struct why *why)
{
	int ram, ret;

	setup->state = create_in(dir, "state", why);
	if (setup->state < 0)
		return setup->state;
	ret = ram = create_in(dir, "ram", why);
	if (ram >= 0) {
		ret = save_to(dir, setup, t, ram, why);
		close(ram);
	}
	close(setup->state);
	return ret;
}

int template_make(struct template *t, const struct vm_setup *setup,
		  const struct why *why)
{
	char fresh[PATH_MAX], dir[PATH_MAX];
	struct vm_setup saved = *setup;
	int ret;

	saved.mode = VM_SAVE;
	ret = dir_path(fresh, sizeof(fresh), ".new", why);
	if (!ret)
		ret = dir_path(dir, sizeof(dir), t->key, why);
	if (ret)
		return ret;
	remove_tree(fresh);
	ret = fill(fresh, &saved, t, why);
	if (ret)
		goto out_remove;
	/* What is there under that name has been found wanting. */
	remove_tree(dir);
	if (rename(fresh, dir)) {
		ret = fault(why, -errno, "%s: %s", dir, strerror(errno));
		goto out_remove;
	}
	ret = template_open(t, 0);
	if (ret)
		fault(why, ret, "%s: does not keep what is written", dir);
	if (!dir_path(dir, sizeof(dir), "", NULL))
		prune_dir(dir, TEMPLATES_KEPT, 0);
	return ret;
out_remove:
	remove_tree(fresh);
	return ret;
}

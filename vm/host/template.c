/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Saved boots in the cache: found, made, checked and pruned.
 *
 * templates/<key>/state is QEMU's, templates/<key>/info says what it must look
 * like. Both are written to templates/.new by whoever holds templates/lock and
 * renamed as a whole: a .new that is found was left by one who was killed.
 * Clones need no lock, they hold the state open. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

#define TEMPLATES_KEPT 12
#define SAVE_TIMEOUT_S 60 /* each for booting and for saving */
/* Hashing more than that for every clone would cost more than it is worth. */
#define CONTENT_MOST (64 << 20)
#define INFO	     "bpfvm template 1: elf %d, %llu bytes of %lld.%09ld\n"

static int dir_path(char *path, size_t size, const char *name,
		    const struct why *why)
{
	char dir[PATH_MAX];
	int ret = cache_dir(dir, sizeof(dir), "templates", why);

	return ret ? ret : path_fmt(path, size, "%s/%s", dir, name);
}

static int hash_kernel(struct hash *h, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -1;
	ret = fstat(fd, &st);
	if (!ret && st.st_size <= CONTENT_MOST)
		ret = hash_content(h, fd);
	else if (!ret)
		ret = hash_identity(h, path);
	close(fd);
	return ret;
}

int template_key(struct template *t, const struct vm_setup *setup,
		 const char *kernel_path, const struct why *why)
{
	struct hash h;

	t->state = -1;
	hash_init(&h);
	if (vm_hash(&h, setup) || hash_identity(&h, setup->qemu->path) ||
	    hash_kernel(&h, kernel_path) || hash_content(&h, setup->initrd))
		return fault(why, -EIO, "naming the template of %s: %s",
			     kernel_path, strerror(errno));
	hash_hex(&h, t->key);
	return 0;
}

static void info_line(char *line, size_t size, bool elf, const struct stat *st)
{
	snprintf(line, size, INFO, elf, (unsigned long long)st->st_size,
		 (long long)st->st_mtim.tv_sec, (long)st->st_mtim.tv_nsec);
}

/* Whether info says of the state what is true of it. */
static int check_info(struct template *t, const char *path)
{
	char line[256] = "", want[256];
	struct stat st;
	ssize_t n = -1;
	int fd, elf;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, line, sizeof(line) - 1);
		close(fd);
	}
	if (n < 0 || fstat(t->state, &st))
		return -ESTALE;
	for (elf = 0; elf < 2; elf++) {
		info_line(want, sizeof(want), elf, &st);
		t->elf = elf;
		if (!strcmp(line, want))
			return 0;
	}
	return -ESTALE;
}

int template_open(struct template *t, ino_t avoid)
{
	char dir[PATH_MAX], path[PATH_MAX];
	struct stat st;
	int ret;

	ret = dir_path(dir, sizeof(dir), t->key, NULL);
	if (!ret)
		ret = path_fmt(path, sizeof(path), "%s/state", dir);
	if (ret)
		return ret;
	if (access(dir, F_OK))
		return -ENOENT;
	t->state = open(path, O_RDONLY | O_CLOEXEC);
	if (t->state < 0)
		return -ESTALE;
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
	t->state = -1;
}

int template_lock(const struct why *why)
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
		if (errno == EWOULDBLOCK && !vm_interrupted) {
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
static int save(const struct vm_setup *setup, const struct why *why)
{
	struct session s = {.cfg = setup->cfg,
			    .mode = VM_SAVE,
			    .files = {.fd = -1},
			    .bulk = {.fd = -1},
			    .late = {.fd = -1, .over = true},
			    .timeout_s = SAVE_TIMEOUT_S};
	int ret = console_init(&s.con);

	if (!ret)
		ret = session_run(&s, setup, SAVE_TIMEOUT_S, why);
	if (!ret && s.end == SESSION_INTERRUPTED)
		ret = fault(why, -EINTR, "interrupted");
	else if (!ret && s.end != SESSION_SAVED)
		ret = fault(why, -EIO, "%s: %.180s",
			    s.ready ? "QEMU could not save the guest"
				    : "the guest did not come up",
			    *s.qmp.said	   ? s.qmp.said
			    : *s.con.panic ? s.con.panic
			    : *s.qemu_said ? s.qemu_said
					   : "no reason given");
	session_free(&s);
	return ret;
}

static int write_info(const char *path, bool elf, int state)
{
	char line[256];
	struct stat st;
	int fd, ret;

	/* A crash of the host must not leave a name without its bytes. */
	if (fdatasync(state) || fstat(state, &st))
		return -errno;
	info_line(line, sizeof(line), elf, &st);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	ret = write_all(fd, line, strlen(line));
	close(fd);
	return ret;
}

static int fill(const char *dir, struct vm_setup *setup, const struct why *why)
{
	char state[PATH_MAX], info[PATH_MAX];
	int ret;

	if (path_fmt(state, sizeof(state), "%s/state", dir) ||
	    path_fmt(info, sizeof(info), "%s/info", dir))
		return -ENAMETOOLONG;
	setup->state = open(state, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (setup->state < 0)
		return fault(why, -errno, "%s: %s", state, strerror(errno));
	ret = save(setup, why);
	if (!ret) {
		ret = write_info(info, setup->kernel->elf, setup->state);
		if (ret)
			fault(why, ret, "%s: %s", dir, strerror(-ret));
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
	if (mkdir(fresh, 0700))
		return fault(why, -errno, "%s: %s", fresh, strerror(errno));
	ret = fill(fresh, &saved, why);
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
		prune_dir(dir, TEMPLATES_KEPT);
	return ret;
out_remove:
	remove_tree(fresh);
	return ret;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* See seal.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seal.h"

#define NOBODY 65534
/* QEMU's own needs: 1.5 GiB were seen, most of it room for translated code
 * that is not used. */
#define QEMU_MOST ((uint64_t)4 << 30)
/* What a template holds besides the guest's RAM. */
#define STATE_MOST ((uint64_t)256 << 20)

/* Whether nobody gets to the file: every directory on the way lets it. */
static bool is_public(const char *path)
{
	char real[PATH_MAX], *slash;
	struct stat st;

	strcpy(real, path);
	while ((slash = strrchr(real, '/')) && slash != real) {
		*slash = 0;
		if (stat(real, &st) || !(st.st_mode & S_IXOTH))
			return false;
	}
	return true;
}

/* QEMU opens what it is given once more, by way of /proc/self/fd, and that is
 * checked anew. These two files lie in directories that only root may enter. */
static void lend(int fd, bool write)
{
	const mode_t mode = write ? 0666 : 0644;
	struct stat st;

	if (fd >= 0 && !fstat(fd, &st) && (st.st_mode & 0777) != mode)
		fchmod(fd, mode);
}

static int kvm_group(void)
{
	struct stat st;

	if (stat("/dev/kvm", &st) || (st.st_mode & S_IWOTH) ||
	    !(st.st_mode & S_IWGRP))
		return -1;
	return st.st_gid;
}

void seal_plan(struct seal *seal, const struct vm_setup *s)
{
	const uint64_t mib = vm_mem_mib(s->cfg);
	const struct qemu *qemu = s->qemu;
	const bool own = *qemu->root;

	memset(seal, 0, sizeof(*seal));
	/* The way to a fetched QEMU may be closed to nobody; from its own
	 * directory it needs none. */
	seal->dir = own ? qemu->root : "/";
	if (own)
		strcpy(seal->program, qemu->path + strlen(qemu->root) + 1);
	else if (!realpath(qemu->path, seal->program))
		strcpy(seal->program, qemu->path);
	seal->drop = geteuid() == 0 && (own || is_public(seal->program));
	seal->kvm_gid = s->kvm ? kvm_group() : -1;
	seal->memory = (mib << 20) + QEMU_MOST;
	seal->file = s->mode == VM_SAVE ? (mib << 20) + STATE_MOST : 0;
	if (seal->drop && s->mode != VM_COLD) {
		lend(s->state, s->mode == VM_SAVE);
		lend(s->ram, s->mode == VM_SAVE);
	}
	if (geteuid() == 0 && !seal->drop)
		say(s->cfg,
		    "warning: QEMU keeps running as root: others cannot "
		    "get to %s",
		    qemu->path);
}

static void limit(int what, uint64_t most)
{
	const struct rlimit lim = {most, most};

	setrlimit(what, &lim);
}

/* glibc's wrappers would have other threads do the same. Where root is root of
 * a container's making, there may be no nobody. */
static void drop_root(int kvm_gid)
{
	const gid_t gid = kvm_gid;

	if (!syscall(SYS_setgroups, kvm_gid >= 0, &gid) &&
	    !syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY))
		syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY);
}

void seal_apply(const struct seal *seal)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_AS, seal->memory);
	limit(RLIMIT_FSIZE, seal->file);
	/* Whatever our caller forgot to close. */
	syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
	if (chdir(seal->dir))
		_exit(126);
	if (seal->drop)
		drop_root(seal->kvm_gid);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

int seal_memfd(int fd)
{
	return fcntl(fd, F_ADD_SEALS,
		     F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL)
		       ? -errno
		       : 0;
}

static int copy(int from)
{
	int fd = memfd_create("bpfvm-kernel", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int ret = fd < 0 ? -errno : 0;
	ssize_t n = 1;

	while (!ret && n) {
		n = sendfile(fd, from, NULL, 1 << 30);
		ret = n < 0 ? -errno : 0;
	}
	if (!ret)
		ret = seal_memfd(fd);
	if (ret && fd >= 0)
		close(fd);
	return ret ? ret : fd;
}

int seal_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (geteuid() != 0 || fstat(fd, &st) || (st.st_mode & S_IROTH))
		return fd;
	ret = copy(fd);
	close(fd);
	return ret;
}

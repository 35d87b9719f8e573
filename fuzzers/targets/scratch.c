/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* See scratch.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../vm/host/vm.h"
#include "bytes.h"
#include "scratch.h"

/* In place of init_blob.S: nothing here boots. */
#define NO_INIT(arch)                       \
	const uint8_t bpfvm_init_##arch[1]; \
	const uint64_t bpfvm_init_##arch##_size
extern NO_INIT(x86_64);
extern NO_INIT(i386);
extern NO_INIT(arm64);
extern NO_INIT(s390x);
extern NO_INIT(riscv64);
NO_INIT(x86_64);
NO_INIT(i386);
NO_INIT(arm64);
NO_INIT(s390x);
NO_INIT(riscv64);

static char dir[PATH_MAX];
static pid_t owner;

/* AFL++'s children are copies of the process whose directory it is. */
static void remove_dir(void)
{
	if (getpid() == owner)
		remove_tree(dir);
}

/* Engines leave a signal to who has a handler for it, not to who ignores it. */
static void on_file_size(int sig)
{
	(void)sig;
}

static void make_dir(void)
{
	const struct rlimit most = {SCRATCH_FILE_MOST, SCRATCH_FILE_MOST};
	const char *tmp = getenv("TMPDIR");

	must(!path_fmt(dir, sizeof(dir), "%s/bpfsys-fuzz-XXXXXX",
		       tmp && *tmp == '/' ? tmp : "/dev/shm"));
	must(mkdtemp(dir));
	owner = getpid();
	atexit(remove_dir);
	setenv("XDG_CACHE_HOME", dir, 1);
	signal(SIGXFSZ, on_file_size);
	setrlimit(RLIMIT_FSIZE, &most);
}

const char *scratch_dir(void)
{
	if (!*dir)
		make_dir();
	return dir;
}

static void in_dir(char *path, const char *name)
{
	must(!path_fmt(path, PATH_MAX, "%s/%s", scratch_dir(), name));
}

void scratch_file(const char *name, const void *data, size_t size)
{
	char path[PATH_MAX];
	int fd;

	in_dir(path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0);
	write_all(fd, data, size);
	close(fd);
}

void scratch_remove(const char *name)
{
	char path[PATH_MAX];

	in_dir(path, name);
	remove_tree(path);
}

int scratch_memfd(const void *data, size_t size, char path[64])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	must(fd >= 0);
	write_all(fd, data, size);
	must(!path_fmt(path, 64, "/proc/self/fd/%d", fd));
	return fd;
}

int scratch_next_fd(void)
{
	int fd = fcntl(0, F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	close(fd);
	return fd;
}

size_t scratch_read(int fd, void *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size, 0);

	return n < 0 ? 0 : (size_t)n;
}

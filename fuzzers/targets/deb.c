/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Debian packages as users give them. Input: the package. Its kernel is taken
 * out, and all of it is unpacked: nothing may come to be, change or go outside
 * of the directory that this was asked for. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../vm/host/vm.h"
#include "bytes.h"
#include "scratch.h"

static const char kept[] = "as it was";
static char out[PATH_MAX], beside[PATH_MAX];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	must(!path_fmt(out, sizeof(out), "%s/out", scratch_dir()));
	must(!path_fmt(beside, sizeof(beside), "%s/beside", scratch_dir()));
	must(!mkdir(beside, 0700));
	scratch_file("beside/kept", kept, sizeof(kept));
	return 0;
}

static size_t entries(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	must(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* Beside it stands a directory with one file; "." and ".." count, too. */
static void check_beside(void)
{
	int dir = open(beside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(dir, "kept", O_RDONLY | O_CLOEXEC);
	char is[sizeof(kept) + 1];
	struct stat st;

	must(dir >= 0 && fd >= 0);
	must(scratch_read(fd, is, sizeof(is)) == sizeof(kept));
	must(!memcmp(is, kept, sizeof(kept)));
	must(!fstat(fd, &st) && (st.st_mode & 07777) == 0600);
	must(st.st_nlink == 1);
	must(!fstat(dir, &st) && (st.st_mode & 07777) == 0700);
	close(fd);
	close(dir);
	must(entries(beside) == 3);
	must(entries(scratch_dir()) == 4);
}

static void extract(const char *deb)
{
	char dst[64], text[512] = "";
	const struct why why = {text, sizeof(text)};
	int fd = scratch_memfd("", 0, dst);
	int ret = deb_extract(deb, deb_is_kernel_member, dst, &why);

	must(ret <= 0);
	must(!ret == !*text);
	close(fd);
}

static void unpack(const char *deb)
{
	char text[512] = "";
	const struct why why = {text, sizeof(text)};

	must(!mkdir(out, 0700));
	must(deb_unpack(deb, out, &why) <= 0);
	check_beside();
	scratch_remove("out");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int before = scratch_next_fd();
	char path[64];
	int fd = scratch_memfd(data, size, path);

	extract(path);
	unpack(path);
	close(fd);
	must(scratch_next_fd() == before);
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Reads Debian packages without dpkg. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vm.h"

/* No kernel image or QEMU comes near it. */
#define MEMBER_MOST (1024L * 1024 * 1024)

/* A .deb is an ar archive; the data.tar.* in it is read by a second reader
 * that draws its bytes from the first. */
struct deb {
	struct archive *ar, *tar;
	char buf[65536];
};

static la_ssize_t feed(struct archive *a, void *ctx, const void **block)
{
	struct deb *deb = ctx;

	(void)a;
	*block = deb->buf;
	return archive_read_data(deb->ar, deb->buf, sizeof(deb->buf));
}

static int deb_open(struct deb *deb, const char *path, const struct why *why)
{
	struct archive_entry *e;

	deb->ar = archive_read_new();
	deb->tar = archive_read_new();
	if (!deb->ar || !deb->tar)
		return -ENOMEM;
	archive_read_support_format_ar(deb->ar);
	if (archive_read_open_filename(deb->ar, path, 65536))
		return fault(why, -EINVAL, "%s: %s", path,
			     archive_error_string(deb->ar));
	do {
		if (archive_read_next_header(deb->ar, &e) != ARCHIVE_OK)
			return fault(why, -EINVAL,
				     "%s: damaged package: no data.tar in it",
				     path);
	} while (strncmp(archive_entry_pathname(e), "data.tar", 8));
	archive_read_support_format_tar(deb->tar);
	archive_read_support_filter_gzip(deb->tar);
	archive_read_support_filter_bzip2(deb->tar);
	archive_read_support_filter_xz(deb->tar);
	archive_read_support_filter_zstd(deb->tar);
	if (archive_read_open(deb->tar, deb, NULL, feed, NULL))
		return fault(why, -EINVAL, "%s: damaged package: %s", path,
			     archive_error_string(deb->tar));
	return 0;
}

static void deb_close(struct deb *deb)
{
	archive_read_free(deb->tar);
	archive_read_free(deb->ar);
}

bool deb_is_kernel_member(const char *name)
{
	if (!strncmp(name, "./", 2))
		name += 2;
	/* Debian's of riscv64 is not packed and says so. */
	return !fnmatch("boot/vmlinu[xz]-*", name, FNM_PATHNAME) ||
	       !fnmatch("usr/lib/modules/*/vmlinuz", name, FNM_PATHNAME) ||
	       !fnmatch("lib/modules/*/vmlinuz", name, FNM_PATHNAME);
}

static int copy_member(struct deb *deb, struct archive_entry *e,
		       const char *path, const char *dst, const struct why *why)
{
	int fd, ret = 0;

	if (archive_entry_size(e) > MEMBER_MOST)
		return fault(why, -EFBIG, "%s: %s in it is too large", path,
			     archive_entry_pathname(e));
	fd = open(dst, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return fault(why, -errno, "%s: %s", dst, strerror(errno));
	if (archive_read_data_into_fd(deb->tar, fd) != ARCHIVE_OK)
		ret = fault(why, -EIO, "%s: unpacking to %s: %s", path, dst,
			    archive_error_string(deb->tar));
	if (close(fd) && !ret)
		ret = fault(why, -errno, "%s: %s", dst, strerror(errno));
	return ret;
}

int deb_extract(const char *path, bool (*accept)(const char *name),
		const char *dst, const struct why *why)
{
	struct archive_entry *e;
	struct deb deb;
	int ret, got;

	ret = deb_open(&deb, path, why);
	while (!ret) {
		got = archive_read_next_header(deb.tar, &e);
		if (got != ARCHIVE_OK)
			ret = fault(why, -ENOENT, "%s: %s", path,
				    got == ARCHIVE_EOF
					    ? "a package without a kernel image"
					    : "damaged package");
		else if (archive_entry_filetype(e) == AE_IFREG &&
			 accept(archive_entry_pathname(e)))
			break;
	}
	if (!ret)
		ret = copy_member(&deb, e, path, dst, why);
	deb_close(&deb);
	return ret;
}

static bool goes_up(const char *name)
{
	const char *p;

	for (p = name; (p = strstr(p, "..")); p += 2) {
		if ((p == name || p[-1] == '/') && (!p[2] || p[2] == '/'))
			return true;
	}
	return false;
}

/* Whether path, or what of it is there already, is below dir when links are
 * followed, as the kernel will. */
static bool is_below(const char *dir, const char *path)
{
	char root[PATH_MAX], part[PATH_MAX], real[PATH_MAX], *slash;
	size_t len;

	if (!realpath(dir, root) || path_fmt(part, sizeof(part), "%s", path))
		return false;
	while (!realpath(part, real)) {
		slash = strrchr(part, '/');
		if (errno != ENOENT || !slash || slash == part)
			return false;
		*slash = 0;
	}
	len = strlen(root);
	return !strncmp(real, root, len) && (!real[len] || real[len] == '/');
}

/* Where name is to be below dir. Packages may bring a link and put files into
 * the directory that it leads to; but none may lead out of dir. A link itself
 * is replaced by what comes later, unless that is a directory. */
static int place(char *path, const char *dir, const char *name, bool is_dir)
{
	char parent[PATH_MAX];
	size_t len;

	if (path_fmt(path, PATH_MAX, "%s/%s", dir, name))
		return -ENAMETOOLONG;
	strcpy(parent, path);
	for (len = strlen(parent); len && parent[len - 1] == '/';)
		parent[--len] = 0;
	if (!is_dir)
		*strrchr(parent, '/') = 0;
	return goes_up(name) || !is_below(dir, parent) ? -EPERM : 0;
}

static int unpack_entry(struct deb *deb, struct archive *disk,
			struct archive_entry *e, const char *dir)
{
	const char *name = archive_entry_pathname(e), *link;
	bool is_dir = archive_entry_filetype(e) == AE_IFDIR;
	char path[PATH_MAX], target[PATH_MAX];
	int ret;

	ret = name ? place(path, dir, name, is_dir) : -EIO;
	if (ret)
		return ret;
	archive_entry_set_pathname(e, path);
	link = archive_entry_hardlink(e);
	if (link) {
		ret = place(target, dir, link, false);
		if (ret)
			return ret;
		archive_entry_set_hardlink(e, target);
	}
	return archive_read_extract2(deb->tar, e, disk) < ARCHIVE_WARN ? -EIO
								       : 0;
}

int deb_unpack(const char *path, const char *dir, const struct why *why)
{
	struct archive *disk = archive_write_disk_new();
	struct archive_entry *e;
	struct deb deb;
	int ret, got;

	ret = disk ? deb_open(&deb, path, why) : -ENOMEM;
	if (disk)
		archive_write_disk_set_options(
			disk,
			ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_SECURE_NODOTDOT);
	while (!ret) {
		got = archive_read_next_header(deb.tar, &e);
		if (got == ARCHIVE_EOF)
			break;
		if (got != ARCHIVE_OK)
			ret = fault(why, -EIO, "%s: damaged package", path);
		else
			ret = unpack_entry(&deb, disk, e, dir);
		if (ret == -EPERM || ret == -ENAMETOOLONG)
			fault(why, ret,
			      "%s: %s in it %s: damaged, or not meant well",
			      path, archive_entry_pathname(e),
			      ret == -EPERM ? "leads out of the package"
					    : "is too long a name");
		if (ret == -EIO)
			fault(why, ret, "unpacking %s to %s: %s", path, dir,
			      archive_error_string(disk)
				      ? archive_error_string(disk)
				      : "damaged package");
	}
	if (disk)
		deb_close(&deb);
	archive_write_free(disk);
	return ret;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Builds the guest's root: our init, the program and all that it needs. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "seal.h"
#include "vm.h"

/* Walks all that goes in; writes it, or only says what it is. */
struct builder {
	struct archive *out; /* NULL: to id */
	struct hash *id;
	void *seen; /* tree of the paths that are in */
	bool asked; /* what goes in was named by the user */
	const struct why *why;
};

/* One path of the guest, and where it is from. */
struct member {
	char *path, *host; /* host: NULL if it is ours, or a directory */
	bool dir, link;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->path,
		      ((const struct member *)b)->path);
}

static void free_member(void *p)
{
	struct member *e = p;

	free(e->path);
	free(e->host);
	free(e);
}

static int add_member(struct builder *b, const struct member *from)
{
	struct member *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	*e = *from;
	e->path = strdup(from->path);
	e->host = from->host ? strdup(from->host) : NULL;
	if (e->path && (e->host || !from->host) &&
	    tsearch(e, &b->seen, compare))
		return 1;
	free_member(e);
	return -ENOMEM;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return a && b && !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Two that were asked for at one place are a mistake. What was only found gives
 * way to what was asked for, but not to a link, which may lead nowhere here. */
static int meet(struct builder *b, struct member *old, const struct member *new)
{
	bool again = !b->asked && old->link && new->host && !new->link;

	if (again)
		old->link = false;
	if (!b->asked || (old->dir && new->dir))
		return again;
	if ((old->dir && new->link) || (old->link && new->dir) ||
	    same_file(old->host, new->host))
		return 0;
	return fault(b->why, -EEXIST, "%s is to be %s, and %s, too", new->path,
		     old->dir	 ? "a directory"
		     : old->host ? old->host
				 : "bpfvm's init",
		     new->dir ? "a directory" : new->host);
}

/* 1: to be written, 0: in already, or -errno */
static int note_path(struct builder *b, const struct member *e)
{
	struct member **old = tfind(e, &b->seen, compare);

	return old ? meet(b, *old, e) : add_member(b, e);
}

static int write_failed(struct builder *b)
{
	int err = archive_errno(b->out) > 0 ? archive_errno(b->out) : EIO;

	return fault(b->why, -err, "building the initramfs in memory: %s",
		     strerror(err));
}

static int identify(struct builder *b, const char *path, mode_t mode,
		    const char *link)
{
	hash_text(b->id, path);
	hash_add(b->id, &mode, sizeof(mode));
	hash_text(b->id, link ? link : "");
	return 0;
}

/* An entry without its data; rdev and link where the mode has use for it. */
static int put_entry(struct builder *b, const char *path, mode_t mode,
		     uint64_t size, dev_t rdev, const char *link)
{
	struct archive_entry *e;
	int ret = 0;

	if (!b->out)
		return identify(b, path, mode, link);
	e = archive_entry_new();
	if (!e)
		return -ENOMEM;
	archive_entry_set_pathname(e, path + 1);
	archive_entry_set_mode(e, mode);
	archive_entry_set_size(e, size);
	archive_entry_set_nlink(e, 1);
	archive_entry_set_mtime(e, 0, 0);
	if (S_ISCHR(mode)) {
		archive_entry_set_rdevmajor(e, major(rdev));
		archive_entry_set_rdevminor(e, minor(rdev));
	}
	if (link)
		archive_entry_set_symlink(e, link);
	if (archive_write_header(b->out, e) != ARCHIVE_OK)
		ret = write_failed(b);
	archive_entry_free(e);
	return ret;
}

static int put_data(struct builder *b, const void *data, size_t len)
{
	la_ssize_t n;

	if (!b->out) {
		hash_add(b->id, data, len);
		return 0;
	}
	n = len ? archive_write_data(b->out, data, len) : 0;
	return n < 0 || (size_t)n != len ? write_failed(b) : 0;
}

static int put_dir(struct builder *b, const char *path, mode_t mode)
{
	const struct member e = {.path = (char *)path, .dir = true};
	int ret = note_path(b, &e);

	return ret > 0 ? put_entry(b, path, S_IFDIR | mode, 0, 0, NULL) : ret;
}

static int put_parents(struct builder *b, const char *path)
{
	char buf[PATH_MAX], *p;
	int ret = path_fmt(buf, sizeof(buf), "%s", path);

	for (p = buf + 1; !ret && (p = strchr(p, '/')); p++) {
		*p = 0;
		ret = put_dir(b, buf, 0755);
		*p = '/';
	}
	return ret;
}

static int put_file(struct builder *b, const char *host, const char *guest)
{
	const struct member e = {.path = (char *)guest, .host = (char *)host};
	struct elf_file f; /* mapped, whatever it holds */
	struct stat st;
	int ret = put_parents(b, guest);

	if (!ret)
		ret = note_path(b, &e);
	if (ret <= 0)
		return ret;
	ret = stat(host, &st) ? -errno : 0;
	if (!ret && !b->out) {
		identify(b, guest, st.st_mode, NULL);
		ret = hash_identity(b->id, host) ? -errno : 0;
		return ret ? ret : access(host, R_OK) ? -errno : 0;
	}
	if (!ret)
		ret = elf_open(&f, host);
	if (ret)
		return fault(b->why, ret, "%s: %s", host, strerror(-ret));
	ret = put_entry(b, guest, S_IFREG | (st.st_mode & 07777), f.size, 0,
			NULL);
	if (!ret)
		ret = put_data(b, f.map, f.size);
	elf_close(&f);
	return ret;
}

static int put_link(struct builder *b, const char *host, const char *guest)
{
	const struct member e = {
		.path = (char *)guest, .host = (char *)host, .link = true};
	char target[PATH_MAX];
	ssize_t n = readlink(host, target, sizeof(target) - 1);
	int ret;

	if (n < 0)
		return fault(b->why, -errno, "%s: %s", host, strerror(errno));
	target[n] = 0;
	ret = put_parents(b, guest);
	if (!ret)
		ret = note_path(b, &e);
	return ret > 0 ? put_entry(b, guest, S_IFLNK | 0777, n, 0, target)
		       : ret;
}

static int put_tree_item(struct builder *b, const FTSENT *item,
			 const char *host, const char *guest)
{
	char path[PATH_MAX];

	if (path_fmt(path, sizeof(path), "%s%s",
		     strcmp(guest, "/") ? guest : "",
		     item->fts_path + strlen(host)))
		return fault(b->why, -ENAMETOOLONG,
			     "%s: path too long in guest", item->fts_path);
	switch (item->fts_info) {
	case FTS_D:
		return *path ? put_dir(b, path,
				       item->fts_statp->st_mode & 07777)
			     : 0;
	case FTS_F:
		return put_file(b, item->fts_path, path);
	case FTS_SL:
	case FTS_SLNONE:
		return put_link(b, item->fts_path, path);
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		return fault(b->why, -item->fts_errno, "%s: %s", item->fts_path,
			     strerror(item->fts_errno));
	default:
		return 0; /* sockets, devices and the way up */
	}
}

static int put_tree(struct builder *b, char *host, const char *guest)
{
	char *const roots[] = {host, NULL};
	int ret = put_parents(b, guest);
	FTSENT *item;
	FTS *fts;

	/* FTS_NOCHDIR: other threads live in the working directory, too. */
	fts = ret ? NULL : fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!fts)
		return ret ? ret : -errno;
	while (!ret && (item = fts_read(fts)))
		ret = put_tree_item(b, item, host, guest);
	fts_close(fts);
	return ret;
}

static int put_asked(struct builder *b, const struct bpfvm_file *file)
{
	char host[PATH_MAX], guest[PATH_MAX];
	struct stat st;
	size_t n;
	int ret;

	if (!realpath(file->host, host) || stat(host, &st))
		return fault(b->why, -errno, "%s: %s", file->host,
			     strerror(errno));
	if (file->guest && *file->guest != '/')
		return fault(b->why, -EINVAL,
			     "%s: the place in the guest must be absolute: %s",
			     file->host, file->guest);
	ret = path_fmt(guest, sizeof(guest), "%s",
		       file->guest ? file->guest : host);
	if (ret)
		return fault(b->why, ret, "%s: path too long", file->guest);
	for (n = strlen(guest); n > 1 && guest[n - 1] == '/'; n--)
		guest[n - 1] = 0;
	if (S_ISDIR(st.st_mode))
		return put_tree(b, host, guest);
	return put_file(b, host, guest);
}

static int put_base(struct builder *b, const struct arch *arch)
{
	static const char *const dirs[] = {
		"/dev", "/proc",    "/sys", "/tmp",  "/run", "/root", "/etc",
		"/var", "/var/tmp", "/bin", "/sbin", "/usr", "/lib",
	};
	static const struct {
		const char *path;
		unsigned major, minor;
	} nodes[] = {
		{"/dev/console", 5, 1},
		{"/dev/null", 1, 3},
		{"/dev/ttyS0", 4, 64},
		{"/dev/ttyS1", 4, 65},
	};
	const struct member init = {.path = (char *)"/init"};
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < sizeof(dirs) / sizeof(*dirs); i++)
		ret = put_dir(b, dirs[i], 0755);
	for (i = 0; !ret && i < sizeof(nodes) / sizeof(*nodes); i++)
		ret = put_entry(b, nodes[i].path, S_IFCHR | 0600, 0,
				makedev(nodes[i].major, nodes[i].minor), NULL);
	if (!ret)
		ret = note_path(b, &init);
	if (ret > 0)
		ret = put_entry(b, "/init", S_IFREG | 0755, *arch->init_size, 0,
				NULL);
	return ret ? ret : put_data(b, arch->init, *arch->init_size);
}

static int bring(void *ctx, const char *host, const char *guest)
{
	return put_file(ctx, host, guest);
}

static int put_all(struct builder *b, const struct arch *arch,
		   const struct program *prog, const struct bpfvm_file *files,
		   size_t n_files)
{
	int ret = put_base(b, arch);
	size_t i;

	b->asked = true;
	if (!ret)
		ret = put_file(b, prog->host, prog->guest);
	for (i = 0; !ret && i < n_files; i++)
		ret = put_asked(b, &files[i]);
	b->asked = false;
	return ret ? ret : elf_deps(prog->host, arch, bring, b, b->why);
}

int initramfs_hash(const struct arch *arch, const struct program *prog,
		   const struct bpfvm_file *files, size_t n_files,
		   struct hash *id, const struct why *why)
{
	struct builder b = {.id = id, .why = why};
	int ret = put_all(&b, arch, prog, files, n_files);

	tdestroy(b.seen, free_member);
	if (ret && !*why->buf)
		fault(why, ret, "listing the initramfs: %s", strerror(-ret));
	return ret;
}

int initramfs_build(const struct arch *arch, const struct program *prog,
		    const struct bpfvm_file *files, size_t n_files,
		    const struct why *why)
{
	struct builder b = {.out = archive_write_new(), .why = why};
	int fd = memfd_create("bpfvm-initramfs",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING),
	    ret;

	ret = fd < 0 ? -errno : b.out ? 0 : -ENOMEM;
	if (!ret && (archive_write_set_format_cpio_newc(b.out) != ARCHIVE_OK ||
		     archive_write_set_bytes_in_last_block(b.out, 1) ||
		     archive_write_open_fd(b.out, fd)))
		ret = write_failed(&b);
	if (!ret)
		ret = put_all(&b, arch, prog, files, n_files);
	if (!ret && archive_write_close(b.out) != ARCHIVE_OK)
		ret = write_failed(&b);
	if (!ret)
		ret = seal_memfd(fd);
	archive_write_free(b.out);
	tdestroy(b.seen, free_member);
	if (ret && !*why->buf)
		fault(why, ret, "building the initramfs: %s", strerror(-ret));
	if (ret && fd >= 0)
		close(fd);
	return ret ? ret : fd;
}

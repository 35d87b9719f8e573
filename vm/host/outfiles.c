/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Writes what the guest sends as files. The guest chooses names and bytes, so
 * names are taken apart and never followed through a link, and both bytes and
 * entries count against a limit. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outfiles.h"
#include "vm.h"

#define OUT_MAX_DEFAULT (1024ULL * 1024 * 1024)
/* What an entry costs at least, however empty. */
#define ENTRY_COST 4096
#define SAID_MOST  8

size_t outfiles_request(const struct bpfvm_config *cfg, uint8_t *out,
			uint32_t *seq)
{
	uint8_t frame[PROTO_FRAME] = {0};
	size_t len = 0, i;

	for (i = 0; i < cfg->n_out_files; i++)
		len += proto_pack(out ? out + len : frame, PROTO_WANT, (*seq)++,
				  cfg->out_files[i].guest,
				  strlen(cfg->out_files[i].guest));
	return len;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_into(const struct bpfvm_file *file)
{
	struct stat st;

	return file->host && !stat(file->host, &st) && S_ISDIR(st.st_mode);
}

void outfiles_init(struct outfiles *o, const struct bpfvm_config *cfg)
{
	size_t i;

	memset(o, 0, sizeof(*o));
	o->fd = -1;
	for (i = 0; i < cfg->n_out_files && i < PROTO_WANT_MOST; i++)
		o->into[i] = is_into(&cfg->out_files[i]);
}

/* The directory that will hold it, and the name in there: HOST itself, or
 * GUEST's name in HOST where that is a directory, or here. */
static int open_top(const struct bpfvm_file *file, bool into, char *name)
{
	char dir[PATH_MAX];
	const char *base = base_name(file->guest);
	int ret, fd;

	if (!file->host)
		ret = path_fmt(dir, sizeof(dir), ".");
	else if (into)
		ret = path_fmt(dir, sizeof(dir), "%s", file->host);
	else {
		base = base_name(file->host);
		ret = path_fmt(dir, sizeof(dir), "%.*s%s",
			       (int)(base - file->host), file->host,
			       base == file->host ? "." : "");
	}
	if (!ret)
		ret = path_fmt(name, NAME_MAX + 1, "%s", base);
	if (ret)
		return ret;
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return -EINVAL;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int outfiles_check(const struct bpfvm_config *cfg, const struct why *why)
{
	const struct bpfvm_file *file = cfg->out_files;
	char name[NAME_MAX + 1];
	size_t i;
	int fd;

	if (cfg->n_out_files > PROTO_WANT_MOST)
		return fault(why, -E2BIG, "--out: more than %d of them",
			     PROTO_WANT_MOST);
	for (i = 0; i < cfg->n_out_files; i++, file++) {
		if (*file->guest != '/' ||
		    strlen(file->guest) >= PROTO_WANT_LEN)
			return fault(why, -EINVAL,
				     "--out %s: want an absolute path in the "
				     "guest below %d bytes",
				     file->guest, PROTO_WANT_LEN);
		fd = open_top(file, is_into(file), name);
		if (fd < 0)
			return fault(why, fd, "--out %s: %s: %s", file->guest,
				     file->host ? file->host : ".",
				     strerror(-fd));
		close(fd);
	}
	return 0;
}

static int enter(int dir, const char *name)
{
	int fd = openat(dir, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int ret = fd < 0 ? -errno : fd;

	close(dir);
	return ret;
}

/* From the directory that holds name to the one that holds the last part of
 * path, which becomes name. */
static int descend(int dir, char *name, const char *path)
{
	size_t len;

	while (dir >= 0 && *path) {
		len = strcspn(path, "/");
		dir = enter(dir, name);
		if (dir >= 0 &&
		    (!len || len > NAME_MAX || (len == 1 && *path == '.') ||
		     (len == 2 && !strncmp(path, "..", 2)))) {
			close(dir);
			return -EPROTO;
		}
		memcpy(name, path, len);
		name[len] = 0;
		path += len;
		if (*path == '/' && !*++path) {
			if (dir >= 0)
				close(dir);
			return -EPROTO;
		}
	}
	return dir;
}

static int make_dir(int dir, const char *name, uint32_t mode)
{
	int ret = mkdirat(dir, name, 0700 | (mode & 0777)) ? -errno : 0;

	return ret == -EEXIST ? 0 : ret;
}

/* A new file, so that nothing that is there is written through. */
static int make_file(int dir, const char *name, uint32_t mode)
{
	int fd;

	if (unlinkat(dir, name, 0) && errno != ENOENT)
		return -errno;
	fd = openat(dir, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0200 | (mode & 0777));
	return fd < 0 ? -errno : fd;
}

static int stop(struct outfiles *o, int err, const char *what)
{
	const struct why why = {o->why, sizeof(o->why)};

	return fault(&why, err, "--out: %.150s: %s", o->name, what);
}

static int spend(struct outfiles *o, const struct bpfvm_config *cfg,
		 uint64_t bytes)
{
	uint64_t most = cfg->out_max ? cfg->out_max : OUT_MAX_DEFAULT;

	if (bytes > most - o->used)
		return stop(o, -EFBIG,
			    "the guest sends more than --out-max allows");
	o->used += bytes;
	return 0;
}

static void tell(struct outfiles *o, const struct bpfvm_config *cfg,
		 const char *what)
{
	if (o->said++ < SAID_MOST)
		say(cfg, "--out: %.150s: %s", o->name, what);
}

static int take_begin(struct outfiles *o, const struct bpfvm_config *cfg,
		      const struct proto_frame *f)
{
	char path[PROTO_PAYLOAD + 1], name[NAME_MAX + 1];
	char text[PROTO_PAYLOAD + PROTO_WANT_LEN + 2];
	const struct bpfvm_file *file;
	uint32_t which, mode;
	int dir, ret;

	if (f->len < 8 || f->len > PROTO_PAYLOAD || o->open)
		return -EPROTO;
	which = proto_get32(f->data);
	mode = proto_get32(f->data + 4);
	memcpy(path, f->data + 8, f->len - 8);
	path[f->len - 8] = 0;
	if (which >= cfg->n_out_files || strlen(path) != f->len - 8U)
		return -EPROTO;
	file = &cfg->out_files[which];
	snprintf(text, sizeof(text), "%s%s%s", file->guest, *path ? "/" : "",
		 path);
	printable(o->name, sizeof(o->name), text, strlen(text));
	ret = spend(o, cfg, ENTRY_COST);
	if (ret)
		return ret;
	o->open = S_ISREG(mode) || !mode;
	if (!S_ISREG(mode) && !S_ISDIR(mode)) {
		if (mode)
			tell(o, cfg, "left out: no file and no directory");
		return 0;
	}
	dir = descend(open_top(file, o->into[which], name), name, path);
	if (dir == -EPROTO)
		return dir;
	ret = dir;
	if (dir >= 0) {
		ret = S_ISDIR(mode) ? make_dir(dir, name, mode)
				    : make_file(dir, name, mode);
		close(dir);
	}
	if (ret < 0)
		return stop(o, ret, strerror(-ret));
	if (S_ISREG(mode))
		o->fd = ret;
	return 0;
}

static int take_data(struct outfiles *o, const struct bpfvm_config *cfg,
		     const struct proto_frame *f)
{
	int ret;

	/* Empty ones would cost nothing, and never end. */
	if (o->fd < 0 || !f->len)
		return -EPROTO;
	ret = spend(o, cfg, f->len);
	if (ret)
		return ret;
	ret = write_all(o->fd, f->data, f->len);
	return ret ? stop(o, ret, strerror(-ret)) : 0;
}

static int take_end(struct outfiles *o, const struct bpfvm_config *cfg,
		    const struct proto_frame *f)
{
	uint32_t err = f->len == 4 ? proto_get32(f->data) : UINT32_MAX;

	if (!o->open || err > 4095)
		return -EPROTO;
	outfiles_end(o);
	if (err)
		tell(o, cfg, strerror(err));
	return 0;
}

int outfiles_take(struct outfiles *o, const struct bpfvm_config *cfg,
		  const struct proto_frame *f)
{
	if (f->type == PROTO_OUT_BEGIN)
		return take_begin(o, cfg, f);
	if (f->type == PROTO_OUT_DATA)
		return take_data(o, cfg, f);
	return take_end(o, cfg, f);
}

void outfiles_end(struct outfiles *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
	o->open = false;
}

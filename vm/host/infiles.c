/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* See infiles.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "infiles.h"
#include "vm.h"

void infiles_init(struct infiles *in, const struct bpfvm_config *cfg)
{
	*in = (struct infiles){.file = cfg->late_files,
			       .left = cfg->n_late_files,
			       .fd = -1,
			       .over = !cfg->n_late_files};
}

int infiles_check(const struct bpfvm_config *cfg, const struct why *why)
{
	const struct bpfvm_file *file = cfg->late_files;
	size_t i;

	for (i = 0; i < cfg->n_late_files; i++, file++) {
		if (access(file->host, R_OK))
			return fault(why, -errno, "--send %s: %s", file->host,
				     strerror(errno));
		if (file->guest && *file->guest != '/')
			return fault(why, -EINVAL,
				     "--send %s: want an absolute path in the "
				     "guest: %s",
				     file->host, file->guest);
	}
	return 0;
}

static int begin_root(struct infiles *in, const struct why *why)
{
	const struct bpfvm_file *file = in->file++;
	char *roots[] = {in->root, NULL};
	size_t n;

	in->left--;
	if (!realpath(file->host, in->root))
		return fault(why, -errno, "--send %s: %s", file->host,
			     strerror(errno));
	if (path_fmt(in->guest, sizeof(in->guest), "%s",
		     file->guest ? file->guest : in->root))
		return fault(why, -ENAMETOOLONG,
			     "--send %s: path too long in the guest",
			     file->host);
	for (n = strlen(in->guest); n && in->guest[n - 1] == '/'; n--)
		in->guest[n - 1] = 0;
	/* FTS_NOCHDIR: other threads live in the working directory, too. */
	in->fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	return in->fts ? 0 : -errno;
}

/* le32 mode and path of item; 0 where there is nothing to send of it. */
static int begin_item(struct infiles *in, const FTSENT *item, uint8_t *buf,
		      size_t room, const struct why *why)
{
	ssize_t n;

	if (item->fts_info == FTS_DNR || item->fts_info == FTS_NS ||
	    item->fts_info == FTS_ERR)
		return fault(why, -item->fts_errno, "--send %s: %s",
			     item->fts_path, strerror(item->fts_errno));
	if (item->fts_info == FTS_SL || item->fts_info == FTS_SLNONE) {
		n = readlink(item->fts_path, in->link, sizeof(in->link) - 1);
		in->link[n < 0 ? 0 : n] = 0;
	} else if (item->fts_info == FTS_F) {
		in->fd = open(item->fts_path, O_RDONLY | O_CLOEXEC);
		if (in->fd < 0)
			return fault(why, -errno, "--send %s: %s",
				     item->fts_path, strerror(errno));
	} else if (item->fts_info != FTS_D) {
		return 0; /* sockets, devices and the way up */
	}
	proto_put32(buf, item->fts_statp->st_mode);
	n = snprintf((char *)buf + 4, room - 4, "%s%s", in->guest,
		     item->fts_path + strlen(in->root));
	if (!n)
		return 0; /* "/" is there */
	if (n >= (ssize_t)room - 4 || n >= PATH_MAX)
		return fault(why, -ENAMETOOLONG,
			     "--send %s: path too long in the guest",
			     item->fts_path);
	return 4 + n;
}

static int contents(struct infiles *in, uint8_t *buf, size_t room)
{
	int n = strlen(in->link);

	if (n) {
		memcpy(buf, in->link, n);
		*in->link = 0;
	} else if (in->fd >= 0) {
		n = read(in->fd, buf, room);
		if (n < 0)
			return -errno;
		if (!n) {
			close(in->fd);
			in->fd = -1;
		}
	}
	return n;
}

int infiles_next(struct infiles *in, uint8_t *type, uint8_t *buf, size_t room,
		 const struct why *why)
{
	FTSENT *item;
	int ret;

	for (;;) {
		*type = PROTO_IN_DATA;
		ret = contents(in, buf, room);
		if (ret < 0)
			return fault(why, ret, "--send: %s", strerror(-ret));
		if (ret)
			return ret;
		*type = PROTO_IN_BEGIN;
		item = in->fts ? fts_read(in->fts) : NULL;
		if (item)
			ret = begin_item(in, item, buf, room, why);
		if (ret)
			return ret;
		if (item)
			continue;
		infiles_end(in);
		if (!in->left)
			break;
		ret = begin_root(in, why);
		if (ret)
			return ret;
	}
	*type = PROTO_IN_END;
	in->over = true;
	return 0;
}

void infiles_end(struct infiles *in)
{
	if (in->fts)
		fts_close(in->fts);
	in->fts = NULL;
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The guest's console: bounded memory of it, and the lines that decide. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vm.h"

/* Logs of faults that stay in the cache. */
#define LOGS_KEPT 20

int console_init(struct console *con)
{
	memset(con, 0, sizeof(*con));
	/* Pages are touched only as far as the guest writes. */
	con->head = malloc(CONSOLE_KEEP);
	con->tail = malloc(CONSOLE_KEEP);
	if (con->head && con->tail)
		return 0;
	console_free(con);
	return -ENOMEM;
}

void console_free(struct console *con)
{
	free(con->head);
	free(con->tail);
	con->head = con->tail = NULL;
}

/* Without the "[    1.234567]" and, with PRINTK_CALLER, "[    T1]". */
static const char *message(const char *line)
{
	const char *end;

	while (*line == '[' && (end = strchr(line, ']')) &&
	       strspn(line + 1, " .0123456789TC") == (size_t)(end - line - 1))
		line = end + 1;
	return line + strspn(line, " ");
}

static void line_done(struct console *con)
{
	static const char panic[] = "Kernel panic - not syncing: ";
	static const char *const bugs[] = {"BUG: ", "Oops: ", "kernel BUG at",
					   "general protection fault"};
	const char *msg, *p;
	size_t i;

	con->line[con->line_len] = 0;
	con->line_len = 0;
	faults_line(&con->faults, con->line);
	msg = message(con->line);
	if (!*msg)
		return;
	p = strstr(msg, panic);
	if (p && !*con->panic)
		strcpy(con->panic, p + strlen(panic));
	for (i = 0; i < sizeof(bugs) / sizeof(*bugs) && !*con->bug; i++) {
		if (strstr(msg, bugs[i]))
			strcpy(con->bug, msg);
	}
	/* What follows a panic says nothing more. */
	if (strncmp(msg, "---[", 4))
		snprintf(con->last, sizeof(con->last), "%s", msg);
}

static void keep(struct console *con, const char *data, size_t len)
{
	size_t n, at;

	while (len) {
		if (con->total < CONSOLE_KEEP) {
			n = CONSOLE_KEEP - con->total;
			n = len < n ? len : n;
			memcpy(con->head + con->total, data, n);
		} else {
			at = con->total % CONSOLE_KEEP;
			n = CONSOLE_KEEP - at;
			n = len < n ? len : n;
			memcpy(con->tail + at, data, n);
		}
		con->total += n;
		data += n;
		len -= n;
	}
}

void console_add(struct console *con, const char *data, size_t len)
{
	size_t i;

	keep(con, data, len);
	for (i = 0; i < len; i++) {
		if (data[i] == '\n')
			line_done(con);
		else if (data[i] >= ' ' && data[i] < 127 &&
			 con->line_len < sizeof(con->line) - 1)
			con->line[con->line_len++] = data[i];
	}
}

static int write_log(const struct console *con, int fd)
{
	size_t at = con->total % CONSOLE_KEEP;
	uint64_t lost;
	char gap[80];
	int ret;

	if (con->total <= CONSOLE_KEEP)
		return write_all(fd, con->head, con->total);
	ret = write_all(fd, con->head, CONSOLE_KEEP);
	if (!ret && con->total <= 2 * CONSOLE_KEEP)
		return write_all(fd, con->tail, con->total - CONSOLE_KEEP);
	lost = con->total - 2 * (uint64_t)CONSOLE_KEEP;
	snprintf(gap, sizeof(gap), "\n[bpfvm: %llu bytes left out]\n",
		 (unsigned long long)lost);
	if (!ret)
		ret = write_all(fd, gap, strlen(gap));
	if (!ret)
		ret = write_all(fd, con->tail + at, CONSOLE_KEEP - at);
	if (!ret)
		ret = write_all(fd, con->tail, at);
	return ret;
}

/* A new file of its own, however many processes and threads do the same. */
static int open_default(char *path, size_t size, const struct why *why)
{
	char dir[PATH_MAX], stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	int fd, ret;

	ret = cache_dir(dir, sizeof(dir), "console", why);
	if (ret)
		return ret;
	prune_dir(dir, LOGS_KEPT - 1, 0);
	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
	ret = path_fmt(path, size, "%s/%s-%d-XXXXXX.log", dir, stamp,
		       (int)getpid());
	if (ret)
		return fault(why, ret, "%s: path too long", dir);
	fd = mkostemps(path, 4, O_CLOEXEC);
	if (fd < 0)
		return fault(why, -errno, "%s: %s", path, strerror(errno));
	return fd;
}

int console_save(const struct console *con, const char *path, char *where,
		 size_t size, const struct why *why)
{
	int fd, ret;

	if (path) {
		ret = path_fmt(where, size, "%s", path);
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (fd < 0 || ret)
			ret = fd < 0 ? -errno : ret;
		if (ret)
			fault(why, ret, "console log %s: %s", path,
			      strerror(-ret));
	} else {
		fd = open_default(where, size, why);
		ret = fd < 0 ? fd : 0;
	}
	if (!ret) {
		ret = write_log(con, fd);
		if (ret)
			fault(why, ret, "console log %s: %s", where,
			      strerror(-ret));
	}
	if (fd >= 0)
		close(fd);
	if (ret)
		where[0] = 0;
	return ret;
}

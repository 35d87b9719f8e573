/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The little of QEMU's machine protocol that saving and cloning take. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vm.h"

#define EXECUTE(what) "{\"execute\":\"" what "\"}\n"
#define EXECUTE_WITH(what, args) \
	"{\"execute\":\"" what "\",\"arguments\":" args "}\n"
#define CAPABILITY(name) "{\"capability\":\"" name "\",\"state\":true}"

static int say_qmp(int fd, const char *text)
{
	size_t len = strlen(text);

	/* A socket has room for it; if QEMU is gone, reading says so. */
	return send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len ? 0 : -EIO;
}

int qmp_save(int qmp, int state)
{
	char text[1024];

	/* Neither the bandwidth nor the downtime of a migration between
	 * machines is of interest here: it shall be over at once. */
	snprintf(
		text, sizeof(text),
		EXECUTE("qmp_capabilities") EXECUTE_WITH(
			"migrate-set-capabilities",
			"{\"capabilities\":[" CAPABILITY(
				"x-ignore-shared") "," CAPABILITY("events") "]}")
			EXECUTE_WITH("migrate-set-parameters",
				     "{\"max-bandwidth\":0,"
				     "\"downtime-limit\":60000}")
				EXECUTE_WITH(
					"migrate",
					"{\"uri\":\"file:/proc/self/fd/%d\"}"),
		state);
	return say_qmp(qmp, text);
}

int qmp_load(int qmp, int state)
{
	char text[1024];

	snprintf(text, sizeof(text),
		 EXECUTE("qmp_capabilities") EXECUTE_WITH(
			 "migrate-set-capabilities",
			 "{\"capabilities\":[" CAPABILITY(
				 "x-ignore-shared") "]}")
			 EXECUTE_WITH("migrate-incoming",
				      "{\"uri\":\"file:/proc/self/fd/%d\"}"),
		 state);
	return say_qmp(qmp, text);
}

static enum qmp_news line_news(struct qmp *q)
{
	q->line[q->len] = 0;
	if (strstr(q->line, "\"event\": \"RESUME\""))
		return QMP_RESUMED;
	if (strstr(q->line, "\"event\": \"MIGRATION\"")) {
		if (strstr(q->line, "\"completed\""))
			return QMP_SAVED;
		if (strstr(q->line, "\"failed\""))
			return QMP_FAILED;
	}
	return strstr(q->line, "\"error\": {") ? QMP_FAILED : QMP_NOTHING;
}

enum qmp_news qmp_read(struct qmp *q, int fd)
{
	enum qmp_news news = QMP_NOTHING;
	char buf[4096];
	ssize_t n, i;

	n = read(fd, buf, sizeof(buf));
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		return QMP_CLOSED;
	for (i = 0; i < n && news == QMP_NOTHING; i++) {
		if (buf[i] == '\n') {
			news = line_news(q);
			if (news == QMP_FAILED)
				printable(q->said, sizeof(q->said), q->line,
					  q->len);
			q->len = 0;
		} else if (q->len < sizeof(q->line) - 1) {
			q->line[q->len++] = buf[i];
		}
	}
	return news;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What QEMU says by its machine protocol. Input: a byte, how many come at
 * once, and the bytes. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../vm/host/vm.h"
#include "bytes.h"

/* One command a line, each a JSON object. */
static void check_said(int fd)
{
	char text[2048], *line, *save = NULL;
	ssize_t n = read(fd, text, sizeof(text) - 1);

	must(n > 0 && text[n - 1] == '\n');
	text[n] = 0;
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		must(!strncmp(line, "{\"execute\":\"", 12) &&
		     line[strlen(line) - 1] == '}');
}

static void say_all(int ours, int theirs)
{
	must(!qmp_save(ours, 7));
	check_said(theirs);
	must(!qmp_load(ours, 7));
	check_said(theirs);
}

static void check(const struct qmp *q, enum qmp_news news)
{
	must(news != QMP_CLOSED);
	must(q->len < sizeof(q->line));
	must(memchr(q->said, 0, sizeof(q->said)));
	for (const char *p = q->said; *p; p++)
		must(*p >= ' ' && *p < 127);
	must(news != QMP_FAILED || *q->said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, size}, part;
	const size_t most = take(&in, 1) * 16 + 1;
	struct qmp q;
	int ends[2];

	memset(&q, 0, sizeof(q));
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			 ends));
	say_all(ends[0], ends[1]);
	must(qmp_read(&q, ends[0]) == QMP_NOTHING);
	while (in.left) {
		part = take_bytes(&in, most);
		must(write(ends[1], part.p, part.left) == (ssize_t)part.left);
		check(&q, qmp_read(&q, ends[0]));
	}
	close(ends[1]);
	must(qmp_read(&q, ends[0]) == QMP_CLOSED);
	must(qmp_save(ends[0], 7) < 0);
	close(ends[0]);
	return 0;
}

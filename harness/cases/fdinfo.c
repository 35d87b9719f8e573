// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What /proc/self/fdinfo says of descriptors of BPF objects. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fdinfo.h"

static void read_fdinfo(void **state, int fd, char *text, size_t size)
{
	size_t len = 0;
	char path[64];
	ssize_t n;
	int info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = open(path, O_RDONLY | O_CLOEXEC);
	need(state, "open of fdinfo", info < 0 ? -errno : 0);
	do {
		n = read(info, text + len, size - len - 1);
		need(state, "read of fdinfo", n < 0 ? -errno : 0);
		len += (size_t)n;
	} while (n > 0 && len < size - 1);
	close(info);
	text[len] = '\0';
}

/* Behind "NAME:" and blanks at the start of a line; NULL: there is none. */
static const char *find_value(const char *text, const char *name)
{
	char start[64];
	const char *at;
	int len = snprintf(start, sizeof(start), "\n%s:", name);

	at = strstr(text, start);
	if (!at)
		return NULL;
	at += len;
	return at + strspn(at, " \t");
}

void fdinfo_value(void **state, int fd, const char *name, char *value,
		  size_t size)
{
	char text[4096], what[96];
	const char *at;
	size_t len;

	read_fdinfo(state, fd, text, sizeof(text));
	at = find_value(text, name);
	snprintf(what, sizeof(what), "fdinfo has a line %s", name);
	expect_true(state, what, at != NULL);
	len = strcspn(at, "\n");
	if (len >= size)
		len = size - 1;
	memcpy(value, at, len);
	value[len] = '\0';
}

void expect_fdinfo(void **state, int fd, const char *name, const char *text)
{
	char value[512], what[96];

	fdinfo_value(state, fd, name, value, sizeof(value));
	snprintf(what, sizeof(what), "fdinfo: %s", name);
	expect_mem(state, what, text, value, strlen(text) + 1);
}

void expect_fdinfo_u64(void **state, int fd, const char *name, uint64_t want)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRIu64, want);
	expect_fdinfo(state, fd, name, number);
}

bool fdinfo_has(void **state, int fd, const char *name)
{
	char text[4096];

	read_fdinfo(state, fd, text, sizeof(text));
	return find_value(text, name) != NULL;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* How bpfabi ends: exit statuses, and the line that says why. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bpfabi.h"

static int weight(enum status status)
{
	switch (status) {
	case STATUS_HOLDS:
		return 0;
	case STATUS_NO_VERDICT:
		return 1;
	case STATUS_BROKEN:
		return 2;
	case STATUS_CRASHED:
		return 3;
	default:
		return 4;
	}
}

enum status status_worse(enum status a, enum status b)
{
	return weight(a) > weight(b) ? a : b;
}

void complain(const char *format, ...)
{
	va_list ap;

	fputs("bpfabi: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

enum status finish_stdout(void)
{
	bool lost = ferror(stdout);

	if (fflush(stdout) != 0) {
		complain("writing to standard output: %s", strerror(errno));
		return STATUS_NO_VERDICT;
	}
	if (lost) {
		complain("writing to standard output: part of it was lost");
		return STATUS_NO_VERDICT;
	}
	return STATUS_HOLDS;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Which of a name's raw finds are still to be judged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stems.h"
#include "triage.h"

/* DIR/judged has a line for each that was tried: its hash, and how often it was
 * confirmed. An empty one is of an earlier version: all is judged. */
static void read_tried(struct stems *stems)
{
	char path[FILES_PATH], *text = NULL;
	size_t len;

	if (path_make(path, "%s/judged", stems->dir) == 0)
		text = (char *)file_read(path, sizeof(stems->tried) - 1, &len);
	if (!text)
		return;
	memcpy(stems->tried, text, len + 1);
	free(text);
	stems->over = len == 0;
	for (const char *at = stems->tried; *at; at++) {
		if (*at == ' ' && atoi(at + 1) > 0)
			stems->over = true;
		stems->n_tried += *at == '\n';
	}
	stems->over = stems->over || stems->n_tried >= FINDS_WHOLE;
}

/* The input is written last: where it is, all that belongs to it is. */
static int take(void *ctx, const char *name)
{
	struct stems *stems = ctx;
	const int len = (int)strlen(name) - 6;
	char *stem = stems->stem[stems->n], path[FILES_PATH], hash[32];

	if (stems->n + stems->n_tried >= FINDS_WHOLE)
		return 1;
	if (len < 1 || len >= (int)sizeof(hash) ||
	    strcmp(name + len, ".input") != 0)
		return 0;
	snprintf(hash, sizeof(hash), "%.*s", len, name);
	if (strstr(stems->tried, hash))
		return 0;
	if (path_make(path, "%s/%s.report", stems->dir, hash) == 0 &&
	    access(path, F_OK) == 0 &&
	    path_make(stem, "%s/%s", stems->dir, hash) == 0)
		stems->n++;
	return 0;
}

void stems_read(struct stems *stems, const char *dir)
{
	memset(stems, 0, sizeof(*stems));
	stems->dir = dir;
	read_tried(stems);
	if (!stems->over)
		dir_each(dir, take, stems);
}

int stems_tried(struct stems *stems, const char *stem, int confirmed)
{
	const size_t len = strlen(stems->tried);
	char path[FILES_PATH];
	int ret = path_make(path, "%s/judged", stems->dir);

	snprintf(stems->tried + len, sizeof(stems->tried) - len, "%.16s %d\n",
		 strrchr(stem, '/') + 1, confirmed);
	return ret < 0 ? ret
		       : file_write(path, stems->tried, strlen(stems->tried));
}

bool triage_is_due(const char *dir)
{
	static struct stems stems;

	stems_read(&stems, dir);
	return stems.n > 0;
}

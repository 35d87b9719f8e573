// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Finds as an engine keeps them: raw, and at once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "finds.h"

static int count_inputs(void *ctx, const char *name)
{
	const size_t len = strlen(name);

	*(unsigned int *)ctx +=
		len > 6 && strcmp(name + len - 6, ".input") == 0;
	return 0;
}

/* A line for each time, however often it is the same input. */
static int log_occurrence(const char *dir, uint64_t hash)
{
	char path[FILES_PATH];
	FILE *log;
	int ret = path_make(path, "%s/log", dir);

	if (ret < 0)
		return ret;
	log = fopen(path, "ae");
	if (!log)
		return -errno;
	fprintf(log, "%lld %016llx\n", (long long)time(NULL),
		(unsigned long long)hash);
	return fclose(log) == 0 ? 0 : -errno;
}

static int keep_before(const char *path, const struct past *past)
{
	char *data = NULL;
	size_t size = 0;
	FILE *all = open_memstream(&data, &size);
	int ret;

	if (!all)
		return -ENOMEM;
	for (size_t n = past->n; n; n--) {
		size_t len;
		const uint8_t *input =
			recent_get(past->recent, past->back + n, &len);
		const uint32_t len32 = (uint32_t)len;

		if (!input)
			continue;
		fwrite(&len32, sizeof(len32), 1, all);
		fwrite(input, 1, len, all);
	}
	if (fclose(all) != 0) {
		free(data);
		return -ENOMEM;
	}
	ret = file_write(path, data, size);
	free(data);
	return ret;
}

static int keep_report(const char *path, const struct find *find)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int ret;

	if (!out)
		return -ENOMEM;
	fprintf(out, "%s\nkernel: %s\nexpected: %s\ngot: %s\n\n%s", find->title,
		find->release, find->expected, find->got, find->text);
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	ret = file_write(path, text, size);
	free(text);
	return ret;
}

static int keep_whole(const char *stem, const struct find *find,
		      const struct past *past)
{
	char path[FILES_PATH];
	int ret = path_make(path, "%s.report", stem);

	if (ret == 0)
		ret = keep_report(path, find);
	if (ret == 0 && past && past->n)
		ret = path_make(path, "%s.before", stem);
	if (ret == 0 && past && past->n)
		ret = keep_before(path, past);
	if (ret == 0 && *find->console)
		ret = path_make(path, "%s.console", stem);
	if (ret == 0 && *find->console)
		ret = file_copy(find->console, path, FINDS_CONSOLE);
	/* The log may have been pruned; the report has what counts. */
	return ret == -ENOENT ? 0 : ret;
}

static int first_error(int a, int b)
{
	return a < 0 ? a : b;
}

int find_keep(const char *dir, const struct find *find, const uint8_t *input,
	      size_t len, const struct past *past)
{
	const uint64_t hash = hash_bytes(input, len);
	char own[FILES_PATH], stem[FILES_PATH], path[FILES_PATH];
	unsigned int inputs = 0;
	int ret = path_make(own, "%s/%s", dir, find->name);

	if (ret == 0)
		ret = dir_make(own);
	if (ret == 0)
		ret = path_make(stem, "%s/%016llx", own,
				(unsigned long long)hash);
	if (ret == 0)
		ret = path_make(path, "%s.input", stem);
	if (ret < 0)
		return ret;
	ret = log_occurrence(own, hash);
	if (access(path, F_OK) == 0)
		return ret;
	dir_each(own, count_inputs, &inputs);
	if (inputs < FINDS_WHOLE)
		ret = first_error(ret, keep_whole(stem, find, past));
	/* The input comes last: who sees it sees all. But it comes. */
	return first_error(ret, file_write(path, input, len));
}

/* The rest of the line of TEXT that begins with KEY. */
static void read_line(const char *text, const char *key, char *value,
		      size_t size)
{
	const char *at = strstr(text, key);

	if (!at)
		return;
	at += strlen(key);
	snprintf(value, size, "%.*s", (int)strcspn(at, "\n"), at);
}

void find_restore(struct find *find, const char *name, const char *stem)
{
	char path[FILES_PATH];
	const char *rest;
	char *text = NULL;
	size_t len;

	memset(find, 0, sizeof(*find));
	snprintf(find->name, sizeof(find->name), "%s", name);
	if (path_make(path, "%s.report", stem) == 0)
		text = (char *)file_read(path, 1 << 20, &len);
	if (!text)
		return;
	snprintf(find->title, sizeof(find->title), "%.*s",
		 (int)strcspn(text, "\n"), text);
	read_line(text, "\nkernel: ", find->release, sizeof(find->release));
	read_line(text, "\nexpected: ", find->expected, sizeof(find->expected));
	read_line(text, "\ngot: ", find->got, sizeof(find->got));
	rest = strstr(text, "\n\n");
	if (rest)
		snprintf(find->text, sizeof(find->text), "%s", rest + 2);
	free(text);
	if (path_make(path, "%s.console", stem) == 0 && access(path, R_OK) == 0)
		snprintf(find->console, sizeof(find->console), "%s", path);
}

void find_drop(const struct find *find)
{
	if (*find->console)
		unlink(find->console);
}

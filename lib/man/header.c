// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Reads our own headers: comments, and the declarations below them. They are
 * formatted by clang-format, which is all the grammar there has to be. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "header.h"

struct reader {
	struct function function;
	bool in_comment, commented;
	int (*found)(const struct function *function, void *arg);
	void *arg;
	int ret;
};

static void append(char *to, size_t size, const char *words)
{
	size_t used = strlen(to);

	if (used && to[used - 1] != '\n' && *words != '\n' && used + 1 < size)
		to[used++] = ' ';
	snprintf(to + used, size - used, "%s", words);
}

/* A line of a comment without what makes it one. */
static void take_comment(struct reader *r, char *line)
{
	char *end = strstr(line, "*/");
	char *at = line;

	if (end)
		*end = '\0';
	r->in_comment = !end;
	r->commented = true;
	at += strspn(at, " \t");
	at += strspn(at, "/*");
	at += strspn(at, " \t");
	for (size_t len = strlen(at);
	     len && isspace((unsigned char)at[len - 1]);)
		at[--len] = '\0';
	if (*at)
		append(r->function.comment, MAX_COMMENT, at);
	else if (r->in_comment && r->function.comment[0])
		append(r->function.comment, MAX_COMMENT, "\n");
}

/* Splits what is declared; false where it is no function of the library. */
static bool split(struct function *f)
{
	char *open = strchr(f->declared, '('), *close, *name;
	size_t len;

	if (!open || strncmp(f->declared, "typedef", 7) == 0)
		return false;
	for (name = open;
	     name > f->declared &&
	     (isalnum((unsigned char)name[-1]) || name[-1] == '_');)
		name--;
	len = (size_t)(open - name);
	if (strncmp(name, "bpfsys", 6) != 0 || len >= sizeof(f->name) ||
	    name == f->declared)
		return false;
	snprintf(f->name, sizeof(f->name), "%.*s", (int)len, name);
	for (len = (size_t)(name - f->declared); f->declared[len - 1] == ' ';)
		len--;
	name = f->declared;
	if (strncmp(name, "static inline ", 14) == 0)
		name += 14, len -= 14;
	snprintf(f->type, sizeof(f->type), "%.*s", (int)len, name);
	close = strrchr(open, ')');
	if (close)
		*close = '\0';
	f->args = open + 1;
	return close;
}

/* A line of code; a declaration ends with ; or where a body starts. */
static void take_code(struct reader *r, char *line)
{
	char *at = line + strspn(line, " \t");
	size_t len = strcspn(at, "\n;{");
	bool ends = at[len] == ';' || at[len] == '{';

	if (*at == '#' || *at == '}')
		return;
	if (*at == '\n') {
		r->commented = false;
		r->function.comment[0] = '\0';
		r->function.declared[0] = '\0';
		return;
	}
	at[len] = '\0';
	append(r->function.declared, MAX_DECLARED, at);
	/* "( type" where a line was broken behind the parenthesis */
	for (char *gap; (gap = strstr(r->function.declared, "( "));)
		memmove(gap + 1, gap + 2, strlen(gap + 2) + 1);
	/* An inline function's body starts on a line of its own. */
	if (!ends && strncmp(r->function.declared, "static inline", 13) != 0)
		return;
	if (r->commented && split(&r->function))
		r->ret |= r->found(&r->function, r->arg);
	r->function.declared[0] = '\0';
}

int read_header(const char *path, const char *header,
		int (*found)(const struct function *function, void *arg),
		void *arg)
{
	struct reader reader = {.found = found, .arg = arg};
	char line[256];
	FILE *file = fopen(path, "re");

	if (!file) {
		perror(path);
		return -1;
	}
	reader.function.header = header;
	while (fgets(line, sizeof(line), file)) {
		char *at = line + strspn(line, " \t");

		if (!reader.in_comment && strncmp(at, "/*", 2) == 0) {
			reader.function.comment[0] = '\0';
			reader.function.declared[0] = '\0';
		}
		if (reader.in_comment || strncmp(at, "/*", 2) == 0)
			take_comment(&reader, line);
		else
			take_code(&reader, line);
	}
	fclose(file);
	return reader.ret;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Writes the manual page of every public function: what it does from the
 * comment in the header, the fields and errors of a command from the table.
 *
 *   genman DIRECTORY DATE HEADER...
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpfsys/abi.h>

#include "header.h"

#define WIDTH 76

struct pages {
	const char *directory, *date;
};

/* Writes a word of text. */
static void put_word(FILE *page, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (word[i] == '\\')
			fputs("\\e", page);
		else
			fputc(word[i], page);
}

static bool ends_sentence(const char *word, size_t len)
{
	return word[len - 1] == '.' ||
	       (len > 1 && word[len - 1] == ')' && word[len - 2] == '.');
}

/* The length of a function's name, where a word is that and () and marks. */
static size_t function_in(const char *word, size_t len)
{
	size_t name = 0;

	while (name < len &&
	       (isalnum((unsigned char)word[name]) || word[name] == '_'))
		name++;
	if (!name || name + 2 > len || strncmp(word + name, "()", 2) != 0)
		return 0;
	return strspn(word + name + 2, ".,;:)") >= len - name - 2 ? name : 0;
}

/* A function's name on a line of its own, its marks as arguments. */
static void put_function(FILE *page, const char *word, size_t name, size_t len)
{
	fprintf(page, ".Fn %.*s", (int)name, word);
	for (size_t i = name + 2; i < len; i++)
		fprintf(page, " %c", word[i]);
	fputc('\n', page);
}

/* A word behind what stands in COLUMN; returns the column behind it. */
static size_t put_in_line(FILE *page, const char *word, size_t len,
			  size_t column)
{
	size_t name = function_in(word, len);

	if (column && (name || column + len > WIDTH)) {
		fputc('\n', page);
		column = 0;
	}
	if (name) {
		put_function(page, word, name, len);
		return 0;
	}
	if (!column && (*word == '.' || *word == '\''))
		fputs("\\&", page);
	if (column)
		fputc(' ', page);
	put_word(page, word, len);
	return column + len + 1;
}

/* Running text of LEN bytes: a sentence starts on a line of its own, '\n' is a
 * paragraph. */
static void put_text(FILE *page, const char *text, size_t len)
{
	const char *end = text + len;
	size_t column = 0, word;
	bool begun = false;

	for (; text < end; text += word) {
		size_t gap = strspn(text, " \n");
		bool paragraph = memchr(text, '\n', gap);

		text += gap;
		word = strcspn(text, " \n");
		if (text >= end || !word)
			break;
		if (word > (size_t)(end - text))
			word = (size_t)(end - text);
		if (paragraph && begun) {
			fprintf(page, "%s.Pp\n", column ? "\n" : "");
			column = 0;
		}
		begun = true;
		column = put_in_line(page, text, word, column);
		if (column && ends_sentence(text, word)) {
			fputc('\n', page);
			column = 0;
		}
	}
	if (column)
		fputc('\n', page);
}

static void put_release(FILE *page, uint32_t release)
{
	fprintf(page, "%u.%u", release >> 16, release >> 8 & 0xff);
}

static const struct bpfsys_command *command_of(const struct function *f)
{
	return strncmp(f->name, "bpfsys_", 7) == 0
		       ? bpfsys_abi_find(f->name + 7)
		       : NULL;
}

/* The sentence that says what is returned, in *LEN bytes; or NULL. */
static const char *find_returns(const char *comment, size_t *len)
{
	const char *at = strstr(comment, "Returns ");
	const char *end;

	if (!at)
		return NULL;
	end = at;
	while ((end = strchr(end + 1, '.')) && end[1] && end[1] != ' ' &&
	       end[1] != '\n')
		;
	*len = end ? (size_t)(end + 1 - at) : strlen(at);
	return at;
}

/* The first sentence, without its end. */
static void put_name(FILE *page, const struct function *f)
{
	char text[MAX_COMMENT];
	size_t len = strcspn(f->comment, ".;:\n");

	/* A point in a word ends no sentence. */
	while (f->comment[len] == '.' && f->comment[len + 1] &&
	       !strchr(" \n", f->comment[len + 1]))
		len += 1 + strcspn(f->comment + len + 1, ".;:\n");
	snprintf(text, sizeof(text), "%.*s", (int)len, f->comment);
	text[0] = (char)tolower((unsigned char)text[0]);
	fprintf(page, ".Sh NAME\n.Nm %s\n.Nd\n", f->name);
	put_text(page, text, strlen(text));
}

/* Arguments, split where no parenthesis is open. */
static void put_synopsis(FILE *page, const struct function *f)
{
	const char *at = f->args;

	fprintf(page, ".Sh LIBRARY\nlibbpfsys (\\-lbpfsys)\n.Sh SYNOPSIS\n");
	fprintf(page, ".In %s\n.Ft \"%s\"\n.Fo %s\n", f->header, f->type,
		f->name);
	while (*at) {
		int depth = 0;
		size_t len = 0;

		while (at[len] && (depth || at[len] != ',')) {
			depth += (at[len] == '(') - (at[len] == ')');
			len++;
		}
		fprintf(page, ".Fa \"%.*s\"\n", (int)len, at);
		at += len;
		at += strspn(at, ", ");
	}
	fputs(".Fc\n", page);
}

static const char *kind_of(const struct bpfsys_field *field)
{
	static const char *const kinds[] = {
		[BPFSYS_KIND_U32] = "number",
		[BPFSYS_KIND_U64] = "number",
		[BPFSYS_KIND_FD] = "file descriptor",
		[BPFSYS_KIND_ID] = "id of an object",
		[BPFSYS_KIND_BTF_ID] = "id of a BTF type",
		[BPFSYS_KIND_IFINDEX] = "index of a network device",
		[BPFSYS_KIND_PID] = "process id",
		[BPFSYS_KIND_ENUM] = "one of an enumeration",
		[BPFSYS_KIND_FLAGS] = "flags",
		[BPFSYS_KIND_COUNT] = "count",
		[BPFSYS_KIND_SIZE] = "size in bytes",
		[BPFSYS_KIND_NAME] = "name",
		[BPFSYS_KIND_BYTES] = "bytes",
		[BPFSYS_KIND_PTR_IN] = "pointer to what the kernel reads",
		[BPFSYS_KIND_PTR_OUT] = "pointer to what the kernel writes",
		[BPFSYS_KIND_PTR_INOUT] =
			"pointer to what the kernel reads and writes",
		[BPFSYS_KIND_STR_IN] = "pointer to a string",
	};

	return kinds[field->kind];
}

static void put_field(FILE *page, const struct bpfsys_field *field)
{
	char text[512];
	const char *enumeration =
		field->kind == BPFSYS_KIND_ENUM && field->detail[0] ? "enum "
								    : "";

	fprintf(page, ".It Va %s\n", field->name);
	snprintf(text, sizeof(text),
		 "%u bytes at offset %u, since Linux %u.%u: %s%s%s%s%s.",
		 field->size, field->offset, field->since >> 16,
		 field->since >> 8 & 0xff, kind_of(field),
		 field->detail[0] ? ": " : "", enumeration, field->detail,
		 field->dir == BPFSYS_DIR_OUT	  ? "; written by the kernel"
		 : field->dir == BPFSYS_DIR_INOUT ? "; read and written back"
						  : "");
	put_text(page, text, strlen(text));
}

static void put_fields(FILE *page, const struct bpfsys_command *cmd)
{
	size_t count;
	const struct bpfsys_field *fields = bpfsys_abi_fields(cmd, &count);

	fprintf(page,
		".Ss Fields of attr\n"
		"Fields that are not used must be zero.\n"
		"Fields of the struct that are not named here belong to other\n"
		"commands, and must be zero, too.\n"
		".Bl -tag -width Ds\n");
	for (size_t i = 0; i < count; i++)
		put_field(page, &fields[i]);
	fputs(".El\n", page);
}

static void put_errors(FILE *page, const struct bpfsys_command *cmd)
{
	size_t count;
	const struct bpfsys_errno_row *rows = bpfsys_abi_errnos(cmd, &count);

	fprintf(page, ".Sh ERRORS\n"
		      "Beside what\n.Xr bpfsys 7\n"
		      "lists for every command:\n"
		      ".Bl -tag -width Er\n");
	for (size_t i = 0; i < count; i++) {
		fprintf(page, ".It Bq Er %s\n", bpfsys_errno_name(rows[i].err));
		put_text(page, rows[i].condition, strlen(rows[i].condition));
		if (rows[i].since > cmd->since) {
			fputs("(since Linux ", page);
			put_release(page, rows[i].since);
			fputs(")\n", page);
		}
	}
	fputs(".El\n", page);
}

static void put_description(FILE *page, const struct function *f)
{
	size_t len = 0;
	const char *returns = find_returns(f->comment, &len);
	char text[MAX_COMMENT];
	char *errnos;

	snprintf(text, sizeof(text), "%.*s%s",
		 returns ? (int)(returns - f->comment)
			 : (int)strlen(f->comment),
		 f->comment, returns ? returns + len : "");
	/* Where the table is in the source: the page has it. */
	errnos = strstr(text, "; errnos: lib/");
	if (errnos)
		snprintf(errnos, 2, ".");
	fputs(".Sh DESCRIPTION\n", page);
	put_text(page, text, strlen(text));
}

static void put_returns(FILE *page, const struct function *f)
{
	size_t len;
	const char *returns = find_returns(f->comment, &len);

	if (!returns && !command_of(f))
		return;
	fputs(".Sh RETURN VALUES\n", page);
	if (returns)
		put_text(page, returns, len);
	if (command_of(f))
		fputs("On failure, a negative errno;\n.Va errno\nis set.\n",
		      page);
}

static int put_page(const struct function *f, void *arg)
{
	const struct pages *pages = arg;
	const struct bpfsys_command *cmd = command_of(f);
	char path[512], title[64];
	FILE *page;
	int failed;

	snprintf(path, sizeof(path), "%s/%s.3", pages->directory, f->name);
	page = fopen(path, "we");
	if (!page) {
		perror(path);
		return -1;
	}
	for (size_t i = 0; i <= strlen(f->name); i++)
		title[i] = (char)toupper((unsigned char)f->name[i]);
	fprintf(page,
		".\\\" SPDX-License-Identifier: LGPL-2.1-or-later OR "
		"BSD-2-Clause\n.\\\" Made by genman.\n"
		".Dd %s\n.Dt %s 3\n.Os\n",
		pages->date, title);
	put_name(page, f);
	put_synopsis(page, f);
	put_description(page, f);
	if (cmd)
		put_fields(page, cmd);
	put_returns(page, f);
	if (cmd)
		put_errors(page, cmd);
	fputs(".Sh SEE ALSO\n.Xr bpf 2 ,\n.Xr bpfsys 7\n", page);
	failed = ferror(page);
	if (fclose(page) != 0 || failed) {
		perror(path);
		return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct pages pages;
	int ret = 0;

	if (argc < 4) {
		fprintf(stderr, "usage: genman DIRECTORY DATE HEADER...\n");
		return 2;
	}
	pages.directory = argv[1];
	pages.date = argv[2];
	for (int i = 3; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');
		char header[128];

		snprintf(header, sizeof(header), "bpfsys/%s",
			 slash ? slash + 1 : argv[i]);
		ret |= read_header(argv[i], header, put_page, &pages);
	}
	return ret ? 1 : 0;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* How a find is told: text, program, and a report fit for a mailing list. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "triage.h"

static int put(const char *dir, const char *name, const void *data, size_t len)
{
	char path[FILES_PATH];
	int ret = path_make(path, "%s/%s", dir, name);

	return ret < 0 ? ret : file_write(path, data, len);
}

static int drop(const char *dir, const char *name)
{
	char path[FILES_PATH];
	int ret = path_make(path, "%s/%s", dir, name);

	if (ret < 0)
		return ret;
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* Of seq_print() or seq_program(); free() it. */
static char *text_of(const uint8_t *input, size_t len, const char *title)
{
	static struct seq seq;
	char *text;
	size_t size;

	if (seq_decode(&seq, input, len) < 0)
		return strdup("# no sequence\n");
	size = (title ? seq_program(&seq, title, NULL, 0)
		      : seq_print(&seq, NULL, 0)) +
	       1;
	text = malloc(size);
	if (text && title)
		seq_program(&seq, title, text, size);
	else if (text)
		seq_print(&seq, text, size);
	return text;
}

static void print_inputs(FILE *out, const struct suspect *suspect)
{
	for (size_t i = 0; i < suspect->n; i++) {
		char *text =
			text_of(suspect->inputs[i], suspect->lens[i], NULL);

		if (suspect->n > 1)
			fprintf(out, "# input %zu of %zu\n", i + 1, suspect->n);
		fputs(text ? text : "# out of memory\n", out);
		free(text);
	}
}

/* A word of a shell's. */
static void print_word(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-_./:=,+@%";

	if (*word && word[strspn(word, plain)] == '\0') {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++)
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	fputc('\'', out);
}

/* A path that is one from anywhere; what is none stays as it is. */
static void print_place(FILE *out, const char *path)
{
	char *whole = realpath(path, NULL);

	print_word(out, whole ? whole : path);
	free(whole);
}

/* To be pasted. */
static void print_command(FILE *out, const char *dir,
			  const struct fuzzvm_config *vm)
{
	static const char *const accels[] = {"auto", "kvm", "tcg"};

	fputs("bpfabi repro ", out);
	print_place(out, dir);
	if (vm && vm->kernel) {
		fputs(" --kernel ", out);
		print_place(out, vm->kernel);
	}
	if (vm && vm->append && *vm->append) {
		fputs(" --append ", out);
		print_word(out, vm->append);
	}
	if (vm && vm->accel != BPFVM_ACCEL_AUTO)
		fprintf(out, " --accel %s", accels[vm->accel]);
	/* 10 is what repro does, too. */
	if (vm && vm->timeout_s && vm->timeout_s != 10)
		fprintf(out, " --timeout %u", vm->timeout_s);
}

static void print_report(FILE *out, const char *dir,
			 const struct suspect *suspect,
			 const struct verdict *verdict)
{
	const struct find *find = verdict->find;

	fprintf(out, "%s\n\ncommand:   ", find->title);
	print_command(out, dir, verdict->vm);
	fprintf(out,
		"\n"
		"kernel:    %s\n"
		"expected:  %s\n"
		"got:       %s\n"
		"confirmed: %u of %u times, each in a fresh virtual machine\n"
		"seen:      %lu times in the campaign\n\n",
		*find->release ? find->release : "unknown", find->expected,
		find->got, verdict->confirmed, verdict->of, verdict->seen);
	fputs("The calls (sequence.txt; as a C program: reproduce.c, which "
	      "builds with cc):\n\n",
	      out);
	if (suspect->n > 1)
		fprintf(out,
			"# The last input alone is not enough: what the %zu "
			"before it leave in the kernel\n# is needed, too "
			"(before.bin).\n",
			suspect->n - 1);
	print_inputs(out, suspect);
	if (*find->text)
		fprintf(out, "\nThe kernel's report:\n\n%s", find->text);
}

/* What PRINT writes, as file NAME. */
static int put_printed(const char *dir, const char *name,
		       const struct suspect *suspect,
		       const struct verdict *verdict)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	int ret;

	if (!out)
		return -ENOMEM;
	if (verdict)
		print_report(out, dir, suspect, verdict);
	else
		print_inputs(out, suspect);
	ret = fclose(out) == 0 ? put(dir, name, text, size) : -ENOMEM;
	free(text);
	return ret;
}

static int put_before(const char *dir, const struct suspect *suspect)
{
	char *data = NULL;
	size_t size = 0;
	FILE *out;
	int ret;

	/* An earlier verdict may have needed it. */
	if (suspect->n < 2)
		return drop(dir, "before.bin");
	out = open_memstream(&data, &size);
	if (!out)
		return -ENOMEM;
	for (size_t i = 0; i + 1 < suspect->n; i++) {
		const uint32_t len = (uint32_t)suspect->lens[i];

		fwrite(&len, sizeof(len), 1, out);
		fwrite(suspect->inputs[i], 1, len, out);
	}
	ret = fclose(out) == 0 ? put(dir, "before.bin", data, size) : -ENOMEM;
	free(data);
	return ret;
}

static int put_program(const char *dir, const struct suspect *suspect,
		       const struct find *find)
{
	const size_t last = suspect->n - 1;
	char *text = text_of(suspect->inputs[last], suspect->lens[last],
			     find->title);
	int ret = text ? put(dir, "reproduce.c", text, strlen(text)) : -ENOMEM;

	free(text);
	return ret;
}

int find_tell(const char *dir, const struct suspect *suspect,
	      const struct verdict *verdict)
{
	const struct find *find = verdict->find;
	const size_t last = suspect->n - 1;
	char count[32], console[FILES_PATH];
	int ret = put(dir, "input.bin", suspect->inputs[last],
		      suspect->lens[last]);

	if (ret == 0)
		ret = put_before(dir, suspect);
	if (ret == 0)
		ret = put_printed(dir, "sequence.txt", suspect, NULL);
	if (ret == 0)
		ret = put_program(dir, suspect, find);
	if (ret == 0 && *find->console &&
	    path_make(console, "%s/console.log", dir) == 0)
		/* The log may have been pruned; the report has what counts. */
		file_copy(find->console, console, FINDS_CONSOLE);
	snprintf(count, sizeof(count), "%lu\n", verdict->seen);
	if (ret == 0)
		ret = put(dir, "count", count, strlen(count));
	return ret == 0 ? put_printed(dir, "report.txt", suspect, verdict)
			: ret;
}

int find_told(const char *dir)
{
	static const char key[] = "\nconfirmed: ";
	char path[FILES_PATH], *text = NULL;
	const char *at;
	size_t len;
	int told;

	if (path_make(path, "%s/report.txt", dir) == 0)
		text = (char *)file_read(path, 1 << 20, &len);
	if (!text)
		return -1;
	at = strstr(text, key);
	told = at ? atoi(at + strlen(key)) : 0;
	free(text);
	return told;
}

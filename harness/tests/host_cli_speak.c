// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A subcommand in a child, its output in files, so that argp may exit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <argp.h>

#include "host_cli.h"

static char *read_all(FILE *file)
{
	const long size = (fseek(file, 0, SEEK_END), ftell(file));
	char *text = calloc(1, (size_t)size + 1);

	assert_non_null(text);
	rewind(file);
	assert_int_equal(fread(text, 1, (size_t)size, file), size);
	fclose(file);
	return text;
}

struct spoken speak(int (*entry)(int argc, char **argv),
		    const char *const *given)
{
	FILE *out = tmpfile(), *err = tmpfile();
	struct spoken spoken;
	char *argv[1024] = {0};
	int argc = 0, status;
	pid_t child;

	assert_true(out && err);
	for (; given[argc]; argc++)
		argv[argc] = (char *)(uintptr_t)given[argc];
	fflush(NULL);
	child = fork();
	if (child == 0) {
		dup2(fileno(out), STDOUT_FILENO);
		dup2(fileno(err), STDERR_FILENO);
		argp_err_exit_status = 2;
		status = entry(argc, argv);
		fflush(stdout);
		_exit(status);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	spoken.status = WIFEXITED(status) ? WEXITSTATUS(status)
					  : 256 + WTERMSIG(status);
	spoken.out = read_all(out);
	spoken.err = read_all(err);
	return spoken;
}

void spoken_free(struct spoken *spoken)
{
	free(spoken->out);
	free(spoken->err);
}

unsigned int count_lines(const char *text)
{
	unsigned int lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A campaign's work directory, for tests that run with a fake VM. */
#include <dirent.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_vm.h"
#include "fuzz_work.h"

char work_dir[64];

void bpfvm_interrupt(void)
{
}

int work_setup(void **state)
{
	(void)state;
	memset(&fake_vm, 0, sizeof(fake_vm));
	strcpy(work_dir, "/tmp/fuzz-host.XXXXXX");
	return mkdtemp(work_dir) ? 0 : -1;
}

int work_teardown(void **state)
{
	char command[96];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", work_dir);
	return system(command);
}

const char *in_dir(const char *name)
{
	static char path[4][FILES_PATH];
	static unsigned int turn;

	turn = (turn + 1) % 4;
	assert_int_equal(path_make(path[turn], "%s/%s", work_dir, name), 0);
	return path[turn];
}

/* Console logs that a fake death has left and nobody has taken away. */
unsigned int logs_left(void)
{
	glob_t found;
	unsigned int n;

	if (glob(in_dir("log.*"), 0, NULL, &found) != 0)
		return 0;
	n = (unsigned int)found.gl_pathc;
	globfree(&found);
	return n;
}

void assert_in_file(const char *name, const char *text)
{
	size_t len;
	char *whole = (char *)file_read(in_dir(name), 1 << 20, &len);

	if (!whole)
		fail_msg("%s is not there", name);
	if (!strstr(whole, text))
		fail_msg("%s: no \"%s\" in: %s", name, text, whole);
	free(whole);
}

unsigned int entries(const char *path)
{
	DIR *stream = opendir(path);
	unsigned int n = 0;

	assert_non_null(stream);
	while (readdir(stream))
		n++;
	closedir(stream);
	return n - 2;
}

const struct fuzzvm_config work_vm = {.kernel = "debian:6.12"};

void keep_raw(const unsigned int *before, unsigned int n_before,
	      const unsigned int *cmds, unsigned int n)
{
	static uint8_t data[SEQ_MOST];
	struct recent *recent = recent_open(in_dir("current"));
	static struct fuzzvm_result res;
	static struct find find;
	size_t len;

	for (unsigned int i = 0; i < n_before; i++) {
		len = fake_input(data, &before[i], 1);
		recent_put(recent, data, len);
		fuzzvm_run(NULL, data, len, 0, 1, &res);
	}
	len = fake_input(data, cmds, n);
	recent_put(recent, data, len);
	assert_int_not_equal(fuzzvm_run(NULL, data, len, 0, 1, &res),
			     FUZZVM_RAN);
	find_of_vm(&find, &res, data, len);
	assert_int_equal(find_keep(in_dir("finds/raw"), &find, data, len,
				   &(struct past){recent, 0, n_before}),
			 0);
	find_drop(&find);
	recent_close(recent);
}

void judge(int names)
{
	const struct triage triage = {.vm = &work_vm, .work = work_dir};

	assert_int_equal(triage_all(&triage), names);
	assert_int_equal(fake_vm.open, 0);
}

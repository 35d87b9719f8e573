/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* bpfvm stopped by each signal at each stage of its work: what is left is
 * neither a process nor a file, nor anything in the cache but templates. */
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "owncache.h"
#include "vmtest.h"

#define K612  "debian:6.12"
#define PROBE built("tests/guest_probe")

static char strange[1024]; /* a path in the cache that should not be there */

static int look(const char *path, const struct stat *st, int type,
		struct FTW *ftw)
{
	static const char hex[] = "0123456789abcdef";
	const char *sub = path + strlen(cache) + strlen("/bpfsys/");

	(void)st;
	(void)type;
	if (ftw->level < 2 || !strcmp(sub, "templates") ||
	    !strcmp(sub, "templates/lock"))
		return 0;
	if (!strncmp(sub, "templates/", 10) && strspn(sub + 10, hex) == 32)
		return 0;
	/* What only our own cache shares with the user's, and the accelerator
	 * that worked. */
	if (type == FTW_SL || !strncmp(sub, "accel", 5))
		return 0;
	snprintf(strange, sizeof(strange), "%s", path);
	return 1;
}

static void check_cache(void)
{
	if (nftw(cache, look, 16, FTW_PHYS) == 1)
		fail_msg("%s was left", strange);
}

static bool has_bytes(const char *path, pid_t pid)
{
	struct stat st;

	(void)pid;
	return !stat(path, &st) && st.st_size;
}

/* Whether PID holds a file in DIR that has no name yet, but bytes. */
static bool has_nameless(const char *dir, pid_t pid)
{
	char fd[64], target[256];
	int i;

	for (i = 3; i < 64; i++) {
		ssize_t len;

		snprintf(fd, sizeof(fd), "/proc/%d/fd/%d", (int)pid, i);
		len = readlink(fd, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = 0;
		if (!strncmp(target, dir, strlen(dir)) &&
		    strstr(target, "(deleted)") && has_bytes(fd, pid))
			return true;
	}
	return false;
}

static bool wait_for(bool (*is)(const char *path, pid_t pid), const char *path,
		     pid_t pid)
{
	const struct timespec nap = {0, 2000000};
	int tries;

	for (tries = 0; tries < 15000; tries++) {
		if (is(path, pid))
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

static void stop(struct vmtest *t, int sig)
{
	pid_t qemu = vm_qemu(t);

	kill(t->pid, sig);
	vm_finish(t);
	assert_int_equal(t->status, sig == SIGKILL ? 1000 + sig : 128 + sig);
	assert_gone(qemu);
	if (sig != SIGKILL)
		assert_said(t, "interrupted");
}

static void booting(int sig)
{
	const char *args[] = {K612, "--", PROBE, "sleep", NULL};
	struct vmtest t;

	vm_begin(&t, args);
	stop(&t, sig);
	vm_clean(&t);
}

static void saving(int sig)
{
	const char *args[] = {"--clone", "--accel", "tcg",  K612,
			      "--",	 PROBE,	    "doze", NULL};
	struct vmtest t;
	char path[256];

	drop("/bpfsys/templates");
	snprintf(path, sizeof(path), "%s/bpfsys/templates/", cache);
	vm_begin(&t, args);
	assert_true(wait_for(has_nameless, path, t.pid));
	stop(&t, sig);
	vm_clean(&t);
}

static void cloned(int sig)
{
	const char *args[] = {"--clone", "--accel", "tcg",  K612,
			      "--",	 PROBE,	    "doze", NULL};
	struct vmtest t;

	vm_begin(&t, args);
	vm_await(&t, "asleep");
	stop(&t, sig);
	vm_clean(&t);
	check_cache();
}

static void collecting(int sig)
{
	char dir[] = "/tmp/bpfvm-out-XXXXXX", out[80], path[64];
	const char *args[] = {"--clone", "--accel", "tcg", "--out", out,
			      K612,	 "--",	    PROBE, "kill",  NULL};
	struct vmtest t;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/all", dir);
	snprintf(out, sizeof(out), "/proc/kallsyms:%s", path);
	vm_begin(&t, args);
	assert_true(wait_for(has_bytes, path, t.pid));
	stop(&t, sig);
	vm_clean(&t);
	/* As much as had come, in the place that was named. */
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void each(int sig)
{
	booting(sig);
	check_cache();
	saving(sig);
	check_cache();
	cloned(sig);
	collecting(sig);
	check_cache();
}

static void sigint(void **state)
{
	(void)state;
	each(SIGINT);
}

static void sigterm(void **state)
{
	(void)state;
	each(SIGTERM);
}

static void sigkill(void **state)
{
	(void)state;
	each(SIGKILL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sigint),
		cmocka_unit_test(sigterm),
		cmocka_unit_test(sigkill),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("vm_leftovers", tests, own_cache,
					   forget_cache) != 0;
}

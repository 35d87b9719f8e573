/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* See vmtest.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vmtest.h"

#define PATIENCE_MS 120000

const char *built(const char *name)
{
	static char path[4][4096];
	static unsigned next;
	const char *dir = getenv("BUILD");
	char *cwd = getcwd(NULL, 0);
	char *buf = path[next++ % 4];

	snprintf(buf, sizeof(path[0]), "%s%s%s/%s",
		 dir && *dir == '/' ? "" : cwd, dir && *dir == '/' ? "" : "/",
		 dir ? dir : "build", name);
	free(cwd);
	return buf;
}

void vm_begin(struct vmtest *t, const char *const *args)
{
	const char *argv[32] = {built("bpfvm")};
	int out[2], err[2];
	size_t n;

	memset(t, 0, sizeof(*t));
	for (n = 0; n < 30 && args[n]; n++)
		argv[n + 1] = args[n];
	t->out_buf = malloc(OUTPUT_KEPT);
	assert_non_null(t->out_buf);
	strcpy(t->dir, "/tmp/bpfvm-test-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	t->pid = fork();
	assert_true(t->pid >= 0);
	if (!t->pid) {
		dup2(out[1], 1);
		dup2(err[1], 2);
		setenv("TMPDIR", t->dir, 1);
		if (!chdir(t->dir))
			execv(argv[0], (char *const *)argv);
		_exit(111);
	}
	close(out[1]);
	close(err[1]);
	t->out = out[0];
	t->err = err[0];
}

/* VmHWM while it still lives. */
static void note_peak(struct vmtest *t)
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", t->pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "VmHWM:", 6))
			t->peak_kb = strtol(line + 6, NULL, 10);
	}
	if (f)
		fclose(f);
}

static void read_out(struct vmtest *t)
{
	char buf[65536];
	ssize_t n = read(t->out, buf, sizeof(buf));
	size_t i;

	if (n <= 0) {
		close(t->out);
		t->out = -1;
		return;
	}
	for (i = 0; i < (size_t)n; i++, t->out_len++) {
		if (t->out_len < OUTPUT_KEPT)
			t->out_buf[t->out_len] = buf[i];
	}
}

static void read_err(struct vmtest *t)
{
	size_t room = sizeof(t->err_buf) - 1 - t->err_len;
	ssize_t n = room ? read(t->err, t->err_buf + t->err_len, room) : 0;

	if (n <= 0) {
		close(t->err);
		t->err = -1;
		return;
	}
	t->err_len += n;
	t->err_buf[t->err_len] = 0;
}

static int contains(const struct vmtest *t, const char *text)
{
	size_t kept = t->out_len < OUTPUT_KEPT ? t->out_len : OUTPUT_KEPT;

	return strstr(t->err_buf, text) ||
	       memmem(t->out_buf, kept, text, strlen(text));
}

void vm_await(struct vmtest *t, const char *text)
{
	struct pollfd p[2];

	while ((t->out >= 0 || t->err >= 0) && !(text && contains(t, text))) {
		p[0] = (struct pollfd){t->out, POLLIN, 0};
		p[1] = (struct pollfd){t->err, POLLIN, 0};
		if (poll(p, 2, PATIENCE_MS) == 0) {
			kill(t->pid, SIGKILL);
			fail_msg("bpfvm did not end; it said: %s", t->err_buf);
		}
		note_peak(t);
		if (p[0].revents)
			read_out(t);
		if (p[1].revents)
			read_err(t);
	}
}

void vm_finish(struct vmtest *t)
{
	int status;

	vm_await(t, NULL);
	assert_int_equal(waitpid(t->pid, &status, 0), t->pid);
	t->status = WIFEXITED(status) ? WEXITSTATUS(status)
				      : 1000 + WTERMSIG(status);
}

void vm_whole(struct vmtest *t, const char *const *args)
{
	vm_begin(t, args);
	vm_finish(t);
}

static bool is_marked(const char *pid, const char *dir)
{
	static char env[262144];
	char path[300];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/environ", pid);
	f = strtol(pid, NULL, 10) == getpid() ? NULL : fopen(path, "re");
	if (!f)
		return false;
	n = fread(env, 1, sizeof(env), f);
	fclose(f);
	return memmem(env, n, dir, strlen(dir));
}

void assert_none_marked(const char *dir)
{
	const struct timespec nap = {0, 20000000};
	char found[256] = "";
	struct dirent *de;
	int tries;
	DIR *d;

	for (tries = 0; tries < 100 && (!tries || *found); tries++) {
		if (tries)
			nanosleep(&nap, NULL);
		*found = 0;
		d = opendir("/proc");
		while (d && (de = readdir(d))) {
			if (*de->d_name >= '1' && *de->d_name <= '9' &&
			    is_marked(de->d_name, dir))
				snprintf(found, sizeof(found), "%s",
					 de->d_name);
		}
		if (d)
			closedir(d);
	}
	if (*found)
		fail_msg("process %s is still there", found);
}

void vm_clean(struct vmtest *t)
{
	free(t->out_buf);
	assert_none_marked(t->dir);
	/* Fails if a file was left. */
	if (rmdir(t->dir))
		fail_msg("%s: %s", t->dir, strerror(errno));
}

pid_t vm_qemu(struct vmtest *t)
{
	const struct timespec nap = {0, 5000000};
	char path[64], buf[64];
	pid_t pid = 0;
	int tries;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", t->pid,
		 t->pid);
	for (tries = 0; !pid && tries < 1000; tries++) {
		f = fopen(path, "re");
		if (f && fgets(buf, sizeof(buf), f))
			pid = strtol(buf, NULL, 10);
		if (f)
			fclose(f);
		/* Not yet QEMU: the fork of bpfvm, or a helper. */
		snprintf(buf, sizeof(buf), "/proc/%d/comm", pid);
		f = pid ? fopen(buf, "re") : NULL;
		if (!f || !fgets(buf, sizeof(buf), f) ||
		    strncmp(buf, "qemu-system", 11))
			pid = 0;
		if (f)
			fclose(f);
		nanosleep(&nap, NULL);
	}
	assert_int_not_equal(pid, 0);
	return pid;
}

void assert_gone(pid_t pid)
{
	const struct timespec nap = {0, 10000000};
	int tries;

	for (tries = 0; tries < 200 && !kill(pid, 0); tries++)
		nanosleep(&nap, NULL);
	if (!kill(pid, 0))
		fail_msg("process %d is still there", pid);
}

void assert_said(const struct vmtest *t, const char *text)
{
	if (!strstr(t->err_buf, text))
		fail_msg("wanted \"%s\" on stderr, got: %s", text, t->err_buf);
}

void assert_one_line(const struct vmtest *t, const char *text)
{
	const char *end = strchr(t->err_buf, '\n');

	if (strncmp(t->err_buf, "bpfvm: ", 7) || !end || end[1])
		fail_msg("wanted one line from bpfvm, got: %s", t->err_buf);
	assert_said(t, text);
}

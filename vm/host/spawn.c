/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Runs a helper program (apt, QEMU for its version) and reads what it says. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm.h"

extern char **environ;

#define OUTPUT_MOST (64 * 1024 * 1024)

static void become(const char *const *argv, char **env, const char *dir,
		   int out, int err, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || (dir && chdir(dir)))
		_exit(127);
	dup2(null, 0);
	dup2(out, 1);
	dup2(err, 2);
	execvpe(argv[0], (char *const *)argv, env);
	_exit(127);
}

/* The caller's environment with LC_ALL=C, so that words can be relied on. */
static char **plain_environment(void)
{
	size_t n, i, k = 0;
	char **env;

	for (n = 0; environ[n]; n++)
		;
	env = calloc(n + 2, sizeof(*env));
	for (i = 0; env && i < n; i++) {
		if (strncmp(environ[i], "LC_", 3) &&
		    strncmp(environ[i], "LANG", 4))
			env[k++] = environ[i];
	}
	if (env)
		env[k] = (char *)"LC_ALL=C";
	return env;
}

static int append_output(struct capture *cap, const char *data, size_t len)
{
	char *p;

	if (cap->len + len > OUTPUT_MOST)
		return -EFBIG;
	p = realloc(cap->out, cap->len + len + 1);
	if (!p)
		return -ENOMEM;
	memcpy(p + cap->len, data, len);
	cap->out = p;
	cap->len += len;
	p[cap->len] = 0;
	return 0;
}

/* Keeps the last non-empty line that was seen. */
static void last_line(const struct why *err, const char *data, size_t len)
{
	const char *from;

	while (len && (data[len - 1] == '\n' || data[len - 1] == ' '))
		len--;
	if (!err || !err->size || !len)
		return;
	from = memrchr(data, '\n', len);
	from = from ? from + 1 : data;
	printable(err->buf, err->size, from, data + len - from);
}

static int pump(int out, int errs, double limit, struct capture *cap,
		const struct why *err)
{
	struct pollfd p[2] = {{out, POLLIN, 0}, {errs, POLLIN, 0}};
	char buf[16384];
	ssize_t n;
	int i, ret;

	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (vm_interrupted)
			return -EINTR;
		if (limit > 0 && now_s() >= limit)
			return -ETIMEDOUT;
		if (poll(p, 2, 100) <= 0)
			continue;
		for (i = 0; i < 2; i++) {
			if (p[i].fd < 0 || !p[i].revents)
				continue;
			n = read(p[i].fd, buf, sizeof(buf));
			if (n <= 0)
				p[i].fd = -1;
			else if (i)
				last_line(err, buf, n);
			ret = n > 0 && !i ? append_output(cap, buf, n) : 0;
			if (ret)
				return ret;
		}
	}
	return 0;
}

static int reap_child(pid_t pid, struct capture *cap, int ret)
{
	if (ret)
		kill(pid, SIGKILL);
	while (waitpid(pid, &cap->status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
		if (vm_interrupted)
			kill(pid, SIGKILL);
	}
	return ret;
}

int run_command(const char *const *argv, const char *dir, struct capture *cap,
		const struct why *err)
{
	return run_command_for(0, argv, dir, cap, err);
}

int run_command_for(unsigned seconds, const char *const *argv, const char *dir,
		    struct capture *cap, const struct why *err)
{
	const double limit = seconds ? now_s() + seconds : 0;
	int out[2] = {-1, -1}, errs[2] = {-1, -1}, ret;
	char **env = plain_environment();
	pid_t parent = getpid(), pid;

	memset(cap, 0, sizeof(*cap));
	ret = env ? append_output(cap, "", 0) : -ENOMEM;
	if (!ret && (pipe2(out, O_CLOEXEC) || pipe2(errs, O_CLOEXEC)))
		ret = -errno;
	if (ret)
		goto out_close;
	pid = fork();
	if (pid < 0) {
		ret = -errno;
		goto out_close;
	}
	if (!pid)
		become(argv, env, dir, out[1], errs[1], parent);
	close(out[1]);
	close(errs[1]);
	out[1] = errs[1] = -1;
	ret = reap_child(pid, cap, pump(out[0], errs[0], limit, cap, err));
	if (!ret && WIFEXITED(cap->status) && WEXITSTATUS(cap->status) == 127)
		ret = -ENOENT;
out_close:
	close(out[0]);
	close(out[1]);
	close(errs[0]);
	close(errs[1]);
	free(env);
	if (ret) {
		free(cap->out);
		cap->out = NULL;
	}
	return ret;
}

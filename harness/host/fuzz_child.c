// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Starts and ends what a campaign runs beside itself. */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz_child.h"

enum { STOP_MS = 15000 };

void child_add(struct child_args *args, const char *format, ...)
{
	va_list ap;

	if (args->n + 1 >= CHILD_ARGS)
		return;
	va_start(ap, format);
	vsnprintf(args->text[args->n], FILES_PATH, format, ap);
	va_end(ap);
	args->argv[args->n] = args->text[args->n];
	args->n++;
}

void child_redirect(const struct fuzz_options *o, const char *name)
{
	char path[FILES_PATH];
	int fd = -1, null = open("/dev/null", O_RDONLY);

	if (path_make(path, "%s/log.%s", o->work, name) == 0)
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
	if (fd < 0 || null < 0)
		_exit(127);
	dup2(null, STDIN_FILENO);
	dup2(fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
}

pid_t child_start(void)
{
	const pid_t parent = getpid();
	pid_t pid = fork();

	if (pid != 0) {
		if (pid > 0)
			setpgid(pid, pid);
		return pid;
	}
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
	return 0;
}

static void nap(long ms)
{
	const struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&ts, NULL);
}

void child_reap(pid_t *pid)
{
	for (int waited = 0; *pid > 0; waited += 10) {
		if (waitpid(*pid, NULL, WNOHANG) != 0)
			break;
		if (waited >= STOP_MS)
			kill(-*pid, SIGKILL);
		nap(10);
	}
	if (*pid > 0)
		kill(-*pid, SIGKILL);
	*pid = 0;
}

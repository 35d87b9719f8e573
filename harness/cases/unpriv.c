// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* kernel.unprivileged_bpf_disabled, set for a while. A process beside the case
 * puts it back: the case may fail, or enter a user namespace, where it must not
 * write the switch any more. */
#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sysctl.h"
#include "unpriv.h"

char unpriv_get(void **state)
{
	if (access(UNPRIV_SWITCH, F_OK))
		skip_case(state, "a kernel without " UNPRIV_SWITCH);
	return sysctl_read(state, UNPRIV_NAME);
}

int unpriv_write(char value)
{
	const char text[] = {value, '\0'};

	return sysctl_write(UNPRIV_NAME, text);
}

/* Until the other end of the pipe is closed. */
static _Noreturn void keep(int pipe_fd, char old)
{
	char byte;

	/* What becomes of the case's process group is not ours. */
	setpgid(0, 0);
	while (read(pipe_fd, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(unpriv_write(old) ? 1 : 0);
}

void unpriv_begin(struct unpriv *unpriv, void **state, char value)
{
	char old = unpriv_get(state);
	int pair[2];

	unpriv->keeper = 0;
	if (old == value)
		return;
	if (old == '1')
		skip_case(state, UNPRIV_SWITCH " is 1: unprivileged BPF stays "
					       "off");
	need(state, "pipe", pipe2(pair, O_CLOEXEC) ? -errno : 0);
	unpriv->keeper = fork();
	need(state, "fork", unpriv->keeper < 0 ? -errno : 0);
	if (unpriv->keeper == 0) {
		close(pair[1]);
		keep(pair[0], old);
	}
	close(pair[0]);
	unpriv->pipe_fd = pair[1];
	need(state, "write of " UNPRIV_SWITCH, unpriv_write(value));
}

void unpriv_end(struct unpriv *unpriv)
{
	if (unpriv->keeper == 0)
		return;
	close(unpriv->pipe_fd);
	waitpid(unpriv->keeper, NULL, 0);
	unpriv->keeper = 0;
}

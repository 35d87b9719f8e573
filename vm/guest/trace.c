/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Stops a program where its own code begins, so that a template holds what its
 * loader has done. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

static void read_auxv(pid_t pid, unsigned long *entry, unsigned long *random)
{
	unsigned long aux[96] = {0};
	char path[32];
	ssize_t n;
	size_t i;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, aux, sizeof(aux));
	if (fd >= 0)
		close(fd);
	for (i = 0; n > 0 && i + 1 < n / sizeof(*aux); i += 2) {
		if (aux[i] == AT_ENTRY)
			*entry = aux[i + 1];
		if (aux[i] == AT_RANDOM)
			*random = aux[i + 1];
	}
}

#if defined(__x86_64__)
#define INT3 0xccUL

static bool stopped_by_trap(pid_t pid)
{
	int status;

	return waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status) &&
	       WSTOPSIG(status) == SIGTRAP;
}

/* A breakpoint that is met once and leaves no trace. */
static bool run_to(pid_t pid, unsigned long entry)
{
	const size_t rip = offsetof(struct user, regs.rip);
	long word;

	if ((unsigned long)ptrace(PTRACE_PEEKUSER, pid, rip, 0) == entry)
		return true;
	errno = 0;
	word = ptrace(PTRACE_PEEKTEXT, pid, entry, 0);
	if (errno || ptrace(PTRACE_POKETEXT, pid, entry,
			    ((unsigned long)word & ~0xffUL) | INT3))
		return false;
	return !ptrace(PTRACE_CONT, pid, 0, 0) && stopped_by_trap(pid) &&
	       (unsigned long)ptrace(PTRACE_PEEKUSER, pid, rip, 0) ==
		       entry + 1 &&
	       !ptrace(PTRACE_POKETEXT, pid, entry, word) &&
	       !ptrace(PTRACE_POKEUSER, pid, rip, entry);
}
#else
/* It stays where execve() has left it. */
static bool run_to(pid_t pid, unsigned long entry)
{
	(void)pid;
	(void)entry;
	return true;
}
#endif

bool trace_to_entry(pid_t pid, unsigned long *at_random)
{
	unsigned long entry = 0;

	*at_random = 0;
	read_auxv(pid, &entry, at_random);
	return !entry || run_to(pid, entry);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Stops a program where its own code begins, so that a template holds what its
 * loader has done. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

/* A word of the auxiliary vector is as wide as the program's pointers, which
 * need not be ours. */
static size_t word_size(pid_t pid)
{
	unsigned char ident[EI_NIDENT] = {0};
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return sizeof(long);
	if (read(fd, ident, sizeof(ident)) != (ssize_t)sizeof(ident))
		ident[EI_CLASS] = ELFCLASSNONE;
	close(fd);
	return ident[EI_CLASS] == ELFCLASS32 ? sizeof(uint32_t) : sizeof(long);
}

static unsigned long word(const unsigned char *at, size_t size)
{
	unsigned long wide;
	uint32_t narrow;

	if (size == sizeof(narrow)) {
		memcpy(&narrow, at, sizeof(narrow));
		return narrow;
	}
	memcpy(&wide, at, sizeof(wide));
	return wide;
}

static void read_auxv(pid_t pid, unsigned long *entry, unsigned long *random)
{
	const size_t size = word_size(pid);
	unsigned char aux[96 * sizeof(long)];
	char path[32];
	ssize_t n;
	size_t at;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, aux, sizeof(aux));
	if (fd >= 0)
		close(fd);
	for (at = 0; n > 0 && at + 2 * size <= (size_t)n; at += 2 * size) {
		if (word(aux + at, size) == AT_ENTRY)
			*entry = word(aux + at + size, size);
		if (word(aux + at, size) == AT_RANDOM)
			*random = word(aux + at + size, size);
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
	long text;

	if ((unsigned long)ptrace(PTRACE_PEEKUSER, pid, rip, 0) == entry)
		return true;
	errno = 0;
	text = ptrace(PTRACE_PEEKTEXT, pid, entry, 0);
	if (errno || ptrace(PTRACE_POKETEXT, pid, entry,
			    ((unsigned long)text & ~0xffUL) | INT3))
		return false;
	return !ptrace(PTRACE_CONT, pid, 0, 0) && stopped_by_trap(pid) &&
	       (unsigned long)ptrace(PTRACE_PEEKUSER, pid, rip, 0) ==
		       entry + 1 &&
	       !ptrace(PTRACE_POKETEXT, pid, entry, text) &&
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

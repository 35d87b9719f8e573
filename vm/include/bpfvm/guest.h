/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* For programs that bpfvm runs: the memory that they share with the host. */
#ifndef BPFVM_GUEST_H
#define BPFVM_GUEST_H

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/**
 * Maps the window, which the host has by bpfvm_config.window. It is zero where
 * the host has written nothing. $BPFVM_WINDOW names it: OFFSET:SIZE:FILE.
 *
 * Use loads, stores and fences on it: where the guest has one processor, TCG
 * makes read-modify-write instructions atomic for the guest alone.
 *
 * Returns NULL where there is none; *size gets its size.
 */
static inline void *bpfvm_window(size_t *size)
{
	const char *where = getenv("BPFVM_WINDOW");
	unsigned long offset, len;
	void *mem;
	char *end;
	int fd;

	if (!where)
		return NULL;
	offset = strtoul(where, &end, 10);
	if (*end != ':')
		return NULL;
	len = strtoul(end + 1, &end, 10);
	if (*end != ':')
		return NULL;
	fd = open(end + 1, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   (off_t)offset);
	close(fd);
	if (mem == MAP_FAILED)
		return NULL;
	*size = len;
	return mem;
}

#endif

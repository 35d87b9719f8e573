/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the targets on libbpfvm share: files that an input becomes, and
 * architectures without an init. */
#ifndef FUZZ_SCRATCH_H
#define FUZZ_SCRATCH_H

#include <stddef.h>

/* Bytes that a target writes to one file; what would be more fails with EFBIG,
 * so that an archive that unpacks to gigabytes does not. */
#define SCRATCH_FILE_MOST (8 << 20)

/* A directory in $TMPDIR or /dev/shm that is the process's own, removed at its
 * end; it becomes the cache ($XDG_CACHE_HOME), too. An engine that kills its
 * targets has to remove $TMPDIR itself. */
const char *scratch_dir(void);

/* Makes the file NAME in there, of SIZE bytes at DATA. */
void scratch_file(const char *name, const void *data, size_t size);

/* Removes NAME and all below it. */
void scratch_remove(const char *name);

/* A file without a name, of SIZE bytes at DATA; PATH is what opens it again. */
int scratch_memfd(const void *data, size_t size, char path[64]);

/* The number that the next file descriptor gets: grows where one leaks. */
int scratch_next_fd(void);

/* The bytes of FD, at most SIZE, in BUF; returns how many. */
size_t scratch_read(int fd, void *buf, size_t size);

#endif

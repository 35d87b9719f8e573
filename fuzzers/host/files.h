/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Files of a campaign: read whole, written whole or not at all, or mapped so
 * that they outlive a killed process. */
#ifndef BPFSYS_FILES_H
#define BPFSYS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILES_PATH = 4096 };

/* All of a file of at most MOST bytes, with a NUL behind it that LEN does not
 * count; free() it. NULL: errno says why. */
uint8_t *file_read(const char *path, size_t most, size_t *len);

/* 0 or -errno; who reads PATH sees the old bytes or the new ones. */
int file_write(const char *path, const void *data, size_t len);

/* Copies at most MOST bytes. 0 or -errno. */
int file_copy(const char *from, const char *to, size_t most);

/* SIZE bytes of the file, made if it is not there or of another size; what was
 * there is kept. NULL: errno says why. */
void *file_map(const char *path, size_t size);

/* A directory, with those above it. 0 or -errno. */
int dir_make(const char *path);

/* printf() into PATH of FILES_PATH bytes. 0 or -ENAMETOOLONG. */
int path_make(char *path, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Calls EACH for the entries of DIR but "." and "..", in the order of their
 * names, until it returns other than 0, which is returned; or -errno. */
int dir_each(const char *dir, int (*each)(void *ctx, const char *name),
	     void *ctx);

/* FNV-1a, of inputs: names them. */
uint64_t hash_bytes(const void *data, size_t len);

#endif

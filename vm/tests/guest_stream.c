/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* guest_stream SIZE [FILE]: writes that many MiB (SIZEK: KiB, by 64) to stdout
 * or FILE, each 64 KiB block different, and how long it took to stderr. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK (64 * 1024)

static int put(int fd, const char *p, size_t len)
{
	ssize_t n;

	for (; len; p += n, len -= n) {
		n = write(fd, p, len);
		if (n < 0)
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	uint32_t blocks = argc > 1 ? atoi(argv[1]) * 16 : 0, i;
	const bool kib = argc > 1 && strchr(argv[1], 'K');
	static char buf[BLOCK];
	struct timespec from, to;
	int fd = 1;

	if (kib)
		blocks /= 1024;
	if (argc > 2)
		fd = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
	for (i = 0; i < BLOCK; i++)
		buf[i] = i * 31 + (i >> 8);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < blocks; i++) {
		memcpy(buf, &i, sizeof(i));
		if (put(fd, buf, BLOCK))
			return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	fprintf(stderr, "%.6f s\n",
		to.tv_sec - from.tv_sec + (to.tv_nsec - from.tv_nsec) / 1e9);
	return 0;
}

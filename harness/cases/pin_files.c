// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Pins as files of the bpf filesystem: their mode, and what opening and reading
 * them gives. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue.h"
#include "iter_walks.h"
#include "kernel.h"
#include "pin.h"

/* The mode of a pin that is made with MASK for umask(2). */
static mode_t mode_of_pin(void **state, mode_t mask)
{
	int fd = make_counters(state), ret;
	const mode_t before = umask(mask);
	const char *path = pin_object(state, fd, "mode");
	struct stat status;

	umask(before);
	ret = stat(path, &status);
	unlink(path);
	close(fd);
	need(state, "stat of a pin", ret ? -errno : 0);
	return status.st_mode;
}

void obj_pin__mode(void **state)
{
	expect_u64(state, "mode of a pin with umask 0", S_IFREG | 0600,
		   mode_of_pin(state, 0));
	expect_u64(state, "mode of a pin with umask 0277", S_IFREG | 0400,
		   mode_of_pin(state, 0277));
}

/* What open(2) of FD's pin answers, and SIZE - 1 bytes at most of what there is
 * to read; a negative errno, or how much that was. */
static int read_pin(void **state, int fd, void *text, size_t size)
{
	const char *path = pin_object(state, fd, "file");
	int file = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	unlink(path);
	if (file < 0)
		return -errno;
	while (len < size - 1 &&
	       (n = read(file, (char *)text + len, size - 1 - len)) > 0)
		len += (size_t)n;
	close(file);
	((char *)text)[len] = '\0';
	return n < 0 ? -errno : (int)len;
}

static void expect_not_opened(void **state, const char *what, int fd)
{
	char text[64];
	int ret = read_pin(state, fd, text, sizeof(text));

	close(fd);
	expect_error(state, what, EIO, ret);
}

void obj_pin__not_opened(void **state)
{
	int map_fd = make_counters(state);
	int prog_fd = make_newtask_prog(state, map_fd);

	expect_not_opened(state, "open of a link's pin",
			  open_raw_tracepoint(state, "task_newtask", prog_fd));
	expect_not_opened(state, "open of a program's pin", prog_fd);
	expect_not_opened(state, "open of the pin of a map without types",
			  map_fd);
}

/* To read the pin of an iterator's link is to walk. */
void obj_pin__iterator(void **state)
{
	static struct numbers numbers;
	int map_fd = make_counters(state);
	int prog_fd = make_walker(state, &walk_maps);
	int link_fd = link_walker(prog_fd, NULL), ret;
	uint32_t id = id_of_map(state, map_fd);

	expect_ok(state, "BPF_LINK_CREATE of the iterator", link_fd);
	for (int i = 0; i < 2; i++) {
		ret = read_pin(state, link_fd, numbers.all,
			       sizeof(numbers.all));
		expect_ok(state, "open and read of the iterator's pin", ret);
		numbers.n = (size_t)ret / sizeof(numbers.all[0]);
		expect_u64(state, "times that the map is met", 1,
			   times(&numbers, id));
	}
	close(link_fd);
	close(prog_fd);
	close(map_fd);
}

/* An array of three numbers, each with a type as its key has. */
static int make_numbers(void **state, const int32_t *numbers)
{
	struct bpfsys_map_create_attr attr;
	int btf_fd = make_btf(state), fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 3;
	attr.btf_fd = (uint32_t)btf_fd;
	attr.btf_key_type_id = attr.btf_value_type_id = 1;
	fd = need(state, "BPF_MAP_CREATE", bpfsys_map_create(&attr));
	close(btf_fd);
	for (uint32_t i = 0; i < 3; i++)
		put_elem(state, fd, &i, &numbers[i]);
	return fd;
}

/* Two lines say that the rest is for people: no more than that numbers stand
 * there is judged. */
void obj_pin__typed_array(void **state)
{
	static const int32_t numbers[] = {17, -5, 2147483647};
	int fd = make_numbers(state, numbers), ret;
	char text[512], *line, *save = NULL;
	int at = 0, index, number;

	ret = read_pin(state, fd, text, sizeof(text));
	close(fd);
	expect_ok(state, "open and read of the array's pin", ret);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save), at++) {
		if (at < 2) {
			expect_u64(state, "start of a line of warning", '#',
				   (uint8_t)line[0]);
			continue;
		}
		expect_u64(state, "numbers in a line", 2,
			   (uint64_t)sscanf(line, "%d: %d", &index, &number));
		expect_range(state, "index", 0, 2, (uint64_t)index);
		expect_u64(state, "index", (uint64_t)(at - 2), (uint64_t)index);
		expect_u64(state, "value", (uint32_t)numbers[index],
			   (uint32_t)number);
	}
	expect_u64(state, "lines", 5, (uint64_t)at);
}

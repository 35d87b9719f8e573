// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* How many slots a value of a per-CPU map has. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include <bpfsys/helpers.h>

#define POSSIBLE "/sys/devices/system/cpu/possible"

/* A number at *TEXT, which moves behind it; -EINVAL where there is none. */
static int number(const char **text)
{
	char *end;
	unsigned long n;

	if (**text < '0' || **text > '9')
		return -EINVAL;
	n = strtoul(*text, &end, 10);
	*text = end;
	return n < INT_MAX / 2 ? (int)n : -EINVAL;
}

int bpfsys_count_cpus(const char *list)
{
	int count = 0, first, last;

	for (;; list++) {
		first = last = number(&list);
		if (*list == '-') {
			list++;
			last = number(&list);
		}
		if (first < 0 || last < first ||
		    last - first >= INT_MAX - count)
			return -EINVAL;
		count += last - first + 1;
		if (*list != ',')
			break;
	}
	return !*list || (*list == '\n' && !list[1]) ? count : -EINVAL;
}

static int read_possible(void)
{
	char list[4096]; /* sysfs has no longer file */
	int fd = open(POSSIBLE, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, list, sizeof(list) - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len < 0)
		return (int)len;
	list[len] = 0;
	return bpfsys_count_cpus(list);
}

int bpfsys_possible_cpus(void)
{
	static atomic_int known;
	int cpus = atomic_load_explicit(&known, memory_order_relaxed);

	if (cpus)
		return cpus;
	cpus = read_possible();
	if (cpus > 0)
		atomic_store_explicit(&known, cpus, memory_order_relaxed);
	return cpus;
}

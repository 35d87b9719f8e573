// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Loading a program with the whole log, and with the errno that is the
 * program's and not the log's. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>

#define FIRST_LOG (64u * 1024)
#define LAST_LOG  (UINT32_MAX >> 2) /* kernel/bpf/log.c takes no more */

static int load(struct bpfsys_prog_load_attr *attr, uint32_t level, char *log,
		uint32_t size)
{
	attr->log_level = level;
	attr->log_buf = bpfsys_ptr(log);
	attr->log_size = size;
	/* Before 6.4 the kernel does not know it, and it has to be 0. */
	attr->log_true_size = 0;
	return bpfsys_prog_load(attr);
}

/* How much room the log wants: SIZE, where it has enough. */
static uint32_t wanted(const struct bpfsys_prog_load_attr *attr,
		       const char *log, uint32_t size)
{
	if (attr->log_true_size)
		return attr->log_true_size > size ? attr->log_true_size : size;
	if (strnlen(log, size) + 1 < size || size == LAST_LOG)
		return size;
	return size < LAST_LOG / 2 ? size * 2 : LAST_LOG;
}

/* Returns what the kernel returned at last; with *CUT the log is not whole,
 * and -ENOSPC says no more than that. */
static int load_growing(struct bpfsys_prog_load_attr *attr, uint32_t level,
			char **log, bool *cut)
{
	uint32_t size = FIRST_LOG, want;
	char *more;
	int ret;

	for (*cut = false;; size = want) {
		/* Cleared, as neither MSan nor valgrind know that the kernel
		 * writes to it. */
		more = calloc(1, size);
		if (!more) {
			*cut = true;
			return -ENOSPC;
		}
		free(*log);
		*log = more;
		ret = load(attr, level, *log, size);
		if (ret != -ENOSPC)
			return ret;
		want = wanted(attr, *log, size);
		*cut = want > LAST_LOG || size == LAST_LOG;
		if (*cut || want == size)
			return ret;
	}
}

int bpfsys_prog_load_log(struct bpfsys_prog_load_attr *attr, char **log)
{
	uint32_t level = attr->log_level;
	int ret, truth = 0;
	bool cut;

	*log = NULL;
	if (!level) {
		truth = load(attr, 0, NULL, 0);
		if (truth >= 0)
			return truth;
	}
	ret = load_growing(attr, level ? level : 1, log, &cut);
	if (cut && level)
		ret = load(attr, 0, NULL, 0);
	else if (cut)
		ret = truth;
	if (*log && (!**log || (!level && ret >= 0))) {
		free(*log);
		*log = NULL;
	}
	attr->log_level = level;
	attr->log_buf = 0;
	attr->log_size = 0;
	return ret;
}

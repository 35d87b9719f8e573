// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a case leaves behind in the kernel, found by looking before and after.
 * Objects are freed some time after their last descriptor is closed (RCU, work
 * queues), so that what is new may have to be looked for again. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/info.h>

#include "call.h"
#include "leaks.h"
#include "unpriv.h"

#define MOST_IDS    2048
#define MOST_NAMES  128
#define NAME_LENGTH 136

/* The slowest that was seen took 0.4 s, with the host busy. */
#ifndef LEAKS_WAIT_MS
#define LEAKS_WAIT_MS 5000
#endif

static const struct {
	const char *what;
	unsigned int next, open;
} kinds[] = {
	{"program", BPFSYS_PROG_GET_NEXT_ID, BPFSYS_PROG_GET_FD_BY_ID},
	{"map", BPFSYS_MAP_GET_NEXT_ID, BPFSYS_MAP_GET_FD_BY_ID},
	{"link", BPFSYS_LINK_GET_NEXT_ID, BPFSYS_LINK_GET_FD_BY_ID},
	{"BTF", BPFSYS_BTF_GET_NEXT_ID, BPFSYS_BTF_GET_FD_BY_ID},
};

enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]), KIND_BTF = 3 };

struct seen {
	uint32_t ids[N_KINDS][MOST_IDS];
	size_t n_ids[N_KINDS];
	char names[MOST_NAMES][NAME_LENGTH];
	size_t n_names;
};

static struct seen seen_1, seen_2, *before = &seen_1, *after = &seen_2;
static bool alone;
static bool known; /* nothing has run since BEFORE was seen */

static void see_ids(struct seen *seen, unsigned int kind)
{
	struct bpfsys_get_id_attr attr;
	size_t n = 0;

	memset(&attr, 0, sizeof(attr));
	while (n < MOST_IDS && __real_bpfsys(kinds[kind].next, &attr, 8) == 0) {
		seen->ids[kind][n++] = attr.next_id;
		attr.start_id = attr.next_id;
		attr.next_id = 0;
	}
	seen->n_ids[kind] = n;
}

static void see_name(struct seen *seen, const char *what, const char *name)
{
	if (seen->n_names < MOST_NAMES)
		snprintf(seen->names[seen->n_names++], NAME_LENGTH, "%s %.80s",
			 what, name);
}

/* What is in the directory PATH; DIRS: of that, directories. */
static void see_entries(struct seen *seen, const char *what, const char *path,
			bool dirs)
{
	DIR *stream = opendir(path);
	struct dirent *entry;

	if (!stream)
		return;
	while ((entry = readdir(stream)))
		if (entry->d_name[0] != '.' &&
		    (!dirs || entry->d_type == DT_DIR))
			see_name(seen, what, entry->d_name);
	closedir(stream);
}

static void see_mounts(struct seen *seen)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char line[512], at[64];
	unsigned int id;

	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%u %*u %*s %*s %63s", &id, at) == 2)
			see_name(seen, "mount", at);
	fclose(file);
}

static void see_switch(struct seen *seen)
{
	int fd = open(UNPRIV_SWITCH, O_RDONLY | O_CLOEXEC);
	char value[2] = "";

	if (fd < 0)
		return;
	if (read(fd, value, 1) == 1)
		see_name(seen, UNPRIV_SWITCH " at", value);
	close(fd);
}

static void see_all_ids(struct seen *seen)
{
	for (unsigned int kind = 0; kind < N_KINDS; kind++)
		see_ids(seen, kind);
}

static void see_names(struct seen *seen)
{
	seen->n_names = 0;
	if (alone)
		return;
	see_entries(seen, "pin", "/sys/fs/bpf", false);
	see_entries(seen, "cgroup", "/sys/fs/cgroup", true);
	see_entries(seen, "network device", "/sys/class/net", false);
	see_mounts(seen);
	see_switch(seen);
}

static void look(struct seen *seen)
{
	see_all_ids(seen);
	see_names(seen);
}

/* Modules bring BTF whenever they are loaded. */
static bool is_kernel_btf(uint32_t id)
{
	struct bpfsys_btf_info info;
	struct bpfsys_obj_info_attr attr;
	struct bpfsys_get_id_attr get;
	int fd, ret;

	memset(&get, 0, sizeof(get));
	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	get.btf_id = id;
	fd = __real_bpfsys(BPFSYS_BTF_GET_FD_BY_ID, &get, 4);
	if (fd < 0)
		return false;
	attr.bpf_fd = (uint32_t)fd;
	attr.info_len = sizeof(info);
	attr.info = bpfsys_ptr(&info);
	ret = __real_bpfsys(BPFSYS_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
	close(fd);
	return ret == 0 && info.kernel_btf;
}

static bool had_id(unsigned int kind, uint32_t id)
{
	for (size_t i = 0; i < before->n_ids[kind]; i++)
		if (before->ids[kind][i] == id)
			return true;
	return kind == KIND_BTF && is_kernel_btf(id);
}

/* As often as it was there before: what is mounted twice has one name. */
static size_t count_name(const struct seen *seen, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < seen->n_names; i++)
		n += strcmp(seen->names[i], name) == 0;
	return n;
}

static void __attribute__((format(printf, 3, 4)))
add(char *what, size_t size, const char *format, ...)
{
	size_t used = strlen(what);
	va_list ap;

	if (used)
		used += (size_t)snprintf(what + used, size - used, ", ");
	if (used >= size)
		return;
	va_start(ap, format);
	vsnprintf(what + used, size - used, format, ap);
	va_end(ap);
}

static void add_new_ids(char *what, size_t size)
{
	for (unsigned int kind = 0; kind < N_KINDS; kind++)
		for (size_t i = 0; i < after->n_ids[kind]; i++)
			if (!had_id(kind, after->ids[kind][i]))
				add(what, size, "%s id %u", kinds[kind].what,
				    after->ids[kind][i]);
}

static void add_new_names(char *what, size_t size)
{
	for (size_t i = 0; i < after->n_names; i++)
		if (count_name(after, after->names[i]) >
		    count_name(before, after->names[i]))
			add(what, size, "%s", after->names[i]);
}

/* Names are dear to see: only as long as there are new ones. */
static bool more_than_before(bool *names, char *what, size_t size)
{
	size_t ids;

	see_all_ids(after);
	if (*names)
		see_names(after);
	what[0] = '\0';
	add_new_ids(what, size);
	ids = strlen(what);
	add_new_names(what, size);
	*names = strlen(what) > ids;
	return what[0];
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool stays(char *what, size_t size)
{
	struct timespec pause = {0, 1000000};
	long end = now_ms() + LEAKS_WAIT_MS;
	bool names = true;

	while (more_than_before(&names, what, size)) {
		if (now_ms() > end)
			return true;
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < 4000000)
			pause.tv_nsec *= 2;
	}
	return false;
}

/* Shared with the process that looks in this one's place. */
static struct watch {
	int go, come; /* pipes: to it, from it */
	pid_t pid;
	bool left;
	char what[256];
} * watch;

/* A byte: it has looked, it shall look again, it has. */
static _Noreturn void watch_from_beside(int go, int come)
{
	char byte = 0;

	look(before);
	if (write(come, &byte, 1) == 1 && read(go, &byte, 1) == 1)
		watch->left = stays(watch->what, sizeof(watch->what));
	_exit(0);
}

static int start_watch(void)
{
	int go[2], come[2];
	pid_t pid;
	char byte;

	watch = mmap(NULL, sizeof(*watch), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (watch == MAP_FAILED || pipe2(go, O_CLOEXEC) != 0 ||
	    pipe2(come, O_CLOEXEC) != 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		close(go[1]);
		close(come[0]);
		watch_from_beside(go[0], come[1]);
	}
	close(go[0]);
	close(come[1]);
	watch->pid = pid;
	watch->go = go[1];
	watch->come = come[0];
	return read(watch->come, &byte, 1) == 1 ? 0 : -EIO;
}

static bool end_watch(char *what, size_t size)
{
	bool left;

	if (write(watch->go, "", 1) != 1 ||
	    waitpid(watch->pid, NULL, 0) != watch->pid)
		snprintf(watch->what, sizeof(watch->what),
			 "nobody could look: %s", strerror(errno));
	close(watch->go);
	close(watch->come);
	left = watch->left || watch->what[0];
	snprintf(what, size, "%s", watch->what);
	munmap(watch, sizeof(*watch));
	watch = NULL;
	return left;
}

void leaks_of_one_case(void)
{
	alone = true;
}

int leaks_begin(bool for_good)
{
	const bool is_known = known;

	known = false;
	if (for_good)
		return start_watch();
	if (!is_known)
		look(before);
	return 0;
}

/* What the next case finds is what this one left. */
static void keep_seen(void)
{
	struct seen *seen = before;

	before = after;
	after = seen;
	known = true;
}

bool leaks_end(char *what, size_t size)
{
	siginfo_t info;

	if (watch) {
		if (end_watch(what, size))
			return true;
	} else {
		if (stays(what, size))
			return true;
		keep_seen();
	}
	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
		return false;
	snprintf(what, size, "a process");
	return true;
}

void leaks_forget(void)
{
	known = false;
}

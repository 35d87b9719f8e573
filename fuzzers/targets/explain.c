/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Explanations, and calls as they are shown and traced. Input: le32 command,
 * le32 size, le32 errno, le16 and a byte for what the kernel has, a byte for
 * how attr lies in memory, le16 room for the text, and attr. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>
#include <bpfsys/explain.h>
#include <bpfsys/probe.h>

#include "bytes.h"

#define ATTR_MOST 8192
#define TEXT_MOST 65536

/* The kernel that is asked: the size of its union, its commands, and what it
 * returns. */
static struct {
	unsigned int attr_size, commands;
	int ret;
	const void *unreadable; /* the attr of a traced call */
} kernel;

static unsigned int lines;

int __wrap_bpfsys_untraced(unsigned int cmd, void *attr, unsigned int size);
int __wrap_bpfsys_untraced_common(unsigned int cmd, void *attr,
				  unsigned int size,
				  struct bpfsys_common_attr *common,
				  unsigned int common_size);

/* Only what the library asks of its own can be read for sure. */
int __wrap_bpfsys_untraced(unsigned int cmd, void *attr, unsigned int size)
{
	const uint8_t *bytes = attr;

	errno = ERANGE;
	if (bpfsys_abi_command(cmd) || attr == kernel.unreadable ||
	    size != 4096)
		return cmd < kernel.commands ? kernel.ret : -EINVAL;
	for (unsigned int i = kernel.attr_size; i < size; i++)
		if (bytes[i])
			return -E2BIG;
	return -EINVAL;
}

int __wrap_bpfsys_untraced_common(unsigned int cmd, void *attr,
				  unsigned int size,
				  struct bpfsys_common_attr *common,
				  unsigned int common_size)
{
	(void)cmd;
	(void)attr;
	(void)size;
	(void)common;
	(void)common_size;
	errno = ERANGE;
	return kernel.ret;
}

static void check_chars(const char *text, bool many)
{
	for (; *text; text++)
		must((*text >= ' ' && *text <= '~') || (many && *text == '\n'));
}

struct call {
	unsigned int cmd, size;
	int err;
	uint8_t *attr; /* of its own, or NULL */
	size_t room;
};

/* Bytes of attr that are there. */
static size_t have_of(const struct call *c)
{
	return c->size < ATTR_MOST ? c->size : ATTR_MOST;
}

/* Of a text that was cut, the beginning is the same. */
static void check_cut(const char *whole, int len, const char *cut, int cut_len,
		      size_t room)
{
	must(cut_len == len);
	if (!room)
		return;
	must(memchr(cut, 0, room));
	must(strlen(cut) == ((size_t)len < room ? (size_t)len : room - 1));
	must(!strncmp(whole, cut, strlen(cut)));
}

/* Each line begins with the errno's name. */
static void check_lines(const char *text, int err)
{
	char number[32];
	const char *name;

	if (!err || err == INT_MIN)
		return;
	err = err < 0 ? -err : err;
	name = bpfsys_errno_name(err);
	snprintf(number, sizeof(number), "errno %d", err);
	name = name ? name : number;
	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		must(!strncmp(text, name, strlen(name)));
		must(!strncmp(text + strlen(name), ": ", 2));
	}
}

static void explain(const struct call *c)
{
	static char whole[TEXT_MOST];
	char *cut = malloc(c->room ? c->room : 1);
	int len;

	must(cut);
	errno = EDOM;
	len = bpfsys_explain(c->cmd, c->attr, c->size, c->err, whole,
			     sizeof(whole));
	must(errno == EDOM);
	must(len > 0 && (size_t)len < sizeof(whole));
	must((size_t)len == strlen(whole));
	check_chars(whole, true);
	check_lines(whole, c->err);
	check_cut(whole, len, cut,
		  bpfsys_explain(c->cmd, c->attr, c->size, c->err,
				 c->room ? cut : NULL, c->room),
		  c->room);
	free(cut);
	must(*bpfsys_strerrno(c->cmd, c->err));
}

static void show(const struct call *c)
{
	static char whole[TEXT_MOST];
	char *cut = malloc(c->room ? c->room : 1);
	const struct bpfsys_call call = {
		.cmd = c->cmd,
		.size = c->size,
		.attr = c->attr,
		.bytes = c->attr,
		.n_bytes = !c->attr ? 0 : have_of(c),
		.ret = c->err,
	};
	int len = bpfsys_show_call(&call, whole, sizeof(whole));

	must(cut);
	must(len > 0 && !strncmp(whole, "bpf(", 4));
	if ((size_t)len < sizeof(whole)) {
		must((size_t)len == strlen(whole));
		check_chars(whole, false);
	}
	check_cut(whole, len, cut,
		  bpfsys_show_call(&call, c->room ? cut : NULL, c->room),
		  c->room);
	free(cut);
}

static void report(const char *line, void *arg)
{
	must(arg == &lines);
	must(!strncmp(line, "bpf(", 4));
	check_chars(line, false);
	lines++;
	/* A reporter's own calls are not reported. */
	bpfsys(BPFSYS_MAP_FREEZE, NULL, 0);
	bpfsys_common(BPFSYS_MAP_FREEZE, NULL, 0, NULL, 0);
	errno = ENXIO;
}

/* The first page can be read, the second cannot. */
static uint8_t *half_readable(void)
{
	static uint8_t *pages;
	const size_t page = sysconf(_SC_PAGESIZE);

	if (pages)
		return pages + page;
	pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(pages != MAP_FAILED);
	must(!mprotect(pages + page, page, PROT_NONE));
	return pages + page;
}

/* Where attr lies: as it is, at an end of memory, where there is none. */
static void *place(const struct call *c, size_t have, unsigned int how)
{
	uint8_t *end = half_readable();

	if (how % 4 == 1)
		return end;
	if (how % 4 == 2)
		return (void *)(uintptr_t)16;
	if (how % 4 == 3 && have <= 4096 && c->attr) {
		memcpy(end - have, c->attr, have);
		return end - have;
	}
	return c->attr;
}

static void trace(const struct call *c, size_t have, unsigned int how)
{
	void *attr = place(c, have, how);

	lines = 0;
	kernel.unreadable = attr;
	bpfsys_trace(report, &lines);
	errno = EDOM;
	must(bpfsys(c->cmd, attr, c->size) ==
	     __wrap_bpfsys_untraced(c->cmd, attr, 0));
	must(errno == ERANGE);
	must(bpfsys_common(c->cmd, attr, c->size, NULL, 0) == kernel.ret);
	must(errno == ERANGE);
	must(lines == 2);
	bpfsys_trace(NULL, NULL);
	bpfsys(c->cmd, attr, c->size);
	must(lines == 2);
	kernel.unreadable = NULL;
}

/* BPFSYS_TRACE=1 sends them to stderr, which is of no interest here. */
static void trace_from_env(const struct call *c)
{
	const int keep = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	must(keep >= 0 && null >= 0);
	must(!bpfsys_trace_from_env());
	setenv("BPFSYS_TRACE", "1", 1);
	dup2(null, STDERR_FILENO);
	must(bpfsys_trace_from_env() == 1);
	bpfsys(c->cmd, c->attr, c->size);
	bpfsys_trace(NULL, NULL);
	dup2(keep, STDERR_FILENO);
	unsetenv("BPFSYS_TRACE");
	close(null);
	close(keep);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, size};
	struct call c = {0};
	unsigned int how;
	size_t have;

	c.cmd = take(&in, 4);
	c.size = take(&in, 4);
	c.err = (int)take(&in, 4);
	kernel.attr_size = take(&in, 2) % 4096;
	kernel.commands = take(&in, 1);
	kernel.ret = c.err;
	how = take(&in, 1);
	c.room = take(&in, 2);
	have = have_of(&c);
	if (!(how & 4)) {
		c.attr = calloc(1, have ? have : 1);
		must(c.attr);
		memcpy(c.attr, in.p, in.left < have ? in.left : have);
	}
	bpfsys_probe_forget();
	explain(&c);
	show(&c);
	trace(&c, c.attr ? have : 0, how);
	if (how == 8)
		trace_from_env(&c);
	free(c.attr);
	return 0;
}

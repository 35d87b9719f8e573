/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The console of a guest. Input: a byte, how much comes at once; a byte, how
 * often it all comes, or 0xff: once, with more behind it than is kept; le16
 * length of the console's text, that; le16 length of what a symboliser says,
 * that; and the vmlinux it is asked about. */
#include <sys/stat.h>
#include <unistd.h>

#include "../../vm/host/vm.h"
#include "bytes.h"
#include "scratch.h"

static struct bytes symboliser;
static bool tool_fails;

int __wrap_run_command_for(unsigned seconds, const char *const *argv,
			   const char *dir, struct capture *cap,
			   const struct why *err);

/* In place of addr2line; the first tool that is asked may be missing. */
int __wrap_run_command_for(unsigned seconds, const char *const *argv,
			   const char *dir, struct capture *cap,
			   const struct why *err)
{
	(void)seconds;
	(void)argv;
	(void)dir;
	(void)err;
	cap->out = malloc(symboliser.left + 1);
	must(cap->out);
	if (symboliser.left)
		memcpy(cap->out, symboliser.p, symboliser.left);
	cap->out[symboliser.left] = 0;
	cap->len = symboliser.left;
	cap->status = tool_fails ? 256 : 0;
	tool_fails = false;
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	scratch_dir();
	return 0;
}

static void check_text(const char *text, size_t size, bool lines)
{
	const char *end = memchr(text, 0, size);

	must(end);
	for (; text < end; text++)
		must((*text >= ' ' && *text < 127) || (lines && *text == '\n'));
	must(!lines || !size || end[-1] == '\n' || !*end);
}

static void check(const struct console *con)
{
	const struct faults *f = &con->faults;

	must(f->n <= BPFVM_REPORTS_MOST);
	must(!f->lost || f->n == BPFVM_REPORTS_MOST);
	for (unsigned int i = 0; i < f->n; i++) {
		const struct bpfvm_report *r = &f->report[i];

		must(r->count);
		must(strcmp(bpfvm_report_name(r->kind), "unknown"));
		check_text(r->title, sizeof(r->title), false);
		check_text(r->trace, sizeof(r->trace), true);
	}
	check_text(con->last, sizeof(con->last), false);
	check_text(con->panic, sizeof(con->panic), false);
	check_text(con->bug, sizeof(con->bug), false);
}

/* The log is what came, without its middle if that was too much. */
static void check_log(const struct console *con, struct bytes text)
{
	char path[64], where[64], start[4096], why_text[128];
	const struct why why = {why_text, sizeof(why_text)};
	int fd = scratch_memfd("", 0, path);
	struct stat st;
	size_t n;

	must(!console_save(con, path, where, sizeof(where), &why));
	must(!strcmp(where, path));
	must(!fstat(fd, &st));
	if (con->total <= 2 * CONSOLE_KEEP)
		must((uint64_t)st.st_size == con->total);
	else
		must(st.st_size > 2 * CONSOLE_KEEP &&
		     st.st_size < 2 * CONSOLE_KEEP + 80);
	n = scratch_read(fd, start, sizeof(start));
	n = n < text.left ? n : text.left;
	must(!n || !memcmp(start, text.p, n));
	close(fd);
	must(console_save(con, "/proc/none/such", where, sizeof(where), &why));
}

static void add(struct console *con, struct bytes text, size_t most)
{
	while (text.left) {
		struct bytes part = take_bytes(&text, most);

		console_add(con, (const char *)part.p, part.left);
	}
}

/* What came in portions is what came at once. */
static void compare(const struct console *con, struct bytes text, size_t times)
{
	struct console whole;

	must(!console_init(&whole));
	for (; times; times--)
		add(&whole, text, SIZE_MAX);
	must(!memcmp(&con->faults, &whole.faults, sizeof(con->faults)));
	must(con->total == whole.total);
	must(!strcmp(con->last, whole.last));
	must(!strcmp(con->panic, whole.panic) && !strcmp(con->bug, whole.bug));
	console_free(&whole);
}

/* A trace only ever gets longer by it. */
static void annotate(struct console *con, struct bytes vmlinux)
{
	char path[PATH_MAX];
	struct faults *f = &con->faults;

	if (!f->n)
		return;
	scratch_file("vmlinux", vmlinux.p, vmlinux.left);
	must(!path_fmt(path, sizeof(path), "%s/vmlinux", scratch_dir()));
	for (unsigned int i = 0; i < f->n; i++) {
		const size_t len = strlen(f->report[i].trace);

		symbolise(&f->report[i], path);
		must(strlen(f->report[i].trace) >= len);
	}
}

/* One long line. */
static void flood(struct console *con)
{
	static char x[4096];

	memset(x, 'x', sizeof(x));
	while (con->total <= 2 * CONSOLE_KEEP)
		console_add(con, x, sizeof(x));
	check_log(con, (struct bytes){NULL, 0});
}

static void feed(struct console *con, struct bytes text, size_t most,
		 size_t times)
{
	for (size_t i = 0; i < times; i++)
		add(con, text, most);
	compare(con, text, times);
	check_log(con, text);
	if (con->line_len % 2)
		faults_add(&con->faults, BPFVM_REPORT_RESET, con->last);
	faults_end(&con->faults);
	check(con);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, size}, text;
	const size_t most = take(&in, 1) + 1, often = take(&in, 1);
	const int before = scratch_next_fd();
	struct console con;

	text = take_bytes(&in, take(&in, 2));
	symboliser = take_bytes(&in, take(&in, 2));
	tool_fails = often & 4;
	must(!console_init(&con));
	feed(&con, text, most, often == 0xff ? 1 : often % 4 + 1);
	if (often == 0xff)
		flood(&con);
	annotate(&con, in);
	check(&con);
	console_free(&con);
	must(scratch_next_fd() == before);
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* bpfvm: what it prints and exits with; all the work is in libbpfvm. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "options.h"

static volatile sig_atomic_t got_signal;

static void on_signal(int sig)
{
	got_signal = sig;
	bpfvm_interrupt();
}

static void catch_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};

	/* Without SA_RESTART, so that a blocked write() returns. */
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	/* A file size limit shall be an error with a message, not a death. */
	signal(SIGXFSZ, SIG_IGN);
}

/* A file that we open must not become a standard stream. */
static void fill_standard_streams(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
}

static int own_failure(int err)
{
	if (err == -ENOENT)
		return EXIT_NOT_FOUND;
	return EXIT_NOT_EXECUTABLE;
}

static int exit_status(const struct bpfvm_result *res, int err)
{
	switch (res->outcome) {
	case BPFVM_EXITED:
		return res->status;
	case BPFVM_SIGNALED:
		return 128 + res->status;
	case BPFVM_PANIC:
		return EXIT_CRASHED;
	case BPFVM_NO_BOOT:
	case BPFVM_VMM_DIED:
		return EXIT_NO_BOOT;
	case BPFVM_TIMEOUT:
		return EXIT_TIMEOUT;
	case BPFVM_INTERRUPTED:
		return 128 + (got_signal ? got_signal : SIGINT);
	default:
		return res->command_failed ? own_failure(err) : EXIT_OWN;
	}
}

/* What the outcome says already. */
static bool is_outcome(const struct bpfvm_result *res,
		       enum bpfvm_report_kind kind)
{
	return res->outcome == BPFVM_PANIC &&
	       (kind == BPFVM_REPORT_PANIC || kind == BPFVM_REPORT_RESET ||
		kind == BPFVM_REPORT_REBOOT);
}

static void print_line(const struct bpfvm_result *res, const char *line)
{
	fprintf(stderr, "bpfvm: %s%s%s\n", line,
		*res->console_log ? "; console log: " : "", res->console_log);
}

static void report(const struct bpfvm_result *res)
{
	const struct bpfvm_report *r;
	char line[300], times[40];
	unsigned i;

	for (i = 0; i < res->n_reports; i++) {
		r = &res->reports[i];
		if (is_outcome(res, r->kind))
			continue;
		*times = 0;
		if (r->count > 1)
			snprintf(times, sizeof(times), " (%u times)", r->count);
		snprintf(line, sizeof(line), "%s: %s%s",
			 bpfvm_report_name(r->kind), r->title, times);
		print_line(res, line);
	}
	if (res->reports_lost)
		fprintf(stderr, "bpfvm: %u more reports\n", res->reports_lost);
	if (res->outcome != BPFVM_EXITED)
		print_line(res, res->reason);
}

/* Did the kernel break, whatever became of the program? */
static bool broke(const struct bpfvm_result *res, bool fatal_warn)
{
	unsigned i;

	if (res->outcome != BPFVM_EXITED && res->outcome != BPFVM_SIGNALED)
		return false;
	for (i = 0; i < res->n_reports; i++) {
		if (fatal_warn || bpfvm_report_is_broken(res->reports[i].kind))
			return true;
	}
	return false;
}

static int fetch(const struct options *o)
{
	char why[512] = "", path[4096];
	int ret = 0;

	if (o->fetch_qemu)
		ret = bpfvm_fetch_qemu_for(o->cfg.arch, why, sizeof(why));
	if (!ret && o->fetch_libs) {
		ret = bpfvm_fetch_libs(o->cfg.arch, o->packages, path,
				       sizeof(path), why, sizeof(why));
		if (!ret)
			puts(path);
	}
	if (ret)
		fprintf(stderr, "bpfvm: %s\n", *why ? why : strerror(-ret));
	if (got_signal)
		return 128 + got_signal;
	return ret ? EXIT_OWN : 0;
}

int main(int argc, char **argv)
{
	struct options o;
	struct bpfvm_result res;
	int ret;

	fill_standard_streams();
	ret = options_parse(&o, argc, argv);
	if (ret) {
		fprintf(stderr, "bpfvm: %s\n", strerror(ret));
		return EXIT_OWN;
	}
	catch_signals();
	if (o.fetch_qemu || o.fetch_libs) {
		ret = fetch(&o);
	} else {
		ret = bpfvm_run(&o.cfg, &res);
		report(&res);
		ret = exit_status(&res, ret);
		if (broke(&res, o.fatal_warn))
			ret = EXIT_CRASHED;
	}
	options_free(&o);
	return ret;
}

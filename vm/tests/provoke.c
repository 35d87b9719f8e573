/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* See provoke.h. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provoke.h"

struct task {
	const struct ground *ground;
	const struct provocation *p;
};

static int ignore(void *ctx, int stream, const void *data, size_t len)
{
	(void)ctx;
	(void)stream;
	(void)data;
	(void)len;
	return 0;
}

static unsigned open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static const struct bpfvm_report *find(const struct bpfvm_result *res,
				       enum bpfvm_report_kind kind)
{
	unsigned i;

	for (i = 0; i < res->n_reports; i++) {
		if (res->reports[i].kind == kind)
			return &res->reports[i];
	}
	fail_msg("no report of %s among %u; %s; the console: %s",
		 bpfvm_report_name(kind), res->n_reports, res->reason,
		 res->console_log);
	return NULL;
}

static void check(const struct bpfvm_result *res, const struct provocation *p)
{
	const struct bpfvm_report *r = find(res, p->report);

	if (res->outcome != p->outcome ||
	    (p->outcome == BPFVM_EXITED && res->status != 7))
		fail_msg("outcome %d, status %d: %s; the console: %s",
			 res->outcome, res->status, res->reason,
			 res->console_log);
	if (p->in_trace && !strstr(r->trace, p->in_trace))
		fail_msg("no \"%s\" in the trace:\n%s", p->in_trace, r->trace);
}

static void provoked(void **state)
{
	const struct task *task = *state;
	const struct provocation *p = task->p;
	char *argv[] = {(char *)built("tests/guest_probe"), (char *)p->how,
			(char *)p->kind, NULL};
	const struct bpfvm_file module = {task->ground->module, "/provoke.ko"};
	struct bpfvm_config cfg;
	struct bpfvm_result res;
	char dir[] = "/tmp/bpfvm-provoke-XXXXXX";
	unsigned files = open_files();

	if (!*module.host) {
		print_message("%s\n", task->ground->missing);
		skip();
	}
	bpfvm_config_init(&cfg);
	cfg.kernel = task->ground->kernel;
	cfg.argv = argv;
	cfg.files = &module;
	cfg.n_files = 1;
	cfg.cpus = 2;
	cfg.clone = true;
	cfg.output = ignore;
	assert_non_null(mkdtemp(dir));
	setenv("TMPDIR", dir, 1);
	bpfvm_run(&cfg, &res);
	unsetenv("TMPDIR");
	check(&res, p);
	unlink(res.console_log);
	assert_none_marked(dir);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(open_files(), files);
}

struct CMUnitTest *provoke_tests(const struct ground *ground,
				 const struct provocation *p, size_t n)
{
	struct CMUnitTest *tests = calloc(n, sizeof(*tests));
	struct task *tasks = calloc(n, sizeof(*tasks));
	char *name;
	size_t i;

	assert_true(tests && tasks);
	for (i = 0; i < n; i++) {
		tasks[i] = (struct task){ground, &p[i]};
		if (asprintf(&name, "%s %s %s", ground->name, p[i].how,
			     p[i].kind ? p[i].kind : "") < 0)
			abort();
		tests[i].name = name;
		tests[i].test_func = provoked;
		tests[i].initial_state = &tasks[i];
	}
	return tests;
}

void provoke_free(struct CMUnitTest *tests, size_t n)
{
	size_t i;

	free(n ? tests[0].initial_state : NULL);
	for (i = 0; i < n; i++)
		free((char *)tests[i].name);
	free(tests);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* bpfabi fuzz: runs a campaign, and what belongs to one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bpfabi.h"
#include "fuzz_judge.h"
#include "fuzz_merge.h"
#include "fuzz_seeds.h"
#include "fuzz_watch.h"
#include "host/triage.h"
#include "interrupt.h"
#include "progress.h"

enum { JUDGE_REST_S = 300 };

static void nap(void)
{
	const struct timespec ts = {0, 100000000};

	nanosleep(&ts, NULL);
}

static bool is_stopped(void *ctx)
{
	(void)ctx;
	return interrupt_signal() != 0;
}

static void say(void *ctx, const char *line)
{
	(void)ctx;
	complain("%s", line);
}

static void vm_config(const struct fuzz_options *o, struct fuzzvm_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->kernel = o->kernel;
	cfg->executor = o->executor;
	cfg->append = o->append;
	cfg->accel = o->accel;
	cfg->timeout_s = o->timeout_s;
	cfg->note = say;
}

static int run_triage(const struct fuzz_options *o)
{
	struct fuzzvm_config cfg;
	const struct triage triage = {
		.vm = &cfg, .work = o->work, .stop = is_stopped, .say = say};
	int ret;

	vm_config(o, &cfg);
	ret = triage_all(&triage);
	if (interrupt_signal())
		return 128 + interrupt_signal();
	if (ret < 0) {
		complain("%s: not all finds could be judged: %s", o->work,
			 strerror(-ret));
		return STATUS_NO_VERDICT;
	}
	return finds_names(o->work, NULL) ? STATUS_BROKEN : STATUS_HOLDS;
}

/* Until time is up, or a signal comes; false: engines fail, or the disk is
 * full. */
static bool watch_engines(struct watch *watch, struct engines *engines,
			  struct fuzz_judge *judge)
{
	const struct fuzz_options *o = watch->options;

	while (!interrupt_signal()) {
		bool unjudged = false;

		if (o->seconds > 0 &&
		    monotonic_s() - watch->began >= o->seconds)
			break;
		if (!engines_keep(engines)) {
			watch_clear(watch);
			return false;
		}
		if (!watch_look(watch, engines))
			return false;
		if (o->triage)
			finds_names(o->work, &unjudged);
		if (unjudged)
			fuzz_judge_start(judge, false);
		if (fuzz_judge_has_news(judge)) {
			watch_clear(watch);
			fuzz_judge_tell(judge);
		}
		nap();
	}
	return true;
}

/* False: it is at work, and there is no more time. */
static bool await_judge(struct fuzz_judge *judge, double until)
{
	while (fuzz_judge_runs(judge)) {
		if (interrupt_signal() || monotonic_s() >= until)
			return false;
		nap();
	}
	return !interrupt_signal();
}

/* What the engines have found last is judged too, and counted; unless one has
 * no time, or it takes much longer than the campaign was to. */
static void judge_rest(struct fuzz_judge *judge)
{
	const struct fuzz_options *o = judge->options;
	const double until = monotonic_s() + JUDGE_REST_S;
	bool unjudged, any = finds_names(o->work, &unjudged);

	if (!o->triage || interrupt_signal() || !any)
		return;
	if (unjudged)
		complain("judging finds, %d s at most; Ctrl-C leaves that to "
			 "--triage",
			 JUDGE_REST_S);
	/* Who is at work may have begun before the last were there. */
	if (await_judge(judge, until)) {
		fuzz_judge_start(judge, true);
		await_judge(judge, until);
	}
	fuzz_judge_tell(judge);
	finds_names(o->work, &unjudged);
	if (!unjudged && !judge->pid)
		return;
	complain("finds are left to judge: the same command with --triage does "
		 "that");
}

static int list_find(void *ctx, const char *name)
{
	const struct fuzz_options *o = ctx;
	char path[FILES_PATH], *text;
	size_t len;

	if (strcmp(name, "raw") == 0 ||
	    path_make(path, "%s/finds/%s/report.txt", o->work, name) < 0)
		return 0;
	text = (char *)file_read(path, 1 << 20, &len);
	if (text)
		printf("%s: %.*s\n  %s\n", name, (int)strcspn(text, "\n"), text,
		       path);
	free(text);
	return 0;
}

static void list_finds(struct fuzz_options *o)
{
	char path[FILES_PATH];

	if (path_make(path, "%s/finds", o->work) == 0)
		dir_each(path, list_find, o);
}

static int run_campaign(struct fuzz_options *o)
{
	static struct engines engines;
	struct fuzz_judge judge = {.options = o};
	struct watch watch;
	bool whole;
	int ret = engines_start(&engines, o);

	watch_init(&watch, &engines);
	whole = ret == STATUS_HOLDS && watch_engines(&watch, &engines, &judge);
	engines_stop(&engines);
	if (ret != STATUS_HOLDS)
		return ret;
	whole = seeds_collect(o) == STATUS_HOLDS && whole;
	judge_rest(&judge);
	fuzz_judge_stop(&judge);
	watch_finish(&watch, &engines);
	list_finds(o);
	if (interrupt_signal())
		return 128 + interrupt_signal();
	if (!whole || watch.failed)
		return STATUS_NO_VERDICT;
	if (!watch_has_run(&watch)) {
		complain("no input has run: the VM was not up in time; what "
			 "the engine said: %s/log.0",
			 o->work);
		return STATUS_NO_VERDICT;
	}
	return watch.names ? STATUS_BROKEN : STATUS_HOLDS;
}

int cmd_fuzz(int argc, char **argv)
{
	struct fuzz_options options;
	int ret = fuzz_options_parse(&options, argc, argv);

	if (ret == STATUS_HOLDS) {
		interrupt_install();
		switch (options.what) {
		case FUZZ_PLOT:
			ret = plot_write(options.plot, options.args,
					 options.n_args);
			break;
		case FUZZ_TRIAGE:
			ret = run_triage(&options);
			break;
		case FUZZ_MERGE:
			ret = merge_run(&options);
			break;
		default:
			ret = run_campaign(&options);
		}
	}
	free(options.args);
	return finish_stdout() == STATUS_HOLDS ? ret : STATUS_NO_VERDICT;
}

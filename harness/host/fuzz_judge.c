// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The judge of finds, beside a campaign: bpfabi fuzz --triage. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpfabi.h"
#include "fuzz_child.h"
#include "fuzz_judge.h"
#include "progress.h"

/* Seconds from the end of one to the next; what fails at once is likely to do
 * so again. */
#define PAUSE_S	     1.0
#define PAUSE_MOST_S 300.0

static void ended(struct fuzz_judge *judge, bool well)
{
	judge->pid = 0;
	judge->failed = !well;
	judge->pause = well ? PAUSE_S : judge->pause * 2;
	if (judge->pause < PAUSE_S)
		judge->pause = PAUSE_S;
	if (judge->pause > PAUSE_MOST_S)
		judge->pause = PAUSE_MOST_S;
	judge->not_until = monotonic_s() + judge->pause;
}

bool fuzz_judge_runs(struct fuzz_judge *judge)
{
	int status;
	pid_t pid = judge->pid;

	if (pid <= 0)
		return false;
	pid = waitpid(pid, &status, WNOHANG);
	if (pid == 0)
		return true;
	ended(judge, pid > 0 && WIFEXITED(status) &&
			     (WEXITSTATUS(status) == STATUS_HOLDS ||
			      WEXITSTATUS(status) == STATUS_BROKEN));
	return false;
}

bool fuzz_judge_has_news(const struct fuzz_judge *judge)
{
	return judge->failed && !judge->told;
}

void fuzz_judge_tell(struct fuzz_judge *judge)
{
	if (fuzz_judge_has_news(judge))
		complain("the judge of finds fails; what it says: "
			 "%s/log.triage",
			 judge->options->work);
	judge->told = judge->told || judge->failed;
}

/* In the child. */
static void __attribute__((noreturn))
run(const struct fuzz_options *o, char **argv)
{
	child_redirect(o, "triage");
	/* Fuzzing comes first. -1 may be what it is now. */
	errno = 0;
	if (nice(10) == -1 && errno)
		fprintf(stderr, "bpfabi: nice: %s\n", strerror(errno));
	execv("/proc/self/exe", argv);
	fprintf(stderr, "bpfabi: /proc/self/exe: %s\n", strerror(errno));
	_exit(127);
}

void fuzz_judge_start(struct fuzz_judge *judge, bool at_once)
{
	const struct fuzz_options *o = judge->options;
	static struct child_args args;

	if (fuzz_judge_runs(judge) ||
	    (!at_once && monotonic_s() < judge->not_until))
		return;
	memset(&args, 0, sizeof(args));
	child_add(&args, "bpfabi");
	child_add(&args, "fuzz");
	child_add(&args, "%s", make_target_name(o->target));
	child_add(&args, "--triage");
	child_add(&args, "--kernel=%s", o->kernel);
	child_add(&args, "--work=%s", o->work);
	child_add(&args, "--timeout=%u", o->timeout_s);
	child_add(&args, "--accel=%s", accel_name(o->accel));
	if (o->append)
		child_add(&args, "--append=%s", o->append);
	judge->pid = child_start();
	if (judge->pid == 0)
		run(o, args.argv);
	if (judge->pid < 0) {
		complain("starting the judge of finds: %s", strerror(errno));
		judge->told = true;
		ended(judge, false);
	}
}

void fuzz_judge_stop(struct fuzz_judge *judge)
{
	if (judge->pid > 0)
		kill(judge->pid, SIGTERM);
	child_reap(&judge->pid);
}

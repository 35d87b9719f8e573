// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The judge of finds, beside a campaign: bpfabi fuzz --triage. */
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz_child.h"
#include "fuzz_judge.h"

bool fuzz_judge_runs(struct fuzz_judge *judge)
{
	if (judge->pid > 0 && waitpid(judge->pid, NULL, WNOHANG) == 0)
		return true;
	judge->pid = 0;
	return false;
}

void fuzz_judge_start(struct fuzz_judge *judge)
{
	const struct fuzz_options *o = judge->options;
	static struct child_args args;

	if (fuzz_judge_runs(judge))
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
	if (judge->pid != 0)
		return;
	child_redirect(o, "triage");
	/* Fuzzing comes first. */
	if (nice(10) < 0)
		_exit(127);
	execv("/proc/self/exe", args.argv);
	_exit(127);
}

void fuzz_judge_stop(struct fuzz_judge *judge)
{
	if (judge->pid > 0)
		kill(judge->pid, SIGTERM);
	child_reap(&judge->pid);
}

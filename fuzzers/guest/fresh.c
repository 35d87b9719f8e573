// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Runs a sequence in a process and a world of its own: a cgroup, a BPF
 * filesystem and those givens that it refers to, all made anew. A network
 * namespace takes the kernel ten times as long as all that, so only what can
 * see the network's state gets one. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor.h"

/* Straight into the cgroup: to move there later waits for RCU. */
static pid_t fork_into(int cgroup)
{
	struct clone_args args;

	memset(&args, 0, sizeof(args));
	args.exit_signal = SIGCHLD;
	if (cgroup >= 0) {
		args.flags = CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static uint64_t wanted(const struct seq *seq)
{
	uint64_t bits = 1ULL << SEQ_GIVEN_CGROUP;

	for (unsigned int i = 0; i < seq->n; i++) {
		const struct seq_call *call = &seq->calls[i];

		for (unsigned int k = 0; k < call->n_refs; k++)
			if (call->refs[k].kind == SEQ_REF_GIVEN)
				bits |= 1ULL << call->refs[k].which;
		if (call->op == SEQ_RUN)
			bits |= 1ULL << SEQ_GIVEN_UDP |
				1ULL << SEQ_GIVEN_TCP_LISTEN;
	}
	return bits;
}

/* Whether AT of the attr, a target, is a number: an interface's index. */
static bool is_number(const struct seq_call *call, unsigned int at)
{
	for (unsigned int k = 0; k < call->n_refs; k++)
		if (call->refs[k].in == SEQ_IN_ATTR && call->refs[k].at == at)
			return call->refs[k].kind == SEQ_REF_GIVEN &&
			       call->refs[k].which == SEQ_GIVEN_NETNS;
	return call->attr[at] != 0;
}

static bool sees_net(const struct seq *seq)
{
	for (unsigned int i = 0; i < seq->n; i++) {
		const struct seq_call *call = &seq->calls[i];

		if (call->op != SEQ_BPF && call->op != SEQ_BPF_COMMON)
			continue;
		if ((call->cmd == BPF_PROG_ATTACH ||
		     call->cmd == BPF_PROG_DETACH ||
		     call->cmd == BPF_PROG_QUERY) &&
		    is_number(call, 0))
			return true;
		if (call->cmd == BPF_LINK_CREATE && is_number(call, 4))
			return true;
	}
	return false;
}

static void run(const struct seq *seq, uint32_t flags, const char *cgroup)
{
	if (sees_net(seq) && !unshare(CLONE_NEWNET))
		lo_up();
	syscall(SYS_close_range, FD_GIVEN, FD_HIDDEN - 1, 0);
	world_make(wanted(seq), cgroup);
	cover_enter();
	calls_run(seq, 0, flags);
	undo_all(seq);
	_exit(0);
}

void fresh_run(const struct seq *seq, uint32_t flags)
{
	char path[64];
	int cgroup, ret = world_cgroup(1, path, sizeof(path));
	pid_t child;

	cgroup = ret ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cover_leave();
	child = fork_into(cgroup);
	if (cgroup >= 0)
		close(cgroup);
	if (child == 0)
		run(seq, flags, path);
	if (child < 0)
		perror("bpfsys-exec: clone3");
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	rmdir(path);
	cover_enter();
	if (results->jit && pwrite(FD_HIDDEN + HIDDEN_JIT, "1", 1, 0) == 1)
		results->jit = false;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Runs a sequence in a process and a world of its own: those givens that it
 * refers to are made anew, the cgroup and the BPF filesystem among them. A
 * network namespace takes the kernel longer than all that, so only what can see
 * the network's state gets one. */
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

/* A cgroup and a filesystem cost more to unmake than most calls do: bits of
 * what SEQ refers to, or reaches by a path. */
static uint64_t wanted(const struct seq *seq)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < seq->n; i++) {
		const struct seq_call *call = &seq->calls[i];

		for (unsigned int k = 0; k < call->n_refs; k++)
			if (call->refs[k].kind == SEQ_REF_GIVEN)
				bits |= 1ULL << call->refs[k].which;
		if (call->op == SEQ_RUN)
			bits |= 1ULL << SEQ_GIVEN_UDP |
				1ULL << SEQ_GIVEN_TCP_LISTEN;
		if ((call->op == SEQ_BPF || call->op == SEQ_BPF_COMMON) &&
		    (call->cmd == BPF_OBJ_PIN || call->cmd == BPF_OBJ_GET))
			bits |= 1ULL << SEQ_GIVEN_BPFFS;
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

static void run(const struct seq *seq, uint32_t flags, uint64_t bits,
		const char *cgroup)
{
	if (sees_net(seq) && !unshare(CLONE_NEWNET))
		lo_up();
	syscall(SYS_close_range, FD_GIVEN, FD_HIDDEN - 1, 0);
	world_make(bits, cgroup);
	cover_enter();
	calls_run(seq, 0, flags);
	undo_all(seq);
	_exit(0);
}

static void run_in(int cgroup, const char *path, const struct seq *seq,
		   uint32_t flags, uint64_t bits)
{
	pid_t child;

	cover_leave();
	child = fork_into(cgroup);
	if (child == 0)
		run(seq, flags, bits, path);
	if (child < 0)
		perror("bpfsys-exec: clone3");
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	cover_enter();
}

void fresh_run(const struct seq *seq, uint32_t flags)
{
	const uint64_t bits = wanted(seq);
	char path[64] = "";
	int cgroup = -1;

	if (bits >> SEQ_GIVEN_CGROUP & 1 &&
	    !world_cgroup(1, path, sizeof(path)))
		cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	run_in(cgroup, path, seq, flags, bits);
	if (cgroup >= 0) {
		close(cgroup);
		rmdir(path);
	}
	if (results->jit && pwrite(FD_HIDDEN + HIDDEN_JIT, "1", 1, 0) == 1)
		results->jit = false;
}

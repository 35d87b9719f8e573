/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the end of a session means for the user. */
#include <string.h>
#include <sys/wait.h>

#include "run.h"

static const char *what_qemu_said(const struct session *s)
{
	return *s->qemu_said ? s->qemu_said : "it said nothing";
}

static enum bpfvm_outcome qemu_failed(struct run *r, const struct session *s)
{
	if (WIFSIGNALED(s->wait_status))
		fault(&r->why, 0, "QEMU was killed by signal %d (%s); %s",
		      WTERMSIG(s->wait_status), r->qemu.path,
		      what_qemu_said(s));
	else
		fault(&r->why, 0, "QEMU ended with status %d (%s): %.150s",
		      WEXITSTATUS(s->wait_status), r->qemu.path,
		      what_qemu_said(s));
	return BPFVM_VMM_DIED;
}

static enum bpfvm_outcome kernel_died(struct run *r, const struct session *s)
{
	const char *kernel = s->ready ? s->release : r->cfg->kernel;
	const char *when = s->ready ? "" : " before our init was up";

	if (*s->con.panic)
		fault(&r->why, 0, "kernel panicked%s: %.120s (%s)", when,
		      s->con.panic, kernel);
	else if (strstr(s->con.last, "reboot: "))
		fault(&r->why, 0,
		      "guest was rebooted or powered off from inside%s (%s)",
		      when, kernel);
	else
		fault(&r->why, 0,
		      "guest was reset without a panic%s, likely a triple fault "
		      "(%s); last console line: %.120s",
		      when, kernel, *s->con.last ? s->con.last : "none");
	return s->ready ? BPFVM_PANIC : BPFVM_NO_BOOT;
}

static enum bpfvm_outcome timed_out(struct run *r, const struct session *s)
{
	/* The user may have asked for panic=0 or for a larger delay. */
	if (*s->con.panic)
		return kernel_died(r, s);
	fault(&r->why, 0, "%s within %u s (%s); last console line: %.120s",
	      s->ready ? "program did not end" : "kernel did not boot",
	      s->ready ? s->timeout_s : (unsigned)(s->deadline - s->started),
	      s->ready ? s->release : r->cfg->kernel,
	      *s->con.bug    ? s->con.bug
	      : *s->con.last ? s->con.last
			     : "none");
	return s->ready ? BPFVM_TIMEOUT : BPFVM_NO_BOOT;
}

enum bpfvm_outcome run_judge(struct run *r, const struct session *s)
{
	r->res->status = s->value;
	switch (s->end) {
	case SESSION_EXITED:
		fault(&r->why, 0, "exited with status %u", s->value);
		return BPFVM_EXITED;
	case SESSION_SIGNALED:
		fault(&r->why, 0, "killed by signal %u (%s)", s->value,
		      strsignal(s->value));
		return BPFVM_SIGNALED;
	case SESSION_NOT_STARTED:
		if (*s->no_module) {
			fault(&r->why, 0,
			      "--module %s: cannot be loaded (%s): %s",
			      s->no_module, s->release, strerror(s->value));
			return BPFVM_ERROR;
		}
		fault(&r->why, 0, "%s: cannot be executed in the guest: %s",
		      r->cfg->argv[0], strerror(s->value));
		return BPFVM_ERROR;
	case SESSION_CLOSED:
		if (WIFEXITED(s->wait_status) && !WEXITSTATUS(s->wait_status))
			return kernel_died(r, s);
		return qemu_failed(r, s);
	case SESSION_TIMEOUT:
		return timed_out(r, s);
	case SESSION_PROTOCOL:
		fault(&r->why, 0, "control channel of the guest is broken: %s",
		      s->protocol);
		return s->ready ? BPFVM_VMM_DIED : BPFVM_NO_BOOT;
	case SESSION_STOPPED:
		if (*s->files.why || *s->late_why) {
			fault(&r->why, 0, "%s",
			      *s->late_why ? s->late_why : s->files.why);
			return BPFVM_STOPPED;
		}
		if (is_stopped(r->cfg)) {
			fault(&r->why, 0, "stopped");
			return BPFVM_STOPPED;
		}
		fault(&r->why, 0, "%s%s",
		      s->output_err ? "writing the program's output: "
				    : "stopped by the receiver of the output",
		      s->output_err ? strerror(-s->output_err) : "");
		return BPFVM_STOPPED;
	case SESSION_REFUSED:
		fault(&r->why, 0, "QEMU does not load the template: %.180s",
		      s->qmp.said);
		return BPFVM_VMM_DIED;
	default:
		fault(&r->why, 0, "interrupted");
		return BPFVM_INTERRUPTED;
	}
}

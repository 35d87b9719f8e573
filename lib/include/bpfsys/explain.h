/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What an errno of bpf(2) means, from the table, and what a call looked like.
 *
 * Nothing here allocates, keeps what it is given, or follows a pointer that
 * stands in attr. errno is left as it was.
 */
#ifndef BPFSYS_EXPLAIN_H
#define BPFSYS_EXPLAIN_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Says why bpf(2) returned an error: one cause a line, the most likely first.
 *
 * cmd: the command's number, with or without BPFSYS_COMMON_ATTRS. attr: what
 * was passed, SIZE bytes; NULL where it is not at hand, then every documented
 * cause is listed. err: the errno, its sign does not matter. buf: LEN bytes,
 * always ended by a NUL where LEN is not 0; NULL where LEN is 0.
 *
 * With attr, causes that it contradicts are left out, those that it points to
 * come first and name fields, values and the kernel that a field needs. The
 * running kernel is asked for the size of its attr and, for EINVAL, for the
 * command (<bpfsys/probe.h>), as far as it says. Returns the length of the
 * whole text without the NUL; LEN or more means that it was cut.
 */
int bpfsys_explain(unsigned int cmd, const void *attr, unsigned int size,
		   int err, char *buf, size_t len);

/*
 * The most general cause that the table knows for an errno of a command, as
 * strerror(3) would say it: "map_fd is not open".
 *
 * cmd, err: as for bpfsys_explain(). Returns a constant string, never NULL;
 * where the table has no cause, "not documented for this command".
 */
const char *bpfsys_strerrno(unsigned int cmd, int err);

/* A call of bpf(2), for bpfsys_show_call(). */
struct bpfsys_call {
	unsigned int cmd;  /* as passed, BPFSYS_COMMON_ATTRS included */
	unsigned int size; /* as passed */
	const void *attr;  /* as passed: printed, never read */
	const void *bytes; /* what stood at attr before the call */
	size_t n_bytes;	   /* how many of them are known: 0 to SIZE */
	int ret;	   /* what bpfsys() returned */
};

/*
 * Writes a call as strace(1) would, with the fields that are not zero:
 * bpf(BPF_MAP_FREEZE, {map_fd=3}, 32) = -1 EPERM
 *
 * buf: LEN bytes, ended by a NUL where LEN is not 0. Returns the length of the
 * whole text, as bpfsys_explain() does.
 */
int bpfsys_show_call(const struct bpfsys_call *call, char *buf, size_t len);

/*
 * Reports every call that goes through bpfsys(), bpfsys_common() or a wrapper,
 * by all threads, until bpfsys_trace(NULL, NULL): a line as bpfsys_show_call()
 * writes it, and behind an error its most likely cause.
 *
 * report: called after the call, in the thread that made it, with the line
 * (no newline at its end) and ARG; calls that it makes itself are not
 * reported. Calls are not slower while nothing is traced.
 */
void bpfsys_trace(void (*report)(const char *line, void *arg), void *arg);

/*
 * Starts a trace to standard error if the environment has BPFSYS_TRACE=1; for
 * programs to call when they start. Programs that run with more privilege than
 * their caller (setuid, file capabilities) are not traced.
 *
 * Returns 1 if a trace was started, else 0.
 */
int bpfsys_trace_from_env(void);

#ifdef __cplusplus
}
#endif

#endif

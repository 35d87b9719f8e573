/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Runs bpfvm the way a user does and looks at all that it leaves. */
#ifndef BPFVM_VMTEST_H
#define BPFVM_VMTEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <cmocka.h>

#define OUTPUT_KEPT (4 * 1024 * 1024)

/* A bpfvm under way, and what it has said so far. */
struct vmtest {
	pid_t pid;
	int out, err;
	char *out_buf;
	size_t out_len; /* that was read; OUTPUT_KEPT of it are kept */
	char err_buf[8192];
	size_t err_len;
	int status; /* as a shell would show it */
	long peak_kb;
	char dir[64]; /* its working directory and TMPDIR, empty at start */
};

/* $BUILD/<name>, absolute */
const char *built(const char *name);
/* The arguments after the last one are NULL. */
void vm_begin(struct vmtest *t, const char *const *args);
/* Reads on until stdout or stderr has text in it, or the end. */
void vm_await(struct vmtest *t, const char *text);
/* Reads to the end and reaps. */
void vm_finish(struct vmtest *t);
/* begin and finish */
void vm_whole(struct vmtest *t, const char *const *args);
/* Checks that neither a process was left nor anything in the directory, and
 * forgets it all. */
void vm_clean(struct vmtest *t);
/* The QEMU of t, once there is one. */
pid_t vm_qemu(struct vmtest *t);
/* Waits up to two seconds for all processes to be no more, but for ours, that
 * have dir in their environment, as TMPDIR. */
void assert_none_marked(const char *dir);
/* Waits up to two seconds for pid to be no more. */
void assert_gone(pid_t pid);
void assert_said(const struct vmtest *t, const char *text);
/* stderr is one line, begins with "bpfvm: " and has text in it. */
void assert_one_line(const struct vmtest *t, const char *text);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A VM with the executor in it, which runs one input after the other; a clone
 * takes its place when it dies. Used by the engines, by replay and by the judge
 * of finds. */
#ifndef BPFSYS_FUZZVM_H
#define BPFSYS_FUZZVM_H

#include <bpfvm/bpfvm.h>

#include "../exec.h"

struct fuzzvm;

struct fuzzvm_config {
	const char *kernel;   /* as bpfvm has it */
	const char *executor; /* path of the guest's program */
	const char *append;   /* more kernel command line, or NULL */
	const char *vmlinux;  /* or NULL */
	enum bpfvm_accel accel;
	unsigned int mem_mib;	/* 0: 1024 */
	unsigned int timeout_s; /* for one input; 0: 10 */
	unsigned int ready_s;	/* for the executor, in a VM that is up; 0: 120
				 */
	bool no_clone;
	/* Reports without file and line: finding these takes seconds. */
	bool plain_traces;
	void (*note)(void *ctx, const char *line); /* NULL: stderr */
	void *ctx;
};

enum fuzzvm_end {
	FUZZVM_RAN,  /* results are there */
	FUZZVM_DIED, /* the kernel died, or reported on itself; or QEMU did */
	FUZZVM_HUNG, /* no answer in time */
	FUZZVM_LOST, /* no VM can be had, or interrupted: see why */
};

struct fuzzvm_result {
	enum fuzzvm_end end;
	bool earlier; /* FUZZVM_DIED of an input before; this has not run */
	struct exec_page page; /* a copy: bounded, checked */
	const uint32_t *pcs; /* page.n_pcs of them, in the window: copy once */
	const struct exec_cmp *cmps;
	const uint8_t *bytes; /* EXEC_BYTES_MOST, of EXEC_DETAIL; as above */
	/* FUZZVM_DIED and FUZZVM_HUNG: the VM as it ended, reports included,
	 * console log kept where console_log says. */
	const struct bpfvm_result *vm;
	char why[256];
};

/* Boots nothing yet. NULL: out of memory. */
struct fuzzvm *fuzzvm_open(const struct fuzzvm_config *cfg);

/* Runs the LEN bytes at INPUT, in a VM that is started if none is there. */
enum fuzzvm_end fuzzvm_run(struct fuzzvm *vm, const uint8_t *input, size_t len,
			   unsigned int flags, unsigned int repeat,
			   struct fuzzvm_result *res);

/* Whether the VM dies within SECONDS of what has run in it: FUZZVM_DIED, or
 * FUZZVM_RAN if it lives. */
enum fuzzvm_end fuzzvm_linger(struct fuzzvm *vm, double seconds,
			      struct fuzzvm_result *res);

/* PCs that are wanted: kernel/bpf, net, the JIT, of this vmlinux (found beside
 * the kernel if NULL was configured); without one all. Count of ranges, or
 * -errno. */
int fuzzvm_ranges(struct fuzzvm *vm);

/* Whether its kernel has KCOV; the VM is started if none is there. */
bool fuzzvm_has_kcov(struct fuzzvm *vm);

/* Throws the VM away; the next input gets a fresh clone. */
void fuzzvm_renew(struct fuzzvm *vm);
unsigned int fuzzvm_started(const struct fuzzvm *vm); /* VMs so far */
void fuzzvm_close(struct fuzzvm *vm);

#endif

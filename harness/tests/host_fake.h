/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A small catalogue and a VM that obeys, so that bpfabi's host side is tested
 * without kernels. */
#ifndef BPFABI_HOST_FAKE_H
#define BPFABI_HOST_FAKE_H

#include <stddef.h>

#include <stdbool.h>

#include <bpfvm/bpfvm.h>

#define FAKE_CASES 8

/* What the guest does in a case. */
enum fake_act {
	FAKE_PASS,
	FAKE_FAIL,
	FAKE_ABSENT,
	FAKE_SKIP,
	FAKE_KNOWN,
	FAKE_END,	/* the VM ends in the case, as fake.outcome says */
	FAKE_END_ONCE,	/* so it does, but not when run alone */
	FAKE_END_AFTER, /* it ends when the case has its result */
	FAKE_MUTE,	/* start, but no result */
	FAKE_SIGNAL,	/* SIGINT comes to bpfabi, and the VM ends */
};

/* Set up by a test, read by bpfvm_run(). */
struct fake {
	enum fake_act acts[FAKE_CASES]; /* of the cases, by number */
	enum bpfvm_outcome outcome;	/* of FAKE_END and of no_boot */
	int status;
	unsigned int boots_up; /* VMs that come up in spite of no_boot */
	const char *no_boot;   /* the reason, where no VM comes up */
	bool notes;	       /* each VM notes architecture and timeout */
	const char *report;    /* of the kernel, of report_kind */
	enum bpfvm_report_kind report_kind;
	const char *trace; /* its */
	unsigned int meet; /* VMs that have to run at once; "a" ends last */
	unsigned int met, gone;
	const char *raw; /* what the guest says instead of records */
	size_t raw_len;
	const char *err; /* on the suite's standard error */
	size_t chunk;	 /* bytes a call of output(); 0: 4096 */
	unsigned int boots;
	unsigned int interrupts; /* calls of bpfvm_interrupt() */
	char argv[16][256];	 /* of each boot, joined by spaces */
};

extern struct fake fake;

/* All cases pass, nothing was booted. */
void fake_reset(void);

#endif

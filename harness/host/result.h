/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What a run found out: one result for every selected case, and what befell
 * the kernel meanwhile. Everything textual is clean (text.h). */
#ifndef BPFABI_RESULT_H
#define BPFABI_RESULT_H

#include <stdbool.h>
#include <stddef.h>

#include <bpfvm/bpfvm.h>

#include "bpfabi.h"
#include "kernel_reports.h"
#include "select.h"

enum mark {
	MARK_NONE, /* no result yet */
	MARK_PASS,
	MARK_FAIL,
	MARK_ABSENT,
	MARK_SKIP,
	MARK_KNOWN,
	MARK_CRASH, /* it took the kernel down, or hung it */
};

struct result {
	enum mark mark;
	bool not_run; /* a MARK_FAIL for want of a VM to run it in */
	unsigned int ms;
	char expected[256];
	char got[256];
	char call[1024];   /* strace-like */
	char detail[1536]; /* reason, reference, how a crash was confirmed */
};

/* What the guest's output held that is no good record. */
struct oddities {
	unsigned long garbage;	/* lines that are no record */
	unsigned long too_long; /* lines of more than READER_LINE_MAX bytes */
	unsigned long unknown;	/* records of cases that were not selected */
	unsigned long twice;	/* second results, which are ignored */
	unsigned long disorder; /* results without start, starts in a row */
	unsigned long count;	/* wrong numbers of cases */
	unsigned long no_end;	/* ends of the suite without an end record */
};

struct kernel_run {
	const char *spec;
	const struct selection *sel;
	struct result *results; /* as many as sel->n, in its order */
	char release[65];
	char machine[65];
	enum bpfvm_outcome outcome; /* of the first VM that did not just exit */
	bool kvm;
	double boot_s; /* of the first VM */
	double wall_s;
	unsigned int vms;	       /* that were booted */
	unsigned int crashes;	       /* of the kernel, hangs included */
	struct kernel_reports reports; /* of the kernel about itself */
	bool lost; /* cases were not run, and not for a crash */
	bool interrupted;
	char why[320]; /* why cases were not run; empty: all were */
	struct oddities odd;
};

struct totals {
	unsigned int cases, passed, failed, absent, skipped, known;
	unsigned int crashed; /* of those that failed */
	unsigned int not_run; /* and are not counted as failed */
};

/* 0 or -ENOMEM. SPEC and SEL must live as long as K. */
int kernel_run_init(struct kernel_run *k, const char *spec,
		    const struct selection *sel);
void kernel_run_free(struct kernel_run *k);

/* Results of the cases of CMD (NULL: of no one command). A crash counts as
 * failed, too; what was not run does not. */
struct totals kernel_run_count(const struct kernel_run *k,
			       const struct bpfsys_command *cmd);

/* Results of all cases. */
struct totals kernel_run_totals(const struct kernel_run *k);

/* No case has a result of its own: nothing can be said of this kernel. */
bool kernel_run_empty(const struct kernel_run *k);

/* What bpfabi exits with for K; STRICT: known deviations break the ABI. */
enum status kernel_run_status(const struct kernel_run *k, bool strict);

/* One line on what was odd in the guest's output; false where nothing was. */
bool oddities_text(const struct oddities *odd, char *buf, size_t size);

/* "pass", "fail", "absent", "skip", "known", "crash", "none". */
const char *mark_name(enum mark mark);

/* "exited", "panic", ... */
const char *outcome_name(enum bpfvm_outcome outcome);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What a kernel reported about itself while the suite ran: an oops, KASAN, a
 * warning. The same report from many VMs is one with a count. */
#ifndef BPFABI_KERNEL_REPORTS_H
#define BPFABI_KERNEL_REPORTS_H

#include <stddef.h>
#include <stdio.h>

#include <bpfvm/bpfvm.h>

struct kernel_report {
	enum bpfvm_report_kind kind;
	unsigned int count;
	char title[160];
	char console_log[1024]; /* of the first; it may be "" */
	const char *during;	/* name of the first case; NULL: of several */
	char *trace;		/* lines of printable ASCII */
};

#define KERNEL_REPORTS_MAX 64

struct kernel_reports {
	struct kernel_report *all; /* in order of appearance */
	size_t n;
	unsigned int count;  /* of all reports, those not kept included */
	unsigned int broken; /* of them: those that mean a broken kernel */
};

/* 0 or -ENOMEM; of more than KERNEL_REPORTS_MAX kinds the rest is counted. */
int kernel_reports_add(struct kernel_reports *reports,
		       const struct bpfvm_report *report,
		       const char *console_log, const char *during);

/* Adds those of ONE to ALL; ONE is as it was. 0 or -ENOMEM. */
int kernel_reports_merge(struct kernel_reports *all,
			 const struct kernel_reports *one);

void kernel_reports_free(struct kernel_reports *reports);

/* "KASAN: TITLE (3 times, first in map_create/witness)" */
void kernel_report_text(const struct kernel_report *report, char *buf,
			size_t size);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The report on a run, in each of its forms. */
#ifndef BPFABI_REPORT_H
#define BPFABI_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "result.h"

struct report {
	const struct selection *sel;
	struct kernel_run *kernels;
	size_t n;
	bool strict;   /* known deviations count as failures */
	bool compat32; /* the suite was of 32 bits, the kernels are of 64 */
};

/* What bpfabi exits with for all kernels. */
enum status report_status(const struct report *report);

/* What K is called, clean: its spec, and " compat32" if that is so. */
void report_name(const struct report *report, const struct kernel_run *k,
		 char *buf, size_t size);

/* "The ABI holds: 600 passed, ...": the verdict on K in a line. */
void report_verdict(const struct report *report, const struct kernel_run *k,
		    char *buf, size_t size);

/* KTAP for a run of TOTAL kernels: flat for one, a subtest each for more. */
void ktap_begin(FILE *out, size_t total);
void ktap_kernel(FILE *out, const struct report *report, size_t at,
		 size_t total);

/* For people; COLOR: with escape sequences. */
void summary_kernel(FILE *out, const struct report *report,
		    const struct kernel_run *k, bool color);

/* A line for each kernel, where there are several. */
void summary_end(FILE *out, const struct report *report, bool color);

/* One document on all kernels. 0, -ENOMEM, or -errno of writing. */
int json_report(FILE *out, const void *report);
int junit_report(FILE *out, const void *report);

#endif

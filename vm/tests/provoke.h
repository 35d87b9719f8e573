/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Breaks guests for real and looks at what bpfvm says of them and leaves. */
#ifndef BPFVM_PROVOKE_H
#define BPFVM_PROVOKE_H

#include "../include/bpfvm/bpfvm.h"
#include "vmtest.h"

/* A kernel and how to break it. */
struct ground {
	const char *name, *kernel;
	char module[4096];   /* bpfvm_provoke.ko for it; "": there is none */
	const char *missing; /* what to do about that */
};

struct provocation {
	/* What guest_probe does, and its argument. */
	const char *how, *kind;
	enum bpfvm_report_kind report;
	/* That the trace has to show; NULL: there is no trace. */
	const char *in_trace;
	enum bpfvm_outcome outcome; /* of the program; EXITED: with 7 */
};

/* By bpfvm_provoke.ko; its function has to be in the trace. */
#define MODULE(kind, report, outcome)                           \
	{                                                       \
		"provoke", #kind, BPFVM_REPORT_##report,        \
			"provoke_" #kind "+0x", BPFVM_##outcome \
	}

/* Tests of each provocation on ground, for cmocka; the caller frees them. */
struct CMUnitTest *provoke_tests(const struct ground *ground,
				 const struct provocation *p, size_t n);
void provoke_free(struct CMUnitTest *tests, size_t n);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What a kernel built with KCOV can say of its source: the calls of
 * __sanitizer_cov_trace_pc in a vmlinux, and the lines that they stand for. */
#ifndef BPFSYS_POINTS_H
#define BPFSYS_POINTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct line {
	const char *file; /* below the top of the source */
	unsigned int line;
	bool reached;
};

struct pcs {
	uint32_t *at; /* from _stext, ascending */
	size_t n, room;
};

/* Compares two of them, for qsort() and bsearch(). */
int pcs_ascending(const void *a, const void *b);

struct points {
	void *dwarf;	 /* owns the files' names */
	struct line *at; /* one for each line, by file and line */
	size_t n, room;
	size_t calls, reached; /* instrumentation points, and those in PCS */
};

/* The points in compile units and files below UNDER; reached are those in PCS,
 * and the lines that they were inlined into. 0 or -errno; WHY says what. */
int points_read(const char *vmlinux, const char *under, const struct pcs *pcs,
		struct points *points, const char **why);
void points_free(struct points *points);

#endif

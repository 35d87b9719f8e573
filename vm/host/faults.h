/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Finds the reports of a kernel about itself among the lines of its console. */
#ifndef BPFVM_FAULTS_H
#define BPFVM_FAULTS_H

#include "bpfvm/bpfvm.h"

/* Lines of a trace, and lines that may stand between a "cut here" and the
 * line that says what it is about. */
#define FAULTS_LINES   128
#define FAULTS_PENDING 10

struct faults {
	struct bpfvm_report report[BPFVM_REPORTS_MOST];
	unsigned n;
	unsigned lost; /* that found no room */

	/* The report whose trace is being read, and where it goes: into room,
	 * so that a repetition never touches the first one's trace. */
	struct bpfvm_report room;
	bool open;
	bool framed;	/* it ends with a mark of its own */
	bool in_trace;	/* "Call Trace:" was seen */
	unsigned lines; /* of it so far */

	char pending[1024]; /* since the last "cut here" or "=====" */
	size_t pending_len;
	unsigned pending_lines; /* that may still come; 0: none is open */
	bool cut;		/* it was "cut here" */
	char corrupt[160];	/* "list_add corruption ...", */
	unsigned corrupt_lines; /* which may still say what a BUG is about */
};

/* marks.c: the kind of report that msg, a line without its time, begins; -1:
 * none. */
int report_kind(const struct faults *f, const char *msg);
/* Called as msg says, without what differs each time. */
void report_title(struct bpfvm_report *r, const char *msg);
/* The higher, the more is lost with it; 0: the kernel is not broken. */
unsigned report_rank(enum bpfvm_report_kind kind);
bool report_same(const struct bpfvm_report *a, const struct bpfvm_report *b);
bool begins(const char *s, const char *head);

/* Takes a line of the console without its newline, printable bytes only. */
void faults_line(struct faults *f, const char *line);
/* The stream has ended; an open report is complete. */
void faults_end(struct faults *f);
/* What no line of the console says: a reset, a reboot. */
void faults_add(struct faults *f, enum bpfvm_report_kind kind,
		const char *title);

#endif

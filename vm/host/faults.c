/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Finds the reports of a kernel about itself among the lines of its console:
 * bounded memory and time a line, whatever the guest writes. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "faults.h"

/* Without "[    1.234567]", with PRINTK_CALLER "[    T1]", and the space
 * after them; the indentation of the message itself stays. */
static const char *message(const char *line)
{
	const char *msg = line, *end;

	while (*msg == '[' && (end = strchr(msg, ']')) &&
	       strspn(msg + 1, " .0123456789TC") == (size_t)(end - msg - 1))
		msg = end + 1;
	return msg + (msg != line && *msg == ' ');
}

/* Where a report goes when there is no room: the last one of the least rank
 * below its own. A kernel's end only comes once and ousts anything. */
static struct bpfvm_report *oust(struct faults *f, enum bpfvm_report_kind kind)
{
	const bool end = kind <= BPFVM_REPORT_REBOOT;
	unsigned least = end ? UINT_MAX : report_rank(kind), i, rank;
	struct bpfvm_report *place = NULL;

	f->lost++;
	for (i = f->n; i--;) {
		rank = report_rank(f->report[i].kind);
		if (rank < least) {
			least = rank;
			place = &f->report[i];
		}
	}
	return place;
}

static void store(struct faults *f, const struct bpfvm_report *r)
{
	struct bpfvm_report *place;
	unsigned i;

	for (i = 0; i < f->n; i++) {
		if (report_same(&f->report[i], r)) {
			f->report[i].count++;
			return;
		}
	}
	place = f->n < BPFVM_REPORTS_MOST ? &f->report[f->n++]
					  : oust(f, r->kind);
	if (!place)
		return;
	*place = *r;
	place->count = 1;
}

void faults_end(struct faults *f)
{
	if (f->open)
		store(f, &f->room);
	f->open = false;
	f->pending_lines = 0;
}

void faults_add(struct faults *f, enum bpfvm_report_kind kind,
		const char *title)
{
	faults_end(f);
	memset(&f->room, 0, sizeof(f->room));
	f->room.kind = kind;
	snprintf(f->room.title, sizeof(f->room.title), "%s", title);
	store(f, &f->room);
}

/* Adds a line to a text of size bytes, whole or not at all. */
static size_t put_line(char *text, size_t size, size_t used, const char *line)
{
	size_t len = strlen(line);

	if (used + len + 2 > size)
		return used;
	memcpy(text + used, line, len);
	text[used + len] = '\n';
	text[used + len + 1] = 0;
	return used + len + 1;
}

static void put_trace(struct faults *f, const char *msg)
{
	put_line(f->room.trace, sizeof(f->room.trace), strlen(f->room.trace),
		 msg);
}

static void begin(struct faults *f, enum bpfvm_report_kind kind,
		  const char *msg)
{
	bool pending = f->pending_lines != 0;

	faults_end(f);
	memset(&f->room, 0, sizeof(f->room));
	f->room.kind = kind;
	if (f->corrupt_lines &&
	    (kind == BPFVM_REPORT_BUG || kind == BPFVM_REPORT_WARNING)) {
		f->room.kind = BPFVM_REPORT_CORRUPTION;
		msg = f->corrupt;
		f->corrupt_lines = 0;
	}
	report_title(&f->room, msg);
	if (pending)
		memcpy(f->room.trace, f->pending, f->pending_len + 1);
	f->open = true;
	f->in_trace = false;
	f->lines = 0;
	f->framed = kind == BPFVM_REPORT_PANIC || kind == BPFVM_REPORT_OOPS ||
		    kind == BPFVM_REPORT_BUG || kind == BPFVM_REPORT_WARNING ||
		    kind == BPFVM_REPORT_KASAN || kind == BPFVM_REPORT_KCSAN ||
		    kind == BPFVM_REPORT_KFENCE || kind == BPFVM_REPORT_UBSAN ||
		    kind == BPFVM_REPORT_OOM_KILL;
	/* "BUG: scheduling while atomic" and its like, SLUB's too, are not. */
	if (begins(msg, "BUG") && kind == BPFVM_REPORT_BUG)
		f->framed = false;
}

/* "====" that frames a report of a sanitizer or of lockdep */
static bool is_rule(const char *msg)
{
	size_t n = strspn(msg, "=");

	return n >= 16 && !msg[n];
}

/* A trap says two or three lines that would each begin a report. */
static bool goes_on(const struct faults *f, int kind)
{
	const enum bpfvm_report_kind open = f->room.kind;

	if (!f->open || f->in_trace)
		return false;
	if (kind == BPFVM_REPORT_OOPS)
		return open == BPFVM_REPORT_OOPS || open == BPFVM_REPORT_BUG ||
		       open == BPFVM_REPORT_CORRUPTION;
	return false;
}

/* The last line of the open report? */
static bool is_last(const struct faults *f, const char *msg)
{
	if (begins(msg, "---[ end ") || f->lines >= FAULTS_LINES)
		return true;
	if (f->room.kind == BPFVM_REPORT_OOM_KILL)
		return strstr(msg, "Killed process ") != NULL;
	return is_rule(msg) || (!f->framed && begins(msg, " </TASK>"));
}

/* Before 5.18 nothing says where a trace ends but its lack of indentation;
 * registers of an entry from user space may stand in between. */
static bool is_beyond(const struct faults *f, const char *msg)
{
	/* riscv's traces begin with "[<address>]". */
	if (f->framed || !f->in_trace || *msg == ' ' || begins(msg, "[<"))
		return false;
	return !begins(msg, "RIP: ") && !begins(msg, "Code: ") &&
	       !(*msg == 'R' && strchr(msg, ':') && strchr(msg, ':') - msg < 5);
}

static void hold(struct faults *f, const char *msg)
{
	f->pending_len =
		put_line(f->pending, sizeof(f->pending), f->pending_len, msg);
	f->pending_lines--;
}

/* Said within what was cut, or, where a kernel is to die of it, before. */
static void note_corruption(struct faults *f, const char *msg)
{
	if ((begins(msg, "list_add ") || begins(msg, "list_del ") ||
	     begins(msg, "list_add_") || begins(msg, "hlist_")) &&
	    (strstr(msg, "corruption") || strstr(msg, " double add:"))) {
		snprintf(f->corrupt, sizeof(f->corrupt), "%s", msg);
		f->corrupt_lines = FAULTS_PENDING;
	} else if (f->corrupt_lines) {
		f->corrupt_lines--;
	}
}

static void begin_pending(struct faults *f, const char *msg)
{
	f->cut = *msg == '-';
	f->pending_len = 0;
	f->pending[0] = 0;
	f->pending_lines = FAULTS_PENDING;
	hold(f, msg);
}

void faults_line(struct faults *f, const char *line)
{
	const char *msg = message(line);
	int kind = report_kind(f, msg);

	note_corruption(f, msg);
	if (f->open && kind < 0 && is_beyond(f, msg))
		faults_end(f);
	if (kind == BPFVM_REPORT_OOM_KILL && f->open &&
	    f->room.kind == BPFVM_REPORT_OOM_KILL &&
	    strstr(msg, "Killed process ")) {
		/* Who was killed says more than who asked for memory. */
		report_title(&f->room, msg);
	} else if (kind >= 0 && !goes_on(f, kind)) {
		begin(f, kind, msg);
	} else if (!f->open && f->pending_lines && kind < 0 &&
		   !strstr(msg, "[ cut here ]") && !is_rule(msg)) {
		hold(f, msg);
		return;
	}
	if (strstr(msg, "[ cut here ]") || (!f->open && is_rule(msg))) {
		faults_end(f);
		begin_pending(f, msg);
	}
	if (!f->open)
		return;
	put_trace(f, msg);
	f->lines++;
	if (begins(msg, "Call Trace:") || begins(msg, "Call trace:"))
		f->in_trace = true;
	if (is_last(f, msg))
		faults_end(f);
}

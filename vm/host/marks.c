/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What kind of report a line of the console begins, and what it is called. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "faults.h"

/* How a kind is known by: the line begins with head and contains more. */
struct mark {
	const char *head, *more;
	int kind; /* -1: none */
};

#define HELD " still has locks held!"

/* The first that fits counts. */
static const struct mark marks[] = {
	{"Kernel panic - not syncing: ", "", BPFVM_REPORT_PANIC},
	{"BUG: KASAN: ", "", BPFVM_REPORT_KASAN},
	{"BUG: KMSAN: ", "", BPFVM_REPORT_KASAN},
	{"BUG: KCSAN: ", "", BPFVM_REPORT_KCSAN},
	{"BUG: KFENCE: ", "", BPFVM_REPORT_KFENCE},
	{"UBSAN: ", "", BPFVM_REPORT_UBSAN},
	{"BUG: soft lockup", "", BPFVM_REPORT_SOFT_LOCKUP},
	{"watchdog: BUG: soft lockup", "", BPFVM_REPORT_SOFT_LOCKUP},
	/* Prefixes differ: "NMI watchdog: ", "watchdog: CPU0: ". */
	{"", "atchdog detected hard LOCKUP on cpu", BPFVM_REPORT_HARD_LOCKUP},
	{"BUG: workqueue lockup", "", BPFVM_REPORT_STALL},
	{"rcu: INFO: ", " stall", BPFVM_REPORT_STALL},
	{"INFO: rcu", " stall", BPFVM_REPORT_STALL},
	{"INFO: task ", " for more than ", BPFVM_REPORT_HUNG_TASK},
	{"", " invoked oom-killer: ", BPFVM_REPORT_OOM_KILL},
	{"Out of memory: Killed process ", "", BPFVM_REPORT_OOM_KILL},
	{"Memory cgroup out of memory: Killed process ", "",
	 BPFVM_REPORT_OOM_KILL},
	{"WARNING: possible ", " detected", BPFVM_REPORT_LOCKDEP},
	{"WARNING: inconsistent lock state", "", BPFVM_REPORT_LOCKDEP},
	{"WARNING: suspicious RCU usage", "", BPFVM_REPORT_LOCKDEP},
	{"WARNING: ", " lock order detected", BPFVM_REPORT_LOCKDEP},
	{"WARNING: bad unlock balance detected", "", BPFVM_REPORT_LOCKDEP},
	{"WARNING: bad contention detected", "", BPFVM_REPORT_LOCKDEP},
	{"WARNING: held lock freed", "", BPFVM_REPORT_LOCKDEP},
	{"WARNING: lock held when returning", "", BPFVM_REPORT_LOCKDEP},
	{"WARNING: Nested lock was not taken", "", BPFVM_REPORT_LOCKDEP},
	{"WARNING: ", HELD, BPFVM_REPORT_LOCKDEP},
	{"[ BUG: ", " ]", BPFVM_REPORT_LOCKDEP},
	{"INFO: trying to register non-static key", "", BPFVM_REPORT_LOCKDEP},
	{"WARNING: CPU: ", " at ", BPFVM_REPORT_WARNING},
	{"BUG: kernel NULL pointer dereference", "", BPFVM_REPORT_OOPS},
	{"BUG: unable to handle ", "", BPFVM_REPORT_OOPS},
	{"BUG: ", "stack guard page was hit", BPFVM_REPORT_OOPS},
	{"Unable to handle kernel ", "", BPFVM_REPORT_OOPS},
	{"Internal error: ", "", BPFVM_REPORT_OOPS},
	{"kernel BUG at ", "", BPFVM_REPORT_BUG},
	/* lockdep has run out of its tables: no fault. */
	{"BUG: MAX_LOCK", "", -1},
	{"BUG: MAX_STACK", "", -1},
	{"BUG: ", "", BPFVM_REPORT_BUG},
	/* SLUB: "BUG kmalloc-64 (Not tainted): Right Redzone overwritten" */
	{"BUG ", " (Not tainted): ", BPFVM_REPORT_BUG},
	{"BUG ", " (Tainted: ", BPFVM_REPORT_BUG},
	{"Oops", ": ", BPFVM_REPORT_OOPS},
};

/* rank: what says more of what a kernel does has the higher; 0: it may go on */
static const struct {
	const char *name;
	unsigned rank;
} kinds[] = {
	[BPFVM_REPORT_PANIC] = {"panic", 4},
	[BPFVM_REPORT_RESET] = {"reset", 4},
	[BPFVM_REPORT_REBOOT] = {"reboot", 0},
	[BPFVM_REPORT_OOPS] = {"oops", 2},
	[BPFVM_REPORT_BUG] = {"BUG", 1},
	[BPFVM_REPORT_CORRUPTION] = {"list corruption", 2},
	[BPFVM_REPORT_KASAN] = {"KASAN", 3},
	[BPFVM_REPORT_KFENCE] = {"KFENCE", 3},
	[BPFVM_REPORT_UBSAN] = {"UBSAN", 1},
	[BPFVM_REPORT_LOCKDEP] = {"lockdep", 1},
	[BPFVM_REPORT_WARNING] = {"WARNING", 0},
	[BPFVM_REPORT_KCSAN] = {"KCSAN", 0},
	[BPFVM_REPORT_STALL] = {"stall", 0},
	[BPFVM_REPORT_SOFT_LOCKUP] = {"soft lockup", 0},
	[BPFVM_REPORT_HARD_LOCKUP] = {"hard lockup", 0},
	[BPFVM_REPORT_HUNG_TASK] = {"hung task", 0},
	[BPFVM_REPORT_OOM_KILL] = {"OOM kill", 0},
};

const char *bpfvm_report_name(enum bpfvm_report_kind kind)
{
	return (size_t)kind < sizeof(kinds) / sizeof(*kinds) ? kinds[kind].name
							     : "unknown";
}

unsigned report_rank(enum bpfvm_report_kind kind)
{
	return (size_t)kind < sizeof(kinds) / sizeof(*kinds) ? kinds[kind].rank
							     : 0;
}

bool bpfvm_report_is_broken(enum bpfvm_report_kind kind)
{
	return report_rank(kind) > 0;
}

bool begins(const char *s, const char *head)
{
	return !strncmp(s, head, strlen(head));
}

/* die() counts: "what: 0018 [#1]", on s390 "what: 0005 ilc:2 [#1]", on riscv
 * "Oops - what [#1]". Returns where the what ends, NULL if it is no such line:
 * that of a program's trap has no count. */
static const char *died(const char *msg)
{
	const char *count = strstr(msg, " [#"), *p = count;
	size_t digits = 0;

	if (!count || !isdigit((unsigned char)count[3]))
		return NULL;
	if (p - msg > 6 && !memcmp(p - 6, " ilc:", 5))
		p -= 6;
	for (; p > msg && isxdigit((unsigned char)p[-1]); p--)
		digits++;
	if (digits >= 4 && p - msg >= 2 && !memcmp(p - 2, ": ", 2))
		return p - 2;
	return begins(msg, "Oops - ") || begins(msg, "Oops [#") ? count : NULL;
}

int report_kind(const struct faults *f, const char *msg)
{
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		if (begins(msg, marks[i].head) &&
		    strstr(msg + strlen(marks[i].head), marks[i].more))
			return marks[i].kind;
	}
	if (died(msg))
		return BPFVM_REPORT_OOPS;
	/* Since 6.19 "WARNING: file:line at function, CPU#0: ..."; drivers
	 * print lines with that beginning, too, but cut nothing. */
	if (f->cut && f->pending_lines && begins(msg, "WARNING: "))
		return BPFVM_REPORT_WARNING;
	return -1;
}

/* Ends of titles that name a process, or where it was. */
static const struct {
	const char *head, *from;
} passing[] = {
	{"BUG: scheduling while atomic", ": "},
	{"BUG: Bad page ", " in process "},
	{"BUG: Bad rss-counter state", " mm:"},
	{"BUG: using ", " ["},
	{"BUG: workqueue leaked ", ": "},
};

static const char *passing_end(const char *title)
{
	size_t i;

	for (i = 0; i < sizeof(passing) / sizeof(*passing); i++) {
		if (begins(title, passing[i].head))
			return strstr(title + strlen(passing[i].head),
				      passing[i].from);
	}
	return NULL;
}

void report_title(struct bpfvm_report *r, const char *msg)
{
	const char *from = msg, *at, *end;

	/* Processor and process differ each time. */
	if (r->kind == BPFVM_REPORT_WARNING && begins(msg, "WARNING: CPU: ")) {
		at = strstr(msg, " at ");
		from = at ? at + 1 : msg;
	}
	if (from == msg && begins(msg, "WARNING: "))
		from += strlen("WARNING: ");
	at = strstr(from, HELD);
	if (r->kind == BPFVM_REPORT_LOCKDEP && at)
		from = at + 1;
	/* Of SLUB's, the taint that the first of them brings about. */
	at = begins(from, "BUG ") ? strstr(from, " (") : NULL;
	end = at ? strstr(at, "): ") : NULL;
	snprintf(r->title, sizeof(r->title), "%.*s%s",
		 end ? (int)(at - from) : 0, from, end ? end + 1 : from);
	end = strstr(r->title, ", CPU#");
	if (!end)
		end = died(r->title);
	if (!end)
		end = passing_end(r->title);
	if (end)
		r->title[end - r->title] = 0;
}

bool report_same(const struct bpfvm_report *a, const struct bpfvm_report *b)
{
	const char *p = a->title, *q = b->title;

	if (a->kind != b->kind)
		return false;
	if (a->kind != BPFVM_REPORT_STALL &&
	    a->kind != BPFVM_REPORT_SOFT_LOCKUP &&
	    a->kind != BPFVM_REPORT_HARD_LOCKUP &&
	    a->kind != BPFVM_REPORT_HUNG_TASK &&
	    a->kind != BPFVM_REPORT_OOM_KILL)
		return !strcmp(p, q);
	/* Numbers in them name a task, a processor, a time. */
	for (; *p && *q; p++, q++) {
		while (isdigit((unsigned char)*p) &&
		       isdigit((unsigned char)p[1]))
			p++;
		while (isdigit((unsigned char)*q) &&
		       isdigit((unsigned char)q[1]))
			q++;
		if (*p != *q &&
		    !(isdigit((unsigned char)*p) && isdigit((unsigned char)*q)))
			break;
	}
	return *p == *q;
}

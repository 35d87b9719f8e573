/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Cases in processes, and the records of how they went. */
#ifndef BPFABI_PROCESS_H
#define BPFABI_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "catalogue.h"
#include "suite.h"

#define WORDS_MOST (5 * 1024)

/* Shared between the process of cases and its parent. */
extern struct progress {
	volatile size_t done; /* cases with a result */
	/* --from-stdin: what the process of the first cases has read */
	char words[WORDS_MOST];
	char end[32]; /* the last record, if those were all cases */
} * progress;

/* Records go to what standard output was. What cmocka prints there of cases
 * that hold is dropped, as the records say it; failures it prints to standard
 * error. */
void records_open(void);
/* What else they need, so that nothing is left to do when the VM is cloned. */
void records_prepare(void);
void write_header(size_t selected);
void flush_records(void);
void records_end(size_t n);
/* The same in two steps: the process of cases makes it, as its parent would
 * need more code for that than it has run before; the parent writes it when
 * the process has ended. */
void records_make_end(size_t n);
bool records_write_end(void);

/* In a process of its own: N cases, up to one that does not hold, which may
 * have left something behind. A record goes out when the next case starts, with
 * its start, so that a kernel that dies in it takes no result along. */
void judge_cases(const struct suite_case *const *cases, size_t n);
/* Whether the process of cases ended well; if not, RUN gets what happened. */
bool ended_well(pid_t child, struct run *run);
/* Gives the case that a process died of its result. */
void write_death(struct run *run, const struct suite_case *which);
/* Runs up to N cases in one process; returns how many have a result. */
size_t run_in_child(const struct suite_case *const *cases, size_t n);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Finds: what they are called, and how they are kept.
 *
 * An engine keeps them raw, at once, in WORK/finds/raw/<name>/: <hash>.input,
 * and of the first few of a name what came before (<hash>.before: each input
 * with its length in front), <hash>.console and <hash>.report. Triage turns
 * them into WORK/finds/<name>/. */
#ifndef BPFSYS_FINDS_H
#define BPFSYS_FINDS_H

#include "fuzzvm.h"
#include "recent.h"

enum {
	FINDS_NAME = 128,
	FINDS_WHOLE = 4, /* of a name are kept with all that belongs to them */
	FINDS_BEFORE = 64,
	FINDS_CONSOLE = 4 << 20, /* bytes of a console log, at most */
};

struct find {
	char name[FINDS_NAME]; /* fit for a directory */
	char title[256];       /* a line, of printable ASCII */
	char expected[256], got[512];
	char text[8192];    /* trace, symbolised; lines end in \n */
	char console[4096]; /* path of a log to take over, or "" */
	char release[65];
};

/* Names a VM's end; INPUT is for a hang, of which the kernel may say nothing.
 */
void find_of_vm(struct find *find, const struct fuzzvm_result *res,
		const uint8_t *input, size_t len);

/* Appends to its name the last command of an input. */
void find_name_command(struct find *find, const uint8_t *input, size_t len);

/* The report that says most of a VM's end, or NULL. */
const struct bpfvm_report *find_report(const struct bpfvm_result *vm);

/* Up to N functions at the top of a trace, without those that only report or
 * that anything goes through. Returns how many. */
unsigned int find_frames(const char *trace, char frames[][64], unsigned int n);

/* What ran before a find: the N inputs before the one that came BACK inputs
 * before the last. */
struct past {
	const struct recent *recent;
	size_t back, n;
};

/* Keeps FIND, its input and PAST (or NULL) below DIR (WORK/finds/raw). 0 or
 * -errno. */
int find_keep(const char *dir, const struct find *find, const uint8_t *input,
	      size_t len, const struct past *past);

/* As much as STEM (raw/<name>/<hash>) tells of it. */
void find_restore(struct find *find, const char *name, const char *stem);

/* Removes the console log that libbpfvm has kept for it in its cache. */
void find_drop(const struct find *find);

#endif

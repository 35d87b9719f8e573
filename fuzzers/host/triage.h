/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Turns raw finds into ones to send: run again, made small, told. */
#ifndef BPFSYS_TRIAGE_H
#define BPFSYS_TRIAGE_H

#include "finds.h"

struct triage {
	const struct fuzzvm_config *vm;
	const char *work;	 /* WORK/finds is read and written */
	unsigned int times;	 /* runs in fresh clones; 0: 3 */
	unsigned int seconds;	 /* for making one find small; 0: 120 */
	bool (*stop)(void *ctx); /* or NULL */
	void (*say)(void *ctx, const char *line);
	void *ctx;
};

/* All raw finds that have not been judged. How many names were, or -errno. */
int triage_all(const struct triage *triage);

/* Whether a raw find of the directory DIR (WORK/finds/raw/<name>) is still to
 * be judged. */
bool triage_is_due(const char *dir);

/* What runs in a fresh clone one after the other; the last is the find. */
struct suspect {
	char name[FINDS_NAME]; /* what it is to end with; "": anything */
	uint8_t **inputs;
	size_t *lens;
	size_t n;
};

/* Whether SUSPECT ends as its name says: after so many of its inputs, or 0.
 * FIND says how it ended, its name is "" where nothing happened. -1: no VM, or
 * interrupted. */
int suspect_run(struct fuzzvm *vm, const struct suspect *suspect, bool fresh,
		struct find *find);

/* Makes the last input of SUSPECT smaller, and drops others before it. The
 * number of runs that took. */
unsigned int suspect_shrink(struct fuzzvm *vm, struct suspect *suspect,
			    const struct triage *triage);

/* A copy of an input is its last now; false: out of memory. */
bool suspect_add(struct suspect *suspect, const uint8_t *data, size_t len);
/* Reads what find_keep() has kept; false: nothing there. */
bool suspect_read(struct suspect *suspect, const char *stem);
/* Adds the inputs of a file, each with its length in front. */
void suspect_read_before(struct suspect *suspect, const char *path);
/* Keeps its last N inputs only. */
void suspect_cut(struct suspect *suspect, size_t n);
/* Its first N. */
void suspect_end(struct suspect *suspect, size_t n);
void suspect_free(struct suspect *suspect);

/* How it is told. */
struct verdict {
	const struct find *find;
	unsigned int confirmed, of;
	unsigned long seen;		/* times in the campaign */
	const struct fuzzvm_config *vm; /* that it was confirmed with */
};
int find_tell(const char *dir, const struct suspect *suspect,
	      const struct verdict *verdict);
/* How often what is told in DIR was confirmed; -1: nothing is told there. */
int find_told(const char *dir);

#endif

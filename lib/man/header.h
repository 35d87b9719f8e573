/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The functions that a header declares, each with the comment above it. */
#ifndef BPFSYS_MAN_HEADER_H
#define BPFSYS_MAN_HEADER_H

#define MAX_COMMENT  4096
#define MAX_DECLARED 1024

struct function {
	const char *header;	     /* "bpfsys/bpfsys.h" */
	char comment[MAX_COMMENT];   /* words, and '\n' between paragraphs */
	char declared[MAX_DECLARED]; /* on one line, from type to ')' */
	char type[128], name[64];
	const char *args; /* in declared, behind the '(' */
};

/* Calls FOUND for every function of the file PATH that has a comment. Functions
 * that stand together share the comment of the first. Returns 0, or -1 with a
 * message. */
int read_header(const char *path, const char *header,
		int (*found)(const struct function *function, void *arg),
		void *arg);

#endif

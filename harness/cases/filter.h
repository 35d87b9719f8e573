/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Which cases a filter selects, the same for bpfabi and the suite. */
#ifndef BPFABI_FILTER_H
#define BPFABI_FILTER_H

#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* At once; each VM is given all of them, in PROTO_ARGS bytes. */
#define FILTERS_MOST 256

/* FILTER is a shell pattern over case names; without a slash it is one over
 * commands. */
static inline bool filter_matches(const char *filter, const char *name)
{
	char pattern[256];

	/* A name in full, which is what a clone for one case is given. */
	if (strchr(filter, '/') && !strpbrk(filter, "*?[\\"))
		return strcmp(filter, name) == 0;
	if (strchr(filter, '/') || strcmp(filter, "*") == 0)
		return fnmatch(filter, name, 0) == 0;
	snprintf(pattern, sizeof(pattern), "%s/*", filter);
	return fnmatch(pattern, name, 0) == 0;
}

#endif

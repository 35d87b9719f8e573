/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Which of a name's raw finds are still to be judged. A name has several
 * chances: as long as none was confirmed, each that is kept whole is tried. */
#ifndef BPFSYS_STEMS_H
#define BPFSYS_STEMS_H

#include "files.h"
#include "finds.h"

struct stems {
	const char *dir;		    /* raw/<name> */
	char stem[FINDS_WHOLE][FILES_PATH]; /* dir/<hash> */
	unsigned int n;
	char tried[FINDS_WHOLE * 32 + 1]; /* what DIR/judged says */
	unsigned int n_tried;
	bool over; /* no further one is wanted */
};

/* Reads those of DIR that are wanted. */
void stems_read(struct stems *stems, const char *dir);

/* Notes in DIR/judged that STEM was tried, and how often it was confirmed. 0 or
 * -errno. */
int stems_tried(struct stems *stems, const char *stem, int confirmed);

#endif

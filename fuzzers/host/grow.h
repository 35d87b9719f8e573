/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Arrays that grow. */
#ifndef BPFSYS_GROW_H
#define BPFSYS_GROW_H

#include <stdlib.h>

/* ARRAY, of N elements of SIZE bytes, with room for another; *ROOM is how many
 * there is room for. NULL: there is no memory, and ARRAY is as it was. */
static inline void *grow(void *array, size_t n, size_t *room, size_t size)
{
	const size_t more = *room ? 2 * *room : 4096;
	void *grown;

	if (n < *room)
		return array;
	grown = realloc(array, more * size);
	if (grown)
		*room = more;
	return grown;
}

#endif

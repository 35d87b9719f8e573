// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What both engines mutate with. */
#include <stdlib.h>

#include "files.h"
#include "hints.h"
#include "mutate.h"

static enum make_target target;
static struct hints *hints;

void mutate_open(enum make_target t)
{
	const char *work = getenv("BPFSYS_WORK");
	char path[FILES_PATH];

	target = t;
	/* Without them mutation is less good, but it is. */
	if (work && path_make(path, "%s/hints", work) == 0)
		hints = hints_open(path);
}

size_t mutate(uint64_t seed, uint8_t *data, size_t len, size_t size)
{
	if (hints)
		hints_take(hints);
	return make_mutate(target, seed, data, len, size);
}

size_t mutate_cross(uint64_t seed, const uint8_t *a, size_t a_len,
		    const uint8_t *b, size_t b_len, uint8_t *out, size_t size)
{
	if (hints)
		hints_take(hints);
	return make_cross(target, seed, a, a_len, b, b_len, out, size);
}

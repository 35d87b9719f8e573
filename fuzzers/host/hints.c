// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What the kernel compared, from who runs inputs to who mutates them. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../make/make.h"
#include "files.h"
#include "hints.h"

enum { HINTS = 4096 };

struct hints_file {
	_Atomic uint64_t n; /* put so far */
	struct exec_cmp ring[HINTS];
};

struct hints {
	struct hints_file *file;
	uint64_t taken;
};

struct hints *hints_open(const char *path)
{
	struct hints *hints = calloc(1, sizeof(*hints));

	if (!hints)
		return NULL;
	hints->file = file_map(path, sizeof(*hints->file));
	if (hints->file)
		return hints;
	free(hints);
	return NULL;
}

void hints_close(struct hints *hints)
{
	munmap(hints->file, sizeof(*hints->file));
	free(hints);
}

/* Whether a mutator could find A in an input and want B there: addresses and
 * what is equal say nothing. */
static bool is_telling(const struct exec_cmp *cmp)
{
	const uint64_t kernel = 0xffff800000000000u;

	return cmp->a != cmp->b && cmp->a < kernel && cmp->b < kernel &&
	       (cmp->size == 1 || cmp->size == 2 || cmp->size == 4 ||
		cmp->size == 8);
}

unsigned int hints_put(struct hints *hints, const struct exec_cmp *cmps,
		       uint32_t n)
{
	struct hints_file *file = hints->file;
	unsigned int told = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct exec_cmp cmp;
		uint64_t at = atomic_load(&file->n);

		memcpy(&cmp, &cmps[i], sizeof(cmp));
		if (!is_telling(&cmp))
			continue;
		file->ring[at % HINTS] = cmp;
		atomic_store(&file->n, at + 1);
		told++;
	}
	return told;
}

void hints_take(struct hints *hints)
{
	const uint64_t n = atomic_load(&hints->file->n);

	if (n - hints->taken > HINTS)
		hints->taken = n - HINTS;
	while (hints->taken != n) {
		const struct exec_cmp *cmp =
			&hints->file->ring[hints->taken++ % HINTS];

		make_hint(cmp->a, cmp->b, cmp->size);
		if (!cmp->constant)
			make_hint(cmp->b, cmp->a, cmp->size);
	}
}

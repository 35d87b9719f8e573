// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Coverage of the kernel as the engines understand it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cover.h"
#include "files.h"

#define MAGIC 0x31534350u /* "PCS1" */

enum { SLOT_BITS = 19, SLOTS = 1 << SLOT_BITS };

/* PCs in the order in which they came: the place of one is its number. */
struct pcs_file {
	uint32_t magic, n;
	uint32_t pcs[COVER_PCS];
};

struct cover {
	struct pcs_file *file;
	uint32_t slots[SLOTS]; /* 1 + number of a PC; 0: free */
};

/* The slot of PC, or the free one where it belongs. */
static uint32_t *find(struct cover *cover, uint32_t pc)
{
	uint32_t at = pc * 2654435761u >> (32 - SLOT_BITS);

	while (cover->slots[at] && cover->file->pcs[cover->slots[at] - 1] != pc)
		at = (at + 1) % SLOTS;
	return &cover->slots[at];
}

struct cover *cover_open(const char *path)
{
	struct cover *cover = calloc(1, sizeof(*cover));
	struct pcs_file *file;

	if (!cover)
		return NULL;
	file = cover->file = file_map(path, sizeof(*file));
	if (!file) {
		free(cover);
		return NULL;
	}
	if (file->magic != MAGIC || file->n > COVER_PCS) {
		file->magic = MAGIC;
		file->n = 0;
	}
	for (uint32_t i = 0; i < file->n; i++)
		*find(cover, file->pcs[i]) = i + 1;
	return cover;
}

void cover_close(struct cover *cover)
{
	munmap(cover->file, sizeof(*cover->file));
	free(cover);
}

unsigned int cover_fold(struct cover *cover, const uint32_t *pcs, uint32_t n,
			uint8_t *counters)
{
	const volatile uint32_t *from = pcs;
	struct pcs_file *file = cover->file;
	const uint32_t before = file->n;

	for (uint32_t i = 0; i < n; i++) {
		const uint32_t pc = from[i];
		uint32_t *slot = find(cover, pc);

		if (!*slot) {
			/* Others may map the file, too. */
			const uint32_t at = file->n;

			if (at >= COVER_PCS)
				continue;
			file->pcs[at] = pc;
			*slot = file->n = at + 1;
		}
		if (counters) {
			uint8_t *c = &counters[(*slot - 1) % COVER_COUNTERS];

			*c = (uint8_t)(*c + (*c != UINT8_MAX));
		}
	}
	return file->n - before;
}

uint32_t cover_number(struct cover *cover, uint32_t pc)
{
	cover_fold(cover, &pc, 1, NULL);
	/* One that found no room goes with the first. */
	return *find(cover, pc) ? *find(cover, pc) - 1 : 0;
}

unsigned int cover_count(const struct cover *cover)
{
	return cover->file->n;
}

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Appends what the file PATH holds to ALL, which has room for it. */
static size_t gather(const char *path, uint32_t *all)
{
	size_t len, n = 0;
	struct pcs_file *file =
		(void *)file_read(path, sizeof(struct pcs_file), &len);

	if (file && len == sizeof(*file) && file->magic == MAGIC &&
	    file->n <= COVER_PCS) {
		n = file->n;
		memcpy(all, file->pcs, n * sizeof(*all));
	}
	free(file);
	return n;
}

static int print(const uint32_t *all, size_t n, const char *out)
{
	char *text = malloc(n * 10 + 1), *at = text;
	int ret;

	if (!text)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "%x\n", all[i]);
	ret = file_write(out, text, (size_t)(at - text));
	free(text);
	return ret;
}

long cover_export(char *const *paths, size_t n_paths, const char *out)
{
	uint32_t *all = malloc((n_paths + 1) * COVER_PCS * sizeof(*all));
	size_t n = 0, kept = 0;
	int ret;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < n_paths; i++)
		n += gather(paths[i], all + n);
	qsort(all, n, sizeof(*all), compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || all[i] != all[i - 1])
			all[kept++] = all[i];
	ret = print(all, kept, out);
	free(all);
	return ret < 0 ? ret : (long)kept;
}

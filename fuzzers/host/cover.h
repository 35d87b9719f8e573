/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Coverage of the kernel as the engines understand it: each PC that was ever
 * reached has one of their 8-bit counters. */
#ifndef BPFSYS_COVER_H
#define BPFSYS_COVER_H

#include <stddef.h>
#include <stdint.h>

enum {
	COVER_PCS = 1 << 18, /* that are told apart */
	/* Engines read all of them after each input. What kernel/bpf, the JIT
	 * and net reach is less; what is more shares them. */
	COVER_COUNTERS = 1 << 16,
};

struct cover;

/* The set that the file PATH holds, new if there is none; it is up to date at
 * any time, even when the process is killed. NULL: errno says why. */
struct cover *cover_open(const char *path);
void cover_close(struct cover *cover);

/* Counts N PCs, which a guest may be changing, in COUNTERS (or NULL). Returns
 * how many of them are new to the set. */
unsigned int cover_fold(struct cover *cover, const uint32_t *pcs, uint32_t n,
			uint8_t *counters);
/* The number of a PC in the set, which takes it up. */
uint32_t cover_number(struct cover *cover, uint32_t pc);
unsigned int cover_count(const struct cover *cover);

/* All of the files PATHS as one sorted text, one hexadecimal PC a line, in the
 * file OUT. How many there are, or -errno. */
long cover_export(char *const *paths, size_t n_paths, const char *out);

#endif

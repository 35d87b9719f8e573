// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* How large union bpf_attr has been in which release. */
#include "union.h"

unsigned int bpfsys_union_size_before(uint32_t release)
{
	unsigned int end = 0;

	for (unsigned int nr = 0; nr < bpfsys_abi_commands(); nr++) {
		size_t count;
		const struct bpfsys_last *lasts =
			bpfsys_abi_lasts(bpfsys_abi_command(nr), &count);

		for (size_t i = 0; i < count; i++)
			if (lasts[i].since < release && lasts[i].end > end)
				end = lasts[i].end;
	}
	return (end + 7) / 8 * 8;
}

/* The union grew with RELEASE, and one of SIZE bytes is no smaller. */
static bool shows_in_size(uint32_t release, int size)
{
	unsigned int grown = bpfsys_union_size_before(release + 1);

	return bpfsys_union_size_before(release) < grown && (int)grown <= size;
}

uint32_t bpfsys_release_at_least(int size)
{
	uint32_t newest = 0;

	for (unsigned int nr = 0; size > 0 && nr < bpfsys_abi_commands();
	     nr++) {
		size_t count;
		const struct bpfsys_last *lasts =
			bpfsys_abi_lasts(bpfsys_abi_command(nr), &count);

		for (size_t i = 0; i < count; i++)
			if (lasts[i].since > newest &&
			    shows_in_size(lasts[i].since, size))
				newest = lasts[i].since;
	}
	return newest;
}

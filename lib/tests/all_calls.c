// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Every wrapper once, with an argument that is cleared and then filled where
 * that makes a call go deeper, for valgrind to see what reaches the kernel.
 * With an argument on the command line nothing is cleared: that is to be seen.
 * Wants a kernel of its own. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <valgrind/memcheck.h>

#include <bpfsys/bpfsys.h>

static bool dirty;
static unsigned int calls, undefined;

int __real_bpfsys(unsigned int cmd, void *attr, unsigned int size);
int __wrap_bpfsys(unsigned int cmd, void *attr, unsigned int size);

/* All that is passed, whether valgrind knows the command or not. */
int __wrap_bpfsys(unsigned int cmd, void *attr, unsigned int size)
{
	calls++;
	if (VALGRIND_CHECK_MEM_IS_DEFINED(attr, size))
		undefined++;
	return __real_bpfsys(cmd, attr, size);
}

#define CMD(name, id, nr, group, returns, cap, since)                       \
	static void call_##id(void)                                         \
	{                                                                   \
		struct bpfsys_##group##_attr *attr = malloc(sizeof(*attr)); \
                                                                            \
		if (!attr)                                                  \
			abort();                                            \
		if (!dirty)                                                 \
			memset(attr, 0, sizeof(*attr));                     \
		bpfsys_##id(attr);                                          \
		free(attr);                                                 \
	}
#include "abi/all.def"

static void (*const all[])(void) = {
#define CMD(name, id, nr, group, returns, cap, since) call_##id,
#include "abi/all.def"
};

int main(int argc, char **argv)
{
	(void)argv;
	dirty = argc > 1;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		all[i]();
	if (!RUNNING_ON_VALGRIND || calls != sizeof(all) / sizeof(all[0]))
		return 2;
	return dirty ? undefined != calls : undefined != 0;
}

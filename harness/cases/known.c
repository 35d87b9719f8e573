// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Looks up documented deviations. The only place that looks at a release: a
 * deviation is a property of the releases that had it. */
#include <stdio.h>
#include <string.h>

#include "kernel.h"
#include "known.h"

#define KV(major, minor) BPFSYS_KV(major, minor)
#define OPEN		 UINT32_MAX

static const struct known {
	const char *name; /* of the case */
	const char *observed;
	uint32_t first, last;
	const char *evidence;
} knowns[] = {
#define KNOWN(cmd, rule, observed, first, last, evidence) \
	{#cmd "/" #rule, observed, first, last, evidence},
#include "known.def"
	{NULL, NULL, 0, 0, NULL},
};

static uint32_t running_kv(void)
{
	unsigned int major = 0, minor = 0;

	if (sscanf(kernel_release(), "%u.%u", &major, &minor) != 2)
		return 0;
	return KV(major, minor);
}

const char *known_deviation(const struct run *run, const char *observed)
{
	uint32_t kv = running_kv();

	for (const struct known *k = knowns; k->name; k++)
		if (strcmp(k->name, run->which->name) == 0 &&
		    strcmp(k->observed, observed) == 0 && kv >= k->first &&
		    kv <= k->last)
			return k->evidence;
	return NULL;
}

bool is_known(void **state, const char *observed)
{
	const char *evidence = known_deviation(*state, observed);
	struct run *run = *state;

	if (!evidence)
		return false;
	run->verdict = VERDICT_KNOWN;
	snprintf(run->detail, sizeof(run->detail), "%s", evidence);
	return true;
}

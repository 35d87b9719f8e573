// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Leaks: seen by counting, found by halving, proven by repetition. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "leaks.h"

/* One input is repeated as often for the proof; each time leaves an object, or
 * nearly, or a KiB of memory. */
enum { REPEAT = 200, REPEAT_LEFT = 150, REPEAT_SLAB = 2048 };

/* A suspicion wants less. */
enum { AGAIN = 16 };

uint64_t leaks_objects(const struct exec_page *page)
{
	return (uint64_t)page->n_progs + page->n_maps + page->n_links +
	       page->n_btfs;
}

static void tell(struct find *find, const char *what, const char *got)
{
	snprintf(find->name, sizeof(find->name), "leak-%s", what);
	snprintf(find->title, sizeof(find->title), "leak of %s", what);
	snprintf(find->expected, sizeof(find->expected),
		 "what a process made is freed when it has closed all");
	snprintf(find->got, sizeof(find->got), "%s", got);
}

/* How many inputs ran from the last count with at most so much to NOW. */
static uint64_t inputs_since(const struct leaks *leaks,
			     const struct leaks_count *now, uint64_t objects,
			     uint64_t slab_kib)
{
	const unsigned int known =
		leaks->n < LEAKS_COUNTS ? leaks->n : LEAKS_COUNTS;

	for (unsigned int back = 1; back <= known; back++) {
		const struct leaks_count *then =
			&leaks->last[(leaks->n - back) % LEAKS_COUNTS];

		if (then->objects <= objects && then->slab_kib <= slab_kib)
			return now->input - then->input;
	}
	return now->input - leaks->first.input;
}

uint64_t leaks_look(struct leaks *leaks, const struct exec_page *page,
		    uint64_t inputs, struct find *find)
{
	const struct leaks_count *first = &leaks->first;
	const struct leaks_count now = {inputs, leaks_objects(page),
					page->slab};
	uint64_t suspected = 0;
	char got[128];

	memset(find, 0, sizeof(*find));
	if (first->input == 0) {
		leaks->first = now;
		return 0;
	}
	if (now.objects >= first->objects + LEAKS_OBJECTS) {
		snprintf(got, sizeof(got), "%llu objects live on",
			 (unsigned long long)(now.objects - first->objects));
		tell(find, "objects", got);
		suspected = inputs_since(leaks, &now,
					 now.objects - LEAKS_PART_OBJECTS,
					 UINT64_MAX);
	} else if (now.slab_kib >= first->slab_kib + LEAKS_SLAB_KIB) {
		snprintf(got, sizeof(got), "%llu KiB more of slab memory",
			 (unsigned long long)(now.slab_kib - first->slab_kib));
		tell(find, "memory", got);
		suspected = inputs_since(leaks, &now, UINT64_MAX,
					 now.slab_kib - LEAKS_PART_SLAB_KIB);
	}
	leaks->last[leaks->n++ % LEAKS_COUNTS] = now;
	return suspected;
}

/* Objects are freed after a grace period of RCU. */
static void settle(void)
{
	const struct timespec nap = {0, 200000000};

	nanosleep(&nap, NULL);
}

/* Runs an input so often, and counts. One by one: all together would take
 * longer than one input may. */
static bool run(struct fuzzvm *vm, const uint8_t *input, size_t len,
		unsigned int repeat, struct fuzzvm_result *res)
{
	while (repeat--)
		if (fuzzvm_run(vm, input, len, 0, 1, res) != FUZZVM_RAN)
			return false;
	settle();
	return fuzzvm_run(vm, input, len, EXEC_COUNT, 1, res) == FUZZVM_RAN;
}

int leaks_soon(struct fuzzvm *vm, const uint8_t *input, size_t len,
	       struct fuzzvm_result *res, struct find *find)
{
	uint64_t objects;
	char got[128];

	memset(find, 0, sizeof(*find));
	if (fuzzvm_run(vm, input, len, EXEC_COUNT, 1, res) != FUZZVM_RAN)
		return -1;
	objects = leaks_objects(&res->page);
	if (!run(vm, input, len, AGAIN - 1, res))
		return -1;
	if (leaks_objects(&res->page) < objects + AGAIN)
		return 0;
	snprintf(got, sizeof(got), "run %d times, it leaves %llu objects",
		 AGAIN,
		 (unsigned long long)(leaks_objects(&res->page) - objects));
	tell(find, "objects", got);
	return 1;
}

static int prove(struct fuzzvm *vm, const uint8_t *input, size_t len,
		 unsigned int repeat, unsigned int least, struct find *find)
{
	static struct fuzzvm_result res;
	uint64_t objects, slab, more, more_kib;
	char got[160];

	/* The first rounds fill caches. */
	fuzzvm_renew(vm);
	if (!run(vm, input, len, repeat, &res))
		return -1;
	objects = leaks_objects(&res.page);
	slab = res.page.slab;
	if (!run(vm, input, len, repeat, &res))
		return -1;
	more = leaks_objects(&res.page) - objects;
	more_kib = res.page.slab - slab;
	if ((int64_t)more >= (int64_t)least) {
		snprintf(got, sizeof(got),
			 "run %u times, it leaves %llu objects", repeat + 1,
			 (unsigned long long)more);
		tell(find, "objects", got);
		return 1;
	}
	if (repeat >= REPEAT_SLAB && (int64_t)more_kib >= (int64_t)repeat) {
		snprintf(got, sizeof(got),
			 "run %u times, it leaves %llu KiB of slab memory",
			 repeat + 1, (unsigned long long)more_kib);
		tell(find, "memory", got);
		return 1;
	}
	return 0;
}

int leaks_confirm(struct fuzzvm *vm, const uint8_t *input, size_t len,
		  struct find *find)
{
	int ret;

	memset(find, 0, sizeof(*find));
	ret = prove(vm, input, len, REPEAT, REPEAT_LEFT, find);
	if (ret == 0)
		ret = prove(vm, input, len, REPEAT_SLAB, REPEAT_SLAB, find);
	return ret;
}

/* What running all of INPUTS leaves: objects, or MiB of memory. -1: the VM did
 * not last. */
static int64_t left_by(struct fuzzvm *vm, const uint8_t *const *inputs,
		       const size_t *lens, size_t n, bool memory)
{
	static struct fuzzvm_result res;
	uint64_t before, after;

	fuzzvm_renew(vm);
	if (fuzzvm_run(vm, inputs[0], lens[0], EXEC_COUNT, 1, &res) !=
	    FUZZVM_RAN)
		return -1;
	before = memory ? res.page.slab / 1024 : leaks_objects(&res.page);
	for (size_t i = 0; i < n; i++)
		if (fuzzvm_run(vm, inputs[i], lens[i], 0, 1, &res) !=
		    FUZZVM_RAN)
			return -1;
	settle();
	if (fuzzvm_run(vm, inputs[0], lens[0], EXEC_COUNT, 1, &res) !=
	    FUZZVM_RAN)
		return -1;
	after = memory ? res.page.slab / 1024 : leaks_objects(&res.page);
	return after > before ? (int64_t)(after - before) : 0;
}

long leaks_search(struct fuzzvm *vm, const uint8_t *const *inputs,
		  const size_t *lens, size_t n, bool memory, struct find *find)
{
	size_t from = 0;

	/* The half that leaves more, again and again; what leaks more often
	 * than others wins. */
	while (n > 1) {
		const size_t half = n / 2;
		const int64_t a =
			left_by(vm, inputs + from, lens + from, half, memory);
		const int64_t b = left_by(vm, inputs + from + half,
					  lens + from + half, n - half, memory);

		if (a < 0 || b < 0)
			return -2;
		if (a == 0 && b == 0)
			return -1;
		if (b > a)
			from += half;
		n = b > a ? n - half : half;
	}
	switch (leaks_confirm(vm, inputs[from], lens[from], find)) {
	case 1:
		return (long)from;
	case 0:
		return -1;
	default:
		return -2;
	}
}

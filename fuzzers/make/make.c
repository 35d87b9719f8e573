// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* New sequences, changed ones, and two that become one. */
#include <string.h>

#include "change.h"
#include "near.h"
#include "recipes.h"

/* So large that it stays off the stack. */
static struct make work, second;

const char *make_target_name(enum make_target target)
{
	static const char *const names[] = {[MAKE_CALLS] = "calls",
					    [MAKE_PROG] = "prog",
					    [MAKE_BTF] = "btf"};

	return target < MAKE_TARGETS ? names[target] : NULL;
}

static void begin(struct make *m, enum make_target target)
{
	unsigned int n = one_in(m, 6) ? 2 : 1;

	if (target == MAKE_PROG) {
		new_twin(m);
		return;
	}
	if (target == MAKE_BTF) {
		new_types(m);
		return;
	}
	while (n-- && m->seq.n < MAKE_NEW_CALLS)
		any_recipe(m)->make(m);
}

/* What always fits: the least there is. */
static size_t least(uint8_t *data, size_t size)
{
	work_clear(&second, MAKE_CALLS, 0);
	op(&second, SEQ_RUN, SEQ_RUN_SYSCALL);
	return work_save(&second, data, size);
}

size_t make_new(enum make_target target, uint64_t seed, uint8_t *data,
		size_t size)
{
	size_t len = 0;

	work_clear(&work, target, seed);
	for (unsigned int i = 0; !len && i < 4; i++) {
		work.seq.n = 0;
		work.used = 0;
		begin(&work, target);
		len = work_save(&work, data, size);
	}
	return len ? len : least(data, size);
}

/* How often a new one takes the place of a changed one: programs near the
 * border are made so, and changes lead away from it. */
static bool renews(struct make *m, enum make_target target)
{
	return one_in(m, target == MAKE_PROG ? 3 : 60);
}

/* Mostly few, so that most of what worked still does. */
static unsigned int any_changes(struct make *m)
{
	if (one_in(m, 20))
		return 5 + any(m, 12);
	return 1 + any(m, one_in(m, 2) ? 2 : 4);
}

size_t make_mutate(enum make_target target, uint64_t seed, uint8_t *data,
		   size_t len, size_t size)
{
	size_t made;

	work_clear(&work, target, seed);
	if (!work_load(&work, data, len) || renews(&work, target))
		return make_new(target, any64(&work), data, size);
	for (unsigned int n = any_changes(&work); n; n--)
		change(&work);
	if (target == MAKE_PROG)
		same_twin(&work);
	made = work_save(&work, data, size);
	return made ? made : make_new(target, any64(&work), data, size);
}

size_t make_cross(enum make_target target, uint64_t seed, const uint8_t *a,
		  size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
		  size_t size)
{
	unsigned int first, n, keep;
	size_t made;

	work_clear(&work, target, seed);
	second.target = target;
	if (!work_load(&work, a, a_len) || !work_load(&second, b, b_len))
		return make_new(target, any64(&work), out, size);
	if (target == MAKE_PROG) {
		/* Twins cannot be joined: changes of one instead. */
		change(&work);
		same_twin(&work);
		made = work_save(&work, out, size);
		return made ? made : make_new(target, any64(&work), out, size);
	}
	/* The beginning of one, then a piece of the other. */
	keep = 1 + any(&work, work.seq.n);
	while (work.seq.n > keep)
		calls_drop(&work, work.seq.n - 1);
	first = one_in(&work, 2) ? 0 : any(&work, second.seq.n);
	n = second.seq.n - first;
	if (n > SEQ_CALLS - keep)
		n = SEQ_CALLS - keep;
	if (n && calls_open(&work, keep, n))
		calls_copy(&work, keep, &second, first, n);
	made = work_save(&work, out, size);
	return made ? made : make_new(target, any64(&work), out, size);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What the generator and the mutator make: it decodes, it follows from the seed
 * alone, it has everything in it that the table knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../make/recipes.h"

enum { MUTATIONS = 34000, CALLS = 600, SEEDS = 4000 };

static uint8_t a[SEQ_MOST], b[SEQ_MOST], c[SEQ_MOST];
static struct make m;
static struct seq seq;

static void decodes(const uint8_t *data, size_t len)
{
	assert_true(len > 0 && len <= SEQ_MOST);
	assert_int_equal(seq_decode(&seq, data, len), 0);
	assert_true(seq.n > 0);
}

/* A hundred thousand mutations, three targets together. */
static void mutants_decode(void **state)
{
	(void)state;
	make_hint(0, 0x1234, 4);
	make_hint(4, 8, 4);
	for (unsigned int t = 0; t < MAKE_TARGETS; t++) {
		size_t len = make_new(t, 1, a, sizeof(a)), n;

		for (unsigned int i = 0; i < MUTATIONS; i++) {
			len = make_mutate(t, i, a, len, sizeof(a));
			decodes(a, len);
			if (i % 4)
				continue;
			n = make_new(t, i, c, sizeof(c));
			decodes(c, n);
			len = make_cross(t, i, a, len, c, n, b, sizeof(b));
			decodes(b, len);
			memcpy(a, b, len);
		}
	}
	make_hints_forget();
}

static void seeds_decide(void **state)
{
	size_t n, k;

	(void)state;
	for (unsigned int i = 0; i < SEEDS; i++) {
		const enum make_target t = (enum make_target)(i % MAKE_TARGETS);

		n = make_new(t, i, a, sizeof(a));
		k = make_new(t, i, b, sizeof(b));
		assert_int_equal(n, k);
		assert_memory_equal(a, b, n);
		n = make_mutate(t, i, a, n, sizeof(a));
		/* What was made in between changes nothing. */
		make_new(MAKE_CALLS, i + 7, c, sizeof(c));
		k = make_mutate(t, i, b, k, sizeof(b));
		assert_int_equal(n, k);
		assert_memory_equal(a, b, n);
	}
}

static void noise_becomes_new(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 200; i++) {
		memset(a, (int)i, sizeof(a));
		decodes(a, make_mutate(MAKE_CALLS, i, a, i, sizeof(a)));
	}
	memset(a, 0, sizeof(a));
	decodes(b, make_cross(MAKE_CALLS, 1, a, 20, a, 30, b, sizeof(b)));
}

/* With so little room that nearly nothing fits. */
static void little_room(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 500; i++)
		decodes(a, make_new(MAKE_CALLS, i, a, 64));
}

static void all_commands(void **state)
{
	bool seen[64] = {false};

	(void)state;
	for (unsigned int i = 0; i < SEEDS; i++) {
		decodes(a, make_new(MAKE_CALLS, i, a, sizeof(a)));
		for (unsigned int k = 0; k < seq.n; k++)
			if (seq.calls[k].op <= SEQ_BPF_COMMON &&
			    seq.calls[k].cmd < 64)
				seen[seq.calls[k].cmd] = true;
	}
	for (unsigned int i = 0; i < bpfsys_abi_commands(); i++)
		assert_true(seen[i]);
}

/* Each fits into a sequence, with nothing left out. */
static void all_recipes(void **state)
{
	(void)state;
	for (unsigned int r = 0; r < recipes_count; r++)
		for (unsigned int i = 0; i < CALLS; i++) {
			unsigned int n;

			work_clear(&m, MAKE_CALLS, i * 31 + r);
			recipes[r].make(&m);
			n = m.seq.n;
			assert_true(m.call != &m.spill);
			decodes(a, work_save(&m, a, sizeof(a)));
			assert_int_equal(seq.n, n);
		}
}

static void all_recipes_taken(void **state)
{
	bool taken[128] = {false};

	(void)state;
	work_clear(&m, MAKE_CALLS, 5);
	for (unsigned int i = 0; i < SEEDS; i++)
		taken[any_recipe(&m) - recipes] = true;
	for (unsigned int r = 0; r < recipes_count; r++)
		assert_true(taken[r]);
}

/* The value that was wanted gets to where the other was seen. */
static void hints_are_tried(void **state)
{
	unsigned int found = 0;
	size_t len;

	(void)state;
	make_hints_forget();
	work_clear(&m, MAKE_CALLS, 1);
	bpf(&m, BPFSYS_MAP_CREATE);
	put(&m, "map_type", BPF_MAP_TYPE_HASH);
	put(&m, "map_extra", 0x11223344);
	make_hint(0x11223344, 0xfeedface, 4);
	len = work_save(&m, b, sizeof(b));
	for (unsigned int i = 0; i < SEEDS; i++) {
		memcpy(a, b, len);
		decodes(a, make_mutate(MAKE_CALLS, i, a, len, sizeof(a)));
		found += attr_get(&seq.calls[0], 64, 4) == 0xfeedface;
	}
	make_hints_forget();
	assert_true(found > SEEDS / 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mutants_decode),
		cmocka_unit_test(seeds_decide),
		cmocka_unit_test(noise_becomes_new),
		cmocka_unit_test(little_room),
		cmocka_unit_test(all_commands),
		cmocka_unit_test(all_recipes),
		cmocka_unit_test(all_recipes_taken),
		cmocka_unit_test(hints_are_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

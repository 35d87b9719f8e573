// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Steps that make a sequence smaller do, and end; twins stay twins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../make/near.h"
#include "../make/recipes.h"

static uint8_t a[SEQ_MOST], b[SEQ_MOST];
static struct make m;
static struct seq seq;

/* Bytes of the sequence and of memory. */
static size_t weight(const uint8_t *data, size_t len)
{
	size_t sum = len;

	assert_int_equal(seq_decode(&seq, data, len), 0);
	for (unsigned int i = 0; i < seq.n; i++)
		for (unsigned int k = 0; k < seq.calls[i].n_bufs; k++)
			sum += seq.calls[i].bufs[k].len;
	return sum;
}

/* To the end, by the step that a search would take. */
static void smaller_ends(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 60; i++) {
		size_t len = make_new(i % MAKE_TARGETS, i, a, sizeof(a)), n;
		size_t first = weight(a, len);
		unsigned int steps = 0;

		while ((n = make_smaller(a, len, i % 5, b, sizeof(b)))) {
			assert_true(n <= len);
			assert_int_equal(seq_decode(&seq, b, n), 0);
			assert_true(n < len || memcmp(a, b, n) != 0);
			memcpy(a, b, n);
			len = n;
			assert_true(++steps < 3000);
		}
		assert_true(weight(a, len) < first);
	}
}

/* Only what was wanted is left, whatever stood around it. */
static bool wanted(const uint8_t *data, size_t len)
{
	bool found = false;

	if (seq_decode(&seq, data, len))
		return false;
	for (unsigned int i = 0; i < seq.n; i++)
		found |= seq.calls[i].op == SEQ_BPF &&
			 seq.calls[i].cmd == BPFSYS_MAP_CREATE &&
			 attr_get(&seq.calls[i], 12, 4) == 77;
	return found;
}

static size_t search(size_t len)
{
	unsigned int step = 0;
	size_t n;

	while ((n = make_smaller(a, len, step, b, sizeof(b)))) {
		if (!wanted(b, n)) {
			step++;
			continue;
		}
		memcpy(a, b, n);
		len = n;
		step = 0;
	}
	return len;
}

static void smaller_finds(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 5; i++) {
		size_t len;

		work_clear(&m, MAKE_CALLS, i);
		recipe_prog_maps(&m);
		make_array(&m, 8, 77);
		recipe_types(&m);
		len = work_save(&m, a, sizeof(a));
		assert_true(wanted(a, len));
		len = search(len);
		assert_true(wanted(a, len));
		assert_int_equal(seq.n, 1);
		assert_int_equal(seq.calls[0].n_bufs + seq.calls[0].n_refs, 0);
		/* entries, and no other field */
		assert_int_equal(attr_get(&seq.calls[0], 0, 4), 0);
		assert_int_equal(attr_get(&seq.calls[0], 4, 8), 0);
	}
}

static void twins_stay(void **state)
{
	unsigned int twins = 0;
	struct make_twin twin;

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		size_t len = make_new(MAKE_PROG, i, a, sizeof(a));

		assert_int_equal(seq_decode(&seq, a, len), 0);
		twins += make_is_twin(&seq, &twin);
		assert_int_equal(twin.runs[2], 9);
		len = make_mutate(MAKE_PROG, i, a, len, sizeof(a));
		assert_int_equal(seq_decode(&seq, a, len), 0);
		twins += make_is_twin(&seq, NULL);
	}
	/* Some have a result that is an address, or a broken program. */
	assert_true(twins > 1400);
}

/* A program of which nothing but the end is given. */
static bool tells(struct code *c)
{
	static uint8_t bytes[CODE_MOST * 8];

	for (unsigned int i = 0; i < c->n; i++) {
		bytes[8 * i] = c->insns[i].code;
		bytes[8 * i + 1] = c->insns[i].regs;
		put_le(bytes + 8 * i + 2, (uint16_t)c->insns[i].off, 2);
		put_le(bytes + 8 * i + 4, (uint32_t)c->insns[i].imm, 4);
	}
	return !tells_no_address(bytes, 8 * c->n);
}

static void addresses_are_seen(void **state)
{
	static struct code c;

	(void)state;
	code_clear(&c);
	mov(&c, R0, 3);
	finish(&c);
	assert_false(tells(&c));
	/* As the result, */
	code_clear(&c);
	mov_reg(&c, R0, R10);
	finish(&c);
	assert_true(tells(&c));
	/* by way of the stack, */
	code_clear(&c);
	store(&c, DW, R10, -8, R1);
	load(&c, W, R0, R10, -8);
	finish(&c);
	assert_true(tells(&c));
	/* in a branch, */
	code_clear(&c);
	mov(&c, R0, 0);
	jump(&c, J_GT, R10, 77, 1);
	mov(&c, R0, 1);
	finish(&c);
	assert_true(tells(&c));
	/* and the time. */
	code_clear(&c);
	helper(&c, 5);
	finish(&c);
	assert_true(tells(&c));
}

/* What was not written before is anything. */
static void what_was_not_written_is_seen(void **state)
{
	static struct code c;

	(void)state;
	code_clear(&c);
	load(&c, W, R0, R10, -8);
	finish(&c);
	assert_true(tells(&c));
	/* Half of it was, */
	code_clear(&c);
	store_imm(&c, W, R10, -8, 3);
	load(&c, DW, R0, R10, -8);
	finish(&c);
	assert_true(tells(&c));
	/* or on one way only, */
	code_clear(&c);
	mov(&c, R0, 1);
	load(&c, W, R2, R1, 0);
	jump(&c, J_EQ, R2, 7, 1);
	store_imm(&c, DW, R10, -8, 3);
	load(&c, DW, R0, R10, -8);
	finish(&c);
	assert_true(tells(&c));
	/* or all, by another pointer. */
	code_clear(&c);
	mov_reg(&c, R2, R10);
	alu(&c, OP_ADD, R2, -16);
	store_imm(&c, DW, R2, 8, 3);
	load(&c, DW, R0, R10, -8);
	finish(&c);
	assert_false(tells(&c));
	/* A pointer that may be anywhere there reads anything. */
	code_clear(&c);
	store_imm(&c, DW, R10, -8, 3);
	load(&c, W, R3, R1, 0);
	alu(&c, OP_AND, R3, 7);
	mov_reg(&c, R2, R10);
	alu_reg(&c, OP_SUB, R2, R3);
	load(&c, B, R0, R2, -1);
	finish(&c);
	assert_true(tells(&c));
}

/* A subprogram is none of the helpers that are known. */
static void subprograms_are_not_followed(void **state)
{
	static struct code c;

	(void)state;
	for (unsigned int pseudo = 0; pseudo < 2; pseudo++) {
		code_clear(&c);
		mov(&c, R0, 0);
		mov(&c, R2, 0);
		emit(&c, C_JMP | J_CALL, R0, pseudo, 0, 1);
		mov(&c, R0, 0);
		finish(&c);
		assert_int_equal(tells(&c), pseudo);
	}
}

/* Helpers read and write there, too. */
static void what_helpers_write_is_seen(void **state)
{
	static struct code c;

	(void)state;
	for (unsigned int len = 7; len <= 8; len++) {
		code_clear(&c);
		mov(&c, R2, 12);
		mov_reg(&c, R3, R10);
		alu(&c, OP_ADD, R3, -8);
		mov(&c, R4, (int32_t)len);
		helper(&c, 26); /* skb_load_bytes */
		load(&c, B, R0, R10, -1);
		finish(&c);
		assert_int_equal(tells(&c), len == 7);
	}
	for (unsigned int written = 0; written < 2; written++) {
		code_clear(&c);
		mov_reg(&c, R2, R10);
		alu(&c, OP_ADD, R2, -4);
		if (written)
			store_imm(&c, W, R10, -4, 0);
		load_map(&c, R1, 0);
		helper(&c, 1); /* map_lookup_elem */
		mov(&c, R0, 0);
		finish(&c);
		assert_int_equal(tells(&c), !written);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smaller_ends),
		cmocka_unit_test(smaller_finds),
		cmocka_unit_test(twins_stay),
		cmocka_unit_test(addresses_are_seen),
		cmocka_unit_test(what_was_not_written_is_seen),
		cmocka_unit_test(what_helpers_write_is_seen),
		cmocka_unit_test(subprograms_are_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

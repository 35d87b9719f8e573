/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Makes sequences and changes them, by what the ABI table knows: one
 * implementation behind libFuzzer's and AFL++'s custom mutators. */
#ifndef BPFSYS_MAKE_H
#define BPFSYS_MAKE_H

#include "../seq/seq.h"

enum make_target { MAKE_CALLS, MAKE_PROG, MAKE_BTF, MAKE_TARGETS };
const char *make_target_name(enum make_target target); /* "calls" */

/* Deterministic in all arguments. Each returns the length of what DATA, with
 * room for SIZE bytes, then holds: always a sequence that decodes. */
size_t make_new(enum make_target target, uint64_t seed, uint8_t *data,
		size_t size);
/* Changes the LEN bytes that DATA holds; what is no sequence becomes a new one.
 */
size_t make_mutate(enum make_target target, uint64_t seed, uint8_t *data,
		   size_t len, size_t size);
/* Of two sequences one, in OUT. */
size_t make_cross(enum make_target target, uint64_t seed, const uint8_t *a,
		  size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
		  size_t size);

/* A value that the kernel compared with another: mutation tries that one where
 * it finds the first. Kept in a ring of the process's own; 0 forgets all. */
void make_hint(uint64_t seen, uint64_t wanted, unsigned int size);
void make_hints_forget(void);

/* One step smaller: calls, then fields, then bytes. STEP counts from 0; returns
 * the length in OUT, or 0 when there is no such step. */
size_t make_smaller(const uint8_t *data, size_t len, unsigned int step,
		    uint8_t *out, size_t size);

/* A sequence of the target prog is a twin:
 *
 *	 0 MAP_CREATE		an array of one value
 *	 1 MAP_UPDATE_ELEM	the value before every run
 *	 2 PROG_LOAD
 *	 3 PROG_TEST_RUN
 *	 4 MAP_UPDATE_ELEM
 *	 5 PROG_TEST_RUN
 *	 6 JIT 0
 *	 7 PROG_LOAD		the same program
 *	 8 MAP_UPDATE_ELEM
 *	 9 PROG_TEST_RUN
 *	10 JIT 1
 *
 * What follows does not matter. Loads, puts and runs are the same in all that
 * they are given; mutation keeps them so. */
struct make_twin {
	unsigned int map, loads[2], puts[3], runs[3], jit_off;
};

/* Whether SEQ is one, and its program's result depends on nothing but what it
 * is given. Then both loads have to return the same (a descriptor, or the same
 * errno), and the three puts and the three runs, too, with the same retval and
 * data_out; an ENOTSUPP of the second load is no disagreement (a kernel without
 * the interpreter). TWIN, unless NULL, gets the numbers of the calls. */
bool make_is_twin(const struct seq *seq, struct make_twin *twin);

#endif

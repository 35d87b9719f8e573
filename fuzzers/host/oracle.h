/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What must hold though the kernel does not complain. */
#ifndef BPFSYS_ORACLE_H
#define BPFSYS_ORACLE_H

#include "finds.h"

/* Whether the input loads a program: then oracle_look() speaks about it. */
bool oracle_is_for(const struct seq *seq);

/* Runs it: the verifier says the same of the same program each time, and a twin
 * (make.h) is what it is to be. True, and FIND says what: it is not. The VM's
 * death is no violation: RES says it. */
bool oracle_look(struct fuzzvm *vm, const uint8_t *input, size_t len,
		 struct fuzzvm_result *res, struct find *find);

/* Whether the results of SEQ, a twin, run with EXEC_DETAIL, disagree: a program
 * does the same twice, and the same without the JIT. False of what is no twin.
 */
bool oracle_twin(const struct seq *seq, const struct fuzzvm_result *res,
		 struct find *find);

#endif

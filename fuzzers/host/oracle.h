/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What must hold though the kernel does not complain. */
#ifndef BPFSYS_ORACLE_H
#define BPFSYS_ORACLE_H

#include "finds.h"

/* Whether the input is one that the oracle of programs speaks about. */
bool oracle_is_for(const uint8_t *input, size_t len);

/* Runs it twice: the verifier says the same of the same program. END gets how
 * it ended; true, and FIND says what: it did not. The VM's death is no
 * violation: END and RES say it. */
bool oracle_look(struct fuzzvm *vm, const uint8_t *input, size_t len,
		 struct fuzzvm_result *res, struct find *find);

#endif

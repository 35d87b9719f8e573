/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the targets prog and btf begin with. */
#ifndef BPFSYS_MAKE_NEAR_H
#define BPFSYS_MAKE_NEAR_H

#include "maps.h"
#include "code.h"

/* A twin (make.h) with a program near what the verifier allows. */
void new_twin(struct make *m);
/* The second program and the data of all runs become those of the first, where
 * mutation has changed one of them; what is no twin is left alone. */
void same_twin(struct make *m);
/* Whether nothing that differs from run to run, such as an address or the
 * time, gets from the program into its result, its branches or memory that
 * lasts; where that cannot be told: no. */
bool tells_no_address(const uint8_t *insns, uint32_t len);
/* BTF, loaded, perhaps used by a map or a program. */
void new_types(struct make *m);

/* A program into C, that writes values of SIZE bytes in map MAP. */
void near_code(struct make *m, struct code *c, unsigned int map, uint32_t size);

#endif

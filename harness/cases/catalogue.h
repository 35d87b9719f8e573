/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A prototype for every case, from its row: a case without a row does not
 * compile (no prototype), a row without a case does not link. */
#ifndef BPFABI_CATALOGUE_H
#define BPFABI_CATALOGUE_H

#include "suite.h"

#define GENERIC(name, kind, rule) case_fn generic__##name;
#include "size.def"
#undef GENERIC

#define CALLER(name, rule) case_fn generic__caller_##name;
#include "caller.def"

#define CASE(cmd, name, rule)	       case_fn cmd##__##name;
#define SPOILING_CASE(cmd, name, rule) CASE(cmd, name, rule)
#include "cases.def"
#undef SPOILING_CASE
#undef CASE

#define ERR(cmd, name, err, since, condition) case_fn cmd##__##name;
#include "abi/all.def"

#endif

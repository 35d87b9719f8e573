/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* How values of fields are written; for explain.c and show.c. */
#ifndef BPFSYS_SHOW_H
#define BPFSYS_SHOW_H

#include <bpfsys/abi.h>

#include "text.h"

/* The value at AT as its field's kind has it: a name in quotes, a descriptor
 * signed, flags and pointers in hexadecimal. */
void bpfsys_show_value(struct text *text, const struct bpfsys_field *field,
		       const uint8_t *at) __attribute__((visibility("hidden")));

/* "6.9" */
void bpfsys_show_release(struct text *text, uint32_t release)
	__attribute__((visibility("hidden")));

#endif

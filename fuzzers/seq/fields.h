/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Which bytes of an attr are what: its fields by the ABI table, references and
 * pointers, and what no field covers. */
#ifndef BPFSYS_SEQ_FIELDS_H
#define BPFSYS_SEQ_FIELDS_H

#include <bpfsys/abi.h>

#include "seq.h"

/* What stands at [AT, AT + LEN) of an attr. */
struct seq_item {
	unsigned int at, len;
	const struct bpfsys_field *field; /* NULL: bytes that are none's */
	const struct seq_ref *ref;	  /* NULL: none */
	int buf;			  /* -1: none */
};

/* What of CALL is in IN at AT, with its number in *BUF where it is a buffer;
 * false: nothing starts there. */
bool seq_spot_at(const struct seq_call *call, uint8_t in, unsigned int at,
		 struct seq_item *item);

/* The next that is not zero, from item->at + item->len on; IN is SEQ_IN_ATTR or
 * SEQ_IN_COMMON. Start with a cleared item. */
bool seq_next_item(const struct seq_call *call, uint8_t in,
		   struct seq_item *item);

/* The fields of CALL's attr or common attr, in *COUNT; none where the table
 * does not know the command. */
const struct bpfsys_field *seq_fields(const struct seq_call *call, uint8_t in,
				      size_t *count);

#endif

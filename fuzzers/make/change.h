/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Changes to what a sequence holds; each does one thing, or nothing where it
 * finds nothing to do it to. */
#ifndef BPFSYS_MAKE_CHANGE_H
#define BPFSYS_MAKE_CHANGE_H

#include "field.h"

/* One change, of the kinds that the target wants. */
void change(struct make *m);

/* Of call NR: its fields, its size and place, what it is. */
void change_field(struct make *m, unsigned int nr);
void change_frame(struct make *m, unsigned int nr);
void change_kind(struct make *m, unsigned int nr);

/* Of buffer BUF of CALL, by what it holds. */
void change_buf(struct make *m, struct seq_call *call, unsigned int buf);
void change_insns(struct make *m, struct seq_call *call, unsigned int buf);
/* Takes instruction NR out. */
void change_insn_drop(struct make *m, struct seq_call *call, unsigned int buf,
		      uint32_t nr);
void change_types(struct make *m, struct seq_call *call, unsigned int buf);
/* Bytes of any kind; returns whether something changed. */
void change_bytes(struct make *m, uint8_t *bytes, uint32_t len);
/* Puts what the kernel looked for where it found something else; false: it
 * is nowhere. */
bool change_hinted(struct make *m);

#endif

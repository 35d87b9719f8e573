/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the parts of the guest's init share. */
#ifndef BPFVM_GUEST_H
#define BPFVM_GUEST_H

#include <stdbool.h>

#include "../proto/proto.h"

/* init.c */
void send_frame(uint8_t type, const void *data, size_t len);

/* files.c: remembers a path that the host wants when all is over */
void files_want(const struct proto_frame *f);
/* Sends them all. */
void files_send(void);

/* modules.c: loads those of dir; false once one could not be loaded, which the
 * host gets to know if tell */
bool modules_load(const char *dir, bool tell);

#endif

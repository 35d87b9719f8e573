/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the parts of the guest's init share. */
#ifndef BPFVM_INIT_H
#define BPFVM_INIT_H

#include <stdbool.h>
#include <sys/types.h>

#include "../proto/proto.h"

/* init.c */
void send_frame(uint8_t type, const void *data, size_t len);
/* Waits for one whole frame of the host. */
void receive(struct proto_frame *f);
/* Says so on the console and resets the machine. */
_Noreturn void die_of(int err, const char *what);

/* bulk.c: 0 or the errno for which there is no bulk channel */
int bulk_open(void);
/* What the program's environment says of the user's window, or "". */
void bulk_window_name(char *text, size_t room);
/* By the bulk channel if there is one, else by the control port; len is at
 * most PROTO_PAYLOAD. */
void send_bulk(uint8_t type, const void *data, size_t len);
/* The host's next frame by the same way. */
void receive_bulk(struct proto_frame *f);
/* Sends what one read() of fd gives, and returns what that returned. */
ssize_t send_from(int fd, uint8_t type);

/* files.c: remembers a path that the host wants when all is over */
void files_want(const struct proto_frame *f);
/* Sends them all. */
void files_send(void);

/* infiles.c: false once the host knows that one cannot be written */
bool files_take(void);

/* modules.c: false once the host knows that one cannot be loaded */
bool modules_load(void);

#endif

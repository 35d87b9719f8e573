/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the parts of the guest's init share. */
#ifndef BPFVM_INIT_H
#define BPFVM_INIT_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "../proto/proto.h"

/* What the host wants to have run. */
struct request {
	char block[PROTO_ARGS]; /* program, argv, environment: strings */
	uint8_t input[PROTO_INPUT_MOST];
	size_t len, input_len;
	uint32_t argc, envc, flags;
};

/* init.c: end the VM, which is what the host sees */
_Noreturn void die(const char *what);
_Noreturn void die_protocol(const char *what);

/* port.c */
void port_open(void);
/* Gives away what the program must not inherit. */
void port_forget(void);
void send_frame(uint8_t type, const void *data, size_t len);
/* Waits for one whole frame of the host. */
void port_receive(struct proto_frame *f);
/* Frames are counted from 0 again: what came before is the template's. */
void port_restart(void);
void port_drain(void);

/* bulk.c: 0 or the errno for which there is no bulk channel */
int bulk_open(void);
/* Makes that pipe larger, so that who writes it and init take fewer turns, if
 * there is a bulk channel: a serial port would have the more to catch up with.
 */
void bulk_widen(int pipe);
/* What the program's environment says of the user's window, or "". */
void bulk_window_name(char *text, size_t room);
/* By the bulk channel if there is one, else by the control port; len is at
 * most PROTO_PAYLOAD. */
void send_bulk(uint8_t type, const void *data, size_t len);
/* The host's next frame by the same way. */
void receive_bulk(struct proto_frame *f);
/* Sends what one read() of fd gives, and returns what that returned. */
ssize_t send_from(int fd, uint8_t type);

/* child.c: brings the program as far as a template of it can be saved; if that
 * fails it is as if it had not been tried. The request must stay where it is.
 */
void child_prepare(const struct request *r);
/* AT_RANDOM of a program that has not run yet: 16 bytes */
void child_reseed(const uint8_t *seed);
/* Starts the program, or goes on with the one that was prepared for the same
 * request. False once the host knows why it cannot be. */
bool child_start(struct request *r);
/* Sends its output and, when it has ended, how. */
void child_attend(void);

/* output.c: waits for output until limit (NULL: for ever) or a SIGCHLD; false:
 * there was none by then. A pipe at its end is left open, its place in fds is
 * -1: closing it would cost a clone more than it is worth. */
bool output_forward(int fds[2], const struct timespec *limit);
/* The program is gone, but others may go on writing, or end, without end. */
void output_drain(int fds[2]);

/* trace.c: takes a program that has stopped at its execve() to its entry, past
 * its loader, where we can; at_random gets what AT_RANDOM points to, or 0.
 * False if it did not get there. */
bool trace_to_entry(pid_t pid, unsigned long *at_random);

/* files.c: remembers a path that the host wants when all is over */
void files_want(const struct proto_frame *f);
/* Sends them all. */
void files_send(void);

/* infiles.c: false once the host knows that one cannot be written */
bool files_take(void);

/* modules.c: loads those of dir; 0 or the errno of the first that cannot be
 * loaded; say: the host is told which */
int modules_load(const char *dir, bool say);

/* loglevel.c */
void raise_loglevel(void);

#endif

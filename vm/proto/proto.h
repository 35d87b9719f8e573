/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The frames that host and guest exchange over the second serial port. */
#ifndef BPFVM_PROTO_H
#define BPFVM_PROTO_H

#include <stddef.h>
#include <stdint.h>

#define PROTO_VERSION 3
#define PROTO_HEADER  16
#define PROTO_PAYLOAD 4096
#define PROTO_FRAME   (PROTO_HEADER + PROTO_PAYLOAD)
/* What argv and environment may take together: less than the 64 KiB that a
 * tty buffers for a reader who is late. */
#define PROTO_ARGS	(48 * 1024)
#define PROTO_SEED	32
#define PROTO_AT_RANDOM 16
/* Payloads of PROTO_CLONE and PROTO_RUN. */
#define PROTO_HELLO   (12 + PROTO_SEED + PROTO_AT_RANDOM)
#define PROTO_RUN_LEN 16
/* What a program may be given on its stdin: less than a pipe holds. */
#define PROTO_INPUT_MOST (32 * 1024)
/* Its stdin is that input, not /dev/null. */
#define PROTO_FLAG_INPUT 1
/* PROTO_RUN: no argument block was sent, it is that of PROTO_PREPARE. */
#define PROTO_FLAG_SAME 4
/* It says by a byte to PROTO_READY_FD when it may be saved. */
#define PROTO_FLAG_READY 2
#define PROTO_READY_FD	 3
/* Paths that are wanted back, and the length of one. */
#define PROTO_WANT_MOST 32
#define PROTO_WANT_LEN	256
/* Where in the guest modules are, named in the order of loading. */
#define PROTO_MODULES "/lib/bpfvm-modules"
/* Likewise, those that the control port itself may need. */
#define PROTO_EARLY "/lib/bpfvm-early"

enum proto_type {
	/* guest: le32 version, le32 errno for which there is no bulk channel
	 * (0: there is one), then uname -r */
	PROTO_READY = 1,
	PROTO_ARGS_PART, /* host: the next bytes of the argument block */
	/* host: le32 block size, le32 argc, le32 envc, le32 PROTO_FLAG_* */
	PROTO_RUN,
	PROTO_STDOUT,	   /* guest: output of the program */
	PROTO_STDERR,	   /* guest: likewise */
	PROTO_EXITED,	   /* guest: le32 exit status */
	PROTO_SIGNALED,	   /* guest: le32 signal */
	PROTO_NOT_STARTED, /* guest: le32 errno of execve() */
	PROTO_CLONE, /* host: le64 seconds, le32 ns of CLOCK_REALTIME, then
		      * PROTO_SEED random bytes for the kernel and
		      * PROTO_AT_RANDOM for the program; answered by another
		      * READY */
	PROTO_WANT,  /* host, before the arguments: path to send back */
	/* guest, before EXITED or SIGNALED: le32 which of the wanted, le32
	 * st_mode or 0, path below it; DATA and END if it is a file or 0 */
	PROTO_OUT_BEGIN,
	PROTO_OUT_DATA, /* guest: its next bytes */
	PROTO_OUT_END,	/* guest: le32 errno, 0 if it is whole */
	/* guest, instead of a start: le32 errno, name of a module */
	PROTO_NO_MODULE,
	PROTO_INPUT, /* host, before PROTO_RUN: next bytes of its stdin */
	/* host, like PROTO_RUN: bring it as far as can be saved */
	PROTO_PREPARE,
	PROTO_PREPARED, /* guest: its answer, also if that failed */
	PROTO_BELL,	/* guest: look at the bulk channel */
	/* host, before PROTO_RUN: files come after it, by the bulk channel
	 * where there is one: BEGIN and DATA, then one END */
	PROTO_LATE,
	PROTO_IN_BEGIN, /* host: le32 st_mode, path */
	PROTO_IN_DATA,	/* host: next bytes of it, or where a link points */
	PROTO_IN_END,
	PROTO_IN_TAKEN,	 /* guest: one such frame, by the serial port only */
	PROTO_IN_FAILED, /* guest, instead of a start: le32 errno, path */
};

/* One frame as it was received; data points into the reader. A record of the
 * bulk channel may be longer than PROTO_PAYLOAD. */
struct proto_frame {
	uint8_t type;
	uint32_t len;
	const uint8_t *data;
};

/* Takes bytes in any portion, gives whole frames out. */
struct proto_reader {
	uint32_t seq;
	size_t start, end;
	uint64_t skipped; /* bytes that were no frame */
	uint8_t buf[2 * PROTO_FRAME];
};

uint32_t proto_get32(const uint8_t *p);
void proto_put32(uint8_t *p, uint32_t v);

/* Writes a frame of len (at most PROTO_PAYLOAD) bytes to out, which has room
 * for PROTO_FRAME; returns its size. */
size_t proto_pack(uint8_t *out, uint8_t type, uint32_t seq, const void *data,
		  size_t len);

/* Where to put the next bytes: at most *room of them, which is never 0 once
 * proto_next() has said that there is no frame. */
uint8_t *proto_room(struct proto_reader *r, size_t *room);
void proto_fed(struct proto_reader *r, size_t len);

/* 1: *f is the next frame, valid until the next call; 0: more bytes needed;
 * -EPROTO: a good frame, but others before it are missing. Bytes that are no
 * frame are skipped and counted. */
int proto_next(struct proto_reader *r, struct proto_frame *f);

#endif

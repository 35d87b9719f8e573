/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* One VM from power on to its end, as run.c sees it. */
#ifndef BPFVM_SESSION_H
#define BPFVM_SESSION_H

#include "../proto/proto.h"
#include "bulk.h"
#include "infiles.h"
#include "outfiles.h"
#include "vm.h"

/* How a session ended; what that means for the user is run.c's business. */
enum session_end {
	SESSION_GOING,
	SESSION_EXITED,	     /* value: exit status */
	SESSION_SIGNALED,    /* value: signal */
	SESSION_NOT_STARTED, /* value: errno of execve() in the guest */
	SESSION_CLOSED,	     /* QEMU ended by itself */
	SESSION_TIMEOUT,
	SESSION_PROTOCOL, /* the guest's frames make no sense */
	SESSION_STOPPED,
	SESSION_INTERRUPTED,
	SESSION_SAVED,	/* VM_SAVE: the state is written */
	SESSION_REFUSED /* QEMU would not save or load: qmp.said */
};

struct session {
	const struct bpfvm_config *cfg;
	struct vm vm;
	enum vm_mode mode;
	int state;
	struct qmp qmp;
	bool resumed; /* VM_CLONE: the guest runs */
	struct console con;
	struct proto_reader reader;
	struct bulk bulk;
	struct outfiles files;
	struct infiles late;
	uint8_t *late_buf; /* RING_PAYLOAD bytes: one frame's */
	uint8_t late_type;
	int late_len;		 /* -1: the next one is to be made */
	char late_why[256];	 /* what stopped them */
	uint32_t seq;		 /* of the next frame to the guest */
	char request[HASH_TEXT]; /* what its argument block is */
	uint8_t *out;		 /* frames for the guest */
	size_t out_len, out_sent;
	double started, deadline, boot_s;
	double files_began; /* when the first frame of --out came, or 0 */
	unsigned timeout_s;
	bool ready, prepared; /* what the guest has said */
	enum session_end end;
	uint32_t value;
	int wait_status; /* QEMU's, when SESSION_CLOSED */
	char release[65];
	char qemu_said[256];  /* last line of its stderr */
	char no_module[128];  /* that could not be loaded; value: errno */
	int output_err;	      /* why the output could not be copied */
	const char *protocol; /* what was wrong */
};

/* request.c: the frames that tell the guest what to run; s->mode must be set.
 * known: what the template was prepared for, as this wrote it to s->request, or
 * NULL. */
int session_request(struct session *s, const char *path, char *const *argv,
		    const char *known, const struct why *why);
/* late.c: goes on with the files that are to be sent */
void session_send_files(struct session *s);
/* For those who find the end of a session: the first one counts. */
void session_finish(struct session *s, enum session_end end, uint32_t value);
void session_broken(struct session *s, const char *what);
/* Runs until the end; 0, or -errno if QEMU could not be started. */
int session_run(struct session *s, const struct vm_setup *setup,
		double boot_timeout, const struct why *why);
void session_free(struct session *s);

#endif

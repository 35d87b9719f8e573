/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* Sends files to a guest that is up. */
#include <errno.h>
#include <stdlib.h>

#include "session.h"

/* Frames on the serial port that the guest has not taken yet: as much as its
 * tty buffers. */
#define UNTAKEN_MOST 8

/* False when there is nothing more to do for now. */
static bool send_late(struct session *s)
{
	const struct why why = {s->late_why, sizeof(s->late_why)};
	const size_t room = s->bulk.on ? RING_PAYLOAD : PROTO_PAYLOAD;
	int ret = 1;

	if (!s->bulk.on &&
	    (s->late.untaken >= UNTAKEN_MOST || s->out_sent < s->out_len))
		return false;
	if (s->late_len < 0)
		s->late_len = infiles_next(&s->late, &s->late_type, s->late_buf,
					   room, &why);
	if (s->late_len < 0) {
		session_finish(s, SESSION_STOPPED, 0);
		return false;
	}
	if (s->bulk.on) {
		ret = bulk_put(&s->bulk, s->late_type, s->late_buf,
			       s->late_len);
	} else {
		s->out_len = proto_pack(s->out, s->late_type, s->seq++,
					s->late_buf, s->late_len);
		s->out_sent = 0;
		s->late.untaken++;
	}
	if (ret < 0)
		session_broken(s, "the bulk channel's index makes no sense");
	if (ret <= 0)
		return false;
	s->late_len = -1;
	s->deadline = now_s() + s->timeout_s;
	return !s->late.over;
}

void session_send_files(struct session *s)
{
	const bool begun = s->ready && s->out_sent == s->out_len;
	unsigned most = 16;

	if (!begun || s->mode == VM_SAVE || (s->late.over && s->late_len < 0))
		return;
	if (!s->late_buf)
		s->late_buf = malloc(RING_PAYLOAD);
	if (!s->late_buf) {
		session_finish(s, SESSION_STOPPED, 0);
		return;
	}
	while (most-- && s->end == SESSION_GOING && send_late(s))
		;
}

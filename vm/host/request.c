/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* The frames that tell the guest what to run. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "session.h"

_Static_assert(BPFVM_INPUT_MOST == PROTO_INPUT_MOST,
	       "what users are told is what the guest takes");

struct block {
	char data[PROTO_ARGS];
	size_t len;
	bool full;
};

static void block_add(struct block *b, const char *s)
{
	size_t n = strlen(s) + 1;

	if (n > sizeof(b->data) - b->len) {
		b->full = true;
		return;
	}
	memcpy(b->data + b->len, s, n);
	b->len += n;
}

static uint32_t block_environment(struct block *b, bool await_ready)
{
	static const char *const fixed[] = {
		"PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root",
		"TERM=linux",
		"LANG=C",
		"BPFVM=1",
	};
	const char *lib = getenv("LD_LIBRARY_PATH");
	uint32_t n = sizeof(fixed) / sizeof(*fixed), i;
	char buf[PATH_MAX];

	for (i = 0; i < n; i++)
		block_add(b, fixed[i]);
	if (await_ready) {
		snprintf(buf, sizeof(buf), "BPFVM_READY=%d", PROTO_READY_FD);
		block_add(b, buf);
		n++;
	}
	/* The libraries lie where the host's loader found them. */
	if (!lib || !*lib ||
	    path_fmt(buf, sizeof(buf), "LD_LIBRARY_PATH=%s", lib))
		return n;
	block_add(b, buf);
	return n + 1;
}

/* In frames of one kind; returns how many bytes they take. */
static size_t pack_parts(uint8_t *out, uint8_t type, uint32_t *seq,
			 const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t at, n, packed = 0;

	for (at = 0; at < len; at += n) {
		n = len - at;
		n = n < PROTO_PAYLOAD ? n : PROTO_PAYLOAD;
		packed += proto_pack(out + packed, type, (*seq)++, p + at, n);
	}
	return packed;
}

static uint32_t run_flags(const struct bpfvm_config *cfg)
{
	return (cfg->input ? PROTO_FLAG_INPUT : 0) |
	       (cfg->await_ready ? PROTO_FLAG_READY : 0);
}

static void name_request(struct session *s, const struct block *b)
{
	struct hash h;

	hash_init(&h);
	hash_add(&h, b->data, b->len);
	hash_hex(&h, s->request);
}

static size_t pack_request(struct session *s, const struct block *b,
			   uint32_t argc, uint32_t envc, bool same)
{
	/* The frame that wakes a clone is packed when that runs. */
	size_t len = s->mode == VM_CLONE ? PROTO_HEADER + PROTO_HELLO : 0;
	const bool save = s->mode == VM_SAVE;
	uint32_t seq = len != 0;
	uint8_t run[PROTO_RUN_LEN];

	/* What only this run wants is no matter of a template. */
	if (!save)
		len += outfiles_request(s->cfg, s->out + len, &seq);
	if (!save && s->cfg->n_late_files)
		len += proto_pack(s->out + len, PROTO_LATE, seq++, NULL, 0);
	if (!same)
		len += pack_parts(s->out + len, PROTO_ARGS_PART, &seq, b->data,
				  b->len);
	if (!save)
		len += pack_parts(s->out + len, PROTO_INPUT, &seq,
				  s->cfg->input, s->cfg->input_len);
	proto_put32(run, b->len);
	proto_put32(run + 4, argc);
	proto_put32(run + 8, envc);
	proto_put32(run + 12, run_flags(s->cfg) | (same ? PROTO_FLAG_SAME : 0));
	s->seq = seq + 1;
	return len + proto_pack(s->out + len, save ? PROTO_PREPARE : PROTO_RUN,
				seq, run, sizeof(run));
}

int session_request(struct session *s, const char *path, char *const *argv,
		    const char *known, const struct why *why)
{
	uint32_t seq = 0;
	size_t room =
		outfiles_request(s->cfg, NULL, &seq) +
		(PROTO_ARGS / PROTO_PAYLOAD + PROTO_INPUT_MOST / PROTO_PAYLOAD +
		 5) * PROTO_FRAME;
	struct block *b = calloc(1, sizeof(*b));
	uint32_t argc = 0, envc;
	int ret = 0;

	outfiles_init(&s->files, s->cfg);
	infiles_init(&s->late, s->cfg);
	s->late_len = -1;
	s->out = malloc(room);
	if (!b || !s->out) {
		free(b);
		return fault(why, -ENOMEM, "out of memory");
	}
	block_add(b, path);
	for (; argv[argc]; argc++)
		block_add(b, argv[argc]);
	envc = block_environment(b, s->cfg->await_ready);
	name_request(s, b);
	if (b->full)
		ret = fault(why, -E2BIG,
			    "the command line is longer than %d bytes",
			    PROTO_ARGS);
	else if (s->cfg->input_len > PROTO_INPUT_MOST)
		ret = fault(why, -E2BIG,
			    "the program's input is longer than %d bytes",
			    PROTO_INPUT_MOST);
	else
		s->out_len = pack_request(s, b, argc, envc,
					  known && !strcmp(known, s->request));
	free(b);
	return ret;
}

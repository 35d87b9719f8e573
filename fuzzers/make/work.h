/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* A sequence that is being made or changed, and what is done to it as a whole:
 * calls come, go and move, and the references to them follow. */
#ifndef BPFSYS_MAKE_WORK_H
#define BPFSYS_MAKE_WORK_H

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>

#include "make.h"
#include "rng.h"

#define COUNT_OF(a) (sizeof(a) / sizeof(*(a)))

enum {
	/* Content of the buffers; what is replaced stays as waste. */
	MAKE_POOL = 256 << 10,
	/* Calls that a new sequence has at most, so that there is room. */
	MAKE_NEW_CALLS = 14,
};

struct make {
	struct seq seq;
	uint64_t rng;
	enum make_target target;
	struct seq_call *call; /* that fields are put into: build.h */
	struct seq_call spill; /* for which there was no room */
	uint32_t used;	       /* of the pool */
	uint8_t pool[MAKE_POOL];
};

/* 0 to N, exclusive. */
uint32_t any(struct make *m, uint32_t n);
bool one_in(struct make *m, uint32_t n);
uint64_t any64(struct make *m);

void work_clear(struct make *m, enum make_target target, uint64_t seed);
/* False where DATA is no sequence; M is empty then. */
bool work_load(struct make *m, const uint8_t *data, size_t len);
/* What has no meaning goes before the encoding. */
size_t work_save(struct make *m, uint8_t *data, size_t size);
void work_tidy(struct make *m);

/* Room for N calls before call AT; false: there is none. */
bool calls_open(struct make *m, unsigned int at, unsigned int n);
/* Copies N calls from FIRST of FROM to the room at AT. Of what they refer to
 * outside, nothing is left but the number. */
void calls_copy(struct make *m, unsigned int at, const struct make *from,
		unsigned int first, unsigned int n);
/* What refers to it is zero then. */
void calls_drop(struct make *m, unsigned int at);
void calls_move(struct make *m, unsigned int from, unsigned int to);

/* Whether a reference of this kind is to a call. */
bool ref_to_call(const struct seq_ref *ref);

/* References and pointers that start in AT to AT + LEN, exclusive. */
struct seq_ref *ref_at(struct seq_call *call, unsigned int in, unsigned int at);
struct seq_buf *buf_at(struct seq_call *call, unsigned int in, unsigned int at);
void ref_drop(struct seq_call *call, unsigned int nr);
/* With what is in it. */
void buf_drop(struct seq_call *call, unsigned int nr);
/* Takes away what overlaps AT to AT + LEN. */
void make_free(struct seq_call *call, unsigned int in, unsigned int at,
	       unsigned int len);
/* NULL: there is no room. */
struct seq_ref *ref_add(struct seq_call *call, unsigned int in, unsigned int at,
			unsigned int width);
struct seq_buf *buf_add(struct make *m, struct seq_call *call, unsigned int in,
			unsigned int at, const void *data, uint32_t given);

uint8_t *buf_data(struct make *m, const struct seq_buf *buf);
/* Makes LEN bytes of it content, keeping what it has; NULL: no room. Its
 * memory grows with it. */
uint8_t *buf_resize(struct make *m, struct seq_buf *buf, uint32_t len);
/* Makes all of its memory content, with the zeros that encoding leaves out;
 * NULL: it is too much for that. */
uint8_t *buf_whole(struct make *m, struct seq_buf *buf);
/* Takes out OLD bytes at AT, puts NEW zero bytes there; references and
 * pointers behind move along. False: no room. */
bool buf_splice(struct make *m, struct seq_call *call, unsigned int nr,
		uint32_t at, uint32_t old, uint32_t new);

uint64_t get_le(const uint8_t *p, unsigned int width);
void put_le(uint8_t *p, uint64_t value, unsigned int width);
/* The value in the attr at AT. */
uint64_t attr_get(const struct seq_call *call, unsigned int at,
		  unsigned int width);
void attr_put(struct seq_call *call, unsigned int at, uint64_t value,
	      unsigned int width);

#endif

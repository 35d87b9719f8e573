// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Changes to buffers and to bytes of any kind; comparisons of the kernel. */
#include <string.h>

#include "change.h"

/* What the kernel compared; the newest take the place of the oldest. */
static struct hint {
	uint64_t seen, wanted;
	unsigned int size;
} hints[1024];
static unsigned int hints_count, hints_next;

void make_hint(uint64_t seen, uint64_t wanted, unsigned int size)
{
	struct hint *hint = &hints[hints_next];

	if (seen == wanted ||
	    (size != 1 && size != 2 && size != 4 && size != 8))
		return;
	hint->seen = seen;
	hint->wanted = wanted;
	hint->size = size;
	hints_next = (hints_next + 1) % COUNT_OF(hints);
	if (hints_count < COUNT_OF(hints))
		hints_count++;
}

void make_hints_forget(void)
{
	hints_count = hints_next = 0;
}

/* Replaces one of the places, from a random one on. */
static bool replace(struct make *m, uint8_t *bytes, uint32_t len,
		    const struct hint *hint)
{
	const uint32_t start = any(m, len);

	for (uint32_t i = 0; i < len; i++) {
		const uint32_t at = (start + i) % len;

		if (at + hint->size > len ||
		    get_le(bytes + at, hint->size) != hint->seen)
			continue;
		put_le(bytes + at, hint->wanted, hint->size);
		return true;
	}
	return false;
}

static bool hint_call(struct make *m, struct seq_call *call,
		      const struct hint *hint)
{
	if (call->op > SEQ_BPF_COMMON)
		return false;
	/* Zeros are everywhere: they are taken where fields are. */
	if (one_in(m, 2) && replace(m, call->attr, call->attr_len, hint))
		return true;
	for (unsigned int b = 0; b < call->n_bufs; b++)
		if (call->bufs[b].given && one_in(m, 2) &&
		    replace(m, buf_data(m, &call->bufs[b]), call->bufs[b].given,
			    hint))
			return true;
	return false;
}

bool change_hinted(struct make *m)
{
	for (unsigned int i = 0; hints_count && i < 12; i++) {
		const struct hint *hint = &hints[any(m, hints_count)];
		struct seq_call *call = &m->seq.calls[any(m, m->seq.n)];

		if (hint_call(m, call, hint))
			return true;
	}
	return false;
}

void change_bytes(struct make *m, uint8_t *bytes, uint32_t len)
{
	static const uint8_t widths[] = {1, 2, 4, 4, 8};
	unsigned int width = widths[any(m, COUNT_OF(widths))];
	uint32_t at;

	if (width > len)
		width = 1;
	if (!len)
		return;
	at = any(m, len - width + 1);
	if (!one_in(m, 3))
		at -= at % width;
	put_le(bytes + at, near_number(m, get_le(bytes + at, width), width),
	       width);
}

static void change_length(struct make *m, struct seq_buf *buf)
{
	uint32_t len;

	switch (any(m, 4)) {
	case 0:
		len = buf->len / 2;
		break;
	case 1:
		len = buf->len * 2 + 4;
		break;
	case 2:
		len = (uint32_t)any_number(m) & (SEQ_BUF_MOST - 1);
		break;
	default:
		len = (uint32_t)near_number(m, buf->len, 2) & 0xffff;
	}
	buf->len = len;
	if (buf->given > len)
		buf->given = len;
}

/* References inside it that the change may be about instead. */
static bool change_inside(struct make *m, struct seq_call *call,
			  unsigned int nr)
{
	const unsigned int in = SEQ_IN_BUF + nr;
	const unsigned int self = (unsigned int)(call - m->seq.calls);

	for (unsigned int r = 0; r < call->n_refs; r++)
		if (call->refs[r].in == in && one_in(m, 2)) {
			change_ref(m, self, &call->refs[r]);
			return true;
		}
	return false;
}

void change_buf(struct make *m, struct seq_call *call, unsigned int nr)
{
	struct seq_buf *buf = &call->bufs[nr];
	const uint32_t some = buf->len < 256 ? buf->len : 256;
	uint8_t *p;

	if (one_in(m, 12)) {
		buf->place = (uint8_t)any(m, SEQ_NULL);
		return;
	}
	if (one_in(m, 6) && change_inside(m, call, nr))
		return;
	if (buf->kind == SEQ_INSNS && !one_in(m, 16)) {
		change_insns(m, call, nr);
		return;
	}
	if (buf->kind == SEQ_BTF && !one_in(m, 16)) {
		change_types(m, call, nr);
		return;
	}
	if (one_in(m, 5)) {
		change_length(m, buf);
		return;
	}
	p = buf_resize(m, buf, buf->given > some ? buf->given : some);
	if (p)
		change_bytes(m, p, buf->given);
}

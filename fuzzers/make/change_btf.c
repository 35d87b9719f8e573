// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Changes to raw BTF, which is read leniently: what was changed before need not
 * be valid. */
#include "change.h"
#include "types.h"

enum {
	TYPE_OFF = 8, /* of the header */
	TYPE_LEN = 12,
	STR_OFF = 16,
	STR_LEN = 20,
	BTF_SIZE = 16, /* of the attr */
	HEAD = 12,     /* of a type */
	TYPES = 512,
};

struct layout {
	uint32_t types, end, strings, strings_end; /* in the buffer */
	unsigned int n;
	uint32_t at[TYPES], len[TYPES];
};

/* Bytes behind a type's head. */
static uint32_t more_of(uint32_t info)
{
	const uint32_t vlen = info & 0xffff;

	switch (info >> 24 & 31) {
	case KIND_INT:
	case KIND_VAR:
	case KIND_DECL_TAG:
		return 4;
	case KIND_ARRAY:
		return 12;
	case KIND_STRUCT:
	case KIND_UNION:
	case KIND_DATASEC:
	case KIND_ENUM64:
		return 12 * vlen;
	case KIND_ENUM:
	case KIND_FUNC_PROTO:
		return 8 * vlen;
	}
	return 0;
}

static uint32_t least(uint64_t a, uint32_t b)
{
	return a < b ? (uint32_t)a : b;
}

static void lay_out(struct layout *l, const uint8_t *p, uint32_t len)
{
	const uint64_t base = get_le(p + 4, 4);
	uint32_t at;

	l->types = least(base + get_le(p + TYPE_OFF, 4), len);
	l->end = least(l->types + get_le(p + TYPE_LEN, 4), len);
	l->strings = least(base + get_le(p + STR_OFF, 4), len);
	l->strings_end = least(l->strings + get_le(p + STR_LEN, 4), len);
	l->n = 0;
	for (at = l->types; at + HEAD <= l->end && l->n < TYPES; l->n++) {
		uint32_t size = HEAD + more_of((uint32_t)get_le(p + at + 4, 4));

		if (size > l->end - at)
			size = l->end - at;
		l->at[l->n] = at;
		l->len[l->n] = size;
		at += size;
	}
}

/* OLD bytes at AT of the type section become NEW; the header and the attr
 * follow where they were right. */
static uint8_t *splice(struct make *m, struct seq_call *call, unsigned int buf,
		       uint32_t at, uint32_t old, uint32_t new)
{
	const uint32_t given = call->bufs[buf].given;
	const bool told = attr_get(call, BTF_SIZE, 4) == given;
	uint64_t types, strings;
	uint8_t *p;

	if (given - old + new > SEQ_POOL / 2 ||
	    !buf_splice(m, call, buf, at, old, new))
		return NULL;
	p = buf_data(m, &call->bufs[buf]);
	types = get_le(p + TYPE_LEN, 4);
	strings = get_le(p + STR_OFF, 4);
	put_le(p + TYPE_LEN, types - old + new, 4);
	if (strings >= types)
		put_le(p + STR_OFF, strings - old + new, 4);
	if (told)
		attr_put(call, BTF_SIZE, given - old + new, 4);
	return p + at;
}

/* A member's, parameter's or enumerator's words, or what else is there. */
static void change_word(struct make *m, const struct layout *l, uint8_t *type,
			uint32_t len)
{
	const uint32_t word = any(m, len / 4) * 4;
	uint64_t value;

	if (word + 4 > len)
		return;
	value = one_in(m, 2) ? any(m, l->n + 2)
			     : near_number(m, get_le(type + word, 4), 4);
	put_le(type + word, value, 4);
}

static void change_type(struct make *m, const struct layout *l, uint8_t *type,
			uint32_t len)
{
	uint32_t kind_vlen = (uint32_t)get_le(type + 4, 4);

	switch (any(m, 7)) {
	case 0:
		put_le(type, any(m, l->strings_end - l->strings + 1), 4);
		return;
	case 1:
		kind_vlen = (kind_vlen & 0xe0ffffff) | any(m, KIND_MOST + 2)
							       << 24;
		break;
	case 2:
		kind_vlen = (kind_vlen & 0xffff0000) |
			    (near_number(m, kind_vlen & 0xffff, 2) & 0xffff);
		break;
	case 3:
		kind_vlen ^= 1u << 31;
		break;
	case 4:
		put_le(type + 8, any(m, l->n + 2), 4);
		return;
	case 5:
		put_le(type + 8, near_number(m, get_le(type + 8, 4), 4), 4);
		return;
	default:
		change_word(m, l, type, len);
		return;
	}
	put_le(type + 4, kind_vlen, 4);
}

/* A type of any kind at the end, with what belongs to it. */
static void add_type(struct make *m, struct seq_call *call, unsigned int buf,
		     const struct layout *l)
{
	const uint32_t names = l->strings_end - l->strings;
	uint32_t info = (1 + any(m, KIND_MOST)) << 24, more;
	uint8_t *p;

	if (more_of(info | 1) != more_of(info))
		info |= any(m, one_in(m, 8) ? 200 : 4);
	more = more_of(info);
	p = splice(m, call, buf, l->end, 0, HEAD + more);
	if (!p)
		return;
	put_le(p, one_in(m, 3) ? any(m, names) : 0, 4);
	put_le(p + 4, info, 4);
	put_le(p + 8, one_in(m, 3) ? 4u << any(m, 4) : 1 + any(m, l->n + 1), 4);
	for (uint32_t i = HEAD; i < HEAD + more; i += 4)
		put_le(p + i, one_in(m, 3) ? 8u * any(m, 9) : any(m, l->n + 1),
		       4);
}

static void repeat_type(struct make *m, struct seq_call *call, unsigned int buf,
			const struct layout *l, unsigned int nr)
{
	uint8_t *p = splice(m, call, buf, l->end, 0, l->len[nr]);

	if (!p)
		return;
	for (uint32_t i = 0; i < l->len[nr]; i++)
		p[i] = buf_data(m, &call->bufs[buf])[l->at[nr] + i];
}

static void change_header(struct make *m, struct seq_call *call, uint8_t *p)
{
	static const uint8_t words[] = {4, 8, 12, 16, 20};
	const uint8_t at = words[any(m, COUNT_OF(words))];

	switch (any(m, 8)) {
	case 0:
		p[any(m, 4)] ^= (uint8_t)(1 << any(m, 8));
		return;
	case 1:
		attr_put(call, BTF_SIZE,
			 near_number(m, attr_get(call, BTF_SIZE, 4), 4), 4);
		return;
	default:
		put_le(p + at, near_number(m, get_le(p + at, 4), 4), 4);
	}
}

static void change_string(struct make *m, uint8_t *p, const struct layout *l)
{
	const uint32_t len = l->strings_end - l->strings;

	if (len)
		p[l->strings + any(m, len)] = (uint8_t)any_number(m);
}

void change_types(struct make *m, struct seq_call *call, unsigned int buf)
{
	static struct layout l;
	uint8_t *p = buf_whole(m, &call->bufs[buf]);
	unsigned int nr;

	if (!p || call->bufs[buf].given < BTF_HEADER)
		return;
	lay_out(&l, p, call->bufs[buf].given);
	nr = any(m, l.n);
	if (one_in(m, 12) || !l.n) {
		change_header(m, call, p);
		return;
	}
	switch (any(m, 10)) {
	case 0:
		add_type(m, call, buf, &l);
		return;
	case 1:
		repeat_type(m, call, buf, &l, nr);
		return;
	case 2:
		splice(m, call, buf, l.at[nr], l.len[nr], 0);
		return;
	case 3:
		change_string(m, p, &l);
		return;
	default:
		change_type(m, &l, p + l.at[nr], l.len[nr]);
	}
}

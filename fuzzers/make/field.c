// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Values of a field, by its kind. */
#include <string.h>

#include "field.h"

uint64_t any_number(struct make *m)
{
	static const uint64_t borders[] = {
		0,	    1,		2,	    3,		4,
		7,	    8,		9,	    15,		16,
		31,	    32,		63,	    64,		127,
		128,	    255,	256,	    511,	512,
		4095,	    4096,	4097,	    8192,	32767,
		32768,	    65535,	65536,	    0x7fffffff, 0x80000000,
		0xfffffffe, 0xffffffff, 1u << 20,   1u << 24,	0x3fffffff,
		0x40000000, ~0ull,	~0ull >> 1, 1ull << 63, 1ull << 32,
		1000000,    10000000,	0x0fffffff, 0x1fffffff,
	};

	if (one_in(m, 5))
		return any64(m) >> any(m, 64);
	if (one_in(m, 2))
		return any(m, 20);

	return borders[any(m, COUNT_OF(borders))];
}

uint64_t near_number(struct make *m, uint64_t value, unsigned int width)
{
	switch (any(m, 7)) {
	case 0:
		return value + 1 + any(m, 4);
	case 1:
		return value - 1 - any(m, 4);
	case 2:
		return value ^ 1ull << any(m, 8 * width);
	case 3:
		return value * 2;
	case 4:
		return value / 2;
	case 5:
		return 0 - value;
	default:
		return any_number(m);
	}
}

static struct seq_ref *add_ref(struct make *m, unsigned int nr,
			       const struct bpfsys_field *field)
{
	return ref_add(&m->seq.calls[nr], SEQ_IN_ATTR, field->offset,
		       field->size == 8 ? 8 : 4);
}

static void fill_fd(struct make *m, unsigned int nr,
		    const struct bpfsys_field *field)
{
	unsigned int call = call_making(m, nr, thing_wanted(field->name));
	struct seq_ref *ref = add_ref(m, nr, field);

	if (!ref)
		return;
	if (call < SEQ_CALLS && !one_in(m, 8)) {
		ref->kind = SEQ_REF_FD;
		ref->which = (uint8_t)call;
	} else {
		ref->kind = SEQ_REF_GIVEN;
		ref->which = (uint8_t)any(m, SEQ_GIVENS);
	}
}

static void fill_id(struct make *m, unsigned int nr,
		    const struct bpfsys_field *field)
{
	unsigned int call = call_making(m, nr, thing_wanted(field->name));
	struct seq_ref *ref;

	if (call == SEQ_CALLS || one_in(m, 6)) {
		attr_put(&m->seq.calls[nr], field->offset, any(m, 10),
			 field->size);
		return;
	}
	ref = add_ref(m, nr, field);
	if (ref) {
		ref->kind = SEQ_REF_ID;
		ref->which = (uint8_t)call;
	}
}

static void fill_btf_id(struct make *m, unsigned int nr,
			const struct bpfsys_field *field)
{
	struct seq_ref *ref;

	if (one_in(m, 2)) {
		attr_put(&m->seq.calls[nr], field->offset, any(m, 12),
			 field->size);
		return;
	}
	ref = add_ref(m, nr, field);
	if (ref) {
		ref->kind = SEQ_REF_BTF;
		ref->which = (uint8_t)any(m, seq_names_count);
	}
}

static uint32_t any_enumerator(struct make *m, const char *kind)
{
	uint32_t n = 0;

	while (n < 128 && bpfsys_abi_enumerator(kind, n))
		n++;
	return n ? any(m, n + (one_in(m, 16) ? 4 : 0))
		 : (uint32_t)any_number(m);
}

/* A command's flags are mostly few and low. */
static uint64_t any_flags(struct make *m)
{
	switch (any(m, 4)) {
	case 0:
		return 0;
	case 1:
		return 1ull << any(m, 8);
	case 2:
		return 1ull << any(m, 18);
	default:
		return 1ull << any(m, 6) | 1ull << any(m, 16);
	}
}

static void fill_pointer(struct make *m, unsigned int nr,
			 const struct bpfsys_field *field)
{
	static const uint16_t lens[] = {4,  4,	8,   8,	  16,	32,
					64, 64, 128, 256, 1024, 4096};
	static const char *const texts[] = {"GPL", "sys_enter",	     "a",
					    "b",   "/proc/self/exe", ""};
	struct seq_call *call = &m->seq.calls[nr];
	uint32_t len = lens[any(m, COUNT_OF(lens))];
	struct seq_buf *buf;
	uint8_t bytes[16];

	if (one_in(m, 10)) {
		make_free(call, SEQ_IN_ATTR, field->offset, 8);
		attr_put(call, field->offset, 0, 8);
		return;
	}
	if (field->kind == BPFSYS_KIND_STR_IN) {
		const char *text = texts[any(m, COUNT_OF(texts))];

		buf = buf_add(m, call, SEQ_IN_ATTR, field->offset, text,
			      (uint32_t)strlen(text));
		if (!buf)
			return;
		buf->len++;
		buf->kind = SEQ_TEXT;
		return;
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = one_in(m, 3) ? (uint8_t)any(m, 8) : 0;
	buf = buf_add(m, call, SEQ_IN_ATTR, field->offset, bytes,
		      field->kind == BPFSYS_KIND_PTR_OUT ? 0
		      : len < 16			 ? len
							 : 16);
	if (buf)
		buf->len = len;
}

static void fill_name(struct make *m, struct seq_call *call,
		      const struct bpfsys_field *field)
{
	static const char chars[] = "abcXYZ09_. -";
	unsigned int n = any(m, field->size + 1u);

	make_free(call, SEQ_IN_ATTR, field->offset, field->size);
	for (unsigned int i = 0; i < field->size; i++)
		attr_put(
			call, field->offset + i,
			i < n ? (uint8_t)chars[any(m, sizeof(chars) - 1 -
							      one_in(m, 2) * 2)]
			      : 0,
			1);
}

static uint64_t any_value(struct make *m, const struct bpfsys_field *field)
{
	switch (field->kind) {
	case BPFSYS_KIND_ENUM:
		return any_enumerator(m, field->detail);
	case BPFSYS_KIND_FLAGS:
		return any_flags(m);
	case BPFSYS_KIND_IFINDEX:
		return any(m, 3);
	case BPFSYS_KIND_PID:
		return any(m, one_in(m, 2) ? 3 : 160);
	case BPFSYS_KIND_COUNT:
	case BPFSYS_KIND_SIZE:
		return one_in(m, 2) ? 4u * any(m, 20) : any_number(m);
	default:
		return any_number(m);
	}
}

void fill_field(struct make *m, unsigned int nr,
		const struct bpfsys_field *field)
{
	struct seq_call *call = &m->seq.calls[nr];

	switch (field->kind) {
	case BPFSYS_KIND_FD:
		fill_fd(m, nr, field);
		return;
	case BPFSYS_KIND_ID:
		fill_id(m, nr, field);
		return;
	case BPFSYS_KIND_BTF_ID:
		fill_btf_id(m, nr, field);
		return;
	case BPFSYS_KIND_PTR_IN:
	case BPFSYS_KIND_PTR_OUT:
	case BPFSYS_KIND_PTR_INOUT:
	case BPFSYS_KIND_STR_IN:
		fill_pointer(m, nr, field);
		return;
	case BPFSYS_KIND_NAME:
	case BPFSYS_KIND_BYTES:
		fill_name(m, call, field);
		return;
	default:
		make_free(call, SEQ_IN_ATTR, field->offset, field->size);
		attr_put(call, field->offset, any_value(m, field), field->size);
	}
}

void fill_call(struct make *m, unsigned int nr)
{
	struct seq_call *call = &m->seq.calls[nr];
	const struct bpfsys_command *row = bpfsys_abi_command(call->cmd);
	const struct bpfsys_field *fields;
	size_t n;

	if (!row)
		return;
	call->size = row->group_end;
	fields = bpfsys_abi_fields(row, &n);
	for (size_t i = 0; i < n && i < 12; i++) {
		/* Descriptors and pointers are what calls are about. */
		const bool main = fields[i].kind == BPFSYS_KIND_FD ||
				  fields[i].kind >= BPFSYS_KIND_PTR_IN ||
				  fields[i].kind == BPFSYS_KIND_ENUM;

		if (fields[i].dir != BPFSYS_DIR_OUT && one_in(m, main ? 1 : 2))
			fill_field(m, nr, &fields[i]);
	}
}

void make_common(struct make *m, struct seq_call *call)
{
	enum { LOG_BUF = 0, LOG_SIZE = 8, LOG_LEVEL = 12, LOG_END = 20 };
	struct seq_buf *buf;

	call->op = SEQ_BPF_COMMON;
	call->common_size = LOG_END;
	put_le(call->common + LOG_SIZE, one_in(m, 3) ? any(m, 300) : 1024, 4);
	put_le(call->common + LOG_LEVEL, any(m, 5), 4);
	call->common_len = LOG_END;
	buf = buf_add(m, call, SEQ_IN_COMMON, LOG_BUF, NULL, 0);
	if (buf)
		buf->len = 1024;
}

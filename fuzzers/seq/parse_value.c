// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What stands in an attr: fields by name or offset, with numbers, names,
 * references and pointers. */
#include <errno.h>
#include <string.h>

#include "fields.h"
#include "parse.h"

static int parse_given(struct parser *p, struct seq_ref *ref)
{
	const char *word, *name;
	size_t len = parse_word(p, &word);

	for (unsigned int i = 0; (name = seq_given_name(i)); i++)
		if (strlen(name) == len && !memcmp(name, word, len)) {
			ref->which = (uint8_t)i;
			return parse_want(p, ")") ? -EINVAL : 1;
		}
	return parse_fail(p, "%.*s is no given descriptor", (int)len, word);
}

static int parse_btf_name(struct parser *p, struct seq_ref *ref)
{
	const char *kind, *name;
	size_t kind_len = parse_word(p, &kind), len = parse_word(p, &name);

	for (unsigned int i = 0; i < seq_names_count; i++) {
		const struct seq_name *known = &seq_names[i];

		if (strlen(known->kind) == kind_len &&
		    !memcmp(known->kind, kind, kind_len) &&
		    strlen(known->name) == len &&
		    !memcmp(known->name, name, len)) {
			ref->which = (uint8_t)i;
			return parse_want(p, ")") ? -EINVAL : 1;
		}
	}
	return parse_fail(p, "no name known here: %.*s %.*s", (int)kind_len,
			  kind, (int)len, name);
}

int parse_ref(struct parser *p, struct seq_ref *ref)
{
	unsigned int label;
	uint64_t more;

	memset(ref, 0, sizeof(*ref));
	if (parse_label(p, 'r', &label)) {
		ref->kind = SEQ_REF_FD;
		ref->which = (uint8_t)label;
		if (!parse_is(p, "@"))
			return 1;
		ref->kind = SEQ_REF_OUT;
		if (parse_number(p, SEQ_ATTR - 1, &more))
			return -EINVAL;
		ref->more = (uint16_t)more;
		return 1;
	}
	if (parse_is(p, "id(")) {
		ref->kind = SEQ_REF_ID;
		if (!parse_label(p, 'r', &label))
			return parse_fail(p, "want a call: id(r0)");
		ref->which = (uint8_t)label;
		return parse_want(p, ")") ? -EINVAL : 1;
	}
	if (parse_is(p, "given(")) {
		ref->kind = SEQ_REF_GIVEN;
		return parse_given(p, ref);
	}
	if (parse_is(p, "btf(")) {
		ref->kind = SEQ_REF_BTF;
		return parse_btf_name(p, ref);
	}
	return 0;
}

static bool overlaps(const struct seq_call *call, uint8_t in, uint64_t at,
		     unsigned int width)
{
	for (unsigned int i = 0; i < call->n_refs; i++) {
		const struct seq_ref *ref = &call->refs[i];

		if (ref->in == in && ref->at < at + width &&
		    at < (uint64_t)ref->at + ref->width)
			return true;
	}
	for (unsigned int i = 0; i < call->n_bufs; i++) {
		const struct seq_buf *buf = &call->bufs[i];

		if (buf->in == in && buf->at < at + width &&
		    at < (uint64_t)buf->at + 8)
			return true;
	}
	return false;
}

/* Is there room for WIDTH bytes of a reference at AT? */
static int check_room(struct parser *p, uint8_t in, uint64_t at,
		      unsigned int width)
{
	uint64_t most = in == SEQ_IN_ATTR ? SEQ_ATTR
			: in == SEQ_IN_COMMON
				? SEQ_COMMON
				: p->call->bufs[in - SEQ_IN_BUF].len;

	if (at > UINT16_MAX || at + width > most)
		return parse_fail(p, "%u bytes at %llu are not there", width,
				  (unsigned long long)at);
	if (overlaps(p->call, in, at, width))
		return parse_fail(p, "there are two things at %llu",
				  (unsigned long long)at);
	return 0;
}

static int add_buf(struct parser *p, uint8_t in, uint64_t at, int label)
{
	struct seq_call *call = p->call;
	struct seq_buf *buf = &call->bufs[call->n_bufs];

	if (check_room(p, in, at, 8))
		return -EINVAL;
	if (call->n_bufs == SEQ_BUFS)
		return parse_fail(p, "a call has %d buffers at most", SEQ_BUFS);
	for (unsigned int i = 0; label >= 0 && i < call->n_bufs; i++)
		if (p->buf_label[i] == label)
			return parse_fail(p, "two things point to b%d", label);
	memset(buf, 0, sizeof(*buf));
	buf->in = in;
	buf->at = (uint16_t)at;
	buf->place = label < 0 ? SEQ_UNMAPPED : SEQ_PLAIN;
	p->buf_label[call->n_bufs] = label;
	p->told[call->n_bufs++] = label < 0;
	return 1;
}

int parse_spot(struct parser *p, uint8_t in, uint64_t at, unsigned int width)
{
	struct seq_call *call = p->call;
	unsigned int label;
	struct seq_ref ref;
	int ret;

	if (parse_is(p, "&")) {
		if (width != 8)
			return parse_fail(p, "a pointer takes 8 bytes");
		if (parse_is(p, "unmapped"))
			return add_buf(p, in, at, -1);
		if (!parse_label(p, 'b', &label))
			return parse_fail(p, "want &b0 or &unmapped");
		return add_buf(p, in, at, (int)label);
	}
	ret = parse_ref(p, &ref);
	if (ret <= 0)
		return ret;
	if (width != 4 && width != 8)
		return parse_fail(p, "a reference takes 4 or 8 bytes");
	if (check_room(p, in, at, width))
		return -EINVAL;
	if (ref.kind == SEQ_REF_OUT && ref.more + width > SEQ_ATTR)
		return parse_fail(p, "an attr has %d bytes", SEQ_ATTR);
	if (call->n_refs == SEQ_REFS)
		return parse_fail(p, "a call has %d references at most",
				  SEQ_REFS);
	ref.in = in;
	ref.at = (uint16_t)at;
	ref.width = (uint8_t)width;
	p->ref_line[p->seq->n - 1][call->n_refs] = p->line;
	call->refs[call->n_refs++] = ref;
	return 1;
}

int parse_offset(struct parser *p, uint64_t *at, unsigned int *width)
{
	uint64_t value = 4;

	if (parse_want(p, "+") || parse_number(p, UINT16_MAX, at) ||
	    (parse_is(p, "/") && parse_number(p, 8, &value)) ||
	    parse_want(p, "="))
		return -EINVAL;
	*width = (unsigned int)value;
	/* A pointer says by itself how long it is. */
	if (!parse_end(p) && *p->at == '&')
		*width = 8;
	return 0;
}

/* Where bytes of the attr go, and that they are given from now on. */
static uint8_t *give(struct seq_call *call, uint8_t in, unsigned int at,
		     unsigned int n)
{
	uint16_t *len =
		in == SEQ_IN_COMMON ? &call->common_len : &call->attr_len;

	if (*len < at + n)
		*len = (uint16_t)(at + n);
	return (in == SEQ_IN_COMMON ? call->common : call->attr) + at;
}

static int parse_raw(struct parser *p, uint8_t in)
{
	unsigned int width, most = in == SEQ_IN_COMMON ? SEQ_COMMON : SEQ_ATTR;
	uint8_t bytes[SEQ_ATTR];
	uint64_t at;
	int ret;

	if (parse_offset(p, &at, &width))
		return -EINVAL;
	ret = parse_spot(p, in, at, width);
	if (ret)
		return ret < 0 ? ret : 0;
	if (at >= most)
		return parse_fail(p, "there are %u bytes at most", most);
	ret = parse_hex(p, bytes, most - at);
	if (!ret)
		return parse_fail(p, "want bytes in hexadecimal");
	if (ret > 0)
		memcpy(give(p->call, in, (unsigned int)at, (unsigned int)ret),
		       bytes, (size_t)ret);
	return ret < 0 ? ret : 0;
}

/* The number that WORD is called in an enum of the ABI table. */
static bool find_enumerator(const char *kind, const char *word, size_t len,
			    uint64_t *value)
{
	for (uint32_t i = 0; i < 256; i++) {
		const struct bpfsys_enumerator *e =
			bpfsys_abi_enumerator(kind, i);

		if (e && strlen(e->name) == len &&
		    !memcmp(e->name, word, len)) {
			*value = i;
			return true;
		}
	}
	return false;
}

static int parse_bytes(struct parser *p, const struct bpfsys_field *f,
		       uint8_t *bytes)
{
	int ret;

	if (parse_is(p, "\"")) {
		ret = parse_string(p, bytes, f->size);
		return ret < 0 ? ret : 0;
	}
	if (parse_want(p, "hex("))
		return -EINVAL;
	ret = parse_hex(p, bytes, f->size);
	return ret < 0 || parse_want(p, ")") ? -EINVAL : 0;
}

static int parse_value(struct parser *p, uint8_t in,
		       const struct bpfsys_field *f)
{
	uint8_t bytes[SEQ_ATTR] = {0};
	const char *word = p->at;
	uint64_t value;
	int ret = parse_spot(p, in, f->offset, f->size);

	if (ret)
		return ret < 0 ? ret : 0;
	if (f->kind == BPFSYS_KIND_NAME || f->kind == BPFSYS_KIND_BYTES) {
		if (parse_bytes(p, f, bytes))
			return -EINVAL;
	} else if (parse_is_number(p)) {
		if (parse_signed(p, f->size, &value))
			return -EINVAL;
		memcpy(bytes, &value, sizeof(value));
	} else {
		size_t len = parse_word(p, &word);

		if (!find_enumerator(f->detail, word, len, &value))
			return parse_fail(p, "%s: want a number%s", f->name,
					  f->kind == BPFSYS_KIND_ENUM
						  ? " or a name of its enum"
						  : "");
		memcpy(bytes, &value, sizeof(value));
	}
	memcpy(give(p->call, in, f->offset, f->size), bytes, f->size);
	return 0;
}

int parse_item(struct parser *p)
{
	const struct bpfsys_field *fields;
	uint8_t in = SEQ_IN_ATTR;
	const char *word;
	size_t len, count;

	if (!parse_end(p) && *p->at == '+')
		return parse_raw(p, in);
	len = parse_word(p, &word);
	if (len >= 6 && !memcmp(word, "common", 6) &&
	    (len == 6 || word[6] == '.')) {
		if (p->call->op != SEQ_BPF_COMMON)
			return parse_fail(p, "want (common=SIZE) before that");
		in = SEQ_IN_COMMON;
		if (len == 6)
			return parse_raw(p, in);
		word += 7;
		len -= 7;
	}
	fields = seq_fields(p->call, in, &count);
	for (size_t i = 0; i < count; i++)
		if (strlen(fields[i].name) == len &&
		    !memcmp(fields[i].name, word, len))
			return parse_want(p, "=")
				       ? -EINVAL
				       : parse_value(p, in, &fields[i]);
	return parse_fail(p, "the command has no field %.*s", (int)len, word);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Bytes of sequences: what is accepted has one form, and nothing else is
 * accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "../seq/format.h"
#include "seq_random.h"

enum { RANDOM = 10000 };

static uint8_t pool[SEQ_POOL], bytes[SEQ_MOST + 1], again[SEQ_MOST];
static struct seq seq, read_back;

/* MAP_UPDATE_ELEM with an fd, a key and a value behind a pointer's pointer. */
static void make_update(struct seq *s)
{
	static const uint8_t content[] = {1, 0, 0, 0, 5, 6};
	struct seq_call *call = &s->calls[0];

	memset(s, 0, sizeof(*s));
	s->n = 1;
	s->pool = content;
	s->pool_len = sizeof(content);
	call->cmd = 2;
	call->size = 32;
	call->attr_len = 25;
	call->attr[24] = 1;
	call->n_refs = 1;
	call->refs[0] = (struct seq_ref){0, SEQ_REF_FD, 0, 4, 0, 0};
	call->n_bufs = 3;
	call->bufs[0] = (struct seq_buf){0, SEQ_BYTES, 0, 8, 4, 1, 0};
	call->bufs[1] = (struct seq_buf){0, SEQ_BYTES, 1, 16, 16, 2, 4};
	call->bufs[2] =
		(struct seq_buf){SEQ_IN_BUF + 1, SEQ_BYTES, 0, 8, 4, 0, 0};
}

static size_t encode(const struct seq *s)
{
	return seq_encode(s, bytes, sizeof(bytes));
}

/* Where the parts of that one call's bytes are. */
enum {
	AT_CALL = SEQ_HEAD,
	AT_ATTR = AT_CALL + SEQ_CALL_HEAD,
	AT_REF = AT_ATTR + 25,
	AT_BUF = AT_REF + SEQ_REF_BYTES,
	AT_POOL = AT_BUF + 3 * SEQ_BUF_BYTES,
	LEN = AT_POOL + 3,
};

static void bytes_are_as_documented(void **state)
{
	(void)state;
	make_update(&seq);
	assert_int_equal(encode(&seq), LEN);
	assert_memory_equal(bytes, "bpfq\1\1", 6);
	assert_int_equal(bytes[AT_ATTR + 24], 1);
	assert_int_equal(bytes[AT_BUF + 5], 4);
	assert_memory_equal(bytes + AT_POOL, "\1\5\6", 3);
	assert_int_equal(seq_decode(&read_back, bytes, LEN), 0);
	assert_ptr_equal(read_back.pool, bytes + AT_POOL);
	assert_int_equal(read_back.pool_len, 3);
	assert_int_equal(read_back.calls[0].bufs[1].data, 1);
}

static void one_changed_byte_is_refused(void **state)
{
	static const struct {
		unsigned int at;
		uint8_t value;
	} changes[] = {
		{0, 'c'},	    /* magic */
		{4, 2},		    /* version */
		{5, 0},		    /* no call */
		{5, 17},	    /* too many */
		{AT_CALL, SEQ_OPS}, /* op */
		{AT_CALL + 1, 6},   /* place */
		{AT_CALL + 8, 1},   /* a common size without common */
		{AT_CALL + 11, 17}, /* references */
		{AT_CALL + 12, 13}, /* buffers */
		{AT_ATTR, 1},	    /* a byte where the reference is */
		{AT_ATTR + 8, 1},   /* where a pointer is */
		{AT_ATTR + 24, 0},  /* a zero at the end of the attr */
		{AT_REF, 1},	    /* in a common attr that is not there */
		{AT_REF + 1, 5},    /* kind */
		{AT_REF + 2, 1},    /* a call that is not there */
		{AT_REF + 3, 5},    /* width */
		{AT_REF + 4, 5},    /* over the key's pointer */
		{AT_REF + 5, 1},    /* beyond the attr */
		{AT_REF + 6, 1},    /* more, of an fd */
		{AT_BUF, 2},	    /* in itself */
		{AT_BUF + 1, 4},    /* kind */
		{AT_BUF + 2, 4},    /* unmapped, with content */
		{AT_BUF + 2, 5},    /* NULL is no buffer */
		{AT_BUF + 3, 17},   /* behind the next: not in order */
		{AT_BUF + 5, 0},    /* more content than memory */
		{AT_BUF + 7, 0x11}, /* more memory than there may be */
		{AT_BUF + 9, 2},    /* content that is another's */
		{AT_BUF + 25, 9},   /* the last does not fit into its buffer */
		{AT_BUF + 22, 4},   /* in itself */
		{AT_POOL + 0, 0},   /* a zero at the end of content */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(*changes); i++) {
		make_update(&seq);
		assert_int_equal(encode(&seq), LEN);
		assert_int_equal(seq_decode(&read_back, bytes, LEN), 0);
		bytes[changes[i].at] = changes[i].value;
		if (!seq_decode(&read_back, bytes, LEN))
			fail_msg("change %zu is accepted", i);
	}
}

static void what_is_left_behind_goes(void **state)
{
	struct seq_call *call = &seq.calls[0];

	(void)state;
	make_update(&seq);
	memset(call->attr, 0xff, 24); /* where references are */
	call->attr_len = 200;
	memset(call->attr + 4, 0, 4);
	call->bufs[0].given = 4; /* zeros at the end */
	call->refs[0].more = 7;
	call->common_size = 12;
	assert_int_equal(encode(&seq), LEN);
	assert_int_equal(seq_decode(&read_back, bytes, LEN), 0);

	make_update(&seq);
	call->place = SEQ_NULL; /* nothing stands there any more */
	assert_int_equal(encode(&seq), SEQ_HEAD + SEQ_CALL_HEAD);
	make_update(&seq);
	call->bufs[1].place = SEQ_UNMAPPED;
	assert_int_equal(encode(&seq), LEN - SEQ_BUF_BYTES - 2);
	make_update(&seq);
	call->op = SEQ_CLOSE;
	assert_int_equal(encode(&seq),
			 SEQ_HEAD + SEQ_CALL_HEAD + SEQ_REF_BYTES);
}

static void buffers_are_put_in_order(void **state)
{
	struct seq_call *call = &seq.calls[0];
	struct seq_buf swap;
	size_t len;

	(void)state;
	make_update(&seq);
	len = encode(&seq);
	memcpy(again, bytes, len);
	swap = call->bufs[1];
	call->bufs[1] = call->bufs[2];
	call->bufs[2] = swap;
	call->bufs[1].in = SEQ_IN_BUF + 2;
	assert_int_equal(encode(&seq), len);
	assert_memory_equal(bytes, again, len);
}

static void what_has_no_form_is_refused(void **state)
{
	struct seq_call *call = &seq.calls[0];

	(void)state;
	make_update(&seq);
	seq.n = 0;
	assert_int_equal(encode(&seq), 0);
	seq.n = SEQ_CALLS + 1;
	assert_int_equal(encode(&seq), 0);
	make_update(&seq);
	call->refs[0].at = 14;
	assert_int_equal(encode(&seq), 0);
	make_update(&seq);
	call->bufs[1].data = 5;
	assert_int_equal(encode(&seq), 0);
	make_update(&seq);
	seq.n = 3;
	seq.calls[1].op = SEQ_FORK;
	assert_int_not_equal(encode(&seq), 0);
	seq.calls[2].op = SEQ_FORK;
	assert_int_equal(encode(&seq), 0);
	make_update(&seq);
	seq.n = 2;
	seq.calls[1] = seq.calls[0];
	for (int i = 0; i < 3; i++)
		call->bufs[i].len = SEQ_BUF_MOST;
	assert_int_not_equal(encode(&seq), 0);
	seq.calls[1].bufs[1].len = SEQ_BUF_MOST;
	assert_int_equal(encode(&seq), 0);
}

/* What is given is the world of the sequences behind it, too. */
static void given_descriptors_are_not_closed(void **state)
{
	(void)state;
	memset(&seq, 0, sizeof(seq));
	seq.n = 1;
	seq.pool = pool;
	seq.calls[0].n_refs = 1;
	seq.calls[0].refs[0].kind = SEQ_REF_GIVEN;
	for (int op = SEQ_CLOSE; op <= SEQ_MMAP; op++) {
		seq.calls[0].op = op;
		seq.calls[0].cmd = op == SEQ_MMAP ? 3 : 0;
		assert_int_equal(encode(&seq) != 0, op != SEQ_CLOSE);
	}
}

static void sequences_come_back(void **state)
{
	unsigned int ops[SEQ_OPS] = {0}, kinds[SEQ_KINDS] = {0};
	unsigned int places[SEQ_PLACES] = {0}, refs[SEQ_REF_KINDS] = {0};

	(void)state;
	for (unsigned int i = 0; i < RANDOM; i++) {
		size_t len;

		random_seq(i, &seq, pool);
		len = encode(&seq);
		if (!len || seq_decode(&read_back, bytes, len))
			fail_msg("sequence %u has no bytes", i);
		assert_int_equal(seq_encode(&read_back, again, sizeof(again)),
				 len);
		assert_memory_equal(bytes, again, len);
		for (unsigned int c = 0; c < read_back.n; c++) {
			struct seq_call *call = &read_back.calls[c];

			ops[call->op]++;
			places[call->place]++;
			for (unsigned int k = 0; k < call->n_bufs; k++)
				kinds[call->bufs[k].kind]++;
			for (unsigned int k = 0; k < call->n_refs; k++)
				refs[call->refs[k].kind]++;
		}
	}
	for (unsigned int i = 0; i < SEQ_OPS; i++)
		assert_int_not_equal(ops[i], 0);
	for (unsigned int i = 0; i < SEQ_PLACES; i++)
		assert_int_not_equal(places[i], 0);
	for (unsigned int i = 0; i < SEQ_KINDS; i++)
		assert_int_not_equal(kinds[i], 0);
	for (unsigned int i = 0; i < SEQ_REF_KINDS; i++)
		assert_int_not_equal(refs[i], 0);
}

static void a_part_of_the_bytes_is_refused(void **state)
{
	size_t len;

	(void)state;
	for (unsigned int i = 0; i < 50; i++) {
		random_seq(i, &seq, pool);
		len = encode(&seq);
		bytes[len] = 1;
		assert_int_not_equal(seq_decode(&read_back, bytes, len + 1), 0);
		for (size_t n = 0; n < len; n++)
			assert_int_not_equal(seq_decode(&read_back, bytes, n),
					     0);
		assert_int_equal(seq_encode(&seq, again, len - 1), 0);
	}
}

static void changed_bytes_have_one_form(void **state)
{
	unsigned int accepted = 0;
	uint32_t random = 1;
	size_t len;

	(void)state;
	for (unsigned int i = 0; i < RANDOM; i++) {
		random_seq(i % 100, &seq, pool);
		len = encode(&seq);
		random = random * 1664525 + 1013904223;
		bytes[(random >> 8) % (i % 2 || len < 200 ? len : 200)] ^=
			1u << (i % 8);
		if (seq_decode(&read_back, bytes, len))
			continue;
		accepted++;
		assert_int_equal(seq_encode(&read_back, again, sizeof(again)),
				 len);
		assert_memory_equal(bytes, again, len);
	}
	assert_int_not_equal(accepted, 0);
	assert_int_not_equal(accepted, RANDOM);
}

static int fill_pool(void **state)
{
	(void)state;
	random_pool(1, pool);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_as_documented),
		cmocka_unit_test(one_changed_byte_is_refused),
		cmocka_unit_test(what_is_left_behind_goes),
		cmocka_unit_test(buffers_are_put_in_order),
		cmocka_unit_test(what_has_no_form_is_refused),
		cmocka_unit_test(given_descriptors_are_not_closed),
		cmocka_unit_test(sequences_come_back),
		cmocka_unit_test(a_part_of_the_bytes_is_refused),
		cmocka_unit_test(changed_bytes_have_one_form),
	};

	return cmocka_run_group_tests_name("seq_form", tests, fill_pool, NULL);
}

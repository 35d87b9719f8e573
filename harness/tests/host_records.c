// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The record reader against guests that lie, stutter, and babble. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/records.h"
#include "host/ring.h"
#include "host/text.h"
#include "host_fake.h"

#define START(name) "{\"start\": \"" name "\"}\n"
#define PASS(name)  "{\"case\": \"" name "\", \"verdict\": \"pass\"}\n"

struct bench {
	struct selection sel;
	struct kernel_run k;
	struct records records;
};

static int setup(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	assert_int_equal(select_cases(&bench->sel, NULL, 0, NULL), 0);
	assert_int_equal(kernel_run_init(&bench->k, "debian:1", &bench->sel),
			 0);
	records_init(&bench->records, &bench->k, 0);
	*state = bench;
	return 0;
}

static int teardown(void **state)
{
	struct bench *bench = *state;

	kernel_run_free(&bench->k);
	select_free(&bench->sel);
	free(bench);
	return 0;
}

static void feed_bytes(struct bench *bench, const void *data, size_t len)
{
	assert_int_equal(records_feed(&bench->records, data, len), 0);
}

static void feed(struct bench *bench, const char *text)
{
	feed_bytes(bench, text, strlen(text));
}

static unsigned int results(const struct bench *bench)
{
	unsigned int n = 0;

	for (size_t i = 0; i < bench->sel.n; i++)
		n += bench->k.results[i].mark != MARK_NONE;
	return n;
}

static void good_records(void **state)
{
	struct bench *bench = *state;

	feed(bench, "{\"suite\": 1, \"release\": \"6.1\\u001b\", \"machine\": "
		    "\"s390x\", \"cases\": 8}\n");
	feed(bench, START("any/bad_command"));
	assert_int_equal(bench->records.running, 0);
	feed(bench, "{\"case\": \"any/bad_command\", \"verdict\": \"fail\", "
		    "\"expected\": \"-EINVAL\", \"got\": \"7\", \"call\": "
		    "\"bpf()\", \"detail\": \"d\", \"ms\": 3}\n");
	feed(bench, START("map_create/created") PASS("map_create/created"));
	feed(bench, "{\"end\": 2}");
	records_finish(&bench->records);
	assert_true(bench->records.ended);
	assert_string_equal(bench->k.release, "6.1\\x1b");
	assert_string_equal(bench->k.machine, "s390x");
	assert_int_equal(bench->k.results[0].mark, MARK_FAIL);
	assert_string_equal(bench->k.results[0].expected, "-EINVAL");
	assert_string_equal(bench->k.results[0].got, "7");
	assert_string_equal(bench->k.results[0].call, "bpf()");
	assert_string_equal(bench->k.results[0].detail, "d");
	assert_int_equal(bench->k.results[0].ms, 3);
	assert_int_equal(bench->k.results[1].mark, MARK_PASS);
	assert_int_equal(bench->records.running, NO_CASE);
	assert_int_equal(bench->records.reached, 2);
	assert_memory_equal(&bench->k.odd, &(struct oddities){0},
			    sizeof(bench->k.odd));
}

/* However the stream is cut, the records are the same. */
static void any_chunks(void **state)
{
	static const char stream[] =
		"noise\n" START("any/bad_command") PASS("any/bad_command")
			START("map_create/created") PASS("map_create/created");
	struct bench *bench = *state;

	for (size_t chunk = 1; chunk < sizeof(stream); chunk++) {
		memset(bench->k.results, 0,
		       bench->sel.n * sizeof(*bench->k.results));
		memset(&bench->k.odd, 0, sizeof(bench->k.odd));
		records_init(&bench->records, &bench->k, 0);
		for (size_t at = 0; at < sizeof(stream) - 1; at += chunk) {
			size_t left = sizeof(stream) - 1 - at;

			feed_bytes(bench, stream + at,
				   left < chunk ? left : chunk);
		}
		records_finish(&bench->records);
		assert_int_equal(results(bench), 2);
		assert_int_equal(bench->k.odd.garbage, 1);
		assert_int_equal(bench->k.odd.disorder, 0);
	}
}

static void garbage_lines(void **state)
{
	static const char *const lines[] = {
		"\n",
		"hello\n",
		"{\"case\": \"any/bad_command\", \"verd\n",
		"[1, 2]\n",
		"null\n",
		"{}\n",
		"{\"start\": 7}\n",
		"{\"suite\": \"1\"}\n",
		"{\"end\": null}\n",
		"{\"case\": \"any/bad_command\"}\n",
		"{\"case\": \"any/bad_command\", \"verdict\": \"none\"}\n",
		"{\"case\": \"any/bad_command\", \"verdict\": \"crash\"}\n",
		"{\"case\": \"any/bad_command\", \"verdict\": 1}\n",
		"{\"case\": \"any/bad_command\", \"verdict\": \"pass\"} x\n",
		"{\"start\": \"any/bad_command\\u0000\"}\n",
		"{\"start\": \"\xff\xfe\"}\n",
	};
	const size_t n = sizeof(lines) / sizeof(lines[0]);
	struct bench *bench = *state;

	for (size_t i = 0; i < n; i++) {
		feed(bench, lines[i]);
		assert_int_equal(bench->k.odd.garbage, i + 1);
	}
	assert_int_equal(results(bench), 0);
	assert_int_equal(bench->records.running, NO_CASE);
}

static void nul_bytes(void **state)
{
	static const char line[] = "{\"start\":\0 \"any/bad_command\"}\n\0\0\n";
	struct bench *bench = *state;

	feed_bytes(bench, line, sizeof(line) - 1);
	assert_int_equal(bench->k.odd.garbage, 2);
	feed(bench, START("any/bad_command"));
	assert_int_equal(bench->records.running, 0);
}

static void random_bytes(void **state)
{
	struct bench *bench = *state;
	uint32_t x = 1;

	for (int i = 0; i < 4000; i++) {
		unsigned char block[97];

		for (size_t j = 0; j < sizeof(block); j++) {
			x = x * 1664525 + 1013904223;
			block[j] = (unsigned char)(x >> 24);
		}
		feed_bytes(bench, block, sizeof(block));
	}
	feed(bench, "\n" START("any/bad_command") PASS("any/bad_command"));
	records_finish(&bench->records);
	assert_int_equal(results(bench), 1);
	assert_true(bench->k.odd.garbage > 1000);
}

/* Deep nesting must not cost the stack. */
static void deep_json(void **state)
{
	struct bench *bench = *state;
	char line[60001];

	memset(line, '[', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	feed_bytes(bench, line, sizeof(line));
	assert_int_equal(bench->k.odd.garbage, 1);
}

static void long_lines(void **state)
{
	struct bench *bench = *state;
	static char line[READER_LINE_MAX + 1];

	memset(line, ' ', sizeof(line));
	feed_bytes(bench, line, READER_LINE_MAX); /* just fits */
	feed(bench, "\n");
	assert_int_equal(bench->k.odd.garbage, 1);
	for (int i = 0; i < 20; i++)
		feed_bytes(bench, line, sizeof(line));
	feed(bench, START("any/bad_command")); /* the end of that line */
	assert_int_equal(bench->records.running, NO_CASE);
	feed(bench, START("map_create/created")); /* a line of its own */
	assert_int_equal(bench->records.running, 1);
	feed_bytes(bench, line, sizeof(line));
	records_finish(&bench->records);
	assert_int_equal(bench->k.odd.too_long, 2);
	assert_int_equal(bench->k.odd.garbage, 1);
}

static void flood(void **state)
{
	struct bench *bench = *state;
	static char block[1 << 20];
	int n = 0;

	memset(block, 'x', sizeof(block));
	while (records_feed(&bench->records, block, sizeof(block)) == 0)
		assert_true(++n <= 1024);
	assert_int_equal(n, RECORDS_MAX >> 20);
}

static void unknown_cases(void **state)
{
	struct bench *bench = *state;

	feed(bench, START("map_create/nothing") PASS("map_create/nothing"));
	assert_int_equal(bench->k.odd.unknown, 2);
	assert_int_equal(results(bench), 0);
	assert_int_equal(bench->records.running, NO_CASE);
}

/* The first result stands. */
static void second_results(void **state)
{
	struct bench *bench = *state;

	feed(bench, START("any/bad_command"));
	feed(bench, "{\"case\": \"any/bad_command\", \"verdict\": \"fail\"}\n");
	feed(bench, PASS("any/bad_command") START("any/bad_command"));
	assert_int_equal(bench->k.odd.twice, 2);
	assert_int_equal(bench->k.results[0].mark, MARK_FAIL);
	assert_int_equal(bench->records.running, NO_CASE);
}

static void out_of_order(void **state)
{
	struct bench *bench = *state;

	feed(bench, PASS("map_freeze/twice"));
	assert_int_equal(bench->k.odd.disorder, 1);
	feed(bench, START("map_create/created"));
	assert_int_equal(bench->k.odd.disorder, 2);
	feed(bench, START("map_freeze/frozen"));
	assert_int_equal(bench->k.odd.disorder, 4);
	feed(bench, PASS("map_create/created"));
	assert_int_equal(bench->k.odd.disorder, 5);
	assert_int_equal(bench->records.running, 4);
	assert_int_equal(bench->records.reached, 6);
	assert_int_equal(results(bench), 2);
}

static void wrong_counts(void **state)
{
	struct bench *bench = *state;

	feed(bench, "{\"suite\": 1, \"cases\": 7}\n");
	assert_int_equal(bench->k.odd.count, 1);
	feed(bench, "{\"suite\": 1, \"cases\": 8}\n");
	assert_int_equal(bench->k.odd.twice, 1);
	feed(bench, "{\"end\": 1}\n");
	assert_int_equal(bench->k.odd.count, 2);
	feed(bench, START("any/bad_command") PASS("any/bad_command"));
	assert_int_equal(bench->k.odd.disorder, 2);
	assert_int_equal(results(bench), 0);
}

static void odd_times(void **state)
{
	struct bench *bench = *state;

	feed(bench, "{\"case\": \"any/bad_command\", \"verdict\": \"pass\", "
		    "\"ms\": -5}\n");
	feed(bench, "{\"case\": \"map_create/created\", \"verdict\": \"pass\", "
		    "\"ms\": 1e300}\n");
	feed(bench, "{\"case\": \"map_create/zero_key\", \"verdict\": "
		    "\"pass\", \"ms\": \"7\"}\n");
	assert_int_equal(bench->k.results[0].ms, 0);
	assert_int_equal(bench->k.results[1].ms, 1000000000);
	assert_int_equal(bench->k.results[3].ms, 0);
}

static void long_texts(void **state)
{
	struct bench *bench = *state;
	char line[8192], *at;

	at = stpcpy(line, "{\"case\": \"any/bad_command\", \"verdict\": "
			  "\"fail\", \"got\": \"");
	memset(at, 'g', 5000);
	strcpy(at + 5000, "\"}\n");
	feed(bench, line);
	assert_int_equal(strlen(bench->k.results[0].got),
			 sizeof(bench->k.results[0].got) - 1);
	assert_string_equal(bench->k.results[0].got + 252, "...");
}

static void clean_text(void **state)
{
	char out[12];

	(void)state;
	text_clean(out, sizeof(out), "a\0\033\x7f", 4);
	assert_string_equal(out, "a\\x00...");
	text_clean(out, sizeof(out), "\n\t\xc3", 3);
	assert_string_equal(out, "\\n\\t\\xc3");
	text_clean_str(out, sizeof(out), "12345678901");
	assert_string_equal(out, "12345678901");
	text_clean_str(out, sizeof(out), "123456789012");
	assert_string_equal(out, "12345678...");
}

static void ring_keeps_the_end(void **state)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	char *text = NULL, block[1000];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(ring);
	assert_non_null(out);
	memset(block, 'x', sizeof(block));
	block[999] = '\n';
	for (int i = 0; i < 100; i++)
		ring_feed(ring, block, sizeof(block));
	ring_feed(ring, "bye\033\r\n", 6);
	ring_print(ring, out, "> ");
	fclose(out);
	assert_int_equal(strncmp(text, "> (83622 bytes before this)\n> x", 31),
			 0);
	assert_non_null(strstr(text, "\n> bye\\x1b\n"));
	assert_null(strchr(text, '\033'));
	free(text);
	free(ring);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(good_records),  TEST(any_chunks),
		TEST(garbage_lines), TEST(nul_bytes),
		TEST(random_bytes),  TEST(deep_json),
		TEST(long_lines),    TEST(flood),
		TEST(unknown_cases), TEST(second_results),
		TEST(out_of_order),  TEST(wrong_counts),
		TEST(odd_times),     TEST(long_texts),
		TEST(clean_text),    TEST(ring_keeps_the_end),
	};

	return cmocka_run_group_tests_name("host_records", tests, NULL, NULL);
}

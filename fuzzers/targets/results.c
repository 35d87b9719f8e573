/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* What the suite says from inside a VM, and the reports that are made of it.
 * Input: a byte of switches, a byte, how much comes at once, and the stream.
 * However it is cut, the results are the same; no report is broken by them. */
#include <errno.h>

#include <jansson.h>

#include "bytes.h"
#include "host/records.h"
#include "host/report.h"
#include "host/ring.h"

enum { STRICT = 1, COMPAT32 = 2, LOST = 4, TWO = 8, CRASHED = 16, LATE = 32 };

/* Small: a report on all cases takes long to write and says no more. */
static struct selection sel;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char freeze[] = "map_freeze/*", next_id[] = "btf_get_next_id/*";
	static char *const filters[] = {freeze, next_id};

	(void)argc;
	(void)argv;
	must(!select_cases(&sel, filters, 2, NULL));
	must(sel.n > 8 && sel.n < 100);
	return 0;
}

static void check_clean(const char *text, size_t size)
{
	must(memchr(text, 0, size));
	for (; *text; text++)
		must(*text >= ' ' && *text < 127);
}

static void check(const struct kernel_run *k, const struct records *r)
{
	size_t n = 0;

	for (size_t i = 0; i < sel.n; i++) {
		const struct result *result = &k->results[i];

		must(result->mark <= MARK_KNOWN);
		check_clean(result->expected, sizeof(result->expected));
		check_clean(result->got, sizeof(result->got));
		check_clean(result->call, sizeof(result->call));
		check_clean(result->detail, sizeof(result->detail));
		n += result->mark != MARK_NONE;
	}
	check_clean(k->release, sizeof(k->release));
	check_clean(k->machine, sizeof(k->machine));
	must(n == r->results);
	must(r->running == NO_CASE || r->running < sel.n);
	must(r->last == NO_CASE || r->last < sel.n);
	must(r->reached >= r->start && r->reached <= sel.n);
}

static void started(void *ctx, size_t at)
{
	must(at < sel.n);
	++*(size_t *)ctx;
}

static void read_stream(struct kernel_run *k, struct records *r,
			struct bytes stream, size_t most, size_t start)
{
	size_t starts = 0;

	must(!kernel_run_init(k, "debian:#1 <&\">", &sel));
	records_init(r, k, start);
	r->started = started;
	r->ctx = &starts;
	while (stream.left) {
		struct bytes part = take_bytes(&stream, most);

		must(!records_feed(r, part.p, part.left));
	}
	records_finish(r);
	check(k, r);
}

static void compare(const struct kernel_run *a, const struct kernel_run *b)
{
	must(!memcmp(a->results, b->results, sel.n * sizeof(*a->results)));
	must(!memcmp(&a->odd, &b->odd, sizeof(a->odd)));
	must(!strcmp(a->release, b->release));
	must(!strcmp(a->machine, b->machine));
}

/* Guests that flood are told apart, once and for all. */
static void check_flood(struct records *r)
{
	r->bytes = RECORDS_MAX;
	must(records_feed(r, "\n", 1) == -EFBIG);
	must(records_feed(r, "", 0) == -EFBIG);
}

/* Lines, one for each result and none that a result has written. */
static void check_ktap(const struct report *report)
{
	char *text = NULL, *line, *save = NULL;
	size_t size, n = 0;
	FILE *out = open_memstream(&text, &size);

	must(out);
	ktap_begin(out, report->n);
	for (size_t i = 0; i < report->n; i++)
		ktap_kernel(out, report, i, report->n);
	fclose(out);
	must(!strncmp(text, "KTAP version 1\n", 15));
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		line += strspn(line, " ");
		n += !strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7);
	}
	free(text);
	must(report->n > 1 || n == sel.n || kernel_run_empty(report->kernels));
}

static void check_json(const struct report *report)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *all, *kernels;

	must(out);
	must(!json_report(out, report));
	fclose(out);
	all = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	kernels = json_object_get(all, "kernels");
	must(json_array_size(kernels) == report->n);
	must(json_array_size(json_object_get(json_array_get(kernels, 0),
					     "cases")) == sel.n);
	json_decref(all);
	free(text);
}

/* Every "<" begins a tag that we write, every "&" a character. */
static void check_markup(const char *p)
{
	static const char *const tags[] = {
		"?xml ",       "testsuites>",  "/testsuites>", "testsuite ",
		"/testsuite>", "testcase ",    "/testcase>",   "skipped ",
		"failure ",    "/failure>",    "error ",       "/error>",
		"system-err>", "/system-err>",
	};
	static const char *const chars[] = {"lt;", "gt;", "amp;", "quot;"};
	const size_t n_tags = sizeof(tags) / sizeof(*tags);
	size_t i;

	for (; *p; p++) {
		must(*p == '\n' || (*p >= ' ' && *p < 127));
		for (i = 0; *p == '<' && i < n_tags; i++)
			if (!strncmp(p + 1, tags[i], strlen(tags[i])))
				break;
		must(*p != '<' || i < n_tags);
		for (i = 0; *p == '&' && i < 4; i++)
			if (!strncmp(p + 1, chars[i], strlen(chars[i])))
				break;
		must(*p != '&' || i < 4);
	}
}

static void check_junit(const struct report *report)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	must(out);
	must(!junit_report(out, report));
	fclose(out);
	must(strlen(text) == size);
	check_markup(text);
	free(text);
}

static void check_reports(struct kernel_run kernels[2], unsigned int how)
{
	const struct report report = {.sel = &sel,
				      .kernels = kernels,
				      .n = how & TWO ? 2 : 1,
				      .strict = how & STRICT,
				      .compat32 = how & COMPAT32};
	const struct totals t = kernel_run_totals(&kernels[0]);
	char text[512];

	must(t.cases == sel.n);
	must(oddities_text(&kernels[0].odd, text, sizeof(text)) == !!*text);
	check_clean(text, sizeof(text));
	check_ktap(&report);
	check_json(&report);
	check_junit(&report);
}

/* What a run makes of it that lost its VM, or its kernel. */
static void spoil(struct kernel_run *k, const struct records *r,
		  unsigned int how)
{
	if (how & LOST) {
		k->lost = true;
		strcpy(k->why, "no VM");
		for (size_t i = 0; i < sel.n; i++)
			if (k->results[i].mark == MARK_NONE) {
				k->results[i].mark = MARK_FAIL;
				k->results[i].not_run = true;
			}
	}
	if (how & CRASHED && r->running != NO_CASE) {
		k->results[r->running].mark = MARK_CRASH;
		k->crashes++;
	}
	k->outcome = how % (BPFVM_ERROR + 1);
}

/* The stream's end, which is shown where it was not what was expected. */
static void check_ring(struct bytes stream, size_t most)
{
	static struct ring ring;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	must(out);
	ring_reset(&ring);
	while (stream.left) {
		struct bytes part = take_bytes(&stream, most);

		ring_feed(&ring, part.p, part.left);
	}
	ring_print(&ring, out, "# ");
	fclose(out);
	for (const char *p = text; *p; p++) {
		must(*p == '\n' || (*p >= ' ' && *p < 127));
		must((p != text && p[-1] != '\n') || !strncmp(p, "# ", 2));
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct records whole, cut;
	struct kernel_run kernels[2];
	struct bytes in = {data, size};
	const unsigned int how = take(&in, 1);
	const size_t most = take(&in, 1) + 1, start = how & LATE ? 3 : 0;

	read_stream(&kernels[0], &whole, in, SIZE_MAX, start);
	read_stream(&kernels[1], &cut, in, most, start);
	compare(&kernels[0], &kernels[1]);
	check_flood(&cut);
	check_ring(in, how & TWO ? most : SIZE_MAX);
	spoil(&kernels[0], &whole, how);
	check_reports(kernels, how);
	kernel_run_free(&kernels[0]);
	kernel_run_free(&kernels[1]);
	return 0;
}

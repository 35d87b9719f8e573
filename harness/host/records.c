// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Records of a guest, checked against the catalogue. */
#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "records.h"
#include "text.h"

static void take_text(char *out, size_t size, const json_t *record,
		      const char *key)
{
	const json_t *value = json_object_get(record, key);

	if (json_is_string(value))
		text_clean(out, size, json_string_value(value),
			   json_string_length(value));
	else
		*out = '\0';
}

static size_t find(const struct records *records, const char *name)
{
	const struct selection *sel = records->k->sel;

	/* Where a guest in good order is. */
	for (size_t i = records->reached ? records->reached - 1 : 0;
	     i < sel->n && i <= records->reached; i++)
		if (strcmp(sel->cases[i]->name, name) == 0)
			return i;
	for (size_t i = 0; i < sel->n; i++)
		if (strcmp(sel->cases[i]->name, name) == 0)
			return i;
	return NO_CASE;
}

static void reach(struct records *records, size_t at)
{
	if (at < records->start || at + 1 < records->reached)
		records->k->odd.disorder++;
	if (at + 1 > records->reached)
		records->reached = at + 1;
}

static void take_start(struct records *records, const char *name)
{
	size_t at = find(records, name);

	if (at == NO_CASE) {
		records->k->odd.unknown++;
		return;
	}
	if (records->k->results[at].mark != MARK_NONE) {
		records->k->odd.twice++;
		return;
	}
	if (records->running != NO_CASE)
		records->k->odd.disorder++;
	reach(records, at);
	records->running = at;
	if (records->started)
		records->started(records->ctx, at);
}

static enum mark mark_of(const json_t *verdict)
{
	const char *text = json_string_value(verdict);

	for (enum mark mark = MARK_PASS; text && mark <= MARK_KNOWN; mark++)
		if (strcmp(text, mark_name(mark)) == 0)
			return mark;
	return MARK_NONE;
}

static unsigned int take_ms(const json_t *record)
{
	double ms = json_number_value(json_object_get(record, "ms"));

	if (!(ms > 0))
		return 0;
	return ms < 1e9 ? (unsigned int)(ms + 0.5) : 1000000000;
}

static void take_result(struct records *records, const char *name,
			const json_t *record)
{
	enum mark mark = mark_of(json_object_get(record, "verdict"));
	size_t at = find(records, name);
	struct result *result;

	if (at == NO_CASE) {
		records->k->odd.unknown++;
		return;
	}
	if (mark == MARK_NONE) {
		records->k->odd.garbage++;
		return;
	}
	result = &records->k->results[at];
	if (result->mark != MARK_NONE) {
		records->k->odd.twice++;
		return;
	}
	if (records->running == at)
		records->running = NO_CASE;
	else
		records->k->odd.disorder++;
	if (at + 1 > records->reached)
		records->reached = at + 1;
	records->last = at;
	records->results++;
	result->mark = mark;
	result->ms = take_ms(record);
	take_text(result->expected, sizeof(result->expected), record,
		  "expected");
	take_text(result->got, sizeof(result->got), record, "got");
	take_text(result->call, sizeof(result->call), record, "call");
	take_text(result->detail, sizeof(result->detail), record, "detail");
}

static void take_header(struct records *records, const json_t *record)
{
	const json_t *cases = json_object_get(record, "cases");
	struct kernel_run *k = records->k;

	if (records->header) {
		k->odd.twice++;
		return;
	}
	records->header = true;
	take_text(k->release, sizeof(k->release), record, "release");
	take_text(k->machine, sizeof(k->machine), record, "machine");
	if (json_integer_value(cases) != (json_int_t)k->sel->n)
		k->odd.count++;
}

static void take_end(struct records *records, const json_t *record)
{
	records->ended = true;
	if (json_integer_value(json_object_get(record, "end")) !=
	    (json_int_t)records->results)
		records->k->odd.count++;
}

static void take_line(void *ctx, const char *line, size_t len)
{
	struct records *records = ctx;
	json_t *record = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	const char *start = json_string_value(json_object_get(record, "start"));
	const char *name = json_string_value(json_object_get(record, "case"));

	if (records->ended && record)
		records->k->odd.disorder++;
	else if (start)
		take_start(records, start);
	else if (name)
		take_result(records, name, record);
	else if (json_is_integer(json_object_get(record, "suite")))
		take_header(records, record);
	else if (json_is_integer(json_object_get(record, "end")))
		take_end(records, record);
	else
		records->k->odd.garbage++;
	json_decref(record);
}

void records_init(struct records *records, struct kernel_run *k, size_t start)
{
	reader_init(&records->reader, take_line, records);
	records->k = k;
	records->start = start;
	records->running = NO_CASE;
	records->last = NO_CASE;
	records->reached = start;
	records->results = 0;
	records->bytes = 0;
	records->header = false;
	records->ended = false;
	records->started = NULL;
	records->ctx = NULL;
}

int records_feed(struct records *records, const void *data, size_t len)
{
	records->bytes += len;
	if (records->bytes > RECORDS_MAX)
		return -EFBIG;
	reader_feed(&records->reader, data, len);
	return 0;
}

void records_finish(struct records *records)
{
	reader_finish(&records->reader);
	records->k->odd.too_long += records->reader.too_long;
}

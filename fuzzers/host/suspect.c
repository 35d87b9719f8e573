// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A suspect: inputs that are run again to see whether they end the same way. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../make/make.h"
#include "files.h"
#include "leaks.h"
#include "oracle.h"
#include "triage.h"

enum { BEFORE_MOST = 64 << 20 };

/* A kernel may die that much after the last answer. */
#define LINGER_S 1.0

bool suspect_add(struct suspect *suspect, const uint8_t *data, size_t len)
{
	const size_t n = suspect->n + 1;
	uint8_t **inputs = realloc(suspect->inputs, n * sizeof(*inputs));
	size_t *lens;

	if (!inputs)
		return false;
	suspect->inputs = inputs;
	lens = realloc(suspect->lens, n * sizeof(*lens));
	if (!lens)
		return false;
	suspect->lens = lens;
	inputs[n - 1] = malloc(len + 1);
	if (!inputs[n - 1])
		return false;
	memcpy(inputs[n - 1], data, len);
	lens[n - 1] = len;
	suspect->n = n;
	return true;
}

void suspect_read_before(struct suspect *suspect, const char *path)
{
	size_t len, at = 0;
	uint8_t *all = file_read(path, BEFORE_MOST, &len);
	uint32_t one;

	while (all && len - at >= sizeof(one)) {
		memcpy(&one, all + at, sizeof(one));
		at += sizeof(one);
		if (one > len - at || one > SEQ_MOST ||
		    !suspect_add(suspect, all + at, one))
			break;
		at += one;
	}
	free(all);
}

bool suspect_read(struct suspect *suspect, const char *stem)
{
	char path[FILES_PATH];
	uint8_t *input = NULL;
	bool read = false;
	size_t len;

	suspect->inputs = NULL;
	suspect->lens = NULL;
	suspect->n = 0;
	if (path_make(path, "%s.before", stem) == 0)
		suspect_read_before(suspect, path);
	if (path_make(path, "%s.input", stem) == 0)
		input = file_read(path, SEQ_MOST, &len);
	if (input)
		read = suspect_add(suspect, input, len);
	free(input);
	if (!read)
		suspect_free(suspect);
	return read;
}

void suspect_cut(struct suspect *suspect, size_t n)
{
	const size_t drop = suspect->n > n ? suspect->n - n : 0;

	if (!drop)
		return;
	for (size_t i = 0; i < drop; i++)
		free(suspect->inputs[i]);
	suspect->n -= drop;
	memmove(suspect->inputs, suspect->inputs + drop,
		suspect->n * sizeof(*suspect->inputs));
	memmove(suspect->lens, suspect->lens + drop,
		suspect->n * sizeof(*suspect->lens));
}

void suspect_end(struct suspect *suspect, size_t n)
{
	while (suspect->n > n)
		free(suspect->inputs[--suspect->n]);
}

void suspect_free(struct suspect *suspect)
{
	suspect_cut(suspect, 0);
	free(suspect->inputs);
	free(suspect->lens);
	suspect->inputs = NULL;
	suspect->lens = NULL;
}

static bool is_kind(const struct suspect *suspect, const char *kind)
{
	return strncmp(suspect->name, kind, strlen(kind)) == 0;
}

static int run_leak(struct fuzzvm *vm, const struct suspect *suspect,
		    bool fresh, struct find *find)
{
	static struct fuzzvm_result res;
	const uint8_t *input = suspect->inputs[suspect->n - 1];
	const size_t len = suspect->lens[suspect->n - 1];
	int ret;

	/* Each step on the way to a smaller one takes no proof. */
	if (!fresh && is_kind(suspect, "leak-objects"))
		ret = leaks_soon(vm, input, len, &res, find);
	else
		ret = leaks_confirm(vm, input, len, find);

	/* That it dies of repetition is another find. Suspicions have numbers
	 * behind the name. */
	if (ret != 1 || !is_kind(suspect, find->name))
		return 0;
	find_name_command(find, input, len);
	return 1;
}

/* After how many inputs of SUSPECT it ended as that says, when number AT was
 * given to it. */
static int ended(struct fuzzvm_result *res, const struct suspect *suspect,
		 size_t at, struct find *find)
{
	if (res->end == FUZZVM_LOST)
		return -1;
	if (res->end == FUZZVM_RAN)
		return 0;
	if (res->earlier && at)
		at--;
	find_of_vm(find, res, suspect->inputs[at], suspect->lens[at]);
	if (*suspect->name && strcmp(find->name, suspect->name) != 0)
		return 0;
	return (int)at + 1;
}

static enum fuzzvm_end run_input(struct fuzzvm *vm,
				 const struct suspect *suspect, size_t at,
				 struct fuzzvm_result *res)
{
	const uint8_t *input = suspect->inputs[at];
	const size_t len = suspect->lens[at];

	fuzzvm_run(vm, input, len, 0, 1, res);
	/* Of another suspect. */
	if (res->earlier && at == 0)
		fuzzvm_run(vm, input, len, 0, 1, res);
	return res->end;
}

int suspect_run(struct fuzzvm *vm, const struct suspect *suspect, bool fresh,
		struct find *find)
{
	static struct fuzzvm_result res;
	const size_t last = suspect->n - 1;

	memset(find, 0, sizeof(*find));
	if (is_kind(suspect, "leak-"))
		return run_leak(vm, suspect, fresh, find) ? (int)suspect->n : 0;
	if (fresh || last)
		fuzzvm_renew(vm);
	for (size_t i = 0; i < last; i++)
		if (run_input(vm, suspect, i, &res) != FUZZVM_RAN)
			return ended(&res, suspect, i, find);
	if (is_kind(suspect, "oracle-")) {
		if (oracle_look(vm, suspect->inputs[last], suspect->lens[last],
				&res, find))
			return strcmp(find->name, suspect->name) == 0
				       ? (int)suspect->n
				       : 0;
		return ended(&res, suspect, last, find) < 0 ? -1 : 0;
	}
	run_input(vm, suspect, last, &res);
	/* In a campaign the next input may have met the death. */
	if (fresh && res.end == FUZZVM_RAN)
		fuzzvm_linger(vm, LINGER_S, &res);
	return ended(&res, suspect, last, find);
}

struct shrink {
	struct fuzzvm *vm;
	struct suspect *suspect;
	const struct triage *triage;
	time_t until;
	unsigned int runs;
};

static bool is_over(const struct shrink *s)
{
	return time(NULL) >= s->until ||
	       (s->triage->stop && s->triage->stop(s->triage->ctx));
}

static bool still(struct shrink *s)
{
	static struct find find;
	int ret = suspect_run(s->vm, s->suspect, false, &find);

	s->runs++;
	find_drop(&find);
	return ret > 0;
}

/* Drops what runs before the find, by halves, as long as that is no matter. */
static void drop_before(struct shrink *s)
{
	struct suspect *suspect = s->suspect;
	size_t drop = suspect->n - 1;

	while (drop && !is_over(s)) {
		struct suspect rest = *suspect;

		rest.inputs += drop;
		rest.lens += drop;
		rest.n -= drop;
		s->suspect = &rest;
		if (still(s))
			suspect_cut(suspect, rest.n);
		else
			drop /= 2;
		if (drop >= suspect->n)
			drop = suspect->n - 1;
		s->suspect = suspect;
	}
}

/* Whether the find is still there with OUT for its last input, which it then
 * gets. */
static bool take(struct shrink *s, uint8_t *out, size_t n)
{
	uint8_t **input = &s->suspect->inputs[s->suspect->n - 1];
	size_t *len = &s->suspect->lens[s->suspect->n - 1];
	uint8_t *old = *input, *room;
	const size_t old_len = *len;
	bool there;

	*input = out;
	*len = n;
	there = still(s);
	*input = old;
	*len = old_len;
	room = there ? realloc(old, n + 1) : NULL;
	if (!room)
		return false;
	memcpy(room, out, n);
	*input = room;
	*len = n;
	return true;
}

/* One pass of make_smaller(); true: it got smaller. */
static bool pass(struct shrink *s)
{
	static uint8_t out[SEQ_MOST];
	const size_t last = s->suspect->n - 1;
	bool smaller = false;

	for (unsigned int step = 0; !is_over(s);) {
		const size_t n = make_smaller(s->suspect->inputs[last],
					      s->suspect->lens[last], step, out,
					      sizeof(out));

		if (n == 0)
			break;
		/* What follows has moved into this step's place. */
		if (take(s, out, n))
			smaller = true;
		else
			step++;
	}
	return smaller;
}

unsigned int suspect_shrink(struct fuzzvm *vm, struct suspect *suspect,
			    const struct triage *triage)
{
	struct shrink s = {
		vm, suspect, triage,
		time(NULL) + (triage->seconds ? triage->seconds : 120), 0};

	drop_before(&s);
	while (!is_over(&s) && pass(&s))
		;
	return s.runs;
}

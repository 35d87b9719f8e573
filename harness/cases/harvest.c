// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Keeps the calls of a case and writes them as sequences. A sequence has room
 * for few: one that is full is followed by one that begins with what its calls
 * need. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "call.h"
#include "harvest.h"
#include "harvest_call.h"

static const char *into;
static char name[128];
static struct harvested *calls[HARVEST_CALLS];
static unsigned int n_calls;
static bool pending;

void harvest_begin(const char *of)
{
	char *at = name;

	if (!into)
		return;
	snprintf(name, sizeof(name), "%s", of);
	while ((at = strchr(at, '/')))
		*at = '-';
	harvest_fds_forget();
}

static void before(unsigned int cmd, const void *attr, unsigned int size,
		   const void *common, unsigned int common_size)
{
	struct harvested *call;

	pending = false;
	if (!*name || n_calls == HARVEST_CALLS)
		return;
	call = calloc(1, sizeof(*call));
	if (!call)
		return;
	if (!harvest_look(call, cmd, attr, size, common, common_size)) {
		harvested_free(call);
		return;
	}
	calls[n_calls++] = call;
	pending = true;
}

static void after(int ret)
{
	if (pending)
		harvest_fd_made(calls[n_calls - 1], ret, n_calls - 1);
	pending = false;
}

void harvest_into(const char *dir)
{
	static const struct call_watch watch = {before, after};

	into = dir;
	if (mkdir(dir, 0755) != 0)
		perror(dir);
	call_watch = &watch;
}

/* A sequence in the making: which of the case's calls it has. */
struct draft {
	struct seq seq;
	uint8_t pool[SEQ_POOL];
	unsigned int from[SEQ_CALLS];
	unsigned int files;
};

static int place_of(const struct draft *draft, unsigned int call)
{
	for (unsigned int i = 0; i < draft->seq.n; i++)
		if (draft->from[i] == call)
			return (int)i;
	return -1;
}

/* How many calls it takes to add this one, those that it needs included. */
static unsigned int cost(const struct draft *draft, unsigned int at)
{
	const struct seq_call *call = &calls[at]->call;
	unsigned int sum = 1;

	if (place_of(draft, at) >= 0)
		return 0;
	for (unsigned int i = 0; i < call->n_refs; i++)
		if (harvested_needs(calls[at], i))
			sum += cost(draft, calls[at]->needs[i]);
	return sum;
}

static bool add(struct draft *draft, unsigned int at)
{
	const struct harvested *from = calls[at];
	struct seq *seq = &draft->seq;
	struct seq_call *to;

	if (place_of(draft, at) >= 0)
		return true;
	for (unsigned int i = 0; i < from->call.n_refs; i++)
		if (harvested_needs(from, i) && !add(draft, from->needs[i]))
			return false;
	if (seq->n == SEQ_CALLS || seq->pool_len + from->pool_len > SEQ_POOL)
		return false;
	to = &seq->calls[seq->n];
	*to = from->call;
	for (unsigned int i = 0; i < to->n_refs; i++)
		if (harvested_needs(from, i))
			to->refs[i].which =
				(uint8_t)place_of(draft, from->needs[i]);
	for (unsigned int i = 0; i < to->n_bufs; i++)
		to->bufs[i].data += seq->pool_len;
	if (from->pool_len)
		memcpy(draft->pool + seq->pool_len, from->pool, from->pool_len);
	seq->pool_len += from->pool_len;
	draft->from[seq->n++] = at;
	return true;
}

static void emit(struct draft *draft)
{
	static uint8_t bytes[SEQ_MOST];
	char path[256];
	size_t len;
	FILE *f;

	len = draft->seq.n ? seq_encode(&draft->seq, bytes, sizeof(bytes)) : 0;
	draft->seq.n = draft->seq.pool_len = 0;
	if (!len)
		return;
	snprintf(path, sizeof(path), "%s/%s-%u", into, name, draft->files++);
	f = fopen(path, "we");
	if (!f || fwrite(bytes, len, 1, f) != 1)
		perror(path);
	if (f)
		fclose(f);
}

void harvest_end(void)
{
	struct draft *draft = into ? calloc(1, sizeof(*draft)) : NULL;

	if (draft) {
		draft->seq.pool = draft->pool;
		for (unsigned int i = 0; i < n_calls; i++) {
			if (draft->seq.n + cost(draft, i) > SEQ_CALLS)
				emit(draft);
			if (!add(draft, i)) {
				emit(draft);
				if (!add(draft, i))
					draft->seq.n = draft->seq.pool_len = 0;
			}
		}
		emit(draft);
	}
	free(draft);
	while (n_calls)
		harvested_free(calls[--n_calls]);
	*name = '\0';
}

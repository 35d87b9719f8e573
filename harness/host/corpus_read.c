// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Reads the files of a corpus. */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "any_seq.h"
#include "corpus.h"

struct reader {
	struct corpus *corpus;
	size_t room, prefix;
	enum status status;
	char file[ANY_SEQ_MOST + 1];
	uint8_t bytes[SEQ_MOST];
};

static bool add(struct reader *r, const char *name, const uint8_t *bytes,
		size_t len)
{
	struct corpus *c = r->corpus;
	struct corpus_entry *entry;

	if (c->n == r->room) {
		const size_t room = r->room ? 2 * r->room : 1024;
		void *entries = realloc(c->entries, room * sizeof(*entry));

		if (!entries)
			return false;
		c->entries = entries;
		r->room = room;
	}
	entry = &c->entries[c->n];
	entry->name = strdup(name);
	entry->bytes = malloc(len);
	entry->len = len;
	if (!entry->name || !entry->bytes) {
		free(entry->name);
		free(entry->bytes);
		return false;
	}
	memcpy(entry->bytes, bytes, len);
	c->n++;
	return true;
}

static bool take(struct reader *r, const char *path, size_t len)
{
	char why[160];

	r->file[len] = '\0';
	len = any_seq_encode(r->file, len, r->bytes, why, sizeof(why));
	if (len)
		return add(r, path + r->prefix, r->bytes, len);
	complain("%s: no sequence: %s", path, why);
	r->status = STATUS_NO_VERDICT;
	return true;
}

static bool take_file(struct reader *r, const char *path)
{
	FILE *f = fopen(path, "re");
	size_t len;

	if (!f) {
		complain("%s: %s", path, strerror(errno));
		r->status = STATUS_NO_VERDICT;
		return true;
	}
	len = fread(r->file, 1, ANY_SEQ_MOST, f);
	fclose(f);
	return take(r, path, len);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_entry(const FTSENT *at)
{
	return at->fts_info == FTS_F && at->fts_name[0] != '.' &&
	       strcmp(at->fts_name, "README.md") != 0;
}

static bool walk(struct reader *r, FTS *fts)
{
	FTSENT *at;

	while ((at = fts_read(fts))) {
		if (at->fts_info == FTS_DNR || at->fts_info == FTS_NS ||
		    at->fts_info == FTS_ERR) {
			complain("%s: %s", at->fts_path,
				 strerror(at->fts_errno));
			r->status = STATUS_NO_VERDICT;
		} else if (is_entry(at) && !take_file(r, at->fts_path)) {
			return false;
		}
	}
	return true;
}

enum status corpus_read(struct corpus *corpus, const char *dir)
{
	char *paths[] = {(char *)(uintptr_t)dir, NULL};
	struct reader *r = calloc(1, sizeof(*r));
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	enum status status = STATUS_NO_VERDICT;

	memset(corpus, 0, sizeof(*corpus));
	if (!r || !fts) {
		complain("reading %s: %s", dir, strerror(errno));
		goto out;
	}
	r->corpus = corpus;
	r->prefix = strlen(dir);
	while (r->prefix && dir[r->prefix - 1] == '/')
		r->prefix--;
	r->prefix++;
	if (!walk(r, fts))
		complain("reading %s: out of memory", dir);
	else if (!corpus->n && r->status == STATUS_HOLDS)
		complain("%s has no sequences: is it the folder of a corpus?",
			 dir);
	else
		status = r->status;
out:
	if (fts)
		fts_close(fts);
	free(r);
	return status;
}

void corpus_free(struct corpus *corpus)
{
	for (size_t i = 0; i < corpus->n; i++) {
		free(corpus->entries[i].name);
		free(corpus->entries[i].bytes);
	}
	free(corpus->entries);
}

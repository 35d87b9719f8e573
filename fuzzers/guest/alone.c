// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The executor without a host, for what a VM is to collect over a whole corpus
 * (gcov): a process of the guest rings in the host's place. */
#include <fts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "executor.h"

#define TEXT_MOST (1 << 20) /* a text is longer than what it stands for */
#define POLL_NS	  50000L
#define WAIT_S	  20.0

bool alone_window(void)
{
	void *mem = mmap(NULL, EXEC_WINDOW, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	window = mem == MAP_FAILED ? NULL : mem;
	return window;
}

static bool await_done(uint32_t ring)
{
	const struct timespec nap = {0, POLL_NS};
	double waited = 0;

	while (__atomic_load_n(&page->done, __ATOMIC_ACQUIRE) != ring) {
		if (waited > WAIT_S)
			return false;
		nanosleep(&nap, NULL);
		waited += (double)POLL_NS / 1e9;
	}
	return true;
}

/* The sequence that PATH has, encoded or as text, into the window. */
static bool bring(const char *path)
{
	static uint8_t pool[SEQ_POOL];
	static char file[TEXT_MOST + 1];
	static struct seq seq;
	FILE *f = fopen(path, "re");
	size_t len;
	char why[160];

	if (!f)
		return false;
	len = fread(file, 1, TEXT_MOST, f);
	fclose(f);
	file[len] = '\0';
	if (seq_decode(&seq, (uint8_t *)file, len) &&
	    seq_parse(&seq, file, pool, sizeof(pool), why, sizeof(why)))
		return false;
	page->input_len =
		(uint32_t)seq_encode(&seq, window + EXEC_INPUT, SEQ_MOST);
	return true;
}

static bool run_file(const char *path, unsigned int flags)
{
	static uint32_t ring;

	if (!bring(path)) {
		fprintf(stderr, "bpfsys-exec: %s: no sequence\n", path);
		return false;
	}
	page->flags = flags;
	page->repeat = 1;
	__atomic_store_n(&page->ring, ++ring, __ATOMIC_RELEASE);
	if (!await_done(ring)) {
		fprintf(stderr, "bpfsys-exec: %s: does not end\n", path);
		return false;
	}
	return true;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

int alone_feed(char **paths)
{
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	unsigned int ran = 0, all = 0;
	FTSENT *at;

	if (!fts || !await_done(0))
		return 1;
	while ((at = fts_read(fts))) {
		if (at->fts_info != FTS_F || at->fts_name[0] == '.' ||
		    strcmp(at->fts_name, "README.md") == 0)
			continue;
		all++;
		ran += run_file(at->fts_path, 0);
	}
	fts_close(fts);
	printf("%u of %u sequences ran\n", ran, all);
	return ran == all ? 0 : 1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/* An engine that only replays: each argument is an input, or a directory of
 * them. */
#include <sys/stat.h>
#include <fts.h>

#include "bytes.h"

__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static void replay(const char *path, size_t size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(size ? size : 1);

	must(f && data);
	must(fread(data, 1, size, f) == size);
	fclose(f);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	unsigned int n = 0;
	FTS *fts;
	FTSENT *item;

	if (LLVMFuzzerInitialize)
		LLVMFuzzerInitialize(&argc, &argv);
	if (argc < 2) {
		fprintf(stderr, "usage: %s INPUT|DIRECTORY...\n", argv[0]);
		return 2;
	}
	fts = fts_open(argv + 1, FTS_LOGICAL | FTS_NOCHDIR, NULL);
	while (fts && (item = fts_read(fts))) {
		if (item->fts_info == FTS_NS || item->fts_info == FTS_DNR) {
			fprintf(stderr, "%s: %s\n", item->fts_path,
				strerror(item->fts_errno));
			return 2;
		}
		if (item->fts_info != FTS_F)
			continue;
		replay(item->fts_path, item->fts_statp->st_size);
		n++;
	}
	if (fts)
		fts_close(fts);
	printf("%u inputs replayed\n", n);
	return 0;
}

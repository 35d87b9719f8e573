// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a crash costs: MAP_FREEZE of a kernel that dies of it (planted.patch)
 * again and again, and after each an input that lives, until it is answered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "../host/fuzzvm.h"

struct input {
	uint8_t bytes[SEQ_MOST];
	size_t len;
};

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void read_text(struct input *input, const char *text)
{
	static uint8_t pool[SEQ_POOL];
	static struct seq seq;
	char why[200];

	if (seq_parse(&seq, text, pool, sizeof(pool), why, sizeof(why))) {
		fprintf(stderr, "crash: %s\n", why);
		exit(1);
	}
	input->len = seq_encode(&seq, input->bytes, sizeof(input->bytes));
}

/* Runs it; anything but END ends us. */
static double run(struct fuzzvm *vm, const struct input *input,
		  enum fuzzvm_end end)
{
	static struct fuzzvm_result res;
	const double start = now_s();

	if (fuzzvm_run(vm, input->bytes, input->len, EXEC_COVER, 1, &res) !=
	    end) {
		fprintf(stderr, "crash: %s\n",
			res.end == FUZZVM_RAN ? "it lives" : res.why);
		fuzzvm_close(vm);
		exit(1);
	}
	if (end == FUZZVM_DIED && *res.vm->console_log)
		unlink(res.vm->console_log);
	return now_s() - start;
}

int main(int argc, char **argv)
{
	static struct input dies, lives;
	double *took, alive;
	struct fuzzvm_config cfg;
	struct fuzzvm *vm;
	unsigned int n;

	if (argc != 5) {
		fprintf(stderr, "usage: crash EXECUTOR KERNEL APPEND TIMES\n");
		return 2;
	}
	memset(&cfg, 0, sizeof(cfg));
	cfg.executor = argv[1];
	cfg.kernel = argv[2];
	cfg.append = argv[3];
	n = (unsigned int)strtoul(argv[4], NULL, 10);
	took = calloc(n, sizeof(*took));
	vm = fuzzvm_open(&cfg);
	if (!n || !took || !vm)
		return 1;
	read_text(&dies, "r0 = MAP_FREEZE(size=4) map_fd=given(MAP_HASH)\n");
	read_text(&lives, "r0 = run(syscall)\n");
	run(vm, &lives, FUZZVM_RAN);
	alive = run(vm, &lives, FUZZVM_RAN);
	for (unsigned int i = 0; i < n; i++)
		took[i] = run(vm, &dies, FUZZVM_DIED) +
			  run(vm, &lives, FUZZVM_RAN);
	fuzzvm_close(vm);
	qsort(took, n, sizeof(*took), ascending);
	printf("%u crashes: from the input that dies to the answer to the next "
	       "median %.2f s, at most %.2f s (an answer without a crash: "
	       "%.4f s)\n",
	       n, took[n / 2], took[n - 1], alive);
	free(took);
	return 0;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What it costs to have inputs run from the host: the files of a folder by
 * fuzzvm_run() one at a time, with their coverage read, against the same calls
 * in a loop in the guest, by turns. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../clock.h"
#include "../host/fuzzvm.h"

struct totals {
	double host_s, guest_s;
	unsigned int inputs, died;
	uint64_t pcs, lost, execs;
};

/* Into counters, as an engine has them. */
static void fold(const struct fuzzvm_result *res)
{
	static uint8_t counters[1 << 16];

	for (uint32_t i = 0; i < res->page.n_pcs; i++)
		counters[res->pcs[i] * 2654435761U >> 16]++;
}

static bool measure(struct fuzzvm *vm, const uint8_t *input, size_t len,
		    unsigned int rounds, struct totals *t)
{
	struct fuzzvm_result res;
	double start, took;

	/* The first run of each is not measured: it warms the translation. */
	if (fuzzvm_run(vm, input, len, EXEC_COVER, 0, &res) != FUZZVM_RAN)
		goto died;
	start = now_s();
	for (unsigned int i = 0; i < rounds; i++) {
		if (fuzzvm_run(vm, input, len, EXEC_COVER, 0, &res) !=
		    FUZZVM_RAN)
			goto died;
		fold(&res);
	}
	took = now_s() - start;
	t->pcs += res.page.n_pcs;
	t->lost += res.page.pcs_lost;
	if (fuzzvm_run(vm, input, len, EXEC_COVER | EXEC_LOOP, rounds, &res) !=
	    FUZZVM_RAN)
		goto died;
	t->host_s += took;
	t->guest_s += (double)res.page.ns / 1e9;
	t->inputs++;
	t->execs += rounds;
	return true;
died:
	fprintf(stderr, "%s\n", res.why);
	t->died++;
	return res.end != FUZZVM_LOST;
}

static bool measure_file(struct fuzzvm *vm, const char *dir, const char *name,
			 unsigned int rounds, struct totals *t)
{
	static uint8_t input[SEQ_MOST];
	static struct seq seq;
	char path[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	if (!f)
		return true;
	len = fread(input, 1, sizeof(input), f);
	fclose(f);
	if (seq_decode(&seq, input, len))
		return true;
	return measure(vm, input, len, rounds, t);
}

static void print_totals(const struct totals *t, unsigned int rounds, bool kcov)
{
	printf("| %u sequences, %u rounds, %s | execs/s |\n"
	       "|---|---|\n"
	       "| from the host | %.1f |\n"
	       "| in the guest only | %.1f |\n\n"
	       "From the host: %.2f of that; %u died. PCs of one: %.0f, "
	       "not told: %.0f.\n",
	       t->inputs, rounds, kcov ? "KCOV" : "no KCOV",
	       (double)t->execs / t->host_s, (double)t->execs / t->guest_s,
	       t->guest_s / t->host_s, t->died, (double)t->pcs / t->inputs,
	       (double)t->lost / t->inputs);
}

int main(int argc, char **argv)
{
	struct fuzzvm_config cfg;
	struct totals t;
	unsigned int rounds, step;
	struct dirent **names;
	struct fuzzvm *vm;
	int n;

	if (argc < 5) {
		fprintf(stderr, "usage: exec EXECUTOR KERNEL DIR ROUNDS "
				"[EVERY-NTH]\n");
		return 2;
	}
	memset(&cfg, 0, sizeof(cfg));
	memset(&t, 0, sizeof(t));
	cfg.executor = argv[1];
	cfg.kernel = argv[2];
	rounds = (unsigned int)strtoul(argv[4], NULL, 10);
	step = argc > 5 ? (unsigned int)strtoul(argv[5], NULL, 10) : 1;
	n = scandir(argv[3], &names, NULL, alphasort);
	vm = fuzzvm_open(&cfg);
	if (n < 0 || !vm) {
		fprintf(stderr, "%s: %s\n", argv[3], strerror(errno));
		return 1;
	}
	for (int i = 0; i < n; i += (int)step)
		if (!measure_file(vm, argv[3], names[i]->d_name, rounds, &t))
			break;
	print_totals(&t, rounds, fuzzvm_has_kcov(vm));
	fuzzvm_close(vm);
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return 0;
}

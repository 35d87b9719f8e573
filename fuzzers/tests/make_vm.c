// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Runs the recipes on a kernel: do their calls succeed? With the name of a
 * recipe as its argument it runs that one; with SHOW in the environment it
 * prints the sequences of which a call failed. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../host/fuzzvm.h"
#include "../make/recipes.h"

enum { ROUNDS = 24 };

static struct fuzzvm *vm;
static const char *shown;

struct tally {
	unsigned int calls, good, ended;
};

/* How often each command failed of what. */
static unsigned int failures[64][600];

static const char *what(const struct seq_call *call)
{
	static const char *const ops[] = {
		[SEQ_CLOSE] = "close", [SEQ_DUP] = "dup", [SEQ_READ] = "read",
		[SEQ_MMAP] = "mmap",   [SEQ_RUN] = "run", [SEQ_FORK] = "fork",
		[SEQ_JIT] = "jit",
	};

	if (call->op > SEQ_BPF_COMMON)
		return ops[call->op];
	return bpfsys_abi_command(call->cmd)->name;
}

static void show(const struct make *m, const struct exec_page *page)
{
	static char text[1 << 20];

	if (seq_print(&m->seq, text, sizeof(text)) < sizeof(text))
		puts(text);
	for (unsigned int i = 0; i < page->n_calls; i++) {
		const int32_t ret = page->calls[i].ret;

		printf("  %2u %-28s %d %s\n", i, what(&m->seq.calls[i]), ret,
		       ret < 0 && bpfsys_errno_name(-ret)
			       ? bpfsys_errno_name(-ret)
			       : "");
	}
}

static void count_failures(const struct make *m, const struct exec_page *page)
{
	for (unsigned int i = 0; i < page->n_calls && i < m->seq.n; i++) {
		const struct seq_call *call = &m->seq.calls[i];
		const int32_t ret = page->calls[i].ret;

		if (call->op <= SEQ_BPF_COMMON && call->cmd < 64 && ret < 0 &&
		    ret > -600)
			failures[call->cmd][-ret]++;
	}
}

static void print_failures(void)
{
	for (unsigned int cmd = 0; cmd < 64; cmd++)
		for (int err = 0; err < 600; err++) {
			if (!failures[cmd][err])
				continue;
			printf("    %-28s %-12s %u\n",
			       bpfsys_abi_command(cmd)->name,
			       bpfsys_errno_name(err) ? bpfsys_errno_name(err)
						      : "?",
			       failures[cmd][err]);
			failures[cmd][err] = 0;
		}
}

static void run_recipe(unsigned int nr, struct tally *t)
{
	static uint8_t input[SEQ_MOST];
	static struct make m;
	struct fuzzvm_result res;
	size_t len;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		unsigned int bad = 0;

		work_clear(&m, MAKE_CALLS, round * 1000003ull + nr);
		recipes[nr].make(&m);
		len = work_save(&m, input, sizeof(input));
		assert_true(len > 0);
		if (fuzzvm_run(vm, input, len, 0, 1, &res) != FUZZVM_RAN) {
			print_error("%s: %s\n", recipes[nr].name, res.why);
			t->ended++;
			continue;
		}
		count_failures(&m, &res.page);
		for (unsigned int i = 0; i < res.page.n_calls; i++)
			bad += res.page.calls[i].ret < 0;
		t->calls += res.page.n_calls;
		t->good += res.page.n_calls - bad;
		if (bad && getenv("SHOW") != NULL)
			show(&m, &res.page);
	}
}

/* Of 100 calls, those that have to succeed on 6.12. */
static unsigned int least_of(const char *name)
{
	static const struct {
		const char *name;
		unsigned int least;
	} low[] = {
		/* Any operation on any type, frozen or not. */
		{"map_elems", 35},
		{"map_shared", 30},
		{"given_maps", 35},
		{"others", 25},
		{"fd_query", 35},
		/* Half of what is logged is refused. */
		{"prog_log", 5},
		/* Five arguments came with 7.2, tokens want a user namespace.
		 */
		{"commons", 5},
		{"tokens", 0},
	};

	for (size_t i = 0; i < COUNT_OF(low); i++)
		if (strcmp(low[i].name, name) == 0)
			return low[i].least;
	return 55;
}

static void recipes_succeed(void **state)
{
	unsigned int low = 0;

	(void)state;
	for (unsigned int nr = 0; nr < recipes_count; nr++) {
		struct tally t = {0};

		if (shown && strcmp(shown, recipes[nr].name) != 0)
			continue;
		run_recipe(nr, &t);
		printf("%-16s %3u %%\n", recipes[nr].name,
		       t.calls ? 100 * t.good / t.calls : 0);
		print_failures();
		low += t.ended > 0;
		low += 100 * t.good < least_of(recipes[nr].name) * t.calls;
	}
	assert_int_equal(low, 0);
}

int main(int argc, char **argv)
{
	const char *kernel = getenv("KERNEL");
	const struct fuzzvm_config cfg = {
		.kernel = kernel ? kernel : "debian:6.12",
		.executor = BUILD "/bpfsys-exec",
	};
	const struct CMUnitTest tests[] = {cmocka_unit_test(recipes_succeed)};
	int ret;

	setvbuf(stdout, NULL, _IOLBF, 0);
	shown = argc > 1 ? argv[1] : NULL;
	vm = fuzzvm_open(&cfg);
	ret = vm ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
	fuzzvm_close(vm);
	return ret;
}

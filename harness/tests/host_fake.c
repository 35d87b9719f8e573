// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Stands in for libbpfvm, bpfabi-guest and the catalogue. */
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cases/filter.h"
#include "cases/suite.h"
#include "host_fake.h"

struct fake fake;

static struct suite_case cases[FAKE_CASES] = {
	{NULL, "any/bad_command", CASE_ERRNO, 22, "no such command", NULL,
	 false},
	{NULL, "map_create/created", CASE_CONTRACT, 0, "it makes a map", NULL,
	 false},
	{NULL, "map_create/size_short", CASE_SIZE, 0, "short is zero", NULL,
	 false},
	{NULL, "map_create/zero_key", CASE_ERRNO, 22, "no key <&\">", NULL,
	 false},
	{NULL, "map_freeze/frozen", CASE_CONTRACT, 0, "it freezes", NULL,
	 false},
	{NULL, "map_freeze/twice", CASE_ERRNO, 1, "already frozen", NULL,
	 false},
	{NULL, "prog_load/loaded", CASE_CONTRACT, 0, "it loads", NULL, false},
	{NULL, "prog_load/closed_fd", CASE_ERRNO, 9, "closed fd", NULL, false},
};

const struct suite_case *suite_cases(size_t *count)
{
	for (size_t i = 0; i < FAKE_CASES; i++) {
		char name[96];

		snprintf(name, sizeof(name), "%s", cases[i].name);
		*strchr(name, '/') = '\0';
		cases[i].command = bpfsys_abi_find(name);
	}
	*count = FAKE_CASES;
	return cases;
}

void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
}

void bpfvm_config_init(struct bpfvm_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
}

void bpfvm_interrupt(void)
{
	fake.interrupts++;
}

const char *bpfvm_arch_name(size_t n)
{
	static const char *const names[] = {"native", "foreign", NULL};

	return names[n];
}

const char *bpfvm_arch_find(const char *name, char *why, size_t why_size)
{
	size_t i;

	for (i = 0; bpfvm_arch_name(i); i++) {
		if (!strcmp(name, bpfvm_arch_name(i)))
			return bpfvm_arch_name(i);
	}
	snprintf(why, why_size, "unknown architecture %s", name);
	return NULL;
}

int bpfvm_kernel_each(const char *arch,
		      void (*each)(void *ctx, const char *spec,
				   const char *path),
		      void *ctx, char *why, size_t why_size)
{
	if (arch && strcmp(arch, bpfvm_arch_name(0)) != 0) {
		snprintf(why, why_size, "no\033 cache");
		return -1;
	}
	each(ctx, "debian:6.1", "/cache/6.1");
	each(ctx, "debian:6.12", "/cache/6.12");
	return 0;
}

int bpfvm_kernel_resolve_for(const char *arch, const char *spec, char *path,
			     size_t size, char *why, size_t why_size)
{
	if (strcmp(spec, "debian:0") == 0) {
		snprintf(why, why_size, "no such\033 kernel");
		return -1;
	}
	snprintf(path, size, "/cache%s%s/%s", arch ? "-" : "", arch ? arch : "",
		 spec);
	return 0;
}

/* What the guest has to do, from its argv. */
struct guest {
	const struct bpfvm_config *cfg;
	char input[1024];
	const char *option; /* the word that was last read */
	const char *filters[8];
	size_t n_filters;
	size_t start;
	size_t shard, shards; /* from 1; 0: all */
};

static void say_bytes(const struct guest *guest, const char *data, size_t len)
{
	const size_t chunk = fake.chunk ? fake.chunk : 4096;

	while (len) {
		size_t n = len < chunk ? len : chunk;

		if (guest->cfg->output(guest->cfg->ctx, 1, data, n) != 0)
			return;
		data += n;
		len -= n;
	}
}

static void __attribute__((format(printf, 2, 3)))
say(const struct guest *guest, const char *format, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	say_bytes(guest, line, strlen(line));
}

static void read_word(struct guest *guest, const char *word)
{
	const char *last = guest->option;

	if (last && strcmp(last, "--filter") == 0)
		guest->filters[guest->n_filters++] = word;
	if (last && strcmp(last, "--start") == 0)
		guest->start = strtoul(word, NULL, 10);
	if (last && strcmp(last, "--shard") == 0)
		sscanf(word, "%zu/%zu", &guest->shard, &guest->shards);
	guest->option = word;
}

/* From its command line, or from its input if that says so. */
static void read_argv(struct guest *guest)
{
	char *joined = fake.argv[fake.boots % 16], *word, *rest;

	*joined = '\0';
	for (char *const *arg = guest->cfg->argv + 1; *arg; arg++) {
		strncat(joined, *arg, 100);
		strcat(joined, arg[1] ? " " : "");
		read_word(guest, *arg);
	}
	if (strcmp(joined, "--from-stdin") != 0)
		return;
	*joined = '\0';
	snprintf(guest->input, sizeof(guest->input), "%.*s",
		 (int)guest->cfg->input_len, (const char *)guest->cfg->input);
	for (word = strtok_r(guest->input, "\n", &rest); word;
	     word = strtok_r(NULL, "\n", &rest)) {
		strcat(joined, *joined ? " " : "");
		strncat(joined, word, 100);
		read_word(guest, word);
	}
}

static int selects(const struct guest *guest, const char *name)
{
	for (size_t i = 0; i < guest->n_filters; i++)
		if (filter_matches(guest->filters[i], name))
			return 1;
	return guest->n_filters == 0;
}

static int is_alone(const struct guest *guest)
{
	return guest->n_filters == 1 && strchr(guest->filters[0], '/');
}

/* 0: the VM ended in the case. */
static int run_case(const struct guest *guest, size_t at)
{
	const char *name = cases[at].name;
	enum fake_act act = fake.acts[at];

	if (act == FAKE_END_ONCE && is_alone(guest))
		act = FAKE_PASS;
	say(guest, "{\"start\": \"%s\"}\n", name);
	switch (act) {
	case FAKE_FAIL:
		say(guest,
		    "{\"case\": \"%s\", \"verdict\": \"fail\", \"expected\": "
		    "\"-EINVAL\", \"got\": \"0\", \"call\": \"bpf(<&>)\", "
		    "\"detail\": \"a\\u001bb\\nc\\u00e9\", \"ms\": 1.6}\n",
		    name);
		return 1;
	case FAKE_ABSENT:
		say(guest, "{\"case\": \"%s\", \"verdict\": \"absent\"}\n",
		    name);
		return 1;
	case FAKE_SKIP:
		say(guest,
		    "{\"case\": \"%s\", \"verdict\": \"skip\", \"detail\": "
		    "\"no\\nBTF\"}\n",
		    name);
		return 1;
	case FAKE_KNOWN:
		say(guest,
		    "{\"case\": \"%s\", \"verdict\": \"known\", \"detail\": "
		    "\"see syscall.c\"}\n",
		    name);
		return 1;
	case FAKE_SIGNAL:
		raise(SIGINT);
		return 0;
	case FAKE_END:
	case FAKE_END_ONCE:
		return 0;
	case FAKE_MUTE:
		return 1;
	default:
		say(guest,
		    "{\"case\": \"%s\", \"verdict\": \"pass\", \"ms\": 2}\n",
		    name);
		return act != FAKE_END_AFTER;
	}
}

/* The numbers of the cases that are asked for. */
static size_t select_numbers(const struct guest *guest, size_t *numbers)
{
	const size_t of = guest->shards ? guest->shards : 1;
	size_t nth = 0, n = 0;

	for (size_t i = 0; i < FAKE_CASES; i++)
		if (selects(guest, cases[i].name) &&
		    nth++ % of + 1 == (guest->shards ? guest->shard : 1))
			numbers[n++] = i;
	return n;
}

static int run_suite(const struct guest *guest)
{
	size_t numbers[FAKE_CASES], ran = 0;
	const size_t selected = select_numbers(guest, numbers);

	say(guest,
	    "{\"suite\": 1, \"release\": \"6.12.1\", \"machine\": \"x86_64\", "
	    "\"cases\": %zu}\n",
	    selected);
	for (size_t i = guest->start; i < selected; i++) {
		if (!run_case(guest, numbers[i]))
			return 0;
		ran += fake.acts[numbers[i]] != FAKE_MUTE;
	}
	say(guest, "{\"end\": %zu}\n", ran);
	return 1;
}

static void note(const struct bpfvm_config *cfg)
{
	char line[64];

	snprintf(line, sizeof(line), "arch %s, %u s",
		 cfg->arch ? cfg->arch : "of the host", cfg->timeout_s);
	cfg->note(cfg->ctx, line);
}

static int run_one(const struct bpfvm_config *cfg, struct bpfvm_result *res)
{
	struct guest guest = {.cfg = cfg};
	int whole;

	memset(res, 0, sizeof(*res));
	read_argv(&guest);
	fake.boots++;
	if (fake.notes)
		note(cfg);
	res->outcome = fake.outcome;
	res->status = fake.status;
	res->boot_s = 1.5;
	if (fake.report) {
		res->n_reports = 1;
		res->reports[0].kind = fake.report_kind;
		res->reports[0].count = 1;
		snprintf(res->reports[0].title, sizeof(res->reports[0].title),
			 "%s", fake.report);
		snprintf(res->reports[0].trace, sizeof(res->reports[0].trace),
			 "%s", fake.trace ? fake.trace : "");
	}
	if (fake.err)
		cfg->output(cfg->ctx, 2, fake.err, strlen(fake.err));
	if (fake.no_boot && fake.boots > fake.boots_up) {
		snprintf(res->reason, sizeof(res->reason), "%s", fake.no_boot);
		return 0;
	}
	snprintf(res->reason, sizeof(res->reason), "Oops:\033[2J x");
	snprintf(res->console_log, sizeof(res->console_log), "/tmp/x.console");
	if (fake.raw) {
		say_bytes(&guest, fake.raw, fake.raw_len);
		return 0;
	}
	whole = run_suite(&guest);
	if (whole)
		res->outcome = BPFVM_EXITED;
	else if (fake.interrupts)
		res->outcome = BPFVM_INTERRUPTED;
	return 0;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* Until *COUNT is MANY, or a second has gone by. */
static bool await(const unsigned int *count, unsigned int many)
{
	struct timespec until;
	int ret = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec++;
	while (*count < many && !ret)
		ret = pthread_cond_timedwait(&changed, &lock, &until);
	return *count >= many;
}

/* As long as it waits for others, they run. */
int bpfvm_run(const struct bpfvm_config *cfg, struct bpfvm_result *res)
{
	int ret;

	pthread_mutex_lock(&lock);
	fake.met++;
	pthread_cond_broadcast(&changed);
	if (fake.meet && !await(&fake.met, fake.meet))
		fake.no_boot = "they do not run at once";
	if (fake.meet && strcmp(cfg->kernel, "a") == 0)
		await(&fake.gone, fake.meet - 1);
	ret = run_one(cfg, res);
	fake.gone++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return ret;
}

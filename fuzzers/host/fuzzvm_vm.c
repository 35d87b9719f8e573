// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A VM with the executor, run by bpfvm in a thread. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../clock.h"
#include "fuzzvm_vm.h"

#define BULK_MIB 4 /* half of it is the window */
#define FOREVER	 1000000
#define MEM_MIB	 1024
/* Whatever a kernel finds wrong with itself ends it at once, so that no input
 * is judged by what an earlier one broke. */
#define APPEND "oops=panic panic_on_warn=1 panic=-1 kasan.fault=report"

/* What is no panic even so, of lockdep, the scheduler and RCU. */
static bool tells_of_fault(const char *text)
{
	static const char *const words[] = {
		"BUG: ", "WARNING: ", "UBSAN: ", "INFO: rcu", "cut here ]",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(text, words[i]))
			return true;
	return false;
}

static void on_console(void *ctx, const void *data, size_t len)
{
	struct one_vm *vm = ctx;
	const char *from = data;
	size_t have = strlen(vm->tail), n;
	char text[4096];

	while (len) {
		memcpy(text, vm->tail, have);
		n = sizeof(text) - 1 - have;
		n = len < n ? len : n;
		for (size_t i = 0; i < n; i++)
			text[have + i] = from[i] ? from[i] : ' ';
		text[have + n] = 0;
		if (tells_of_fault(text))
			vm->reported = 1;
		from += n;
		len -= n;
		n += have;
		have = n < sizeof(vm->tail) - 1 ? n : sizeof(vm->tail) - 1;
		memcpy(vm->tail, text + n - have, have);
		vm->tail[have] = 0;
	}
}

static void on_window(void *ctx, void *mem, size_t size)
{
	struct one_vm *vm = ctx;

	pthread_mutex_lock(&vm->lock);
	if (mem && size >= EXEC_WINDOW)
		vm->window = mem;
	if (!mem)
		vm->ended = true;
	pthread_cond_broadcast(&vm->changed);
	/* The memory goes when this returns. */
	while (!mem && !vm->released)
		pthread_cond_wait(&vm->changed, &vm->lock);
	pthread_mutex_unlock(&vm->lock);
}

/* What the executor says is of interest where it cannot do its work. */
static int on_output(void *ctx, int stream, const void *data, size_t len)
{
	struct one_vm *vm = ctx;
	char line[256];

	(void)stream;
	snprintf(line, sizeof(line), "the guest's executor says: %.*s",
		 (int)(len < 200 ? len : 200), (const char *)data);
	for (char *p = line; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = ' ';
	if (vm->cfg->note)
		vm->cfg->note(vm->cfg->ctx, line);
	else
		fprintf(stderr, "%s\n", line);
	return 0;
}

static void on_note(void *ctx, const char *line)
{
	struct one_vm *vm = ctx;

	if (vm->cfg->note)
		vm->cfg->note(vm->cfg->ctx, line);
	else
		fprintf(stderr, "%s\n", line);
}

static void *live(void *ctx)
{
	struct one_vm *vm = ctx;
	char *argv[] = {(char *)(uintptr_t)vm->cfg->executor, NULL};
	const char *more = vm->cfg->append;
	struct bpfvm_config cfg;
	char append[1024];

	snprintf(append, sizeof(append), APPEND "%s%s", more ? " " : "",
		 more ? more : "");
	bpfvm_config_init(&cfg);
	cfg.kernel = vm->cfg->kernel;
	cfg.argv = argv;
	cfg.append = append;
	cfg.mem_mib = vm->cfg->mem_mib ? vm->cfg->mem_mib : MEM_MIB;
	cfg.timeout_s = FOREVER;
	cfg.accel = vm->cfg->accel;
	cfg.clone = !vm->cfg->no_clone;
	cfg.await_ready = cfg.clone;
	cfg.bulk_mib = BULK_MIB;
	cfg.window = on_window;
	cfg.console = on_console;
	cfg.output = on_output;
	cfg.note = on_note;
	cfg.stop = &vm->stop;
	cfg.vmlinux = vm->cfg->plain_traces ? "" : vm->cfg->vmlinux;
	cfg.ctx = vm;
	bpfvm_run(&cfg, &vm->res);
	pthread_mutex_lock(&vm->lock);
	vm->ended = vm->done = true;
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
	return NULL;
}

int one_vm_start(struct one_vm *vm, const struct fuzzvm_config *cfg)
{
	int ret;

	memset(vm, 0, sizeof(*vm));
	vm->cfg = cfg;
	pthread_mutex_init(&vm->lock, NULL);
	pthread_cond_init(&vm->changed, NULL);
	ret = -pthread_create(&vm->thread, NULL, live, vm);
	vm->started = !ret;
	return ret;
}

bool one_vm_await(struct one_vm *vm, unsigned int limit_s)
{
	const struct timespec nap = {0, 200000};
	const struct exec_page *page;
	double until;

	pthread_mutex_lock(&vm->lock);
	while (!vm->window && !vm->ended)
		pthread_cond_wait(&vm->changed, &vm->lock);
	pthread_mutex_unlock(&vm->lock);
	page = (const struct exec_page *)vm->window;
	until = now_s() + limit_s;
	while (page && !vm->ended && !vm->late) {
		if (__atomic_load_n(&page->magic, __ATOMIC_ACQUIRE) ==
		    EXEC_MAGIC)
			return true;
		vm->late = now_s() > until;
		nanosleep(&nap, NULL);
	}
	return false;
}

void one_vm_end(struct one_vm *vm, bool stop)
{
	if (!vm->started)
		return;
	if (stop)
		vm->stop = 1;
	pthread_mutex_lock(&vm->lock);
	vm->window = NULL;
	vm->released = true;
	pthread_cond_broadcast(&vm->changed);
	pthread_mutex_unlock(&vm->lock);
	pthread_join(vm->thread, NULL);
	vm->started = false;
	pthread_cond_destroy(&vm->changed);
	pthread_mutex_destroy(&vm->lock);
}

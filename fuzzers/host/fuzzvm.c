// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Runs inputs in a VM, one after the other, and gets a new one when it dies. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../clock.h"
#include "fuzzvm_ranges.h"
#include "fuzzvm_vm.h"

#define TIMEOUT_S 10
#define READY_S	  120
/* An answer is looked for that often before the processor is given up, which
 * the VM may need. */
#define SPINS  2000U
#define NAP_NS 20000L
/* For a report to end, which is no panic; and for a panic to be seen. */
#define REPORT_S 0.2

struct fuzzvm {
	struct fuzzvm_config cfg;
	struct one_vm one;
	struct bpfvm_result last; /* of the one before */
	bool up;
	bool rung; /* something, since it is up */
	uint32_t number;
	unsigned int n_started;
	int n_ranges; /* -errno: none */
	struct fuzzvm_range ranges[EXEC_RANGES];
};

struct fuzzvm *fuzzvm_open(const struct fuzzvm_config *cfg)
{
	struct fuzzvm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		return NULL;
	vm->cfg = *cfg;
	vm->n_ranges = ranges_find(cfg->vmlinux, cfg->kernel, vm->ranges);
	return vm;
}

int fuzzvm_ranges(struct fuzzvm *vm)
{
	return vm->n_ranges;
}

unsigned int fuzzvm_started(const struct fuzzvm *vm)
{
	return vm->n_started;
}

static struct exec_page *page_of(struct fuzzvm *vm)
{
	return (struct exec_page *)vm->one.window;
}

/* What became of the VM is kept; the next input gets another. */
static void bury(struct fuzzvm *vm, bool stop)
{
	one_vm_end(&vm->one, stop);
	vm->last = vm->one.res;
	vm->up = false;
}

/* The guest may write to the page at any time: nothing is read from it. */
static void tell_ranges(struct fuzzvm *vm)
{
	struct exec_page *page = page_of(vm);
	const uint32_t n = vm->n_ranges > 0 ? (uint32_t)vm->n_ranges : 0;

	for (uint32_t i = 0; i < n; i++) {
		page->ranges[i].from = vm->ranges[i].from;
		page->ranges[i].to = vm->ranges[i].to;
	}
	page->n_ranges = n;
}

static unsigned int ready_s(const struct fuzzvm *vm)
{
	return vm->cfg.ready_s ? vm->cfg.ready_s : READY_S;
}

/* A clone that does not come up is tried once more. */
static bool start(struct fuzzvm *vm)
{
	if (vm->up)
		return true;
	for (int tries = 0; !vm->up && tries < 2; tries++) {
		if (one_vm_start(&vm->one, &vm->cfg))
			return false;
		vm->n_started++;
		vm->up = one_vm_await(&vm->one, ready_s(vm));
		if (!vm->up) {
			bury(vm, true);
			if (vm->one.late)
				snprintf(vm->last.reason,
					 sizeof(vm->last.reason),
					 "the guest's executor was not ready "
					 "within %u s (%.100s)",
					 ready_s(vm), vm->cfg.kernel);
			if (vm->last.outcome == BPFVM_INTERRUPTED ||
			    vm->last.outcome == BPFVM_ERROR)
				break;
		}
	}
	if (vm->up)
		tell_ranges(vm);
	vm->rung = false;
	return vm->up;
}

/* FUZZVM_RAN: answered. */
static enum fuzzvm_end await_answer(struct fuzzvm *vm, double limit)
{
	const struct timespec nap = {0, NAP_NS};
	const struct exec_page *page = page_of(vm);
	unsigned int spins = 0;
	double reported = 0;

	while (__atomic_load_n(&page->done, __ATOMIC_ACQUIRE) != vm->number) {
		if (++spins < SPINS) {
			__builtin_ia32_pause();
			continue;
		}
		if (vm->one.ended)
			return FUZZVM_DIED;
		/* It may panic yet, which tells more. */
		if (vm->one.reported && !reported)
			reported = now_s();
		if (reported && now_s() - reported > REPORT_S)
			return FUZZVM_DIED;
		if ((spins & 63) == 0 && now_s() > limit)
			return FUZZVM_HUNG;
		nanosleep(&nap, NULL);
	}
	return FUZZVM_RAN;
}

/* Whatever the guest has written there. */
static bool take_page(struct fuzzvm *vm, struct fuzzvm_result *res)
{
	struct exec_page *page = &res->page;
	uint32_t left = EXEC_BYTES_MOST;

	memcpy(page, page_of(vm), sizeof(*page));
	res->pcs = (const uint32_t *)(vm->one.window + EXEC_PCS);
	res->cmps = (const struct exec_cmp *)(vm->one.window + EXEC_CMPS);
	res->bytes = vm->one.window + EXEC_BYTES;
	if (page->n_calls > SEQ_CALLS || page->n_pcs > EXEC_PCS_MOST ||
	    page->n_cmps > EXEC_CMPS_MOST)
		return false;
	for (unsigned int i = 0; i < SEQ_CALLS; i++) {
		if (page->calls[i].written > left)
			return false;
		left -= page->calls[i].written;
	}
	return true;
}

static void ring(struct fuzzvm *vm, const uint8_t *input, size_t len,
		 unsigned int flags, unsigned int repeat)
{
	struct exec_page *page = page_of(vm);

	memcpy(vm->one.window + EXEC_INPUT, input, len);
	page->input_len = (uint32_t)len;
	page->flags = flags;
	page->repeat = repeat;
	vm->rung = true;
	vm->number = vm->number == UINT32_MAX ? 1 : vm->number + 1;
	__atomic_store_n(&page->ring, vm->number, __ATOMIC_RELEASE);
}

/* Of a VM that has ended, or is to end, on its input. */
static enum fuzzvm_end lost(struct fuzzvm *vm, enum fuzzvm_end end,
			    struct fuzzvm_result *res)
{
	const unsigned int limit =
		vm->cfg.timeout_s ? vm->cfg.timeout_s : TIMEOUT_S;

	bury(vm, end == FUZZVM_HUNG || vm->one.reported);
	res->vm = &vm->last;
	snprintf(res->why, sizeof(res->why), "%s", vm->last.reason);
	if (vm->last.outcome == BPFVM_INTERRUPTED)
		return FUZZVM_LOST;
	if (end == FUZZVM_HUNG)
		snprintf(res->why, sizeof(res->why), "no answer within %u s",
			 limit);
	else if (vm->last.outcome == BPFVM_STOPPED && vm->last.n_reports)
		snprintf(res->why, sizeof(res->why), "the kernel reported: %s",
			 vm->last.reports[0].title);
	/* Where QEMU or the channel to it failed, the guest may have seen to
	 * that; that the host does is known when no other VM starts. */
	return end;
}

/* Since the last answer, of what an earlier input left behind. */
static bool has_died(const struct fuzzvm *vm)
{
	return vm->up && (vm->one.ended || vm->one.reported);
}

/* Which tells more than a report does. */
static void await_panic(const struct fuzzvm *vm)
{
	const struct timespec nap = {0, NAP_NS};
	const double until = now_s() + REPORT_S;

	while (!vm->one.ended && now_s() < until)
		nanosleep(&nap, NULL);
}

enum fuzzvm_end fuzzvm_run(struct fuzzvm *vm, const uint8_t *input, size_t len,
			   unsigned int flags, unsigned int repeat,
			   struct fuzzvm_result *res)
{
	const unsigned int limit =
		vm->cfg.timeout_s ? vm->cfg.timeout_s : TIMEOUT_S;

	memset(res, 0, sizeof(*res));
	if (len > SEQ_MOST)
		len = SEQ_MOST;
	if (has_died(vm) && vm->rung) {
		await_panic(vm);
		res->end = lost(vm, FUZZVM_DIED, res);
		res->earlier = res->end == FUZZVM_DIED;
		return res->end;
	}
	/* Nobody's doing. */
	if (has_died(vm))
		bury(vm, true);
	if (!start(vm)) {
		res->vm = &vm->last;
		snprintf(res->why, sizeof(res->why), "%s", vm->last.reason);
		return res->end = FUZZVM_LOST;
	}
	ring(vm, input, len, flags, repeat);
	res->end = await_answer(vm, now_s() + limit);
	if (res->end == FUZZVM_RAN && vm->one.reported)
		res->end = FUZZVM_DIED;
	if (res->end != FUZZVM_RAN)
		return res->end = lost(vm, res->end, res);
	if (!take_page(vm, res)) {
		res->end = lost(vm, FUZZVM_HUNG, res);
		snprintf(res->why, sizeof(res->why),
			 "what the guest wrote into the window is nonsense");
	}
	return res->end;
}

enum fuzzvm_end fuzzvm_linger(struct fuzzvm *vm, double seconds,
			      struct fuzzvm_result *res)
{
	const struct timespec nap = {0, 100 * NAP_NS};
	const double until = now_s() + seconds;

	memset(res, 0, sizeof(*res));
	while (vm->up && !has_died(vm) && now_s() < until)
		nanosleep(&nap, NULL);
	if (!has_died(vm))
		return res->end = FUZZVM_RAN;
	await_panic(vm);
	return res->end = lost(vm, FUZZVM_DIED, res);
}

bool fuzzvm_has_kcov(struct fuzzvm *vm)
{
	return start(vm) && page_of(vm)->kcov == 1;
}

void fuzzvm_renew(struct fuzzvm *vm)
{
	if (vm->up)
		bury(vm, true);
}

void fuzzvm_close(struct fuzzvm *vm)
{
	if (!vm)
		return;
	fuzzvm_renew(vm);
	free(vm);
}

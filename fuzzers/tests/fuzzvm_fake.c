// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* fuzzvm, with a thread for a VM: what it makes of ends and of answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "host/fuzzvm.h"
#include "host/fuzzvm_ranges.h"

/* What a guest does with an input, by its first byte. */
enum {
	ANSWERS = 'a',
	ENDS = 'e',	  /* without an answer, as fake says */
	ENDS_LATER = 'l', /* after the answer */
};

static struct fake {
	enum bpfvm_outcome outcome; /* how a VM ends that ends by itself */
	unsigned int starts;
	unsigned int refused; /* that many starts fail */
	unsigned int idle;    /* that many VMs end before any input */
	bool silent;	      /* the executor never gets ready */
	bool scribbles;	      /* the guest writes where the host does */
	volatile int ended;   /* VMs that have */
} fake;

static void nap(void)
{
	const struct timespec ms = {0, 1000000};

	nanosleep(&ms, NULL);
}

int ranges_find(const char *vmlinux, const char *kernel,
		struct fuzzvm_range *ranges)
{
	(void)vmlinux;
	(void)kernel;
	for (uint32_t i = 0; i < EXEC_RANGES; i++) {
		ranges[i].from = i << 12;
		ranges[i].to = (i + 1) << 12;
	}
	return EXEC_RANGES;
}

void bpfvm_config_init(struct bpfvm_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
}

/* Until it ends by itself (true), or is stopped. */
static bool live(const struct bpfvm_config *cfg, uint8_t *window)
{
	struct exec_page *page = (struct exec_page *)window;
	uint32_t done = 0;

	if (fake.idle) {
		fake.idle--;
		for (int i = 0; i < 200; i++)
			nap();
		return true;
	}
	while (!*cfg->stop) {
		const uint32_t ring =
			__atomic_load_n(&page->ring, __ATOMIC_ACQUIRE);

		if (fake.scribbles)
			__atomic_store_n(&page->n_ranges, 1 << 20,
					 __ATOMIC_RELAXED);
		else if (ring == done)
			nap();
		if (ring == done)
			continue;
		done = ring;
		if (window[EXEC_INPUT] == ENDS)
			return true;
		__atomic_store_n(&page->done, ring, __ATOMIC_RELEASE);
		if (window[EXEC_INPUT] == ENDS_LATER)
			return true;
	}
	return false;
}

int bpfvm_run(const struct bpfvm_config *cfg, struct bpfvm_result *res)
{
	uint8_t *window;
	struct exec_page *page;

	memset(res, 0, sizeof(*res));
	res->outcome = BPFVM_ERROR;
	strcpy(res->reason, "refused");
	fake.starts++;
	if (fake.refused) {
		fake.refused--;
		return -1;
	}
	window = calloc(1, EXEC_WINDOW);
	page = (struct exec_page *)window;
	cfg->window(cfg->ctx, window, EXEC_WINDOW);
	if (!fake.silent)
		__atomic_store_n(&page->magic, EXEC_MAGIC, __ATOMIC_RELEASE);
	res->outcome = live(cfg, window) ? fake.outcome : BPFVM_STOPPED;
	strcpy(res->reason, "the reason");
	fake.ended++;
	cfg->window(cfg->ctx, NULL, 0);
	free(window);
	return 0;
}

static struct fuzzvm *vm;
static struct fuzzvm_result res;

static int setup(void **state)
{
	static const struct fuzzvm_config cfg = {
		.kernel = "fake", .executor = "fake", .ready_s = 1};

	(void)state;
	memset(&fake, 0, sizeof(fake));
	vm = fuzzvm_open(&cfg);
	return vm ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	fuzzvm_close(vm);
	return 0;
}

static enum fuzzvm_end run(char what)
{
	return fuzzvm_run(vm, (const uint8_t *)&what, 1, 0, 1, &res);
}

static void await_ends(int n)
{
	while (fake.ended < n)
		nap();
	/* Until fuzzvm's thread has heard of it, too. */
	for (int i = 0; i < 200; i++)
		nap();
}

/* A guest that breaks QEMU, or the channel to it, is a find. */
static void what_an_input_does_to_the_vmm_is_kept(void **state)
{
	(void)state;
	fake.outcome = BPFVM_VMM_DIED;
	assert_int_equal(run(ANSWERS), FUZZVM_RAN);
	assert_int_equal(run(ENDS), FUZZVM_DIED);
	assert_int_equal(res.vm->outcome, BPFVM_VMM_DIED);
	assert_string_equal(res.why, "the reason");
	fake.outcome = BPFVM_ERROR;
	assert_int_equal(run(ENDS), FUZZVM_DIED);
	assert_int_equal(res.vm->outcome, BPFVM_ERROR);
	/* That is no input's doing. */
	fake.refused = 2;
	assert_int_equal(run(ANSWERS), FUZZVM_LOST);
	assert_string_equal(res.why, "refused");
}

static void interrupts_lose_it(void **state)
{
	(void)state;
	fake.outcome = BPFVM_INTERRUPTED;
	assert_int_equal(run(ENDS), FUZZVM_LOST);
}

/* Its VM may be dead when an input comes: it is not to blame, and has not run.
 */
static void later_deaths_are_of_earlier_inputs(void **state)
{
	(void)state;
	fake.outcome = BPFVM_PANIC;
	assert_int_equal(run(ENDS_LATER), FUZZVM_RAN);
	await_ends(1);
	assert_int_equal(run(ANSWERS), FUZZVM_DIED);
	assert_true(res.earlier);
	assert_int_equal(fuzzvm_started(vm), 1);
	assert_int_equal(run(ANSWERS), FUZZVM_RAN);
	assert_false(res.earlier);
	assert_int_equal(run(ENDS), FUZZVM_DIED);
	assert_false(res.earlier);
}

static void later_deaths_are_waited_for(void **state)
{
	(void)state;
	fake.outcome = BPFVM_PANIC;
	assert_int_equal(run(ANSWERS), FUZZVM_RAN);
	assert_int_equal(fuzzvm_linger(vm, 0.1, &res), FUZZVM_RAN);
	assert_int_equal(run(ENDS_LATER), FUZZVM_RAN);
	assert_int_equal(fuzzvm_linger(vm, 60, &res), FUZZVM_DIED);
	assert_int_equal(res.vm->outcome, BPFVM_PANIC);
	assert_int_equal(fuzzvm_linger(vm, 60, &res), FUZZVM_RAN);
	assert_int_equal(run(ANSWERS), FUZZVM_RAN);
	assert_false(res.earlier);
}

/* A VM that no input was given to has died of none. */
static void idle_deaths_are_nobodys(void **state)
{
	(void)state;
	fake.outcome = BPFVM_VMM_DIED;
	fake.idle = 1;
	fuzzvm_has_kcov(vm);
	await_ends(1);
	assert_int_equal(run(ANSWERS), FUZZVM_RAN);
	assert_int_equal(fuzzvm_started(vm), 2);
}

static void silence_has_an_end(void **state)
{
	(void)state;
	fake.silent = true;
	assert_int_equal(run(ANSWERS), FUZZVM_LOST);
	assert_string_equal(res.why, "the guest's executor was not ready "
				     "within 1 s (fake)");
	assert_int_equal(fake.starts, 2);
	fake.silent = false;
	assert_int_equal(run(ANSWERS), FUZZVM_RAN);
}

/* How much the host writes is not up to the guest. */
static void ranges_are_the_hosts(void **state)
{
	(void)state;
	fake.scribbles = true;
	for (unsigned int i = 0; i < 300; i++) {
		assert_int_equal(run(ANSWERS), FUZZVM_RAN);
		fuzzvm_renew(vm);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_an_input_does_to_the_vmm_is_kept),
		TEST(interrupts_lose_it),
		TEST(later_deaths_are_of_earlier_inputs),
		TEST(idle_deaths_are_nobodys),
		TEST(silence_has_an_end),
		TEST(ranges_are_the_hosts),
		TEST(later_deaths_are_waited_for),
	};

	return cmocka_run_group_tests_name("fuzzvm_fake", tests, NULL, NULL);
}

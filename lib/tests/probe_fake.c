// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The probes on a kernel of our own: linked with --wrap=bpfsys_untraced, so
 * that no bpf(2) is needed. What is not an answer is not taken for one, answers
 * are kept, and threads may ask at once. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>
#include <bpfsys/explain.h>
#include <bpfsys/probe.h>

#include "untraced.h"

#define ATTR_SIZE  144
#define N_COMMANDS 37u

/* What every call is refused with, 0: by the rules of a kernel. */
static atomic_int refusal;
static atomic_uint n_calls;
/* Only this call is, counted from 1; 0: all are. */
static unsigned int refused_call;

int __wrap_bpfsys_untraced(unsigned int cmd, void *attr, unsigned int size);

/* A kernel that knows N_COMMANDS and a union of ATTR_SIZE, on which nothing
 * succeeds. */
int __wrap_bpfsys_untraced(unsigned int cmd, void *attr, unsigned int size)
{
	const uint8_t *bytes = attr;

	atomic_fetch_add(&n_calls, 1);
	errno = EDOM;
	if (atomic_load(&refusal) &&
	    (!refused_call || atomic_load(&n_calls) == refused_call))
		return atomic_load(&refusal);
	for (unsigned int i = ATTR_SIZE; i < size; i++)
		if (bytes[i])
			return -E2BIG;
	return cmd < N_COMMANDS ? -EBADF : -EINVAL;
}

static int fresh(void **state)
{
	(void)state;
	bpfsys_probe_forget();
	atomic_store(&refusal, 0);
	atomic_store(&n_calls, 0);
	refused_call = 0;
	errno = ERANGE;
	return 0;
}

static void answers_are_kept(void **state)
{
	unsigned int asked;

	(void)state;
	assert_int_equal(bpfsys_probe_attr_size(), ATTR_SIZE);
	assert_int_equal(bpfsys_supports(BPFSYS_TOKEN_CREATE), 1);
	assert_int_equal(bpfsys_supports(BPFSYS_PROG_STREAM_READ_BY_FD), 0);
	assert_int_equal(
		bpfsys_supports_field(BPFSYS_PROG_LOAD, "prog_token_fd"), 0);
	assert_int_equal(errno, ERANGE);
	asked = atomic_load(&n_calls);
	assert_int_equal(bpfsys_probe_attr_size(), ATTR_SIZE);
	assert_int_equal(bpfsys_supports(BPFSYS_TOKEN_CREATE), 1);
	assert_int_equal(bpfsys_supports(BPFSYS_PROG_STREAM_READ_BY_FD), 0);
	assert_int_equal(
		bpfsys_supports_field(BPFSYS_PROG_LOAD, "prog_token_fd"), 0);
	assert_int_equal(atomic_load(&n_calls), asked);
	bpfsys_probe_forget();
	bpfsys_supports(BPFSYS_TOKEN_CREATE);
	assert_true(atomic_load(&n_calls) > asked);
}

/* No refusal of the whole call is a no, and none is kept. */
static void refusals_are_no_answers(void **state)
{
	static const int refusals[] = {-EPERM,	-EACCES, -ENOMEM, -EMFILE,
				       -ENFILE, -ENOSYS, -EINTR,  -EAGAIN};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		atomic_store(&refusal, refusals[i]);
		assert_true(bpfsys_probe_attr_size() < 0);
		/* EACCES is no answer that every kernel gives; a security
		 * policy's is about one command. */
		if (refusals[i] != -EACCES)
			assert_int_equal(bpfsys_supports(BPFSYS_LINK_DETACH),
					 refusals[i]);
		assert_true(bpfsys_supports_field(BPFSYS_MAP_CREATE,
						  "map_extra") != 0);
		assert_true(bpfsys_supports_map_type(1) < 0);
		assert_true(bpfsys_supports_map_flag(1, 1) < 0);
		assert_true(bpfsys_supports_prog_type(1) < 0);
		assert_true(bpfsys_supports_prog_flag(1) < 0);
		assert_true(bpfsys_supports_helper(1, 1) < 0);
		assert_true(bpfsys_supports_attach_type(46) != 0);
		bpfsys_probe_forget();
	}
	atomic_store(&refusal, -EPERM);
	assert_int_equal(bpfsys_supports(BPFSYS_LINK_DETACH), -EPERM);
	atomic_store(&refusal, 0);
	assert_int_equal(bpfsys_supports(BPFSYS_LINK_DETACH), 1);
}

/* Nor is one of the calls that it takes to find out. */
static void refusals_in_between(void **state)
{
	(void)state;
	atomic_store(&refusal, -ENOMEM);
	for (refused_call = 1; refused_call <= 12; refused_call++) {
		atomic_store(&n_calls, 0);
		assert_int_equal(bpfsys_probe_attr_size(), -ENOMEM);
	}
	refused_call = 1;
	assert_int_equal(bpfsys_probe_attr_size(), ATTR_SIZE);
}

static void every_answer_has_a_reason(void **state)
{
	(void)state;
	for (int answer = -600; answer < 600; answer++)
		assert_true(strlen(bpfsys_probe_why(answer)) > 10);
	assert_non_null(strstr(bpfsys_probe_why(-EPERM), "may not"));
}

/* A trace line, of calls of threads that trace, explain and probe at once. */
static atomic_uint n_lines, n_other_lines;

static void count_line(const char *line, void *arg)
{
	struct bpfsys_link_detach_attr attr = {0};

	if (strncmp(line, "bpf(BPF_LINK_DETACH, ", 21) == 0 &&
	    strstr(line, "= -1 EBADF; EBADF: link_fd is not open"))
		atomic_fetch_add((atomic_uint *)arg, 1);
	bpfsys_link_detach(&attr);
}

#define THREADS 4
#define ROUNDS	200

static void *ask_at_once(void *arg)
{
	struct bpfsys_link_detach_attr attr = {0};
	char text[512];

	(void)arg;
	attr.link_fd = 7;
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 50 == 0)
			bpfsys_probe_forget();
		if (bpfsys_probe_attr_size() != ATTR_SIZE ||
		    bpfsys_supports((unsigned int)i % 39) !=
			    ((unsigned int)i % 39 < N_COMMANDS))
			return &n_lines;
		bpfsys_explain(BPFSYS_LINK_DETACH, &attr, 4, EBADF, text,
			       sizeof(text));
		if (bpfsys_link_detach(&attr) != -EBADF)
			return &n_lines;
	}
	return NULL;
}

static void threads(void **state)
{
	pthread_t ids[THREADS];
	void *failed;

	(void)state;
	bpfsys_trace(count_line, &n_lines);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&ids[i], NULL, ask_at_once, NULL), 0);
	/* Another count for the same lines, while they come. */
	for (int i = 0; i < ROUNDS; i++)
		bpfsys_trace(count_line, i % 2 ? &n_lines : &n_other_lines);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(ids[i], &failed), 0);
		assert_null(failed);
	}
	bpfsys_trace(NULL, NULL);
	assert_int_equal(atomic_load(&n_lines) + atomic_load(&n_other_lines),
			 THREADS * ROUNDS);
}

/* errno and the answer are the kernel's, traced or not; and an attr that cannot
 * be read is shown as its address. */
static void keep_line(const char *line, void *arg)
{
	strncpy(arg, line, 255);
	errno = ENXIO;
}

static void traced_as_untraced(void **state)
{
	char line[256] = "";

	(void)state;
	bpfsys_trace(keep_line, line);
	assert_int_equal(bpfsys(BPFSYS_MAP_FREEZE, (void *)16, 4), -EBADF);
	assert_int_equal(errno, EDOM);
	assert_string_equal(line, "bpf(BPF_MAP_FREEZE, 0x10, 4) = -1 EBADF; "
				  "EBADF: map_fd is not open");
	bpfsys_trace(NULL, NULL);
	line[0] = '\0';
	assert_int_equal(bpfsys_trace_from_env(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(answers_are_kept, fresh),
		cmocka_unit_test_setup(refusals_are_no_answers, fresh),
		cmocka_unit_test_setup(refusals_in_between, fresh),
		cmocka_unit_test_setup(every_answer_has_a_reason, fresh),
		cmocka_unit_test_setup(threads, fresh),
		cmocka_unit_test_setup(traced_as_untraced, fresh),
	};

	return cmocka_run_group_tests_name("lib probe fake", tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * What a case is made of: the case under judgement, the expectations that end
 * it when they do not hold, and the catalogue of all cases.
 *
 * A case is a cmocka test function. It runs in a process of its own; its state
 * is a struct run. It acts, releases what it made, and judges last: a failed
 * expectation ends the case at once.
 */
#ifndef BPFABI_SUITE_H
#define BPFABI_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpfsys/abi.h>
#include <bpfsys/bpfsys.h>

/* What a case holds the kernel to. */
enum case_kind {
	CASE_CONTRACT, /* success, outputs, semantics: a CASE row */
	CASE_ERRNO,    /* one errno, for one reason: an ERR row */
	CASE_SIZE,     /* struct sizing: generated for every command */
};

typedef void case_fn(void **state);

struct suite_case {
	const struct bpfsys_command *command; /* NULL: of no one command */
	char name[96];			      /* "map_freeze/closed_fd" */
	enum case_kind kind;
	int err;	  /* CASE_ERRNO: the positive errno expected */
	const char *rule; /* what the kernel owes, in a sentence */
	case_fn *fn;	  /* NULL on the host side */
	bool spoils;	  /* leaves the kernel changed: after all others */
};

/* All cases in their order, in *COUNT. Lives as long as the process. */
const struct suite_case *suite_cases(size_t *count);

/* How a case ended. */
enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_ABSENT, /* the kernel lacks the command: asserted EINVAL */
	VERDICT_SKIP,	/* not judged, with the reason */
	VERDICT_KNOWN,	/* a documented deviation of this kernel */
};

/* The state of a running case: what *state of a case function points to. */
struct run {
	const struct suite_case *which;
	enum verdict verdict;
	char expected[256];
	char got[256];
	char call[1024];  /* strace-like, of the judged call */
	char detail[512]; /* the reason of a skip, the reference of a known */
};

/* The errno of the case's row; RET is the judged call's return value. */
void expect_errno(void **state, int ret);

/* Another errno, positive, where the row's does not fit; WHAT names the call
 * in words. */
void expect_error(void **state, const char *what, int err, int ret);

/* Success: RET is 0 or more. */
void expect_ok(void **state, const char *what, int ret);

/* A number that the kernel wrote, or that a call returned. */
void expect_u64(void **state, const char *what, uint64_t want, uint64_t got);

/* A number in a range, both ends included. */
void expect_range(void **state, const char *what, uint64_t low, uint64_t high,
		  uint64_t got);

/* SIZE bytes that the kernel wrote. */
void expect_mem(void **state, const char *what, const void *want,
		const void *got, size_t size);

/* A condition that TEXT states. */
void expect_true(void **state, const char *text, bool holds);

/* Fails the case with what run->expected, run->got and run->call say. */
void fail_case(void **state) __attribute__((noreturn));

/* The case cannot be judged here, for a checked reason. Does not return. */
void skip_case(void **state, const char *format, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* Something that the case needs, and that is not what it judges, failed: the
 * case fails with WHAT and errno of RET (negative). Returns RET when >= 0. */
int need(void **state, const char *what, int ret);

#endif

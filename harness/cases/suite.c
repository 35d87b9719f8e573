// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The expectations: each ends the case with what was expected and got. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <cmocka.h>

#include "call.h"
#include "suite.h"

/* "0", "7", "-EINVAL": what a call returned, for people. */
static void show_ret(char *buf, size_t size, int ret)
{
	const char *name = ret < 0 ? bpfsys_errno_name(-ret) : NULL;

	if (name)
		snprintf(buf, size, "-%s", name);
	else
		snprintf(buf, size, "%d", ret);
}

void fail_case(void **state)
{
	struct run *run = *state;

	run->verdict = VERDICT_FAIL;
	_fail(run->which->name, 0);
	__builtin_unreachable();
}

static void judge_error(void **state, const char *what, int err, int ret)
{
	struct run *run = *state;
	char want[32], got[32];

	if (ret == -err)
		return;
	show_ret(want, sizeof(want), -err);
	show_ret(got, sizeof(got), ret);
	snprintf(run->expected, sizeof(run->expected), "%s%s%s", what,
		 *what ? ": " : "", want);
	snprintf(run->got, sizeof(run->got), "%s", got);
	call_show(ret, run->call, sizeof(run->call));
	fail_case(state);
}

void expect_errno(void **state, int ret)
{
	struct run *run = *state;

	judge_error(state, "", run->which->err, ret);
}

void expect_error(void **state, const char *what, int err, int ret)
{
	judge_error(state, what, err, ret);
}

void expect_ok(void **state, const char *what, int ret)
{
	struct run *run = *state;

	if (ret >= 0)
		return;
	snprintf(run->expected, sizeof(run->expected), "%s: success", what);
	show_ret(run->got, sizeof(run->got), ret);
	call_show(ret, run->call, sizeof(run->call));
	fail_case(state);
}

void expect_u64(void **state, const char *what, uint64_t want, uint64_t got)
{
	expect_range(state, what, want, want, got);
}

void expect_range(void **state, const char *what, uint64_t low, uint64_t high,
		  uint64_t got)
{
	struct run *run = *state;

	if (got >= low && got <= high)
		return;
	if (low == high)
		snprintf(run->expected, sizeof(run->expected), "%s = %llu",
			 what, (unsigned long long)low);
	else
		snprintf(run->expected, sizeof(run->expected),
			 "%s from %llu to %llu", what, (unsigned long long)low,
			 (unsigned long long)high);
	snprintf(run->got, sizeof(run->got), "%llu (0x%llx)",
		 (unsigned long long)got, (unsigned long long)got);
	call_show_last(run->call, sizeof(run->call));
	fail_case(state);
}

void expect_mem(void **state, const char *what, const void *want,
		const void *got, size_t size)
{
	const uint8_t *w = want, *g = got;
	struct run *run = *state;
	size_t at = 0;

	while (at < size && w[at] == g[at])
		at++;
	if (at == size)
		return;
	snprintf(run->expected, sizeof(run->expected), "%s: byte %zu = 0x%02x",
		 what, at, w[at]);
	snprintf(run->got, sizeof(run->got), "0x%02x", g[at]);
	call_show_last(run->call, sizeof(run->call));
	fail_case(state);
}

void expect_true(void **state, const char *text, bool holds)
{
	struct run *run = *state;

	if (holds)
		return;
	snprintf(run->expected, sizeof(run->expected), "%s", text);
	snprintf(run->got, sizeof(run->got), "it does not hold");
	call_show_last(run->call, sizeof(run->call));
	fail_case(state);
}

void skip_case(void **state, const char *format, ...)
{
	struct run *run = *state;
	va_list ap;

	va_start(ap, format);
	vsnprintf(run->detail, sizeof(run->detail), format, ap);
	va_end(ap);
	run->verdict = VERDICT_SKIP;
	_skip(run->which->name, 0);
	__builtin_unreachable();
}

int need(void **state, const char *what, int ret)
{
	struct run *run = *state;

	if (ret >= 0)
		return ret;
	snprintf(run->expected, sizeof(run->expected),
		 "%s (preparation of the case) succeeds", what);
	show_ret(run->got, sizeof(run->got), ret);
	call_show(ret, run->call, sizeof(run->call));
	fail_case(state);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What must hold though the kernel does not complain. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <bpfsys/abi.h>

#include "../make/make.h"
#include "oracle.h"

/* The kernel's own: no errno of user space. */
#define NOT_SUPPORTED 524

/* Of a PROG_TEST_RUN's attr. */
enum { RETVAL_AT = 4, DURATION_AT = 36 };

static bool is_load(const struct seq_call *call)
{
	const struct bpfsys_command *cmd;

	if (call->op > SEQ_BPF_COMMON)
		return false;
	cmd = bpfsys_abi_command(call->cmd);
	return cmd && strcmp(cmd->id, "prog_load") == 0;
}

bool oracle_is_for(const struct seq *seq)
{
	for (unsigned int i = 0; i < seq->n; i++)
		if (is_load(&seq->calls[i]))
			return true;
	return false;
}

/* What a call said, without the number of a descriptor. */
static int verdict(int32_t ret)
{
	return ret < 0 ? ret : 0;
}

/* Trouble of the moment is no verdict. */
static bool is_passing(int said)
{
	return said == -EAGAIN || said == -ENOMEM || said == -EINTR ||
	       said == -ENOSPC || said == -EBUSY;
}

static void __attribute__((format(printf, 4, 5)))
tell(struct find *find, const char *name, const char *expected,
     const char *format, ...)
{
	va_list ap;

	memset(find, 0, sizeof(*find));
	snprintf(find->name, sizeof(find->name), "oracle-%s", name);
	snprintf(find->title, sizeof(find->title), "%s does not hold",
		 expected);
	snprintf(find->expected, sizeof(find->expected), "%s", expected);
	va_start(ap, format);
	vsnprintf(find->got, sizeof(find->got), format, ap);
	va_end(ap);
}

/* What a run of a program gave. */
struct outcome {
	int ret;
	uint32_t retval;
	uint64_t wrote; /* a hash of all but how long it took */
};

static void add_byte(struct outcome *out, const struct exec_bytes *where,
		     uint32_t at, uint8_t byte)
{
	const uint64_t place = (uint64_t)where->in << 32 | at;

	if (where->in == SEQ_IN_ATTR && at >= DURATION_AT &&
	    at < DURATION_AT + 4)
		return;
	if (where->in == SEQ_IN_ATTR && at >= RETVAL_AT && at < RETVAL_AT + 4)
		out->retval |= (uint32_t)byte << (at - RETVAL_AT) * 8;
	out->wrote = (out->wrote ^ place) * 0x100000001b3u;
	out->wrote = (out->wrote ^ byte) * 0x100000001b3u;
}

/* Reads the records of call AT; what the guest says of lengths is doubted. */
static struct outcome outcome_of(const struct fuzzvm_result *res,
				 unsigned int at)
{
	struct outcome out = {verdict(res->page.calls[at].ret), 0, 0};
	struct exec_bytes where;
	uint32_t from = 0, left = res->page.calls[at].written;

	for (unsigned int i = 0; i < at; i++)
		from += res->page.calls[i].written;
	while (left >= sizeof(where)) {
		uint32_t padded;

		memcpy(&where, res->bytes + from, sizeof(where));
		padded = ((uint32_t)where.len + 3) / 4 * 4;
		from += (uint32_t)sizeof(where);
		left -= (uint32_t)sizeof(where);
		if (padded > left)
			break;
		for (uint32_t i = 0; i < where.len; i++)
			add_byte(&out, &where, where.at + i,
				 res->bytes[from + i]);
		from += padded;
		left -= padded;
	}
	return out;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	return a->ret == b->ret && a->retval == b->retval &&
	       a->wrote == b->wrote;
}

static bool compare_runs(const struct outcome *a, const struct outcome *b,
			 const char *name, const char *expected,
			 const char *second, struct find *find)
{
	if (is_passing(a->ret) || is_passing(b->ret) || same(a, b))
		return false;
	tell(find, name, expected,
	     "PROG_TEST_RUN returns %d, retval %#x; %s %d, retval %#x%s",
	     a->ret, a->retval, second, b->ret, b->retval,
	     a->ret == b->ret && a->retval == b->retval
		     ? "; but it writes something else"
		     : "");
	return true;
}

static int said(const struct fuzzvm_result *res, unsigned int call)
{
	return verdict(res->page.calls[call].ret);
}

bool oracle_twin(const struct seq *seq, const struct fuzzvm_result *res,
		 struct find *find)
{
	struct make_twin twin;
	struct outcome runs[3];
	int a, b;

	if (!make_is_twin(seq, &twin) || res->page.n_calls <= twin.runs[2])
		return false;
	for (unsigned int i = 0; i < 3; i++) {
		if (said(res, twin.puts[i]))
			return false;
		runs[i] = outcome_of(res, twin.runs[i]);
	}
	if (said(res, twin.loads[0]) == 0 &&
	    compare_runs(&runs[0], &runs[1], "result-twice",
			 "a program gives the same result twice", "then", find))
		return true;
	a = said(res, twin.loads[0]);
	b = said(res, twin.loads[1]);
	/* Whether it was switched off is the kernel's choice. */
	if (b == -NOT_SUPPORTED || said(res, twin.jit_off) || is_passing(a) ||
	    is_passing(b))
		return false;
	if (a != b) {
		tell(find, "jit-verdict",
		     "PROG_LOAD says the same with and without the JIT",
		     "%d with the JIT, %d without", a, b);
		return true;
	}
	return a == 0 &&
	       compare_runs(&runs[0], &runs[2], "jit-result",
			    "the JIT and the interpreter give the same result",
			    "by the interpreter", find);
}

/* Two runs' verdicts on all programs. */
static bool look_twice(struct fuzzvm *vm, const struct seq *seq,
		       const uint8_t *input, size_t len,
		       struct fuzzvm_result *res, struct find *find)
{
	int first[SEQ_CALLS];
	unsigned int n =
		res->page.n_calls < seq->n ? res->page.n_calls : seq->n;

	for (unsigned int i = 0; i < n; i++)
		first[i] = said(res, i);
	if (fuzzvm_run(vm, input, len, EXEC_FRESH, 1, res) != FUZZVM_RAN)
		return false;
	for (unsigned int i = 0; i < n && i < res->page.n_calls; i++) {
		const int second = said(res, i);

		if (!is_load(&seq->calls[i]) || first[i] == second ||
		    is_passing(first[i]) || is_passing(second))
			continue;
		tell(find, "verdict-twice",
		     "PROG_LOAD says the same of the same program",
		     "call %u: %d, then %d", i, first[i], second);
		return true;
	}
	return false;
}

bool oracle_look(struct fuzzvm *vm, const uint8_t *input, size_t len,
		 struct fuzzvm_result *res, struct find *find)
{
	static struct seq seq;

	if (seq_decode(&seq, input, len) < 0)
		return false;
	if (fuzzvm_run(vm, input, len, EXEC_FRESH | EXEC_DETAIL, 1, res) !=
	    FUZZVM_RAN)
		return false;
	return oracle_twin(&seq, res, find) ||
	       look_twice(vm, &seq, input, len, res, find);
}

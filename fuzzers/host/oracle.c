// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What must hold though the kernel does not complain. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpfsys/abi.h>

#include "oracle.h"

static bool is_load(const struct seq_call *call)
{
	const struct bpfsys_command *cmd;

	if (call->op > SEQ_BPF_COMMON)
		return false;
	cmd = bpfsys_abi_command(call->cmd);
	return cmd && strcmp(cmd->id, "prog_load") == 0;
}

bool oracle_is_for(const uint8_t *input, size_t len)
{
	static struct seq seq;

	if (seq_decode(&seq, input, len) < 0)
		return false;
	for (unsigned int i = 0; i < seq.n; i++)
		if (is_load(&seq.calls[i]))
			return true;
	return false;
}

/* What a call said, without the number of a descriptor. */
static int verdict(int32_t ret)
{
	return ret < 0 ? ret : 0;
}

/* Trouble of the moment is no verdict. */
static bool is_passing(int verdict)
{
	return verdict == -EAGAIN || verdict == -ENOMEM || verdict == -EINTR ||
	       verdict == -ENOSPC || verdict == -EBUSY;
}

static void tell(struct find *find, unsigned int call, int first, int second)
{
	memset(find, 0, sizeof(*find));
	snprintf(find->name, sizeof(find->name), "oracle-verdict-twice");
	snprintf(find->title, sizeof(find->title),
		 "the verifier says different things of one program");
	snprintf(find->expected, sizeof(find->expected),
		 "call %u, PROG_LOAD, returns the same each time", call);
	snprintf(find->got, sizeof(find->got), "%d, then %d", first, second);
}

bool oracle_look(struct fuzzvm *vm, const uint8_t *input, size_t len,
		 struct fuzzvm_result *res, struct find *find)
{
	static struct seq seq;
	int first[SEQ_CALLS];
	unsigned int n;

	if (seq_decode(&seq, input, len) < 0 ||
	    fuzzvm_run(vm, input, len, EXEC_FRESH, 1, res) != FUZZVM_RAN)
		return false;
	n = res->page.n_calls < seq.n ? res->page.n_calls : seq.n;
	for (unsigned int i = 0; i < n; i++)
		first[i] = verdict(res->page.calls[i].ret);
	if (fuzzvm_run(vm, input, len, EXEC_FRESH, 1, res) != FUZZVM_RAN)
		return false;
	for (unsigned int i = 0; i < n && i < res->page.n_calls; i++) {
		const int second = verdict(res->page.calls[i].ret);

		if (!is_load(&seq.calls[i]) || first[i] == second ||
		    is_passing(first[i]) || is_passing(second))
			continue;
		tell(find, i, first[i], second);
		return true;
	}
	return false;
}

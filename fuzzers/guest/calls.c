// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Makes the calls of a sequence, one after the other. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpfsys/bpfsys.h>

#include "../kinds.h"
#include "executor.h"

static bool is_arena(const struct seq_call *call, const struct laid *laid)
{
	uint32_t type;

	if (call->cmd != BPFSYS_MAP_CREATE ||
	    laid->len[SLOT_ATTR] < sizeof(type) ||
	    laid->place[SLOT_ATTR] == SEQ_UNMAPPED)
		return false;
	memcpy(&type, laid->at[SLOT_ATTR], sizeof(type));
	return type == ABI_BPF_MAP_TYPE_ARENA;
}

static int call_bpf(const struct seq *seq, unsigned int i, uint32_t flags)
{
	const struct seq_call *call = &seq->calls[i];
	struct laid laid;
	int ret;

	lay_call(seq, i, &laid);
	if (flags & EXEC_DETAIL)
		detail_before(&laid);
	cover_begin();
	if (no_arenas && is_arena(call, &laid))
		ret = -EOPNOTSUPP;
	else if (call->op == SEQ_BPF)
		ret = bpfsys(call->cmd, laid.at[SLOT_ATTR], call->size);
	else
		ret = bpfsys_common(call->cmd, laid.at[SLOT_ATTR], call->size,
				    (void *)laid.at[SLOT_COMMON],
				    call->common_size);
	cover_end();
	results->ret[i] = ret;
	if (flags & EXEC_DETAIL)
		detail_after(i, &laid);
	if (laid.len[SLOT_ATTR])
		memcpy(results->attr[i], laid.at[SLOT_ATTR],
		       laid.len[SLOT_ATTR] < SEQ_ATTR ? laid.len[SLOT_ATTR]
						      : SEQ_ATTR);
	undo_note(seq, i, &laid);
	lay_release(&laid);
	return ret;
}

/* A child goes on; 0, or why there is none. */
static int hand_on(const struct seq *seq, unsigned int next, uint32_t flags)
{
	pid_t child;
	int status;

	cover_leave();
	child = fork();
	if (child == 0) {
		cover_enter();
		calls_run(seq, next, flags);
		undo_child(seq);
		_exit(0);
	}
	if (child < 0) {
		cover_enter();
		return -errno;
	}
	/* Calls that last are interrupted, not this. */
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	cover_enter();
	return 0;
}

void calls_run(const struct seq *seq, unsigned int from, uint32_t flags)
{
	for (unsigned int i = from; i < seq->n; i++) {
		const struct seq_call *call = &seq->calls[i];
		int ret;

		memset(results->attr[i], 0, SEQ_ATTR);
		if (call->op == SEQ_FORK) {
			page->calls[i].ret = 0;
			page->n_calls = i + 1;
			ret = hand_on(seq, i + 1, flags);
			page->calls[i].ret = ret;
			return;
		}
		if (call->op == SEQ_BPF || call->op == SEQ_BPF_COMMON)
			ret = call_bpf(seq, i, flags);
		else
			ret = op_run(seq, i);
		results->ret[i] = ret;
		results->made[i] = true;
		page->calls[i].ret = ret;
		page->n_calls = i + 1;
	}
}

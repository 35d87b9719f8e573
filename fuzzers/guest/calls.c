// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Makes the calls of a sequence, one after the other. */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpfsys/bpfsys.h>

#include "../kinds.h"
#include "executor.h"

/* Zeroing more, and its shadow, takes longer than an input may; far more there
 * is not, which the kernel says at once. */
#define DEAR_FROM (64ULL << 20)
#define DEAR_TO	  (4ULL << 30)

/* The errno of a map that is not asked for, or 0. */
static int refused(const struct seq_call *call, const struct laid *laid)
{
	struct bpfsys_map_create_attr attr;
	uint64_t size;

	if (call->cmd != BPFSYS_MAP_CREATE || !laid->len[SLOT_ATTR] ||
	    laid->place[SLOT_ATTR] == SEQ_UNMAPPED)
		return 0;
	memset(&attr, 0, sizeof(attr));
	memcpy(&attr, laid->at[SLOT_ATTR],
	       laid->len[SLOT_ATTR] < sizeof(attr) ? laid->len[SLOT_ATTR]
						   : sizeof(attr));
	if (attr.map_type == ABI_BPF_MAP_TYPE_ARENA)
		return -EOPNOTSUPP;
	size = ((uint64_t)attr.key_size + attr.value_size) * attr.max_entries;
	return size >= DEAR_FROM && size < DEAR_TO ? -ENOMEM : 0;
}

static int ask(const struct seq_call *call, const struct laid *laid)
{
	const int ret = has_kasan ? refused(call, laid) : 0;

	if (ret)
		return ret;
	if (call->op == SEQ_BPF)
		return bpfsys(call->cmd, laid->at[SLOT_ATTR], call->size);
	return bpfsys_common(call->cmd, laid->at[SLOT_ATTR], call->size,
			     (void *)laid->at[SLOT_COMMON], call->common_size);
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
	ret = ask(call, &laid);
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

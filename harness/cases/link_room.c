// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_CREATE and BPF_RAW_TRACEPOINT_OPEN where there is no descriptor for
 * the link: every family takes back what it has done, and the hook is free. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "links.h"

static void judge_no_room(void **state, hook_fn *make)
{
	struct hook hook;
	int ret, fd;

	make(&hook, state);
	take_descriptors(state);
	ret = bpfsys_link_create(&hook.attr);
	give_descriptors(state);
	close_if_fd(ret);
	fd = bpfsys_link_create(&hook.attr);
	close_if_fd(fd);
	hook_drop(&hook);
	expect_errno(state, ret);
	expect_ok(state, "BPF_LINK_CREATE with room for a descriptor", fd);
}

void link_create__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}

void raw_tracepoint_open__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}

void link_create__no_file(void **state)
{
	judge_no_file(state);
}

void raw_tracepoint_open__no_file(void **state)
{
	judge_no_file(state);
}

void link_create__xdp_no_descriptor(void **state)
{
	judge_no_room(state, hook_xdp);
}

void link_create__tcx_no_descriptor(void **state)
{
	judge_no_room(state, hook_tcx);
}

void link_create__netns_no_descriptor(void **state)
{
	judge_no_room(state, hook_netns);
}

void link_create__sockmap_no_descriptor(void **state)
{
	judge_no_room(state, hook_sockmap);
}

void link_create__netfilter_no_descriptor(void **state)
{
	judge_no_room(state, hook_netfilter);
}

void link_create__fentry_no_descriptor(void **state)
{
	judge_no_room(state, hook_fentry);
}

void link_create__iter_no_descriptor(void **state)
{
	judge_no_room(state, hook_iter);
}

void link_create__event_no_descriptor(void **state)
{
	judge_no_room(state, hook_perf_event);
}

void link_create__kprobes_no_descriptor(void **state)
{
	judge_no_room(state, hook_kprobe_multi);
}

void link_create__uprobes_no_descriptor(void **state)
{
	judge_no_room(state, hook_uprobe_multi);
}

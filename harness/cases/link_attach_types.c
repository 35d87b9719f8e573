// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_CREATE of programs at hooks that are not theirs. */
#include "catalogue.h"
#include "kernel.h"
#include "links.h"

static void to_device(struct hook *hook)
{
	hook->attr.attach_type = BPF_XDP;
}

void link_create__tcx_attach_type(void **state)
{
	judge_link(state, hook_tcx, to_device);
}

void link_create__netfilter_attach_type(void **state)
{
	judge_link(state, hook_netfilter, to_device);
}

void link_create__event_attach_type(void **state)
{
	judge_link(state, hook_perf_event, to_device);
}

static void to_event(struct hook *hook)
{
	hook->attr.attach_type = 41; /* BPF_PERF_EVENT */
}

/* Up to 6.5 a program for many probes got as far as the perf event:
 * 3505cb9fa26c of 6.6, which came with those for many places. */
void link_create__kprobes_attach_type(void **state)
{
	judge_link(state, hook_kprobe_multi, to_device);
	if (kernel_has_enumerator("bpf_attach_type", "BPF_TRACE_UPROBE_MULTI"))
		judge_link(state, hook_kprobe_multi, to_event);
}

void link_create__uprobes_attach_type(void **state)
{
	judge_link(state, hook_uprobe_multi, to_device);
	judge_link(state, hook_uprobe_multi, to_event);
}

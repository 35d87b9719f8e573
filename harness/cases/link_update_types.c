// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_LINK_UPDATE to a program that would run where it was not verified to:
 * each family of links looks for itself whether the new program fits. */
#include <errno.h>
#include <unistd.h>

#include "catalogue.h"
#include "links.h"

/* What the link holds stays behind a refused update. OTHER_FD is closed. */
static void refuse(void **state, struct hook *hook, int link_fd, int other_fd)
{
	int ret = link_update_to(link_fd, other_fd);
	uint32_t id = link_prog_id(state, link_fd);

	close(other_fd);
	expect_error(state, "BPF_LINK_UPDATE", EINVAL, ret);
	expect_u64(state, "info: prog_id behind it",
		   id_of_prog(state, hook->prog_fd), id);
}

static int begin(struct hook *hook, hook_fn *make, void **state)
{
	make(hook, state);
	return need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook->attr));
}

static int make_filter(void **state)
{
	return make_trivial_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0, 0);
}

static int make_tracing(void **state, uint32_t attach_type, const char *func)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 0), EXIT()};

	return make_btf_prog(state, BPF_PROG_TYPE_TRACING, attach_type,
			     need_func_id(state, func), insns, COUNT_OF(insns));
}

/* Another type, another attach type of the type, another iterator. */
void link_update__iter_other_prog(void **state)
{
	struct hook hook;
	int fd = begin(&hook, hook_iter, state);

	refuse(state, &hook, fd, make_filter(state));
	refuse(state, &hook, fd,
	       make_tracing(state, BPF_TRACE_FENTRY, "bpf_fentry_test1"));
	refuse(state, &hook, fd,
	       make_tracing(state, BPF_TRACE_ITER, "bpf_iter_task"));
	close(fd);
	hook_drop(&hook);
}

/* The two hooks of a namespace, each with a program of the other one. */
void link_update__netns_other_prog(void **state)
{
	struct hook dissector, lookup;
	int dissector_fd = begin(&dissector, hook_netns, state);
	int lookup_fd = begin(&lookup, hook_sk_lookup, state);

	refuse(state, &dissector, dissector_fd,
	       make_trivial_prog(state, BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP,
				 SK_PASS));
	refuse(state, &lookup, lookup_fd,
	       make_trivial_prog(state, BPF_PROG_TYPE_FLOW_DISSECTOR,
				 BPF_FLOW_DISSECTOR, 0));
	close(dissector_fd);
	close(lookup_fd);
	hook_drop(&dissector);
	hook_drop(&lookup);
}

void link_update__xdp_other_prog(void **state)
{
	struct hook hook;
	int fd = begin(&hook, hook_xdp, state);

	refuse(state, &hook, fd, make_filter(state));
	refuse(state, &hook, fd,
	       make_trivial_prog(state, BPF_PROG_TYPE_XDP, BPF_XDP_DEVMAP,
				 XDP_PASS));
	close(fd);
	hook_drop(&hook);
}

void link_update__tcx_other_prog(void **state)
{
	struct hook hook;
	int fd = begin(&hook, hook_tcx, state);

	refuse(state, &hook, fd, make_filter(state));
	close(fd);
	hook_drop(&hook);
}

void link_update__sockmap_other_prog(void **state)
{
	struct hook hook;
	int fd = begin(&hook, hook_sockmap, state);

	refuse(state, &hook, fd, make_filter(state));
	refuse(state, &hook, fd,
	       make_trivial_prog(state, BPF_PROG_TYPE_SK_SKB,
				 BPF_SK_SKB_STREAM_PARSER, 0));
	close(fd);
	hook_drop(&hook);
}

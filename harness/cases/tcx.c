// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Programs at the loopback device's BPF_TCX_EGRESS. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"
#include "tcx.h"

#define TCX_NEXT (-1)

void tcx_make(struct tcx *tcx, void **state)
{
	if (!kernel_offers(state, "bpf_attr.link_create.tcx.expected_revision",
			   BPFSYS_KV(6, 6))) {
		struct bpfsys_prog_query_attr attr;

		memset(&attr, 0, sizeof(attr));
		attr.attach_type = BPFABI_TCX_EGRESS;
		expect_error(state, "BPF_PROG_QUERY of BPF_TCX_EGRESS", EINVAL,
			     bpfsys_prog_query(&attr));
		skip_case(state, "bpf_attr has no link_create.tcx, and "
				 "BPF_TCX_EGRESS is EINVAL");
	}
	tcx->state = state;
	tcx->link_fd = -1;
	for (int i = 0; i < 3; i++) {
		tcx->progs[i] = make_verdict_prog(
			state, BPF_PROG_TYPE_SCHED_CLS, TCX_NEXT);
		tcx->ids[i] = id_of_prog(state, tcx->progs[i]);
	}
}

void tcx_fill(const struct tcx *tcx, struct bpfsys_prog_attach_attr *attr,
	      int which)
{
	memset(attr, 0, sizeof(*attr));
	attr->target_ifindex = TCX_DEVICE;
	attr->attach_bpf_fd = (uint32_t)tcx->progs[which];
	attr->attach_type = BPFABI_TCX_EGRESS;
}

void tcx_drop(struct tcx *tcx)
{
	struct bpfsys_prog_attach_attr attr;

	close_if_fd(tcx->link_fd);
	for (int i = 0; i < 3; i++) {
		tcx_fill(tcx, &attr, i);
		bpfsys_prog_detach(&attr);
		close(tcx->progs[i]);
	}
}

int tcx_attach(const struct tcx *tcx, int which)
{
	struct bpfsys_prog_attach_attr attr;

	tcx_fill(tcx, &attr, which);
	return bpfsys_prog_attach(&attr);
}

void tcx_fill_link(const struct tcx *tcx, struct bpfsys_link_create_attr *attr,
		   int which)
{
	memset(attr, 0, sizeof(*attr));
	attr->prog_fd = (uint32_t)tcx->progs[which];
	attr->target_ifindex = TCX_DEVICE;
	attr->attach_type = BPFABI_TCX_EGRESS;
}

int tcx_query(struct tcx_list *list, uint32_t room)
{
	struct bpfsys_prog_query_attr attr;
	int ret;

	memset(list, 0x7f, sizeof(*list));
	memset(&attr, 0, sizeof(attr));
	attr.target_ifindex = TCX_DEVICE;
	attr.attach_type = BPFABI_TCX_EGRESS;
	attr.count = room;
	attr.prog_ids = bpfsys_ptr(list->prog_ids);
	attr.link_ids = bpfsys_ptr(list->link_ids);
	attr.prog_attach_flags = bpfsys_ptr(list->prog_flags);
	attr.link_attach_flags = bpfsys_ptr(list->link_flags);
	ret = bpfsys_prog_query(&attr);
	list->count = attr.count;
	list->revision = attr.revision;
	return ret;
}

void tcx_expect(struct tcx *tcx, const char *what, const char *order,
		const struct tcx_list *list)
{
	expect_u64(tcx->state, what, strlen(order), list->count);
	for (size_t i = 0; order[i]; i++)
		expect_u64(tcx->state, what, tcx->ids[order[i] - '0'],
			   list->prog_ids[i]);
}

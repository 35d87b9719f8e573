// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_ATTACH, _DETACH and _QUERY at a network device. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "tcx.h"

/* Fills in, breaks, calls, releases, judges. Program 0 hangs at the hook. */
typedef void change_fn(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr);

static void judge(void **state, int which, bool detach, change_fn *change)
{
	struct bpfsys_prog_attach_attr attr;
	struct tcx tcx;
	int ret;

	tcx_make(&tcx, state);
	need(state, "BPF_PROG_ATTACH of the first program",
	     tcx_attach(&tcx, 0));
	tcx_fill(&tcx, &attr, which);
	change(&tcx, &attr);
	ret = detach ? bpfsys_prog_detach(&attr) : bpfsys_prog_attach(&attr);
	tcx_drop(&tcx);
	expect_errno(state, ret);
}

static void no_device(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	(void)tcx;
	attr->target_ifindex = INT32_MAX;
}

void prog_attach__no_such_device(void **state)
{
	judge(state, 1, false, no_device);
}

void prog_detach__no_such_device(void **state)
{
	judge(state, 0, true, no_device);
}

static void no_change(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	(void)tcx;
	(void)attr;
}

void prog_attach__at_device_already(void **state)
{
	judge(state, 0, false, no_change);
}

void prog_detach__not_at_device(void **state)
{
	judge(state, 1, true, no_change);
}

static void old_revision(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	(void)tcx;
	attr->expected_revision = 99;
}

void prog_attach__device_revision(void **state)
{
	judge(state, 1, false, old_revision);
}

void prog_detach__device_revision(void **state)
{
	judge(state, 0, true, old_revision);
}

static void multi(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	(void)tcx;
	attr->attach_flags = BPF_F_ALLOW_MULTI;
}

/* Beside a place that is right nothing else is wrong with it. */
static void multi_before(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	(void)tcx;
	attr->attach_flags = BPF_F_ALLOW_MULTI | BPFABI_F_BEFORE;
}

void prog_attach__flag_of_cgroups(void **state)
{
	judge(state, 1, false, multi);
	judge(state, 1, false, multi_before);
}

void prog_detach__flag_of_cgroups(void **state)
{
	judge(state, 0, true, multi);
	judge(state, 0, true, multi_before);
}

static void replace(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	(void)tcx;
	attr->attach_flags = BPF_F_REPLACE;
}

void prog_detach__with_replace(void **state)
{
	judge(state, 0, true, replace);
}

static void before_other(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	attr->attach_flags = BPFABI_F_BEFORE;
	attr->relative_fd = (uint32_t)tcx->progs[2];
}

void prog_attach__anchor_not_there(void **state)
{
	judge(state, 1, false, before_other);
}

static void before_closed(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	(void)tcx;
	attr->attach_flags = BPFABI_F_BEFORE;
	attr->relative_fd = CLOSED_FD;
}

void prog_attach__anchor_closed(void **state)
{
	judge(state, 1, false, before_closed);
}

static void before_id(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	(void)tcx;
	attr->attach_flags = BPFABI_F_BEFORE | BPFABI_F_ID;
	attr->relative_id = INT32_MAX;
}

void prog_attach__anchor_unknown_id(void **state)
{
	judge(state, 1, false, before_id);
}

static void anchor_alone(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	attr->relative_fd = (uint32_t)tcx->progs[0];
}

void prog_attach__anchor_without_side(void **state)
{
	judge(state, 1, false, anchor_alone);
}

static void both_sides(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	attr->attach_flags = BPFABI_F_BEFORE | BPFABI_F_AFTER;
	attr->relative_fd = (uint32_t)tcx->progs[0];
}

void prog_attach__before_and_after(void **state)
{
	judge(state, 1, false, both_sides);
}

static void replace_other(struct tcx *tcx, struct bpfsys_prog_attach_attr *attr)
{
	attr->attach_flags = BPF_F_REPLACE;
	attr->replace_bpf_fd = (uint32_t)tcx->progs[2];
}

void prog_attach__replaced_not_at_device(void **state)
{
	judge(state, 1, false, replace_other);
}

static void replace_closed(struct tcx *tcx,
			   struct bpfsys_prog_attach_attr *attr)
{
	(void)tcx;
	attr->attach_flags = BPF_F_REPLACE;
	attr->replace_bpf_fd = CLOSED_FD;
}

void prog_attach__replaced_closed(void **state)
{
	judge(state, 1, false, replace_closed);
}

/* A link's program is not replaced but by its link. */
void prog_attach__replaced_is_links(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct bpfsys_link_create_attr link;
	struct tcx tcx;
	int ret;

	tcx_make(&tcx, state);
	tcx_fill_link(&tcx, &link, 0);
	tcx.link_fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&link));
	tcx_fill(&tcx, &attr, 1);
	attr.attach_flags = BPF_F_REPLACE;
	attr.replace_bpf_fd = (uint32_t)tcx.progs[0];
	ret = bpfsys_prog_attach(&attr);
	tcx_drop(&tcx);
	expect_errno(state, ret);
}

/* The program of a link, named or as the last that there is. */
static void detach_of_link(void **state, bool named)
{
	struct bpfsys_prog_attach_attr attr;
	struct bpfsys_link_create_attr link;
	struct tcx tcx;
	int ret;

	tcx_make(&tcx, state);
	tcx_fill_link(&tcx, &link, 0);
	tcx.link_fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&link));
	tcx_fill(&tcx, &attr, 0);
	if (!named)
		attr.attach_bpf_fd = 0;
	ret = bpfsys_prog_detach(&attr);
	tcx_drop(&tcx);
	expect_errno(state, ret);
}

void prog_detach__is_links(void **state)
{
	detach_of_link(state, true);
}

void prog_detach__last_is_links(void **state)
{
	detach_of_link(state, false);
}

#define MAX_PROGS 64

/* BPF_MPROG_MAX is 64, of which one slot ends the list. */
void prog_attach__too_many_at_device(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	int fds[MAX_PROGS], ret = 0, n = 0;
	struct tcx tcx;

	tcx_make(&tcx, state);
	while (n < MAX_PROGS && ret == 0) {
		fds[n] = make_verdict_prog(state, BPF_PROG_TYPE_SCHED_CLS, -1);
		tcx_fill(&tcx, &attr, 0);
		attr.attach_bpf_fd = (uint32_t)fds[n++];
		ret = bpfsys_prog_attach(&attr);
	}
	for (int i = 0; i < n; i++) {
		attr.attach_bpf_fd = (uint32_t)fds[i];
		bpfsys_prog_detach(&attr);
		close(fds[i]);
	}
	tcx_drop(&tcx);
	expect_u64(state, "number of the program that is refused", MAX_PROGS,
		   (uint64_t)n);
	expect_errno(state, ret);
}

static void place(struct tcx *tcx, int which, uint32_t flags, uint32_t relative)
{
	struct bpfsys_prog_attach_attr attr;

	tcx_fill(tcx, &attr, which);
	attr.attach_flags = flags;
	attr.relative_fd = relative;
	expect_ok(tcx->state, "BPF_PROG_ATTACH", bpfsys_prog_attach(&attr));
}

static void expect_order(struct tcx *tcx, const char *what, const char *order)
{
	struct tcx_list list;

	expect_ok(tcx->state, "BPF_PROG_QUERY", tcx_query(&list, 4));
	tcx_expect(tcx, what, order, &list);
}

static void take(struct tcx *tcx, int which)
{
	struct bpfsys_prog_attach_attr attr;

	tcx_fill(tcx, &attr, which);
	expect_ok(tcx->state, "BPF_PROG_DETACH", bpfsys_prog_detach(&attr));
}

/* Last, first, before one, after one: by descriptor and by id. */
void prog_attach__positions(void **state)
{
	struct tcx tcx;

	tcx_make(&tcx, state);
	place(&tcx, 0, 0, 0);
	place(&tcx, 1, 0, 0);
	expect_order(&tcx, "without a position, last", "01");
	place(&tcx, 2, BPFABI_F_BEFORE, 0);
	expect_order(&tcx, "BPF_F_BEFORE alone, first", "201");
	take(&tcx, 2);
	place(&tcx, 2, BPFABI_F_AFTER, 0);
	expect_order(&tcx, "BPF_F_AFTER alone, last", "012");
	take(&tcx, 2);
	place(&tcx, 2, BPFABI_F_BEFORE, (uint32_t)tcx.progs[1]);
	expect_order(&tcx, "before the second", "021");
	take(&tcx, 2);
	place(&tcx, 2, BPFABI_F_AFTER, (uint32_t)tcx.progs[0]);
	expect_order(&tcx, "after the first", "021");
	take(&tcx, 2);
	place(&tcx, 2, BPFABI_F_AFTER | BPFABI_F_ID, tcx.ids[1]);
	expect_order(&tcx, "after the second, by its id", "012");
	tcx_drop(&tcx);
}

/* BPF_F_REPLACE keeps the place. */
void prog_attach__replace_at_device(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct tcx tcx;

	tcx_make(&tcx, state);
	place(&tcx, 0, 0, 0);
	place(&tcx, 1, 0, 0);
	tcx_fill(&tcx, &attr, 2);
	attr.attach_flags = BPF_F_REPLACE;
	attr.replace_bpf_fd = (uint32_t)tcx.progs[0];
	expect_ok(state, "BPF_F_REPLACE", bpfsys_prog_attach(&attr));
	expect_order(&tcx, "the new one in the old one's place", "21");
	tcx_drop(&tcx);
}

/* A revision counts what changes, from 1. */
void prog_attach__revisions(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct tcx_list list;
	struct tcx tcx;

	tcx_make(&tcx, state);
	expect_ok(state, "BPF_PROG_QUERY", tcx_query(&list, 4));
	expect_u64(state, "revision of an empty hook", 1, list.revision);
	tcx_fill(&tcx, &attr, 0);
	attr.expected_revision = 1;
	expect_ok(state, "attach to revision 1", bpfsys_prog_attach(&attr));
	expect_ok(state, "BPF_PROG_QUERY", tcx_query(&list, 4));
	expect_u64(state, "revision behind one attach", 2, list.revision);
	place(&tcx, 1, 0, 0);
	tcx_fill(&tcx, &attr, 0);
	attr.expected_revision = 3;
	expect_ok(state, "detach from revision 3", bpfsys_prog_detach(&attr));
	expect_ok(state, "BPF_PROG_QUERY", tcx_query(&list, 4));
	expect_u64(state, "revision behind a detach", 4, list.revision);
	tcx_drop(&tcx);
}

/* Without a program, the last one goes; or the first one. */
void prog_detach__last_of_device(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct tcx tcx;

	tcx_make(&tcx, state);
	place(&tcx, 0, 0, 0);
	place(&tcx, 1, 0, 0);
	place(&tcx, 2, 0, 0);
	tcx_fill(&tcx, &attr, 0);
	attr.attach_bpf_fd = 0;
	expect_ok(state, "detach of the last", bpfsys_prog_detach(&attr));
	expect_order(&tcx, "without the last", "01");
	attr.attach_flags = BPFABI_F_BEFORE;
	expect_ok(state, "detach of the first", bpfsys_prog_detach(&attr));
	expect_order(&tcx, "without the first", "1");
	tcx_drop(&tcx);
}

void prog_detach__device_without_cap(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct tcx tcx;
	int ret;

	tcx_make(&tcx, state);
	need(state, "BPF_PROG_ATTACH", tcx_attach(&tcx, 0));
	tcx_fill(&tcx, &attr, 0);
	attr.attach_bpf_fd = 0;
	drop_caps(state, CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_SYS_ADMIN));
	ret = bpfsys_prog_detach(&attr);
	regain_caps(state);
	tcx_drop(&tcx);
	expect_errno(state, ret);
}

/* Query */

void prog_query__no_such_device(void **state)
{
	struct bpfsys_prog_query_attr attr;
	struct tcx tcx;
	int ret;

	tcx_make(&tcx, state);
	memset(&attr, 0, sizeof(attr));
	attr.target_ifindex = INT32_MAX;
	attr.attach_type = BPFABI_TCX_EGRESS;
	ret = bpfsys_prog_query(&attr);
	tcx_drop(&tcx);
	expect_errno(state, ret);
}

void prog_query__device_flags(void **state)
{
	struct bpfsys_prog_query_attr attr;
	struct tcx tcx;
	int effective, ret;

	tcx_make(&tcx, state);
	memset(&attr, 0, sizeof(attr));
	attr.target_ifindex = TCX_DEVICE;
	attr.attach_type = BPFABI_TCX_EGRESS;
	attr.query_flags = BPF_F_QUERY_EFFECTIVE;
	effective = bpfsys_prog_query(&attr);
	attr.query_flags = 0;
	attr.attach_flags = 1;
	ret = bpfsys_prog_query(&attr);
	tcx_drop(&tcx);
	expect_errno(state, effective);
	expect_errno(state, ret);
}

void prog_query__too_many_at_device(void **state)
{
	struct tcx_list list;
	struct tcx tcx;
	int ret;

	tcx_make(&tcx, state);
	place(&tcx, 0, 0, 0);
	place(&tcx, 1, 0, 0);
	ret = tcx_query(&list, 1);
	tcx_drop(&tcx);
	expect_errno(state, ret);
	expect_u64(state, "count", 2, list.count);
	expect_u64(state, "prog_ids[0]", tcx.ids[0], list.prog_ids[0]);
	expect_u64(state, "prog_ids[1]", 0x7f7f7f7f, list.prog_ids[1]);
	expect_u64(state, "link_ids[1]", 0x7f7f7f7f, list.link_ids[1]);
}

/* Programs, and their links where they have one, side by side. */
void prog_query__device(void **state)
{
	struct bpfsys_link_create_attr link;
	struct tcx_list list;
	struct tcx tcx;
	uint32_t link_id;

	tcx_make(&tcx, state);
	place(&tcx, 0, 0, 0);
	tcx_fill_link(&tcx, &link, 1);
	tcx.link_fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&link));
	link_id = id_of_link(state, tcx.link_fd);
	expect_ok(state, "BPF_PROG_QUERY", tcx_query(&list, 2));
	tcx_drop(&tcx);
	tcx_expect(&tcx, "programs at the device", "01", &list);
	expect_u64(state, "link_ids[0] of a program without a link", 0,
		   list.link_ids[0]);
	expect_u64(state, "link_ids[1]", link_id, list.link_ids[1]);
	expect_u64(state, "link_ids[2]", 0x7f7f7f7f, list.link_ids[2]);
	expect_u64(state, "prog_attach_flags[0]", 0, list.prog_flags[0]);
	expect_u64(state, "link_attach_flags[1]", 0, list.link_flags[1]);
	expect_u64(state, "link_attach_flags[2]", 0x7f7f7f7f,
		   list.link_flags[2]);
	expect_u64(state, "revision", 3, list.revision);
}

void prog_query__device_unwritable(void **state)
{
	struct bpfsys_prog_query_attr attr;
	uint64_t *const arrays[] = {&attr.prog_ids, &attr.prog_attach_flags,
				    &attr.link_ids, &attr.link_attach_flags};
	uint32_t ids[1];
	struct tcx tcx;

	tcx_make(&tcx, state);
	place(&tcx, 0, 0, 0);
	for (size_t i = 0; i < COUNT_OF(arrays); i++) {
		memset(&attr, 0, sizeof(attr));
		attr.target_ifindex = TCX_DEVICE;
		attr.attach_type = BPFABI_TCX_EGRESS;
		attr.count = 1;
		attr.prog_ids = bpfsys_ptr(ids);
		*arrays[i] = 8;
		expect_errno(state, bpfsys_prog_query(&attr));
	}
	tcx_drop(&tcx);
}

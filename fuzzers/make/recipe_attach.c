// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Hooks of cgroups, devices, the network namespace and sockets. */
#include "recipes.h"

static const struct hook {
	uint8_t type, attach_type;
} cgroup_hooks[] = {
	{BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS},
	{BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS},
	{BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE},
	{BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_RELEASE},
	{BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET4_POST_BIND},
	{BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS},
	{BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_CONNECT},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_SENDMSG},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_UDP4_RECVMSG},
	{BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_GETPEERNAME},
	{BPF_PROG_TYPE_CGROUP_SYSCTL, BPF_CGROUP_SYSCTL},
	{BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT},
	{BPF_PROG_TYPE_CGROUP_SOCKOPT, BPF_CGROUP_SETSOCKOPT},
	{BPF_PROG_TYPE_LSM, BPF_LSM_CGROUP},
};

/* PROG_ATTACH to, PROG_DETACH from, PROG_QUERY of what TO says. */
struct place {
	enum seq_given given; /* a descriptor; CLOSED: the device */
	uint8_t attach_type;
};

static void put_place(struct make *m, const struct place *at)
{
	if (at->given == SEQ_GIVEN_CLOSED)
		put(m, "target_ifindex", 1);
	else
		put_given(m, "target_fd", at->given);
	put(m, "attach_type", at->attach_type);
}

static void attach(struct make *m, const struct place *at, unsigned int prog,
		   uint32_t flags)
{
	bpf(m, BPFSYS_PROG_ATTACH);
	put_place(m, at);
	put_fd(m, "attach_bpf_fd", prog);
	put(m, "attach_flags", flags);
}

static void detach(struct make *m, const struct place *at, unsigned int prog)
{
	bpf(m, BPFSYS_PROG_DETACH);
	put_place(m, at);
	if (prog < SEQ_CALLS)
		put_fd(m, "attach_bpf_fd", prog);
}

static void query(struct make *m, const struct place *at)
{
	bpf(m, BPFSYS_PROG_QUERY);
	put_place(m, at);
	if (one_in(m, 4))
		put(m, "query_flags", 1); /* effective */
	if (one_in(m, 4))
		return;
	put(m, "prog_cnt", any(m, 6));
	put_buf(m, "prog_ids", NULL, 0, 32);
	if (one_in(m, 2))
		put_buf(m, "prog_attach_flags", NULL, 0, 32);
	if (at->given == SEQ_GIVEN_CLOSED && one_in(m, 2)) {
		put_buf(m, "link_ids", NULL, 0, 32);
		put_buf(m, "link_attach_flags", NULL, 0, 32);
	}
}

static void any_query(struct make *m, const struct place *at)
{
	if (one_in(m, 2))
		query(m, at);
	if (one_in(m, 2))
		any_event(m);
}

void recipe_attach_cgroup(struct make *m)
{
	static const uint8_t flags[] = {0, BPF_F_ALLOW_OVERRIDE,
					BPF_F_ALLOW_MULTI, BPF_F_ALLOW_MULTI};
	const struct hook *hook = &cgroup_hooks[any(m, COUNT_OF(cgroup_hooks))];
	const struct place at = {SEQ_GIVEN_CGROUP, hook->attach_type};
	unsigned int flag = flags[any(m, COUNT_OF(flags))], one, two;

	one = make_prog(m, hook->type, hook->attach_type);
	two = make_prog(m, hook->type, hook->attach_type);
	attach(m, &at, one, flag);
	any_query(m, &at);
	attach(m, &at, two, flag);
	if (flag == BPF_F_ALLOW_MULTI && one_in(m, 2)) {
		unsigned int three =
			make_prog(m, hook->type, hook->attach_type);

		attach(m, &at, three, BPF_F_ALLOW_MULTI | BPF_F_REPLACE);
		put_fd(m, "replace_bpf_fd", one);
		one = three;
	}
	any_query(m, &at);
	detach(m, &at, two);
	query(m, &at);
	detach(m, &at, one);
}

void recipe_link_cgroup(struct make *m)
{
	const struct hook *hook = &cgroup_hooks[any(m, COUNT_OF(cgroup_hooks))];
	const struct place at = {SEQ_GIVEN_CGROUP, hook->attach_type};
	unsigned int prog = make_prog(m, hook->type, hook->attach_type), other;
	unsigned int link;

	other = make_prog(m, hook->type, hook->attach_type);
	link = link_begin(m, prog, hook->attach_type);
	put_given(m, "target_fd", SEQ_GIVEN_CGROUP);
	any_query(m, &at);
	bpf(m, BPFSYS_LINK_UPDATE);
	put_fd(m, "link_fd", link);
	put_fd(m, "new_prog_fd", other);
	put(m, "flags", BPF_F_REPLACE);
	put_fd(m, "old_prog_fd", prog);
	use_link(m, link, prog);
	any_query(m, &at);
}

void recipe_attach_tcx(struct make *m)
{
	static const uint8_t flags[] = {0, BPF_F_BEFORE, BPF_F_AFTER,
					BPF_F_REPLACE, BPF_F_BEFORE | BPF_F_ID};
	const struct place at = {SEQ_GIVEN_CLOSED, one_in(m, 2)
							   ? BPF_TCX_INGRESS
							   : BPF_TCX_EGRESS};
	unsigned int one = make_prog(m, BPF_PROG_TYPE_SCHED_CLS, 0);
	unsigned int two = make_prog(m, BPF_PROG_TYPE_SCHED_CLS, 0);
	unsigned int flag = flags[any(m, COUNT_OF(flags))];

	attach(m, &at, one, 0);
	query(m, &at);
	attach(m, &at, two, flag);
	if (flag == BPF_F_REPLACE)
		put_fd(m, "replace_bpf_fd", one);
	else if (flag & BPF_F_ID)
		put_id(m, "relative_id", one);
	else if (flag && one_in(m, 2))
		put_fd(m, "relative_fd", one);
	if (one_in(m, 3))
		put(m, "expected_revision", 2);
	op(m, SEQ_RUN, SEQ_RUN_PACKET);
	query(m, &at);
	detach(m, &at, two);
	detach(m, &at, one_in(m, 3) ? SEQ_CALLS : one);
	detach(m, &at, one);
}

void recipe_link_tcx(struct make *m)
{
	const struct place at = {SEQ_GIVEN_CLOSED, one_in(m, 2)
							   ? BPF_TCX_INGRESS
							   : BPF_TCX_EGRESS};
	unsigned int one = make_prog(m, BPF_PROG_TYPE_SCHED_CLS, 0);
	unsigned int two = make_prog(m, BPF_PROG_TYPE_SCHED_CLS, 0), link;
	unsigned int second;

	link = link_begin(m, one, at.attach_type);
	put(m, "target_ifindex", 1);
	second = link_begin(m, two, at.attach_type);
	put(m, "target_ifindex", 1);
	if (one_in(m, 2)) {
		put(m, "flags",
		    (one_in(m, 2) ? BPF_F_BEFORE : BPF_F_AFTER) | BPF_F_LINK);
		put_fd(m, "tcx.relative_fd", link);
	} else if (one_in(m, 2)) {
		put(m, "flags", BPF_F_BEFORE | BPF_F_LINK | BPF_F_ID);
		put_id(m, "tcx.relative_id", link);
	}
	query(m, &at);
	use_link(m, second, two);
	info(m, link, 64);
}

void recipe_link_xdp(struct make *m)
{
	unsigned int prog = make_prog(m, BPF_PROG_TYPE_XDP, BPF_XDP), link;

	link = link_begin(m, prog, BPF_XDP);
	put(m, "target_ifindex", 1);
	put(m, "flags", 2); /* XDP_FLAGS_SKB_MODE: what lo can */
	use_link(m, link, prog);
	op(m, SEQ_RUN, SEQ_RUN_PACKET);
}

void recipe_netns(struct make *m)
{
	const bool flow = one_in(m, 2);
	const unsigned int type =
		flow ? BPF_PROG_TYPE_FLOW_DISSECTOR : BPF_PROG_TYPE_SK_LOOKUP;
	const struct place at = {SEQ_GIVEN_NETNS,
				 flow ? BPF_FLOW_DISSECTOR : BPF_SK_LOOKUP};
	unsigned int prog = make_prog(m, type, at.attach_type), link;

	/* The place of PROG_ATTACH is the caller's own namespace. */
	if (flow && one_in(m, 2)) {
		bpf(m, BPFSYS_PROG_ATTACH);
		put(m, "attach_type", at.attach_type);
		put_fd(m, "attach_bpf_fd", prog);
		query(m, &at);
		bpf(m, BPFSYS_PROG_DETACH);
		put(m, "attach_type", at.attach_type);
		put_fd(m, "attach_bpf_fd", prog);
		return;
	}
	link = link_begin(m, prog, at.attach_type);
	put_given(m, "target_fd", SEQ_GIVEN_NETNS);
	query(m, &at);
	if (one_in(m, 2))
		op(m, SEQ_RUN, SEQ_RUN_TCP);
	use_link(m, link, prog);
	query(m, &at);
}

void recipe_attach_sockmap(struct make *m)
{
	static const struct hook hooks[] = {
		{BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_STREAM_PARSER},
		{BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_STREAM_VERDICT},
		{BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_VERDICT},
		{BPF_PROG_TYPE_SK_MSG, BPF_SK_MSG_VERDICT},
	};
	const struct hook *hook = &hooks[any(m, COUNT_OF(hooks))];
	const struct shape *shape = shape_of(
		one_in(m, 2) ? BPF_MAP_TYPE_SOCKMAP : BPF_MAP_TYPE_SOCKHASH);
	unsigned int map = make_map(m, shape, 0);
	unsigned int prog = make_prog(m, hook->type, hook->attach_type);

	if (one_in(m, 2)) {
		unsigned int link = link_begin(m, prog, hook->attach_type);

		put_fd(m, "target_fd", map);
		elem(m, BPFSYS_MAP_UPDATE_ELEM, map, shape, 0, 0, 0);
		use_link(m, link, prog);
	} else {
		bpf(m, BPFSYS_PROG_ATTACH);
		put_fd(m, "target_fd", map);
		put_fd(m, "attach_bpf_fd", prog);
		put(m, "attach_type", hook->attach_type);
		elem(m, BPFSYS_MAP_UPDATE_ELEM, map, shape, 0, 0, 0);
		bpf(m, BPFSYS_PROG_QUERY);
		put_fd(m, "target_fd", map);
		put(m, "attach_type", hook->attach_type);
		put(m, "prog_cnt", 2);
		put_buf(m, "prog_ids", NULL, 0, 8);
		bpf(m, BPFSYS_PROG_DETACH);
		put_fd(m, "target_fd", map);
		if (one_in(m, 2))
			put_fd(m, "attach_bpf_fd", prog);
		put(m, "attach_type", hook->attach_type);
	}
	elem(m, BPFSYS_MAP_DELETE_ELEM, map, shape, 0, 0, 0);
}

void recipe_link_netfilter(struct make *m)
{
	unsigned int prog =
		make_prog(m, BPF_PROG_TYPE_NETFILTER, BPF_NETFILTER);
	unsigned int link = link_begin(m, prog, BPF_NETFILTER);

	put(m, "netfilter.pf", one_in(m, 2) ? 2 : 10);
	put(m, "netfilter.hooknum", any(m, 5));
	put(m, "netfilter.priority", (uint32_t)any(m, 200) - 100);
	use_link(m, link, prog);
	op(m, SEQ_RUN, SEQ_RUN_PACKET);
}

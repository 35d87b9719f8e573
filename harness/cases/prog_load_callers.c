// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD and capabilities: every type of program, for callers who have
 * some of them. kernel/bpf/syscall.c, bpf_prog_load(), is_net_admin_prog_type()
 * and is_perfmon_prog_type(). */
#include <errno.h>
#include <string.h>

#include "callers.h"
#include "catalogue.h"
#include "kernel.h"
#include "progs.h"
#include "unpriv.h"

#define BPF	CAP_BIT(CAP_BPF)
#define NET	CAP_BIT(CAP_NET_ADMIN)
#define PERFMON CAP_BIT(CAP_PERFMON)
#define SYS	CAP_BIT(CAP_SYS_ADMIN)
#define ALL	0

struct prog_type {
	uint32_t type;
	const char *name;
	uint32_t attach;  /* expected_attach_type */
	uint64_t needs;	  /* capabilities; none where the switch allows */
	int err;	  /* of root, a permission later; 0: it is loaded */
	const char *func; /* kernel function that it is for */
	uint32_t flags;
};

#define TYPE(type, attach, needs, err)                                   \
	{                                                                \
		BPF_PROG_TYPE_##type, #type, attach, needs, err, NULL, 0 \
	}

/* Extensions and struct_ops programs without what they are for end at the
 * check behind those on the caller. */
static const struct prog_type types[] = {
	TYPE(SOCKET_FILTER, 0, ALL, 0),
	TYPE(KPROBE, 0, BPF | PERFMON, 0),
	TYPE(SCHED_CLS, 0, BPF | NET, 0),
	TYPE(SCHED_ACT, 0, BPF | NET, 0),
	TYPE(TRACEPOINT, 0, BPF | PERFMON, 0),
	TYPE(XDP, 0, BPF | NET, 0),
	TYPE(PERF_EVENT, 0, BPF | PERFMON, 0),
	TYPE(CGROUP_SKB, 0, ALL, 0),
	TYPE(CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, BPF | NET, 0),
	TYPE(LWT_IN, 0, BPF | NET, 0),
	TYPE(LWT_OUT, 0, BPF | NET, 0),
	TYPE(LWT_XMIT, 0, BPF | NET, 0),
	TYPE(SOCK_OPS, 0, BPF | NET, 0),
	TYPE(SK_SKB, 0, BPF | NET, 0),
	TYPE(CGROUP_DEVICE, 0, BPF | NET, 0),
	TYPE(SK_MSG, 0, BPF | NET, 0),
	TYPE(RAW_TRACEPOINT, 0, BPF | PERFMON, 0),
	TYPE(CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND, BPF | NET, 0),
	TYPE(LWT_SEG6LOCAL, 0, BPF | NET, 0),
	TYPE(LIRC_MODE2, 0, BPF, 0),
	TYPE(SK_REUSEPORT, BPF_SK_REUSEPORT_SELECT, BPF, 0),
	TYPE(FLOW_DISSECTOR, 0, BPF | NET, 0),
	TYPE(CGROUP_SYSCTL, 0, BPF | NET, 0),
	TYPE(RAW_TRACEPOINT_WRITABLE, 0, BPF | PERFMON, 0),
	TYPE(CGROUP_SOCKOPT, BPF_CGROUP_GETSOCKOPT, BPF | NET, 0),
	{BPF_PROG_TYPE_TRACING, "TRACING", BPF_TRACE_FENTRY, BPF | PERFMON, 0,
	 "bpf_fentry_test1", 0},
	TYPE(STRUCT_OPS, 0, BPF | PERFMON, BPFSYS_ENOTSUPP),
	TYPE(EXT, 0, BPF | PERFMON | NET, EINVAL),
	{BPF_PROG_TYPE_LSM, "LSM", BPF_LSM_MAC, BPF | PERFMON, 0, "bpf_lsm_bpf",
	 0},
	TYPE(SK_LOOKUP, BPF_SK_LOOKUP, BPF, 0),
	{BPF_PROG_TYPE_SYSCALL, "SYSCALL", 0, BPF, 0, NULL, BPF_F_SLEEPABLE},
	{BPFABI_PROG_TYPE_NETFILTER, "NETFILTER", 45 /* BPF_NETFILTER */,
	 BPF | NET, 0, NULL, 0},
};

static const struct bpf_insn return_zero[] = {
	MOV64_IMM(BPF_REG_0, 0),
	EXIT(),
};

/* Before 6.4 infrared decoders were network. */
static uint64_t needs(void **state, const struct prog_type *type)
{
	if (type->type == BPF_PROG_TYPE_LIRC_MODE2 &&
	    !kernel_offers(state, "bpf_attr.log_true_size", BPFSYS_KV(6, 4)))
		return type->needs | NET;
	return type->needs;
}

static int load_as(void **state, const struct prog_type *type, uint64_t caps,
		   bool userns, union argument *attr)
{
	const struct bpfsys_command *cmd = bpfsys_abi_command(BPFSYS_PROG_LOAD);
	int ret, id = type->func ? kernel_func_id(type->func) : 0;

	if (id < 0)
		return -EINVAL;
	fill_prog(&attr->prog_load, type->type, return_zero,
		  COUNT_OF(return_zero));
	attr->prog_load.expected_attach_type = type->attach;
	attr->prog_load.prog_flags = type->flags;
	attr->prog_load.attach_btf_id = (uint32_t)id;
	ret = userns ? call_as(state, CALLER_USERNS, cmd, attr)
		     : call_with_caps(state, caps, cmd, attr);
	close_if_fd(ret);
	return ret;
}

/* What the type says to who has CAPS; OPEN: the switch is 0. */
static int expected(uint64_t need, uint64_t caps, bool open, int err)
{
	if (caps & SYS)
		return err;
	if (!open && !(caps & BPF))
		return EPERM;
	return (need & ~caps) ? EPERM : err;
}

/* Every type that the kernel has: root hears nothing worse of it. */
static void judge_types(void **state, uint64_t caps, bool open, bool userns)
{
	union argument *attr = caller_memory(state);
	struct unpriv unpriv;
	int root, ret, err;

	unpriv_begin(&unpriv, state, open ? '0' : '2');
	for (size_t i = 0; i < COUNT_OF(types); i++) {
		root = load_as(state, &types[i], ~0ull, false, attr);
		if (root == -EINVAL && types[i].err != EINVAL)
			continue;
		if (types[i].err)
			expect_error(state, types[i].name, types[i].err, root);
		else
			expect_ok(state, types[i].name, root);
		err = expected(needs(state, &types[i]), caps, open,
			       types[i].err);
		ret = load_as(state, &types[i], caps, userns, attr);
		if (err)
			expect_error(state, types[i].name, err, ret);
		else
			expect_ok(state, types[i].name, ret);
	}
	unpriv_end(&unpriv);
	caller_memory_drop(attr);
}

void prog_load__types_open(void **state)
{
	judge_types(state, 0, true, false);
}

void prog_load__types_none(void **state)
{
	judge_types(state, 0, false, false);
}

void prog_load__types_cap_bpf(void **state)
{
	judge_types(state, BPF, false, false);
}

void prog_load__types_cap_perfmon(void **state)
{
	judge_types(state, PERFMON, false, false);
}

void prog_load__types_cap_net_admin(void **state)
{
	judge_types(state, NET, false, false);
}

void prog_load__types_cap_sys_admin(void **state)
{
	judge_types(state, SYS, false, false);
}

void prog_load__types_bpf_and_net_admin(void **state)
{
	judge_types(state, BPF | NET, false, false);
}

void prog_load__types_bpf_and_perfmon(void **state)
{
	judge_types(state, BPF | PERFMON, false, false);
}

void prog_load__types_userns(void **state)
{
	judge_types(state, 0, false, true);
}

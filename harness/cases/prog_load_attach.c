// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD: what a program says it will attach to: expected_attach_type,
 * attach_btf_id, attach_prog_fd. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "progs.h"

#define TYPE(name)   #name, BPF_PROG_TYPE_##name
#define ATTACH(name) "BPF_" #name

/* Program types that say no to some attach types; bpf_prog_load_check_attach().
 * Names, for what a kernel has not is not known to it. */
static const struct {
	const char *name;
	uint32_t type;
	uint32_t flags;
	const char *zero; /* what 0 stands for; NULL: itself */
	const char *takes[20];
} picky[] = {
	{TYPE(CGROUP_SKB),
	 .takes = {ATTACH(CGROUP_INET_INGRESS), ATTACH(CGROUP_INET_EGRESS)}},
	{TYPE(CGROUP_SOCK), .zero = ATTACH(CGROUP_INET_SOCK_CREATE),
	 .takes = {ATTACH(CGROUP_INET_SOCK_CREATE),
		   ATTACH(CGROUP_INET_SOCK_RELEASE),
		   ATTACH(CGROUP_INET4_POST_BIND),
		   ATTACH(CGROUP_INET6_POST_BIND)}},
	{TYPE(CGROUP_SOCK_ADDR),
	 .takes = {ATTACH(CGROUP_INET4_BIND), ATTACH(CGROUP_INET6_BIND),
		   ATTACH(CGROUP_INET4_CONNECT), ATTACH(CGROUP_INET6_CONNECT),
		   ATTACH(CGROUP_INET4_GETPEERNAME),
		   ATTACH(CGROUP_INET6_GETPEERNAME),
		   ATTACH(CGROUP_INET4_GETSOCKNAME),
		   ATTACH(CGROUP_INET6_GETSOCKNAME),
		   ATTACH(CGROUP_UDP4_SENDMSG), ATTACH(CGROUP_UDP6_SENDMSG),
		   ATTACH(CGROUP_UDP4_RECVMSG), ATTACH(CGROUP_UDP6_RECVMSG),
		   ATTACH(CGROUP_UNIX_CONNECT), ATTACH(CGROUP_UNIX_GETPEERNAME),
		   ATTACH(CGROUP_UNIX_GETSOCKNAME), ATTACH(CGROUP_UNIX_SENDMSG),
		   ATTACH(CGROUP_UNIX_RECVMSG)}},
	{TYPE(CGROUP_SOCKOPT),
	 .takes = {ATTACH(CGROUP_SETSOCKOPT), ATTACH(CGROUP_GETSOCKOPT)}},
	{TYPE(SK_LOOKUP), .takes = {ATTACH(SK_LOOKUP)}},
	{TYPE(SK_REUSEPORT), .zero = ATTACH(SK_REUSEPORT_SELECT),
	 .takes = {ATTACH(SK_REUSEPORT_SELECT),
		   ATTACH(SK_REUSEPORT_SELECT_OR_MIGRATE)}},
	{"NETFILTER", BPFABI_PROG_TYPE_NETFILTER, .takes = {ATTACH(NETFILTER)}},
	{TYPE(SYSCALL), .flags = BPF_F_SLEEPABLE,
	 .takes = {ATTACH(CGROUP_INET_INGRESS)}},
};

/* Whether the kernel has the program type and is known to be choosy about it:
 * of BPF_PROG_TYPE_SK_REUSEPORT since it has two attach types. */
static bool is_picky(size_t which)
{
	char name[64];

	snprintf(name, sizeof(name), "BPF_PROG_TYPE_%s", picky[which].name);
	return kernel_has_enumerator("bpf_prog_type", name) &&
	       kernel_has_enumerator("bpf_attach_type", picky[which].takes[0]);
}

static bool takes(size_t which, int64_t attach_type)
{
	int64_t value;

	if (attach_type == 0 && picky[which].zero)
		return true;
	for (size_t i = 0; picky[which].takes[i]; i++)
		if (kernel_enumerator("bpf_attach_type", picky[which].takes[i],
				      &value) &&
		    value == attach_type)
			return true;
	return false;
}

static int load_expecting(uint32_t type, uint32_t flags, uint32_t attach_type)
{
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_filter(&attr);
	attr.prog_type = type;
	attr.prog_flags = flags;
	attr.expected_attach_type = attach_type;
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	return ret;
}

static void check_picky(void **state, size_t which, int64_t last)
{
	char what[96];
	bool built_in = false;

	/* Not a program type that was left out of this kernel. */
	for (int64_t i = 0; i <= last && !built_in; i++)
		built_in = load_expecting(picky[which].type, picky[which].flags,
					  (uint32_t)i) >= 0;
	for (int64_t i = 0; built_in && i <= last; i++) {
		int ret = load_expecting(picky[which].type, picky[which].flags,
					 (uint32_t)i);

		snprintf(what, sizeof(what),
			 "BPF_PROG_TYPE_%s with expected_attach_type %d",
			 picky[which].name, (int)i);
		if (takes(which, i))
			expect_ok(state, what, ret);
		else
			expect_error(state, what, EINVAL, ret);
	}
}

static int64_t need_last_attach_type(void **state)
{
	int64_t last;

	if (!kernel_enumerator("bpf_attach_type", "__MAX_BPF_ATTACH_TYPE",
			       &last))
		skip_case(state, "the kernel has no BTF that lists its attach "
				 "types");
	return last;
}

void prog_load__attach_types(void **state)
{
	int64_t last = need_last_attach_type(state);

	for (size_t i = 0; i < COUNT_OF(picky); i++)
		if (is_picky(i))
			check_picky(state, i, last + 1);
}

/* The others: tracing program types apart, which name a kernel function. */
void prog_load__any_attach_type(void **state)
{
	static const struct {
		const char *name;
		uint32_t type;
	} types[] = {
		{TYPE(SOCKET_FILTER)},
		{TYPE(KPROBE)},
		{TYPE(SCHED_CLS)},
		{TYPE(SCHED_ACT)},
		{TYPE(TRACEPOINT)},
		{TYPE(XDP)},
		{TYPE(PERF_EVENT)},
		{TYPE(LWT_IN)},
		{TYPE(LWT_OUT)},
		{TYPE(LWT_XMIT)},
		{TYPE(SOCK_OPS)},
		{TYPE(SK_SKB)},
		{TYPE(CGROUP_DEVICE)},
		{TYPE(SK_MSG)},
		{TYPE(RAW_TRACEPOINT)},
		{TYPE(CGROUP_SYSCTL)},
		{TYPE(RAW_TRACEPOINT_WRITABLE)},
	};
	int64_t last = need_last_attach_type(state);
	const uint32_t attach_types[] = {
		0, 1, BPF_TRACE_RAW_TP, BPF_XDP, (uint32_t)last, UINT32_MAX};
	char what[96];

	for (size_t i = 0; i < COUNT_OF(types); i++)
		for (size_t j = 0; j < COUNT_OF(attach_types); j++) {
			snprintf(what, sizeof(what),
				 "BPF_PROG_TYPE_%s with expected_attach_type "
				 "%d",
				 types[i].name, (int)attach_types[j]);
			expect_ok(state, what,
				  load_expecting(types[i].type, 0,
						 attach_types[j]));
		}
}

static void fill_fentry(void **state, struct bpfsys_prog_load_attr *attr)
{
	fill_filter(attr);
	attr->prog_type = BPF_PROG_TYPE_TRACING;
	attr->expected_attach_type = BPF_TRACE_FENTRY;
	attr->attach_btf_id = need_func_id(state, "bpf_fentry_test1");
}

/* The witness of what follows. */
static void check_fentry(void **state)
{
	static const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_fentry(state, &attr);
	attr.insns = bpfsys_ptr(insns);
	expect_load(state, "BPF_TRACE_FENTRY of bpf_fentry_test1", &attr);
}

void prog_load__fentry_result(void **state)
{
	struct bpfsys_prog_load_attr attr;

	check_fentry(state);
	fill_fentry(state, &attr);
	judge_load(state, &attr);
}

void prog_load__tracing_without_btf_id(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_fentry(state, &attr);
	attr.attach_btf_id = 0;
	judge_load(state, &attr);
}

void prog_load__btf_id_of_other_type(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_fentry(state, &attr);
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.expected_attach_type = 0;
	judge_load(state, &attr);
}

void prog_load__btf_id_too_large(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_fentry(state, &attr);
	attr.attach_btf_id = 0x000fffff + 1; /* BTF_MAX_TYPE + 1 */
	judge_load(state, &attr);
}

void prog_load__btf_id_not_a_function(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_fentry(state, &attr);
	attr.attach_btf_id = need_struct_id(state, "task_struct");
	judge_load(state, &attr);
}

void prog_load__tracing_attach_type(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_fentry(state, &attr);
	attr.expected_attach_type = BPF_CGROUP_DEVICE;
	judge_load(state, &attr);
}

/* Only functions that allow error injection, and those of security modules, may
 * be given another result. */
void prog_load__not_modifiable(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_fentry(state, &attr);
	attr.expected_attach_type = BPF_MODIFY_RETURN;
	attr.attach_btf_id = need_func_id(state, "vfs_read");
	judge_load(state, &attr);
}

/* Before it could be BTF, attach_prog_fd was a program and nothing else. */
static void need_attach_btf(void **state, struct bpfsys_prog_load_attr *attr,
			    int before)
{
	if (kernel_offers(state, "bpf_attr.attach_btf_obj_fd",
			  BPFSYS_KV(5, 11)))
		return;
	expect_error(state, "attach_prog_fd that is no program", before,
		     bpfsys_prog_load(attr));
	skip_case(state, "bpf_attr has no attach_btf_obj_fd");
}

void prog_load__attach_prog_closed(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_fentry(state, &attr);
	attr.attach_prog_fd = CLOSED_FD;
	need_attach_btf(state, &attr, EBADF);
	judge_load(state, &attr);
}

void prog_load__attach_to_users_btf(void **state)
{
	struct bpfsys_prog_load_attr attr;
	int btf_fd = make_btf(state);

	fill_fentry(state, &attr);
	attr.attach_prog_fd = (uint32_t)btf_fd;
	need_attach_btf(state, &attr, EINVAL);
	judge_load(state, &attr);
	close(btf_fd);
}

static void judge_attach_prog(void **state, uint32_t type, uint32_t expected)
{
	struct bpfsys_prog_load_attr attr;
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0);

	fill_filter(&attr);
	attr.prog_type = type;
	attr.expected_attach_type = expected;
	attr.attach_prog_fd = (uint32_t)fd;
	judge_load(state, &attr);
	close(fd);
}

void prog_load__attach_prog_of_other_type(void **state)
{
	judge_attach_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0);
}

/* A program without BTF has no functions to attach to. */
void prog_load__attach_prog_without_btf(void **state)
{
	struct bpfsys_prog_load_attr attr;
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0);

	fill_fentry(state, &attr);
	attr.attach_prog_fd = (uint32_t)fd;
	attr.attach_btf_id = 1;
	judge_load(state, &attr);
	close(fd);
}

void prog_load__extends_kernel(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_fentry(state, &attr);
	attr.prog_type = BPF_PROG_TYPE_EXT;
	attr.expected_attach_type = 0;
	judge_load(state, &attr);
}

void prog_load__extension_attach_type(void **state)
{
	judge_attach_prog(state, BPF_PROG_TYPE_EXT, BPF_TRACE_FENTRY);
}

static void fill_struct_ops(void **state, struct bpfsys_prog_load_attr *attr)
{
	fill_filter(attr);
	attr->prog_type = BPF_PROG_TYPE_STRUCT_OPS;
	attr->attach_btf_id = need_struct_id(state, "tcp_congestion_ops");
}

void prog_load__not_struct_ops(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_struct_ops(state, &attr);
	attr.attach_btf_id = need_struct_id(state, "task_struct");
	judge_load(state, &attr);
}

/* expected_attach_type is the index of the member. */
void prog_load__struct_ops_member(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_struct_ops(state, &attr);
	attr.expected_attach_type = 1000;
	judge_load(state, &attr);
}

void prog_load__struct_ops_license(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_struct_ops(state, &attr);
	attr.license = bpfsys_ptr("BSD");
	judge_load(state, &attr);
}

void prog_load__not_an_iterator(void **state)
{
	struct bpfsys_prog_load_attr attr;
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 0), EXIT()};

	fill_fentry(state, &attr);
	attr.insns = bpfsys_ptr(insns);
	attr.expected_attach_type = BPF_TRACE_ITER;
	judge_load(state, &attr);
}

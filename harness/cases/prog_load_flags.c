// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD: prog_flags that came after 5.10, and those that a program for
 * a device takes. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "progs.h"

/* From the UAPI, where the header that we build against may be older. */
enum {
	HAS_FRAGS = 1 << 5,	 /* BPF_F_XDP_HAS_FRAGS */
	DEV_BOUND_ONLY = 1 << 6, /* BPF_F_XDP_DEV_BOUND_ONLY */
	REG_INVARIANTS = 1 << 7, /* BPF_F_TEST_REG_INVARIANTS */
};

/* What a load of TYPE with FLAGS, for the device IFINDEX, answers; no
 * descriptor stays. */
static int load_with(uint32_t type, uint32_t flags, uint32_t ifindex)
{
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_filter(&attr);
	attr.prog_type = type;
	attr.prog_flags = flags;
	attr.prog_ifindex = ifindex;
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	return ret;
}

void prog_load__newer_flags(void **state)
{
	static const struct {
		const char *name, *member;
		uint32_t since, flag;
	} flags[] = {
		{"BPF_F_XDP_HAS_FRAGS", "bpf_prog_aux.xdp_has_frags",
		 BPFSYS_KV(5, 18), HAS_FRAGS},
		{"BPF_F_XDP_DEV_BOUND_ONLY", "bpf_prog_aux.dev_bound",
		 BPFSYS_KV(6, 3), DEV_BOUND_ONLY},
		{"BPF_F_TEST_REG_INVARIANTS",
		 "bpf_verifier_env.test_reg_invariants", BPFSYS_KV(6, 8),
		 REG_INVARIANTS},
	};

	for (size_t i = 0; i < COUNT_OF(flags); i++) {
		int ret = load_with(BPF_PROG_TYPE_XDP, flags[i].flag, 0);

		if (kernel_offers(state, flags[i].member, flags[i].since))
			expect_ok(state, flags[i].name, ret);
		else
			expect_error(state, flags[i].name, EINVAL, ret);
	}
}

/* The loopback device takes no programs, but what is wrong with the flags is
 * said before. */
void prog_load__device_flags(void **state)
{
	static const struct {
		uint32_t type, flags;
	} refused[] = {
		{BPF_PROG_TYPE_XDP, BPF_F_TEST_STATE_FREQ},
		{BPF_PROG_TYPE_XDP, BPF_F_STRICT_ALIGNMENT},
		{BPF_PROG_TYPE_SCHED_CLS, BPF_F_TEST_STATE_FREQ},
		{BPF_PROG_TYPE_XDP, HAS_FRAGS},
		{BPF_PROG_TYPE_SCHED_CLS, HAS_FRAGS},
		{BPF_PROG_TYPE_SCHED_CLS, DEV_BOUND_ONLY},
		{BPF_PROG_TYPE_SCHED_CLS, DEV_BOUND_ONLY | HAS_FRAGS},
		{BPF_PROG_TYPE_XDP, DEV_BOUND_ONLY | BPF_F_TEST_STATE_FREQ},
	};
	const uint32_t loopback = 1;

	expect_error(state, "XDP without flags", EOPNOTSUPP,
		     load_with(BPF_PROG_TYPE_XDP, 0, loopback));
	expect_error(state, "traffic control without flags", EOPNOTSUPP,
		     load_with(BPF_PROG_TYPE_SCHED_CLS, 0, loopback));
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		expect_errno(state, load_with(refused[i].type, refused[i].flags,
					      loopback));
	if (!kernel_offers(state, "bpf_prog_aux.dev_bound", BPFSYS_KV(6, 3)))
		return;
	expect_error(state, "BPF_F_XDP_DEV_BOUND_ONLY", EOPNOTSUPP,
		     load_with(BPF_PROG_TYPE_XDP, DEV_BOUND_ONLY, loopback));
	expect_error(state, "both flags", EOPNOTSUPP,
		     load_with(BPF_PROG_TYPE_XDP, DEV_BOUND_ONLY | HAS_FRAGS,
			       loopback));
}

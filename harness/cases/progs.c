// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Loads that are judged, and less capabilities for a while. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel.h"
#include "progs.h"

/* Effective becomes what is permitted, less CAPS. */
static void set_caps(void **state, uint64_t caps)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	need(state, "capget",
	     syscall(SYS_capget, &header, data) != 0 ? -errno : 0);
	data[0].effective = data[0].permitted & ~(uint32_t)caps;
	data[1].effective = data[1].permitted & ~(uint32_t)(caps >> 32);
	need(state, "capset",
	     syscall(SYS_capset, &header, data) != 0 ? -errno : 0);
}

void drop_caps(void **state, uint64_t caps)
{
	set_caps(state, caps);
}

void regain_caps(void **state)
{
	set_caps(state, 0);
}

void judge_load(void **state, struct bpfsys_prog_load_attr *attr)
{
	int ret = bpfsys_prog_load(attr);

	close_if_fd(ret);
	expect_errno(state, ret);
}

void judge_insns(void **state, uint32_t type, const struct bpf_insn *insns,
		 uint32_t count)
{
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, type, insns, count);
	judge_load(state, &attr);
}

void expect_load(void **state, const char *what,
		 struct bpfsys_prog_load_attr *attr)
{
	int ret = bpfsys_prog_load(attr);

	close_if_fd(ret);
	expect_ok(state, what, ret);
}

void fill_filter(struct bpfsys_prog_load_attr *attr)
{
	static const struct bpf_insn return_one[] = {
		MOV64_IMM(BPF_REG_0, 1),
		EXIT(),
	};

	fill_prog(attr, BPF_PROG_TYPE_SOCKET_FILTER, return_one,
		  COUNT_OF(return_one));
}

void skip_where_forgotten(void **state, int ret)
{
	if (ret == -ENOENT &&
	    !kernel_offers(state, "bpf_attr.fd_array", BPFSYS_KV(5, 14)))
		skip_case(state, "attaching a program again is ENOENT, whether "
				 "it is still attached or not");
}

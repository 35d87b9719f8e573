// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What is known of struct_ops maps and programs without a link: the types in a
 * map's info, and that such programs do not run alone. */
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "struct_ops.h"
#include "test_run.h"

/* The kernel's BTF is the first. */
static uint32_t first_btf(void)
{
	struct bpfsys_get_id_attr attr;

	memset(&attr, 0, sizeof(attr));
	return bpfsys_btf_get_next_id(&attr) ? 0 : attr.next_id;
}

static void expect_types(void **state, int map_fd, uint32_t type, uint32_t btf)
{
	struct bpfsys_map_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, map_fd, &info, sizeof(info));
	close(map_fd);
	expect_u64(state, "info: btf_vmlinux_value_type_id", type,
		   info.btf_vmlinux_value_type_id);
	expect_field(state, "bpf_map_info.btf_vmlinux_id", BPFSYS_KV(6, 9),
		     "info: btf_vmlinux_id", btf, info.btf_vmlinux_id);
}

void obj_get_info_by_fd__map_struct_ops(void **state)
{
	uint32_t type =
		need_struct_id(state, "bpf_struct_ops_tcp_congestion_ops");

	expect_types(state, make_struct_ops_map_with(state, 0), type,
		     first_btf());
	expect_types(state, make_counters(state), 0, 0);
}

/* The kernel has one such struct to try programs with, since 5.16. */
void prog_test_run__struct_ops(void **state)
{
	struct bpfsys_prog_test_run_attr attr;
	int fd = make_struct_ops_prog(state, "ssthresh"), ret;

	memset(&attr, 0, sizeof(attr));
	if (kernel_struct_id("bpf_dummy_ops") > 0)
		judge_run(state, fd, &attr);
	else {
		attr.prog_fd = (uint32_t)fd;
		ret = bpfsys_prog_test_run(&attr);
		close(fd);
		expect_error(state, "a run before there is bpf_dummy_ops",
			     BPFSYS_ENOTSUPP, ret);
	}
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_TYPE_PROG_ARRAY: the first program that is stored decides what kind
 * of program goes in, __bpf_prog_map_compatible() in kernel/bpf/core.c. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "map_typed.h"
#include "progs.h"

#define HAS_FRAGS (1u << 5) /* BPF_F_XDP_HAS_FRAGS */

static int load(void **state, uint32_t type, uint32_t attach_type,
		uint32_t flags)
{
	static const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 1),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, type, insns, COUNT_OF(insns));
	attr.expected_attach_type = attach_type;
	attr.prog_flags = flags;
	return load_prog(state, &attr);
}

/* What an array whose first program was FIRST answers to SECOND, and then again
 * to FIRST, which it takes. */
static int store_both(void **state, int first, int second)
{
	struct typed map;
	int ret;

	typed_need(&map, state, SHAPE_PROG_ARRAY);
	typed_put(&map, 0, (uint32_t)first);
	ret = typed_call(&map, bpfsys_map_update_elem, 1, (uint32_t)second,
			 BPF_ANY);
	typed_put(&map, 2, (uint32_t)first);
	typed_drop(&map);
	return ret;
}

/* Two programs that differ in what MEMBER of the array's owner says keep each
 * other out. The case is skipped where the owner has no such member, and takes
 * both. */
static void judge_pair(void **state, const char *member, uint32_t since,
		       int first, int second)
{
	bool told = kernel_offers(state, member, since);
	int there = store_both(state, first, second);
	int back = store_both(state, second, first);

	close(first);
	close(second);
	if (told) {
		expect_errno(state, there);
		expect_errno(state, back);
		return;
	}
	expect_ok(state, "programs that the kernel does not tell apart", there);
	expect_ok(state, "programs that the kernel does not tell apart", back);
	skip_case(state, "the kernel has no %s: both are taken", member);
}

void map_update_elem__prog_array_frags(void **state)
{
	if (!kernel_offers(state, "bpf_prog_aux.xdp_has_frags",
			   BPFSYS_KV(5, 18))) {
		struct bpfsys_prog_load_attr attr;
		int ret;

		fill_filter(&attr);
		attr.prog_flags = HAS_FRAGS;
		ret = bpfsys_prog_load(&attr);
		close_if_fd(ret);
		expect_error(state, "BPF_F_XDP_HAS_FRAGS", EINVAL, ret);
		skip_case(state, "no XDP with fragments: EINVAL");
	}
	judge_pair(state, "bpf_map_owner.xdp_has_frags", BPFSYS_KV(5, 18),
		   load(state, BPF_PROG_TYPE_XDP, 0, 0),
		   load(state, BPF_PROG_TYPE_XDP, 0, HAS_FRAGS));
}

void map_update_elem__prog_array_attach_type(void **state)
{
	judge_pair(state, "bpf_map_owner.expected_attach_type",
		   BPFSYS_KV(6, 18),
		   load(state, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
			BPF_CGROUP_INET4_BIND, 0),
		   load(state, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
			BPF_CGROUP_INET4_CONNECT, 0));
}

/* Programs for probes may sleep since 6.0. */
void map_update_elem__prog_array_sleepable(void **state)
{
	struct bpfsys_prog_load_attr attr;
	int fd;

	fill_filter(&attr);
	attr.prog_type = BPF_PROG_TYPE_KPROBE;
	attr.prog_flags = BPF_F_SLEEPABLE;
	fd = bpfsys_prog_load(&attr);
	if (fd == -EINVAL &&
	    !kernel_offers(state, "bpf_map_owner.sleepable", BPFSYS_KV(7, 0)))
		skip_case(state, "no probe's program may sleep: EINVAL");
	need(state, "BPF_F_SLEEPABLE", fd);
	judge_pair(state, "bpf_map_owner.sleepable", BPFSYS_KV(7, 0),
		   load(state, BPF_PROG_TYPE_KPROBE, 0, 0), fd);
}

/* A program that uses the storage of MAP_FD. */
static int load_with_storage(void **state, int map_fd)
{
	const struct bpf_insn insns[] = {
		LD_MAP_FD(BPF_REG_1, map_fd),
		MOV64_IMM(BPF_REG_2, 0),
		CALL_HELPER(BPF_FUNC_get_local_storage),
		MOV64_IMM(BPF_REG_0, 1),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_CGROUP_SKB, insns,
			      COUNT_OF(insns));
}

void map_update_elem__prog_array_storage(void **state)
{
	int map_fd = shape_make_needed(state, SHAPE_CGROUP_STORAGE);
	int other_fd = shape_make_needed(state, SHAPE_CGROUP_STORAGE);
	int first = load_with_storage(state, map_fd);
	int second = load_with_storage(state, other_fd);
	int same = load_with_storage(state, map_fd);
	int none = load(state, BPF_PROG_TYPE_CGROUP_SKB, 0, 0);

	expect_ok(state, "programs with one storage",
		  store_both(state, first, same));
	expect_ok(state, "a program without storage",
		  store_both(state, first, none));
	close(none);
	close(same);
	close(other_fd);
	close(map_fd);
	judge_pair(state, "bpf_map_owner.storage_cookie", BPFSYS_KV(6, 17),
		   first, second);
}

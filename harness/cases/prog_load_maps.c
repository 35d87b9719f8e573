// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_PROG_LOAD: the maps and BTF that a program refers to, by descriptor or
 * through fd_array, and what signs them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "kernel.h"
#include "known.h"
#include "lacking.h"
#include "progs.h"

/* Two instructions: what KIND (BPF_PSEUDO_) makes of NUMBER and OFFSET. */
#define LD_PSEUDO(kind, number, offset)                                  \
	INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_1, (kind), 0, (number)), \
		INSN(0, 0, 0, 0, (offset))

/* The same, as a program of its own. */
static void fill_pseudo(struct bpfsys_prog_load_attr *attr,
			struct bpf_insn insns[4], uint8_t kind, int32_t number,
			int32_t offset)
{
	const struct bpf_insn prog[] = {
		LD_PSEUDO(kind, number, offset),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	memcpy(insns, prog, sizeof(prog));
	fill_prog(attr, BPF_PROG_TYPE_SOCKET_FILTER, insns, COUNT_OF(prog));
}

static void judge_pseudo(void **state, uint8_t kind, int32_t number,
			 int32_t offset)
{
	struct bpfsys_prog_load_attr attr;
	struct bpf_insn insns[4];

	fill_pseudo(&attr, insns, kind, number, offset);
	judge_load(state, &attr);
}

void prog_load__closed_map_fd(void **state)
{
	judge_pseudo(state, BPF_PSEUDO_MAP_FD, CLOSED_FD, 0);
	judge_pseudo(state, BPF_PSEUDO_MAP_VALUE, CLOSED_FD, 0);
}

void prog_load__not_a_map(void **state)
{
	int fd = make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0);

	judge_pseudo(state, BPF_PSEUDO_MAP_FD, fd, 0);
	close(fd);
}

void prog_load__unknown_pseudo(void **state)
{
	int fd = make_counters(state);

	judge_pseudo(state, 15, fd, 0);
	/* Without a value there is nothing for an offset. */
	judge_pseudo(state, BPF_PSEUDO_MAP_FD, fd, 1);
	close(fd);
}

void prog_load__no_direct_value(void **state)
{
	int fd = make_map(state, BPF_MAP_TYPE_HASH, 4, 8, 1, 0);

	judge_pseudo(state, BPF_PSEUDO_MAP_VALUE, fd, 0);
	close(fd);
}

void prog_load__value_offset(void **state)
{
	int fd = make_counters(state);
	struct bpfsys_prog_load_attr attr;
	struct bpf_insn insns[4];

	fill_pseudo(&attr, insns, BPF_PSEUDO_MAP_VALUE, fd, COUNTERS * 8 - 1);
	expect_load(state, "the last byte of a value", &attr);
	judge_pseudo(state, BPF_PSEUDO_MAP_VALUE, fd, COUNTERS * 8);
	close(fd);
}

void prog_load__unknown_ksym(void **state)
{
	if (!kernel_has_btf())
		skip_case(state, "the kernel has no BTF");
	judge_pseudo(state, BPF_PSEUDO_BTF_ID, 0x7fffffff, 0);
}

#define MAX_MAPS 65

/* A program that names COUNT maps. */
static int load_with_maps(void **state, int count)
{
	struct bpf_insn insns[2 * MAX_MAPS + 2];
	struct bpfsys_prog_load_attr attr;
	int fds[MAX_MAPS], ret;
	uint32_t n = 0;

	for (int i = 0; i < count; i++) {
		const struct bpf_insn pair[] = {LD_PSEUDO(
			BPF_PSEUDO_MAP_FD, fds[i] = make_counters(state), 0)};

		insns[n++] = pair[0];
		insns[n++] = pair[1];
	}
	insns[n++] = MOV64_IMM(BPF_REG_0, 0);
	insns[n++] = EXIT();
	fill_prog(&attr, BPF_PROG_TYPE_SOCKET_FILTER, insns, n);
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	for (int i = 0; i < count; i++)
		close(fds[i]);
	return ret;
}

/* MAX_USED_MAPS */
void prog_load__too_many_maps(void **state)
{
	expect_ok(state, "a program of 64 maps", load_with_maps(state, 64));
	expect_errno(state, load_with_maps(state, 65));
}

static int make_cgroup_storage(void **state)
{
	return make_map(state, BPF_MAP_TYPE_CGROUP_STORAGE,
			kernel_cgroup_storage_key(), 8, 0, 0);
}

void prog_load__two_storages(void **state)
{
	int one = make_cgroup_storage(state), two = make_cgroup_storage(state);
	const struct bpf_insn insns[] = {
		LD_PSEUDO(BPF_PSEUDO_MAP_FD, one, 0),
		LD_PSEUDO(BPF_PSEUDO_MAP_FD, two, 0),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_CGROUP_SKB, &insns[2], 4);
	expect_load(state, "a program with one cgroup storage", &attr);
	judge_insns(state, BPF_PROG_TYPE_CGROUP_SKB, insns, COUNT_OF(insns));
	close(one);
	close(two);
}

#define FD_ARRAY "bpf_attr.fd_array", BPFSYS_KV(5, 14)

/* Refers to entry INDEX of FDS. */
static int load_indexed(void **state, const void *fds, int32_t index)
{
	struct bpfsys_prog_load_attr attr;
	struct bpf_insn insns[4];
	int ret;

	if (!kernel_offers(state, FD_ARRAY))
		skip_field(state, "prog_load", "fd_array");
	fill_pseudo(&attr, insns, 5 /* BPF_PSEUDO_MAP_IDX */, index, 0);
	attr.fd_array = bpfsys_ptr(fds);
	ret = bpfsys_prog_load(&attr);
	return ret;
}

static void judge_indexed(void **state, const void *fds, int32_t index)
{
	int ret = load_indexed(state, fds, index);

	close_if_fd(ret);
	expect_errno(state, ret);
}

void prog_load__index_without_array(void **state)
{
	judge_indexed(state, NULL, 0);
}

void prog_load__unreadable_fd_array(void **state)
{
	judge_indexed(state, (const void *)BAD_ADDRESS, 0);
}

void prog_load__closed_fd_in_array(void **state)
{
	const int fds[] = {CLOSED_FD};

	judge_indexed(state, fds, 0);
}

/* The number of a program's maps, and whether MAP_FD is the first. */
static void check_maps(void **state, int prog_fd, uint32_t count, int map_fd)
{
	struct bpfsys_prog_info info;
	uint32_t ids[4] = {0};

	memset(&info, 0, sizeof(info));
	info.nr_map_ids = COUNT_OF(ids);
	info.map_ids = bpfsys_ptr(ids);
	get_info(state, prog_fd, &info, sizeof(info));
	expect_u64(state, "info: nr_map_ids", count, info.nr_map_ids);
	expect_u64(state, "info: map_ids[0]", id_of_map(state, map_fd), ids[0]);
}

void prog_load__fd_array(void **state)
{
	const int fds[] = {CLOSED_FD, make_counters(state)};
	int ret = load_indexed(state, fds, 1);

	expect_ok(state, "a program that refers to entry 1 of fd_array", ret);
	check_maps(state, ret, 1, fds[1]);
	close(ret);
	close(fds[1]);
}

#define FD_ARRAY_CNT "bpf_attr.fd_array_cnt", BPFSYS_KV(6, 14)

static void fill_counted(void **state, struct bpfsys_prog_load_attr *attr,
			 const int *fds, uint32_t count)
{
	if (!kernel_offers(state, FD_ARRAY_CNT))
		skip_field(state, "prog_load", "fd_array_cnt");
	fill_filter(attr);
	attr->fd_array = bpfsys_ptr(fds);
	attr->fd_array_cnt = count;
}

/* With a count every entry is the program's, once. */
void prog_load__fd_array_cnt(void **state)
{
	const int map_fd = make_counters(state), btf_fd = make_btf(state);
	const int fds[] = {map_fd, btf_fd, map_fd};
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_counted(state, &attr, fds, COUNT_OF(fds));
	ret = bpfsys_prog_load(&attr);
	expect_ok(state, "a program with a map and BTF in fd_array", ret);
	check_maps(state, ret, 1, map_fd);
	close(ret);
	close(map_fd);
	close(btf_fd);
}

void prog_load__closed_fd_counted(void **state)
{
	const int fds[] = {CLOSED_FD};
	struct bpfsys_prog_load_attr attr;

	fill_counted(state, &attr, fds, 1);
	judge_load(state, &attr);
}

void prog_load__neither_map_nor_btf(void **state)
{
	const int fds[] = {
		make_verdict_prog(state, BPF_PROG_TYPE_SOCKET_FILTER, 0)};
	struct bpfsys_prog_load_attr attr;

	fill_counted(state, &attr, fds, 1);
	judge_load(state, &attr);
	close(fds[0]);
}

void prog_load__unreadable_fds_counted(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_counted(state, &attr, (const int *)BAD_ADDRESS, 1);
	judge_load(state, &attr);
}

#define SIGNATURE "bpf_attr.keyring_id", BPFSYS_KV(6, 18)

/* A filter with a signature that is none. */
static void fill_signed(void **state, struct bpfsys_prog_load_attr *attr)
{
	static const uint8_t nonsense[64] = {1, 2, 3};

	if (!kernel_offers(state, SIGNATURE))
		skip_field(state, "prog_load", "signature");
	fill_filter(attr);
	attr->signature = bpfsys_ptr(nonsense);
	attr->signature_size = sizeof(nonsense);
}

void prog_load__not_a_signature(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_signed(state, &attr);
	judge_load(state, &attr);
}

void prog_load__unknown_keyring(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_signed(state, &attr);
	attr.keyring_id = 0x7ffffff0;
	judge_load(state, &attr);
}

void prog_load__unreadable_signature(void **state)
{
	struct bpfsys_prog_load_attr attr;
	int ret;

	fill_signed(state, &attr);
	attr.signature = BAD_ADDRESS;
	ret = bpfsys_prog_load(&attr);
	close_if_fd(ret);
	if (ret != -ENOMEM || !is_known(state, "-ENOMEM"))
		expect_errno(state, ret);
}

/* KMALLOC_MAX_CACHE_SIZE is two pages. */
void prog_load__signature_too_large(void **state)
{
	struct bpfsys_prog_load_attr attr;

	fill_signed(state, &attr);
	attr.signature_size = 1u << 20;
	judge_load(state, &attr);
}

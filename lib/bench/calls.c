// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Five calls of bpf(2), each by our wrapper, by libbpf, and by a union bpf_attr
 * filled by hand and syscall(2), all behind functions of the same shape.
 * Without arguments it makes each call a thousand times, for callgrind to
 * count; with a number it times that many lookups. Wants root and a kernel of
 * its own. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/info.h>

#define BATCH  1024
#define CALLS  1000
#define ROUNDS 100

#define WAY __attribute__((noinline)) static int

static uint32_t keys[BATCH];
static uint64_t values[BATCH];
static char packet[64];
static int map_fd, prog_fd;

/* Where a hand-filled attr has its last field, as libbpf has it. */
#define END(field) \
	(offsetof(union bpf_attr, field) + sizeof(((union bpf_attr *)0)->field))

WAY lookup_ours(void)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(keys);
	attr.value = bpfsys_ptr(values);
	return bpfsys_map_lookup_elem(&attr);
}

WAY lookup_libbpf(void)
{
	return bpf_map_lookup_elem(map_fd, keys, values);
}

WAY lookup_hand(void)
{
	union bpf_attr attr;

	memset(&attr, 0, END(flags));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = (uintptr_t)keys;
	attr.value = (uintptr_t)values;
	return (int)syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, END(flags));
}

WAY update_ours(void)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(keys);
	attr.value = bpfsys_ptr(values);
	attr.flags = BPF_ANY;
	return bpfsys_map_update_elem(&attr);
}

WAY update_libbpf(void)
{
	return bpf_map_update_elem(map_fd, keys, values, BPF_ANY);
}

WAY update_hand(void)
{
	union bpf_attr attr;

	memset(&attr, 0, END(flags));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = (uintptr_t)keys;
	attr.value = (uintptr_t)values;
	attr.flags = BPF_ANY;
	return (int)syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attr, END(flags));
}

WAY batch_ours(void)
{
	struct bpfsys_map_batch_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.keys = bpfsys_ptr(keys);
	attr.values = bpfsys_ptr(values);
	attr.count = BATCH;
	ret = bpfsys_map_update_batch(&attr);
	return ret ? ret : attr.count != BATCH;
}

WAY batch_libbpf(void)
{
	uint32_t count = BATCH;
	int ret = bpf_map_update_batch(map_fd, keys, values, &count, NULL);

	return ret ? ret : count != BATCH;
}

WAY batch_hand(void)
{
	union bpf_attr attr;
	int ret;

	memset(&attr, 0, END(batch.flags));
	attr.batch.map_fd = (uint32_t)map_fd;
	attr.batch.keys = (uintptr_t)keys;
	attr.batch.values = (uintptr_t)values;
	attr.batch.count = BATCH;
	ret = (int)syscall(SYS_bpf, BPF_MAP_UPDATE_BATCH, &attr,
			   END(batch.flags));
	return ret ? ret : attr.batch.count != BATCH;
}

WAY test_run_ours(void)
{
	struct bpfsys_prog_test_run_attr attr;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = sizeof(packet);
	ret = bpfsys_prog_test_run(&attr);
	return ret ? ret : attr.retval != 1;
}

WAY test_run_libbpf(void)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet,
		    .data_size_in = sizeof(packet));
	int ret = bpf_prog_test_run_opts(prog_fd, &opts);

	return ret ? ret : opts.retval != 1;
}

WAY test_run_hand(void)
{
	union bpf_attr attr;
	int ret;

	memset(&attr, 0, END(test.batch_size));
	attr.test.prog_fd = (uint32_t)prog_fd;
	attr.test.data_in = (uintptr_t)packet;
	attr.test.data_size_in = sizeof(packet);
	ret = (int)syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attr,
			   END(test.batch_size));
	return ret ? ret : attr.test.retval != 1;
}

/* The description's own memory is cleared once, before all calls. */
static struct bpf_map_info info;

WAY info_ours(void)
{
	struct bpfsys_obj_info_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)map_fd;
	attr.info_len = sizeof(info);
	attr.info = bpfsys_ptr(&info);
	return bpfsys_obj_get_info_by_fd(&attr);
}

WAY info_libbpf(void)
{
	uint32_t len = sizeof(info);

	return bpf_obj_get_info_by_fd(map_fd, &info, &len);
}

WAY info_hand(void)
{
	union bpf_attr attr;

	memset(&attr, 0, END(info));
	attr.info.bpf_fd = (uint32_t)map_fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uintptr_t)&info;
	return (int)syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, END(info));
}

static int (*const ways[])(void) = {
	lookup_ours,   lookup_libbpf, lookup_hand,     update_ours,
	update_libbpf, update_hand,   batch_ours,      batch_libbpf,
	batch_hand,    test_run_ours, test_run_libbpf, test_run_hand,
	info_ours,     info_libbpf,   info_hand,
};

static void make_objects(void)
{
	static const struct bpf_insn insns[] = {
		{0xb7, 0, 0, 0, 1},
		{0x95, 0, 0, 0, 0},
	};

	map_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 8, BATCH, NULL);
	prog_fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns,
				2, NULL);
	if (map_fd < 0 || prog_fd < 0) {
		perror("calls: map or program");
		exit(1);
	}
	for (uint32_t i = 0; i < BATCH; i++)
		keys[i] = i;
}

static void call(int (*way)(void), long times)
{
	while (times--)
		if (way()) {
			perror("calls");
			exit(1);
		}
}

static double seconds(int (*way)(void), long times)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	call(way, times);
	clock_gettime(CLOCK_MONOTONIC, &b);
	return (double)(b.tv_sec - a.tv_sec) +
	       (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* In turns, so that what else the machine does meets all alike; the shortest
 * turn of each is the one that it met least. */
static void time_lookups(long times)
{
	double best[3] = {1e9, 1e9, 1e9}, took;

	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < 3; i++) {
			took = seconds(ways[i], times / ROUNDS);
			if (took < best[i])
				best[i] = took;
		}
	printf("%.4f %.3f %.3f\n", best[0] * ROUNDS, best[1] / best[0],
	       best[2] / best[0]);
}

int main(int argc, char **argv)
{
	make_objects();
	if (argc > 1)
		time_lookups(atol(argv[1]));
	else
		for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
			call(ways[i], CALLS);
	return 0;
}

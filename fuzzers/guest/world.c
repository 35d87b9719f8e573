// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What every sequence finds: descriptors at fixed numbers (given.def), and a
 * BPF filesystem as the working directory. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpfsys/bpfsys.h>

#include "executor.h"

#define CGROUPS "/sys/fs/cgroup"

static bool was_open[FD_HIDDEN + HIDDEN_FDS - FD_GIVEN];

int world_cgroup(unsigned int number, char *path, size_t size)
{
	snprintf(path, size, CGROUPS "/seq-%u", number);
	if (mkdir(path, 0755) && errno != EEXIST)
		return -errno;
	return 0;
}

/* A mount that nothing else sees, so that it goes with its descriptor. That of
 * fsmount() is O_PATH, of which BPF_TOKEN_CREATE makes nothing. */
static int make_bpffs(void)
{
	int fs = (int)syscall(SYS_fsopen, "bpf", FSOPEN_CLOEXEC), fd = -1, dir;

	if (fs < 0)
		return -1;
	if (!syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fd = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
	close(fs);
	dir = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return dir;
}

static int make_map(uint32_t type, uint32_t max_entries, uint32_t flags)
{
	struct bpfsys_map_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = max_entries;
	attr.map_flags = flags;
	return bpfsys_map_create(&attr);
}

/* Its keys have the same order every time. */
static int make_hash(void)
{
	const int fd = make_map(BPF_MAP_TYPE_HASH, 16, BPF_F_ZERO_SEED);
	struct bpfsys_map_elem_attr attr;

	for (uint32_t key = 0; fd >= 0 && key < 4; key++) {
		const uint64_t value = key;

		memset(&attr, 0, sizeof(attr));
		attr.map_fd = (uint32_t)fd;
		attr.key = bpfsys_ptr(&key);
		attr.value = bpfsys_ptr(&value);
		bpfsys_map_update_elem(&attr);
	}
	return fd;
}

static int make_prog(uint32_t type, int32_t result)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = result},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct bpfsys_prog_load_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.insns = bpfsys_ptr(insns);
	attr.insn_cnt = sizeof(insns) / sizeof(insns[0]);
	attr.license = bpfsys_ptr("GPL");
	return bpfsys_prog_load(&attr);
}

static int vmlinux_btf(void)
{
	struct bpfsys_get_id_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.btf_id = 1;
	return bpfsys_btf_get_fd_by_id(&attr);
}

static int make(enum seq_given given, const char *cgroup)
{
	switch (given) {
	case SEQ_GIVEN_CGROUP:
		return open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	case SEQ_GIVEN_NETNS:
		return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	case SEQ_GIVEN_BPFFS:
		return make_bpffs();
	case SEQ_GIVEN_FILE:
		return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	case SEQ_GIVEN_PIDFD:
		return (int)syscall(SYS_pidfd_open, getpid(), 0);
	case SEQ_GIVEN_EPOLL:
		return epoll_create1(EPOLL_CLOEXEC);
	case SEQ_GIVEN_BTF_VMLINUX:
		return vmlinux_btf();
	case SEQ_GIVEN_MAP_HASH:
		return make_hash();
	case SEQ_GIVEN_MAP_ARRAY:
		return make_map(BPF_MAP_TYPE_ARRAY, 4, 0);
	case SEQ_GIVEN_PROG_FILTER:
		return make_prog(BPF_PROG_TYPE_SOCKET_FILTER, 0);
	case SEQ_GIVEN_PROG_XDP:
		return make_prog(BPF_PROG_TYPE_XDP, XDP_PASS);
	default:
		return event_make(given);
	}
}

static bool is_socket(enum seq_given given)
{
	return given >= SEQ_GIVEN_TCP_LISTEN && given <= SEQ_GIVEN_TCP6;
}

void world_make(uint64_t wanted, const char *cgroup)
{
	for (unsigned int i = 0; i < SEQ_GIVENS; i++)
		if (i != SEQ_GIVEN_CLOSED && !is_socket(i) && (wanted >> i & 1))
			fd_move(make(i, cgroup), FD_GIVEN + (int)i);
	sockets_make(wanted);
	if (wanted >> SEQ_GIVEN_BPFFS & 1 && fchdir(FD_GIVEN + SEQ_GIVEN_BPFFS))
		perror("bpfsys-exec: entering the BPF filesystem");
}

void world_maps(void)
{
	fd_move(make_hash(), FD_GIVEN + SEQ_GIVEN_MAP_HASH);
	fd_move(make_map(BPF_MAP_TYPE_ARRAY, 4, 0),
		FD_GIVEN + SEQ_GIVEN_MAP_ARRAY);
}

void world_progs(void)
{
	fd_move(make(SEQ_GIVEN_PROG_FILTER, ""),
		FD_GIVEN + SEQ_GIVEN_PROG_FILTER);
	fd_move(make(SEQ_GIVEN_PROG_XDP, ""), FD_GIVEN + SEQ_GIVEN_PROG_XDP);
}

static bool is_open(unsigned int i)
{
	return fcntl(FD_GIVEN + (int)i, F_GETFD) >= 0;
}

void world_note(void)
{
	for (unsigned int i = 0; i < sizeof(was_open); i++)
		was_open[i] = is_open(i);
}

bool world_is_whole(void)
{
	for (unsigned int i = 0; i < sizeof(was_open); i++)
		if (was_open[i] && !is_open(i))
			return false;
	return true;
}

void world_init(void)
{
	fd_move(open("/proc/sys/net/core/bpf_jit_enable", O_RDWR | O_CLOEXEC),
		FD_HIDDEN + HIDDEN_JIT);
	file_write("/proc/sys/kernel/perf_event_paranoid", "-1");
	file_write("/proc/sys/kernel/bpf_stats_enabled", "0");
	lo_up();
}

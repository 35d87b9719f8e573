// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What the library's tests in a VM make maps and programs of. */
#include <dirent.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <bpfsys/bpfsys.h>
#include <bpfsys/helpers.h>

#include "guest.h"

int new_map(uint32_t type, uint32_t key_size, uint32_t value_size,
	    uint32_t entries)
{
	struct bpfsys_map_create_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = key_size;
	attr.value_size = value_size;
	attr.max_entries = entries;
	if (type == BPF_MAP_TYPE_LPM_TRIE)
		attr.map_flags = BPF_F_NO_PREALLOC;
	fd = bpfsys_map_create(&attr);
	assert_true(fd >= 0);
	return fd;
}

void put(int map, const void *key, const void *value)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = bpfsys_ptr(key);
	attr.value = bpfsys_ptr(value);
	assert_int_equal(bpfsys_map_update_elem(&attr), 0);
}

void drop(int map, const void *key)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map;
	attr.key = bpfsys_ptr(key);
	assert_int_equal(bpfsys_map_delete_elem(&attr), 0);
}

int load(uint32_t type, const struct bpf_insn *insns, uint32_t count)
{
	struct bpfsys_prog_load_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.insns = bpfsys_ptr(insns);
	attr.insn_cnt = count;
	attr.license = bpfsys_ptr("GPL");
	return bpfsys_prog_load(&attr);
}

int load_with_maps(const int *maps, uint32_t count)
{
	static const struct bpf_insn end[] = {MOV_IMM(0, 0), EXIT};
	struct bpf_insn insns[32];
	int fd;

	memset(insns, 0, sizeof(insns));
	assert_true(2 * count + 2 <= sizeof(insns) / sizeof(insns[0]));
	for (uint32_t i = 0; i < count; i++) {
		insns[2 * i].code = BPF_LD | BPF_IMM | BPF_DW;
		insns[2 * i].dst_reg = BPF_REG_1;
		insns[2 * i].src_reg = BPF_PSEUDO_MAP_FD;
		insns[2 * i].imm = maps[i];
	}
	memcpy(&insns[2 * count], end, sizeof(end));
	fd = load(BPF_PROG_TYPE_SOCKET_FILTER, insns, 2 * count + 2);
	assert_true(fd >= 0);
	return fd;
}

uint32_t map_id(int map)
{
	struct bpfsys_map_info info;
	struct bpfsys_obj_info_attr attr;

	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)map;
	attr.info_len = sizeof(info);
	attr.info = bpfsys_ptr(&info);
	assert_int_equal(bpfsys_obj_get_info_by_fd(&attr), 0);
	return info.id;
}

int unprivileged(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
			_exit(255);
		_exit(-fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

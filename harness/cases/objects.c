// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Maps, programs, BTF and places to attach, made for a case. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include <linux/btf.h>
#include <linux/magic.h>

#include "objects.h"

int make_map(void **state, uint32_t type, uint32_t key_size,
	     uint32_t value_size, uint32_t max_entries, uint32_t flags)
{
	struct bpfsys_map_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = key_size;
	attr.value_size = value_size;
	attr.max_entries = max_entries;
	attr.map_flags = flags;
	return need(state, "BPF_MAP_CREATE", bpfsys_map_create(&attr));
}

void put_elem(void **state, int map_fd, const void *key, const void *value)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(key);
	attr.value = bpfsys_ptr(value);
	need(state, "BPF_MAP_UPDATE_ELEM", bpfsys_map_update_elem(&attr));
}

int make_prog(void **state, uint32_t type, uint32_t expected_attach_type,
	      const struct bpf_insn *insns, uint32_t count)
{
	struct bpfsys_prog_load_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.expected_attach_type = expected_attach_type;
	attr.insns = bpfsys_ptr(insns);
	attr.insn_cnt = count;
	attr.license = bpfsys_ptr("GPL");
	return need(state, "BPF_PROG_LOAD", bpfsys_prog_load(&attr));
}

int make_trivial_prog(void **state, uint32_t type,
		      uint32_t expected_attach_type, int32_t result)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, result), EXIT()};

	return make_prog(state, type, expected_attach_type, insns, 2);
}

/* One int, as in the smallest BTF there is: header, one type, "\0int\0". */
static const struct {
	struct btf_header header;
	struct btf_type type;
	uint32_t encoding;
	char strings[8];
} one_int = {
	.header = {.magic = BTF_MAGIC,
		   .version = BTF_VERSION,
		   .hdr_len = sizeof(struct btf_header),
		   .type_len = sizeof(struct btf_type) + 4,
		   .str_off = sizeof(struct btf_type) + 4,
		   .str_len = 8},
	.type = {.name_off = 1, .info = BTF_KIND_INT << 24, .size = 4},
	.encoding = BTF_INT_SIGNED << 24 | 32,
	.strings = "\0int",
};

const void *btf_blob(uint32_t *size)
{
	*size = sizeof(one_int);
	return &one_int;
}

int make_btf(void **state)
{
	struct bpfsys_btf_load_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.btf = bpfsys_ptr(&one_int);
	attr.btf_size = sizeof(one_int);
	return need(state, "BPF_BTF_LOAD", bpfsys_btf_load(&attr));
}

void make_cgroup(struct world *world)
{
	void **state = world->state;
	struct statfs fs;

	if (statfs("/sys/fs/cgroup", &fs) != 0 ||
	    fs.f_type != CGROUP2_SUPER_MAGIC)
		skip_case(state, "no cgroup2 hierarchy at /sys/fs/cgroup");
	snprintf(world->dir, sizeof(world->dir), "/sys/fs/cgroup/bpfabi.%d",
		 (int)getpid());
	if (mkdir(world->dir, 0755) != 0) {
		int err = errno;

		world->dir[0] = '\0';
		need(state, "mkdir in /sys/fs/cgroup", -err);
	}
	world->dir_fd = open(world->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	need(state, "open of the cgroup", world->dir_fd < 0 ? -errno : 0);
}

int open_id(get_id_fn *get, uint32_t id)
{
	struct bpfsys_get_id_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_id = id; /* of any object: the first field */
	return get(&attr);
}

bool is_gone(get_id_fn *get, uint32_t id)
{
	const struct timespec moment = {.tv_nsec = 10000000};
	int fd = 0;

	for (int i = 0; i < 500 && fd >= 0; i++) {
		fd = open_id(get, id);
		close_if_fd(fd);
		if (fd >= 0)
			nanosleep(&moment, NULL);
	}
	return fd == -ENOENT;
}

int ask_info(int fd, void *info, uint32_t size)
{
	struct bpfsys_obj_info_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info_len = size;
	attr.info = bpfsys_ptr(info);
	return bpfsys_obj_get_info_by_fd(&attr);
}

uint32_t get_info(void **state, int fd, void *info, uint32_t size)
{
	struct bpfsys_obj_info_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info_len = size;
	attr.info = bpfsys_ptr(info);
	need(state, "BPF_OBJ_GET_INFO_BY_FD", bpfsys_obj_get_info_by_fd(&attr));
	return attr.info_len;
}

uint32_t id_of_map(void **state, int fd)
{
	struct bpfsys_map_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	return info.id;
}

uint32_t id_of_prog(void **state, int fd)
{
	struct bpfsys_prog_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	return info.id;
}

uint32_t id_of_btf(void **state, int fd)
{
	struct bpfsys_btf_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	return info.id;
}

uint32_t id_of_link(void **state, int fd)
{
	struct bpfsys_link_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	return info.id;
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Maps and programs that a network device takes: netdevsim, which does so in
 * the kernel's own memory, where the kernel has it. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_elem.h"
#include "progs.h"
#include "sysctl.h"

#define BUS    "/sys/bus/netdevsim"
#define NUMBER "7"

/* The number of the device's only interface. */
static uint32_t make_device(void **state)
{
	static const char dir[] = BUS "/devices/netdevsim" NUMBER "/net";
	struct dirent *entry;
	char path[512], text[16];
	DIR *list;

	if (access(BUS, F_OK) != 0)
		skip_case(state, "no " BUS ": the kernel has no netdevsim");
	need(state, "a new device", write_text(BUS, "new_device", NUMBER " 1"));
	list = opendir(dir);
	need(state, "list of its interfaces", list ? 0 : -errno);
	path[0] = '\0';
	while ((entry = readdir(list)))
		if (entry->d_name[0] != '.')
			snprintf(path, sizeof(path), "%s/%.255s", dir,
				 entry->d_name);
	closedir(list);
	need(state, "its interface", path[0] ? 0 : -ENOENT);
	read_text(state, path, "ifindex", text, sizeof(text));
	return (uint32_t)strtoul(text, NULL, 10);
}

static void drop_device(void **state)
{
	need(state, "the device's end", write_text(BUS, "del_device", NUMBER));
}

/* What the device takes: two elements of 8 bytes. */
static int make_on_device(void **state, uint32_t type, uint32_t ifindex)
{
	struct bpfsys_map_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 2;
	attr.map_ifindex = ifindex;
	return need(state, "BPF_MAP_CREATE on a device",
		    bpfsys_map_create(&attr));
}

static int load_on_device(void **state, uint32_t ifindex)
{
	static const struct bpf_insn insns[] = {
		MOV64_IMM(BPF_REG_0, 2),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_XDP, insns, COUNT_OF(insns));
	attr.prog_ifindex = ifindex;
	return need(state, "BPF_PROG_LOAD on a device",
		    bpfsys_prog_load(&attr));
}

/* The network namespace that this process is in. */
static void expect_namespace(void **state, uint64_t dev, uint64_t ino)
{
	struct stat st;

	need(state, "stat of the network namespace",
	     stat("/proc/self/ns/net", &st) ? -errno : 0);
	expect_u64(state, "info: netns_ino", st.st_ino, ino);
	/* new_encode_dev() */
	expect_u64(state, "info: netns_dev",
		   (minor(st.st_dev) & 0xff) | major(st.st_dev) << 8 |
			   (minor(st.st_dev) & ~0xffu) << 12,
		   dev);
}

void map_create__on_device(void **state)
{
	uint32_t ifindex = make_device(state);
	struct bpfsys_map_info info;
	int fd = make_on_device(state, BPF_MAP_TYPE_HASH, ifindex);

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	drop_device(state);
	expect_u64(state, "info: type", BPF_MAP_TYPE_HASH, info.type);
	expect_u64(state, "info: max_entries", 2, info.max_entries);
	expect_u64(state, "info: ifindex", ifindex, info.ifindex);
	expect_namespace(state, info.netns_dev, info.netns_ino);
}

void prog_load__on_device(void **state)
{
	uint32_t ifindex = make_device(state);
	struct bpfsys_prog_test_run_attr run;
	struct bpfsys_prog_info info;
	uint8_t packet[64] = {0};
	int ret, fd = load_on_device(state, ifindex);

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	memset(&run, 0, sizeof(run));
	run.prog_fd = (uint32_t)fd;
	run.data_in = bpfsys_ptr(packet);
	run.data_size_in = sizeof(packet);
	ret = bpfsys_prog_test_run(&run);
	close(fd);
	drop_device(state);
	expect_u64(state, "info: type", BPF_PROG_TYPE_XDP, info.type);
	expect_u64(state, "info: ifindex", ifindex, info.ifindex);
	expect_namespace(state, info.netns_dev, info.netns_ino);
	expect_error(state, "BPF_PROG_TEST_RUN of what the device runs",
		     BPFSYS_ENOTSUPP, ret);
}

typedef int elem_call(const struct bpfsys_map_elem_attr *attr);

static int call(elem_call *fn, int fd, uint32_t *key, void *value,
		uint64_t flags)
{
	struct bpfsys_map_elem_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.key = bpfsys_ptr(key);
	attr.value = bpfsys_ptr(value);
	attr.flags = flags;
	return fn(&attr);
}

/* What the kernel itself promises is that the device is asked, and that flags
 * are known; the rest is netdevsim. */
void map_update_elem__on_device(void **state)
{
	int fd = make_on_device(state, BPF_MAP_TYPE_HASH, make_device(state));
	uint32_t key = 5, next = 0;
	uint64_t value = 50;

	expect_ok(state, "an update",
		  call(bpfsys_map_update_elem, fd, &key, &value, 0));
	expect_error(state, "BPF_NOEXIST of what is there", EEXIST,
		     call(bpfsys_map_update_elem, fd, &key, &value,
			  BPF_NOEXIST));
	expect_error(state, "flags 3", EINVAL,
		     call(bpfsys_map_update_elem, fd, &key, &value, 3));
	value = 0;
	expect_ok(state, "a lookup", lookup_u64(fd, &key, &value));
	expect_u64(state, "value", 50, value);
	expect_ok(state, "the first key",
		  call(bpfsys_map_get_next_key, fd, NULL, &next, 0));
	expect_u64(state, "the first key", 5, next);
	expect_error(state, "the key behind it", ENOENT,
		     call(bpfsys_map_get_next_key, fd, &key, &next, 0));
	expect_ok(state, "a delete",
		  call(bpfsys_map_delete_elem, fd, &key, NULL, 0));
	expect_error(state, "a lookup of what was deleted", ENOENT,
		     lookup_u64(fd, &key, &value));
	close(fd);
	drop_device(state);
}

void map_delete_batch__on_device(void **state)
{
	int fd = make_on_device(state, BPF_MAP_TYPE_HASH, make_device(state));
	struct bpfsys_map_batch_attr attr;
	uint32_t key = 0;
	int ret;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.keys = bpfsys_ptr(&key);
	attr.count = 1;
	ret = bpfsys_map_delete_batch(&attr);
	close(fd);
	drop_device(state);
	expect_errno(state, ret);
}

/* The map outlives its device. */
static void judge_device_gone(void **state, elem_call *fn)
{
	int ret, fd = make_on_device(state, BPF_MAP_TYPE_ARRAY,
				     make_device(state));
	uint32_t key = 1;
	uint64_t value = 7;

	expect_ok(state, "an update of what the device has",
		  call(bpfsys_map_update_elem, fd, &key, &value, 0));
	drop_device(state);
	ret = call(fn, fd, &key, fn == bpfsys_map_delete_elem ? NULL : &value,
		   0);
	close(fd);
	expect_errno(state, ret);
	expect_u64(state, "the value", 7, value);
}

void map_lookup_elem__device_gone(void **state)
{
	judge_device_gone(state, bpfsys_map_lookup_elem);
}

void map_update_elem__device_gone(void **state)
{
	judge_device_gone(state, bpfsys_map_update_elem);
}

void map_delete_elem__device_gone(void **state)
{
	judge_device_gone(state, bpfsys_map_delete_elem);
}

void map_get_next_key__device_gone(void **state)
{
	judge_device_gone(state, bpfsys_map_get_next_key);
}

/* Info of FD, whose device goes, into what nothing is written to. */
static void judge_info_gone(void **state, int fd)
{
	struct bpfsys_obj_info_attr attr;
	uint8_t info[64] = {0}, zeros[64] = {0};
	int ret;

	drop_device(state);
	memset(&attr, 0, sizeof(attr));
	attr.bpf_fd = (uint32_t)fd;
	attr.info = bpfsys_ptr(info);
	attr.info_len = sizeof(info);
	ret = bpfsys_obj_get_info_by_fd(&attr);
	close(fd);
	expect_errno(state, ret);
	expect_mem(state, "info of what has no device", zeros, info,
		   sizeof(info));
}

void obj_get_info_by_fd__map_device_gone(void **state)
{
	judge_info_gone(state, make_on_device(state, BPF_MAP_TYPE_HASH,
					      make_device(state)));
}

void obj_get_info_by_fd__prog_device_gone(void **state)
{
	judge_info_gone(state, load_on_device(state, make_device(state)));
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What a syscall program may do of what we may: bpf(2) itself, close(2), and
 * names of types and symbols. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/btf.h>

#include "call.h"
#include "catalogue.h"
#include "inside.h"
#include "kernel.h"
#include "map_elem.h"

/* kernel/bpf/syscall.c, bpf_sys_bpf() */
static bool is_allowed(uint32_t cmd)
{
	switch (cmd) {
	case BPFSYS_MAP_CREATE:
	case BPFSYS_MAP_DELETE_ELEM:
	case BPFSYS_MAP_UPDATE_ELEM:
	case BPFSYS_MAP_FREEZE:
	case BPFSYS_MAP_GET_FD_BY_ID:
	case BPFSYS_PROG_LOAD:
	case BPFSYS_BTF_LOAD:
	case BPFSYS_LINK_CREATE:
	case BPFSYS_RAW_TRACEPOINT_OPEN:
		return true;
	default:
		return false;
	}
}

/* An argument that no command takes: E2BIG is an answer of bpf(2) itself, and
 * EINVAL of the helper. */
void prog_test_run__inside_commands(void **state)
{
	const uint32_t others[] = {64,	       0x10000,	   0x10001,
				   0x7fffffff, 0x80000000, 0xffffffff};
	struct inside in;
	char what[64];

	inside_make_sys_bpf(&in, state);
	memset(&in.area->attr, 0xff, sizeof(in.area->attr));
	for (uint32_t i = 0; i < 64 + COUNT_OF(others); i++) {
		uint32_t cmd = i < 64 ? i : others[i - 64];

		snprintf(what, sizeof(what), "command %" PRIu32 " from inside",
			 cmd);
		expect_error(state, what, is_allowed(cmd) ? E2BIG : EINVAL,
			     inside_call(&in, cmd, sizeof(in.area->attr)));
	}
	inside_drop(&in);
}

static void fill_map(struct inside *in)
{
	struct bpfsys_map_create_attr *attr = &in->area->attr.map_create;

	memset(&in->area->attr, 0, sizeof(in->area->attr));
	attr->map_type = BPF_MAP_TYPE_HASH;
	attr->key_size = 8;
	attr->value_size = 8;
	attr->max_entries = 2;
}

/* Bytes that the kernel does not know must be zero, here too. */
void prog_test_run__inside_attr_size(void **state)
{
	uint32_t end = kernel_attr_size();
	struct inside in;
	int ret;

	inside_make_sys_bpf(&in, state);
	fill_map(&in);
	ret = inside_call(&in, BPFSYS_MAP_CREATE, end + 8);
	close_if_fd(ret);
	expect_ok(state, "zeros beyond union bpf_attr from inside", ret);
	in.area->attr.bytes[end + 7] = 1;
	expect_error(state, "a byte beyond union bpf_attr from inside", E2BIG,
		     inside_call(&in, BPFSYS_MAP_CREATE, end + 8));
	ret = inside_call(&in, BPFSYS_MAP_CREATE, end + 7);
	close_if_fd(ret);
	expect_ok(state, "zeros up to the size from inside", ret);
	in.area->attr.bytes[end - 1] = 1;
	expect_error(state, "a byte beyond the last field from inside", EINVAL,
		     inside_call(&in, BPFSYS_MAP_CREATE, end));
	inside_drop(&in);
}

/* Stores VALUE under KEY, or deletes KEY, with pointers of the kernel's. */
static int elem_inside(struct inside *in, uint32_t cmd, int map_fd,
		       uint64_t key, uint64_t value)
{
	struct bpfsys_map_elem_attr *attr = &in->area->attr.map_elem;

	memset(&in->area->attr, 0, sizeof(in->area->attr));
	in->area->words[0] = key;
	in->area->words[1] = value;
	attr->map_fd = (uint32_t)map_fd;
	attr->key = inside_ptr(in, &in->area->words[0]);
	if (cmd == BPFSYS_MAP_UPDATE_ELEM)
		attr->value = inside_ptr(in, &in->area->words[1]);
	return inside_call(in, cmd, cmd == BPFSYS_MAP_FREEZE ? 4 : 32);
}

/* What a map made inside answers to us, and that the program got it as we
 * should have: a descriptor of this process. */
void prog_test_run__inside_map(void **state)
{
	const uint64_t key = 5, other = 6;
	struct bpfsys_map_info info;
	struct inside in;
	uint64_t value;
	int fd;

	inside_make_sys_bpf(&in, state);
	fill_map(&in);
	fd = inside_call(&in, BPFSYS_MAP_CREATE, 48);
	expect_ok(state, "BPF_MAP_CREATE from inside", fd);
	expect_u64(state, "FD_CLOEXEC of it", FD_CLOEXEC,
		   (uint64_t)fcntl(fd, F_GETFD));
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	expect_u64(state, "info: type", BPF_MAP_TYPE_HASH, info.type);
	expect_u64(state, "info: max_entries", 2, info.max_entries);
	expect_u64(state, "BPF_MAP_UPDATE_ELEM from inside", 0,
		   (uint64_t)elem_inside(&in, BPFSYS_MAP_UPDATE_ELEM, fd, key,
					 77));
	expect_u64(state, "BPF_MAP_UPDATE_ELEM from inside", 0,
		   (uint64_t)elem_inside(&in, BPFSYS_MAP_UPDATE_ELEM, fd, other,
					 78));
	expect_ok(state, "lookup", lookup_u64(fd, &key, &value));
	expect_u64(state, "value", 77, value);
	expect_u64(state, "BPF_MAP_DELETE_ELEM from inside", 0,
		   (uint64_t)elem_inside(&in, BPFSYS_MAP_DELETE_ELEM, fd, key,
					 0));
	expect_error(state, "lookup of what was deleted", ENOENT,
		     lookup_u64(fd, &key, &value));
	expect_error(state, "BPF_MAP_DELETE_ELEM from inside, once more",
		     ENOENT,
		     elem_inside(&in, BPFSYS_MAP_DELETE_ELEM, fd, key, 0));
	expect_ok(state, "lookup of the other", lookup_u64(fd, &other, &value));
	expect_u64(state, "its value", 78, value);
	close(fd);
	inside_drop(&in);
}

void prog_test_run__inside_freeze(void **state)
{
	struct bpfsys_map_elem_attr attr;
	uint64_t key = 1;
	struct inside in;
	int fd = make_map(state, BPF_MAP_TYPE_HASH, 8, 8, 1, 0);

	inside_make_sys_bpf(&in, state);
	memset(&in.area->attr, 0, sizeof(in.area->attr));
	in.area->attr.map_elem.map_fd = (uint32_t)fd;
	expect_u64(state, "BPF_MAP_FREEZE from inside", 0,
		   (uint64_t)inside_call(&in, BPFSYS_MAP_FREEZE, 4));
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(&key);
	expect_error(state, "update of what was frozen inside", EPERM,
		     bpfsys_map_update_elem(&attr));
	expect_error(state, "update from inside of what was frozen", EPERM,
		     elem_inside(&in, BPFSYS_MAP_UPDATE_ELEM, fd, 1, 1));
	close(fd);
	inside_drop(&in);
}

void prog_test_run__inside_map_by_id(void **state)
{
	struct inside in;
	uint32_t id;
	int fd, map_fd = make_counters(state);

	inside_make_sys_bpf(&in, state);
	id = id_of_map(state, map_fd);
	memset(&in.area->attr, 0, sizeof(in.area->attr));
	in.area->attr.get_id.map_id = id;
	fd = inside_call(&in, BPFSYS_MAP_GET_FD_BY_ID, 12);
	expect_ok(state, "BPF_MAP_GET_FD_BY_ID from inside", fd);
	expect_u64(state, "id of the map", id, id_of_map(state, fd));
	close(fd);
	close(map_fd);
	in.area->attr.get_id.map_id = UINT32_MAX - 1;
	expect_error(state, "an id that is none, from inside", ENOENT,
		     inside_call(&in, BPFSYS_MAP_GET_FD_BY_ID, 12));
	inside_drop(&in);
}

/* A program of two instructions, whose parts are all in the kernel's memory. */
static int load_inside(struct inside *in, uint32_t type)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, 1), EXIT()};
	struct bpfsys_prog_load_attr *attr = &in->area->attr.prog_load;

	memset(&in->area->attr, 0, sizeof(in->area->attr));
	memcpy(in->area->words, insns, sizeof(insns));
	strcpy(in->area->text, "GPL");
	attr->prog_type = type;
	attr->insn_cnt = COUNT_OF(insns);
	attr->insns = inside_ptr(in, in->area->words);
	attr->license = inside_ptr(in, in->area->text);
	strcpy(attr->prog_name, "inside");
	return inside_call(in, BPFSYS_PROG_LOAD, 72);
}

void prog_test_run__inside_program(void **state)
{
	struct bpfsys_prog_info info;
	struct inside in;
	int fd;

	inside_make_sys_bpf(&in, state);
	fd = load_inside(&in, BPF_PROG_TYPE_SOCKET_FILTER);
	expect_ok(state, "BPF_PROG_LOAD from inside", fd);
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	expect_u64(state, "info: type", BPF_PROG_TYPE_SOCKET_FILTER, info.type);
	expect_u64(state, "info: gpl_compatible", 1, info.gpl_compatible);
	expect_mem(state, "info: name", "inside", info.name, 7);
	expect_u64(state, "info: xlated_prog_len", 16, info.xlated_prog_len);
	in.area->attr.prog_load.license = 0;
	expect_error(state, "license NULL, from inside", EFAULT,
		     inside_call(&in, BPFSYS_PROG_LOAD, 72));
	inside_drop(&in);
}

void prog_test_run__inside_btf(void **state)
{
	struct bpfsys_btf_load_attr *attr;
	struct bpfsys_btf_info info;
	struct inside in;
	const void *blob;
	uint8_t back[256];
	uint32_t size;
	int fd;

	inside_make_sys_bpf(&in, state);
	blob = btf_blob(&size);
	memset(&in.area->attr, 0, sizeof(in.area->attr));
	memcpy(in.area->words, blob, size);
	attr = &in.area->attr.btf_load;
	attr->btf = inside_ptr(&in, in.area->words);
	attr->btf_size = size;
	fd = inside_call(&in, BPFSYS_BTF_LOAD, 28);
	expect_ok(state, "BPF_BTF_LOAD from inside", fd);
	memset(&info, 0, sizeof(info));
	info.btf = bpfsys_ptr(back);
	info.btf_size = sizeof(back);
	get_info(state, fd, &info, sizeof(info));
	close(fd);
	expect_u64(state, "info: btf_size", size, info.btf_size);
	expect_mem(state, "info: btf", blob, back, size);
	inside_drop(&in);
}

/* A link of a program that was loaded inside, too. */
void prog_test_run__inside_link(void **state)
{
	struct bpfsys_link_create_attr *attr;
	struct world world = {.state = state, .dir_fd = -1};
	struct inside in;
	uint32_t ids[2];
	int prog_fd, fd;

	make_cgroup(&world);
	inside_make_sys_bpf(&in, state);
	prog_fd = need(state, "BPF_PROG_LOAD from inside",
		       load_inside(&in, BPF_PROG_TYPE_CGROUP_SKB));
	memset(&in.area->attr, 0, sizeof(in.area->attr));
	attr = &in.area->attr.link_create;
	attr->prog_fd = (uint32_t)prog_fd;
	attr->target_fd = (uint32_t)world.dir_fd;
	/* What BPF_PROG_LOAD makes of expected_attach_type 0. */
	attr->attach_type = BPF_CGROUP_INET_EGRESS;
	fd = inside_call(&in, BPFSYS_LINK_CREATE, 16);
	expect_ok(state, "BPF_LINK_CREATE from inside", fd);
	expect_u64(state, "programs of the cgroup", 1,
		   query_cgroup(&world, ids, 2));
	expect_u64(state, "the program", id_of_prog(state, prog_fd), ids[0]);
	close(fd);
	expect_u64(state, "programs of the cgroup without the link", 0,
		   query_cgroup(&world, ids, 2));
	close(prog_fd);
	inside_drop(&in);
	close(world.dir_fd);
	rmdir(world.dir);
}

/* The name is taken from user space alone. */
void prog_test_run__inside_tracepoint(void **state)
{
	static const char name[] = "task_newtask";
	struct bpfsys_raw_tracepoint_attr *attr;
	uint64_t counters[COUNTERS];
	struct inside in;
	int fd, prog_fd, map_fd = make_counters(state);

	inside_make_sys_bpf(&in, state);
	prog_fd = make_newtask_prog(state, map_fd);
	memset(&in.area->attr, 0, sizeof(in.area->attr));
	attr = &in.area->attr.raw_tracepoint;
	attr->prog_fd = (uint32_t)prog_fd;
	attr->name = bpfsys_ptr(name);
	fd = inside_call(&in, BPFSYS_RAW_TRACEPOINT_OPEN, 12);
	expect_ok(state, "BPF_RAW_TRACEPOINT_OPEN from inside", fd);
	make_child(state);
	close(fd);
	make_child(state);
	read_counters(state, map_fd, counters);
	expect_u64(state, "tasks seen", 1, counters[0]);
	strcpy(in.area->text, name);
	attr->name = inside_ptr(&in, in.area->text);
	expect_error(state, "a name in the kernel's memory", EFAULT,
		     inside_call(&in, BPFSYS_RAW_TRACEPOINT_OPEN, 12));
	inside_drop(&in);
	close(prog_fd);
	close(map_fd);
}

void prog_test_run__inside_close(void **state)
{
	int fd = make_counters(state);
	struct inside in;

	inside_make_sys_close(&in, state);
	in.area->cmd = (uint32_t)fd;
	expect_u64(state, "bpf_sys_close", 0, (uint64_t)inside_run(&in));
	expect_true(state, "the descriptor is closed",
		    fcntl(fd, F_GETFD) < 0 && errno == EBADF);
	expect_error(state, "bpf_sys_close of what is closed", EBADF,
		     (int)inside_run(&in));
	in.area->cmd = CLOSED_FD;
	expect_error(state, "bpf_sys_close of what was never open", EBADF,
		     (int)inside_run(&in));
	inside_drop(&in);
}

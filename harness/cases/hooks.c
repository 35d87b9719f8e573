// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Programs that leave traces, and the cgroup that they attach to. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hooks.h"
#include "kernel.h"

void fill_prog(struct bpfsys_prog_load_attr *attr, uint32_t type,
	       const struct bpf_insn *insns, uint32_t count)
{
	memset(attr, 0, sizeof(*attr));
	attr->prog_type = type;
	attr->insns = bpfsys_ptr(insns);
	attr->insn_cnt = count;
	attr->license = bpfsys_ptr("GPL");
}

int load_prog(void **state, struct bpfsys_prog_load_attr *attr)
{
	const struct bpf_insn smallest[] = {MOV64_IMM(BPF_REG_0, 0), EXIT()};
	struct bpfsys_prog_load_attr probe = *attr;
	int ret = bpfsys_prog_load(attr);

	if (ret != -EINVAL)
		return need(state, "BPF_PROG_LOAD", ret);
	probe.insns = bpfsys_ptr(smallest);
	probe.insn_cnt = COUNT_OF(smallest);
	ret = bpfsys_prog_load(&probe);
	close_if_fd(ret);
	if (ret == -EINVAL)
		skip_case(state,
			  "no programs of type %u: BPF_PROG_LOAD of the "
			  "smallest one is EINVAL",
			  attr->prog_type);
	return need(state, "BPF_PROG_LOAD", -EINVAL);
}

int make_hook_prog(void **state, uint32_t type, const struct bpf_insn *insns,
		   uint32_t count)
{
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, type, insns, count);
	return load_prog(state, &attr);
}

int make_btf_prog(void **state, uint32_t type, uint32_t attach_type,
		  uint32_t btf_id, const struct bpf_insn *insns, uint32_t count)
{
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, type, insns, count);
	attr.expected_attach_type = attach_type;
	attr.attach_btf_id = btf_id;
	return load_prog(state, &attr);
}

int make_verdict_prog(void **state, uint32_t type, int32_t result)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, result), EXIT()};

	return make_hook_prog(state, type, insns, COUNT_OF(insns));
}

int make_counters(void **state)
{
	return make_map(state, BPF_MAP_TYPE_ARRAY, 4,
			COUNTERS * sizeof(uint64_t), 1, 0);
}

void read_counters(void **state, int map_fd, uint64_t counters[COUNTERS])
{
	struct bpfsys_map_elem_attr attr;
	uint32_t key = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = bpfsys_ptr(&key);
	attr.value = bpfsys_ptr(counters);
	need(state, "BPF_MAP_LOOKUP_ELEM", bpfsys_map_lookup_elem(&attr));
}

int make_newtask_prog(void **state, int counters_fd)
{
	const struct bpf_insn insns[] = {
		MOV64_REG(BPF_REG_6, BPF_REG_1),
		CALL_HELPER(BPF_FUNC_get_current_pid_tgid),
		ALU64_IMM(BPF_RSH, BPF_REG_0, 32),
		JMP_IMM(BPF_JNE, BPF_REG_0, getpid(), 7),
		LD_MAP_VALUE(BPF_REG_7, counters_fd, 0),
		COUNT_AT(BPF_REG_7, 0),
		/* task_newtask(struct task_struct *, unsigned long flags) */
		LDX(BPF_DW, BPF_REG_1, BPF_REG_6, 8),
		STX(BPF_DW, BPF_REG_7, BPF_REG_1, 8),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};

	return make_hook_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT, insns,
			      COUNT_OF(insns));
}

int open_program(int prog_fd, const char *name)
{
	struct bpfsys_raw_tracepoint_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.name = bpfsys_ptr(name);
	attr.prog_fd = (uint32_t)prog_fd;
	return bpfsys_raw_tracepoint_open(&attr);
}

int open_raw_tracepoint(void **state, const char *name, int prog_fd)
{
	return need(state, "BPF_RAW_TRACEPOINT_OPEN",
		    open_program(prog_fd, name));
}

void make_child(void **state)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	need(state, "fork", child < 0 ? -errno : 0);
	need(state, "waitpid", waitpid(child, NULL, 0) < 0 ? -errno : 0);
}

uint32_t run_on_packet(void **state, int prog_fd, uint32_t repeat)
{
	struct bpfsys_prog_test_run_attr attr;
	uint8_t packet[64];

	memset(packet, 0, sizeof(packet));
	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.data_in = bpfsys_ptr(packet);
	attr.data_size_in = sizeof(packet);
	attr.repeat = repeat;
	need(state, "BPF_PROG_TEST_RUN", bpfsys_prog_test_run(&attr));
	return attr.retval;
}

static uint32_t need_id(void **state, const char *name, int id)
{
	if (!kernel_has_btf())
		skip_case(state, "the kernel has no BTF to find %s in", name);
	if (id <= 0)
		skip_case(state, "the kernel's BTF has no %s", name);
	return (uint32_t)id;
}

uint32_t need_func_id(void **state, const char *name)
{
	return need_id(state, name, kernel_func_id(name));
}

uint32_t need_typedef_id(void **state, const char *name)
{
	return need_id(state, name, kernel_typedef_id(name));
}

uint32_t need_struct_id(void **state, const char *name)
{
	return need_id(state, name, kernel_struct_id(name));
}

void make_cgroup_hook(struct world *world)
{
	void **state = world->state;

	world->prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_CGROUP_SKB, 1);
	world->prog2_fd = make_verdict_prog(state, BPF_PROG_TYPE_CGROUP_SKB, 1);
	make_cgroup(world);
}

void make_cgroup_in(struct world *child, const char *parent)
{
	snprintf(child->path, sizeof(child->path), "%s/child", parent);
	need(child->state, "mkdir of a cgroup in a cgroup",
	     mkdir(child->path, 0755) != 0 ? -errno : 0);
	child->dir_fd = open(child->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	need(child->state, "open of the cgroup",
	     child->dir_fd < 0 ? -errno : 0);
}

void drop_cgroup(struct world *child)
{
	close(child->dir_fd);
	need(child->state, "rmdir of the cgroup in a cgroup",
	     rmdir(child->path) != 0 ? -errno : 0);
}

int attach_cgroup(struct world *world, int prog_fd, uint32_t flags)
{
	struct bpfsys_prog_attach_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)world->dir_fd;
	attr.attach_bpf_fd = (uint32_t)prog_fd;
	attr.attach_type = CGROUP_HOOK;
	attr.attach_flags = flags;
	return bpfsys_prog_attach(&attr);
}

static int detach_from(struct world *world, int prog_fd, uint32_t hook)
{
	struct bpfsys_prog_attach_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)world->dir_fd;
	attr.attach_bpf_fd = (uint32_t)prog_fd;
	attr.attach_type = hook;
	return bpfsys_prog_detach(&attr);
}

int detach_cgroup(struct world *world, int prog_fd)
{
	return detach_from(world, prog_fd, CGROUP_HOOK);
}

void clear_cgroup(struct world *world)
{
	detach_from(world, world->prog_fd, CGROUP_HOOK);
	detach_from(world, world->prog2_fd, CGROUP_HOOK);
	detach_from(world, world->prog_fd, BPF_CGROUP_INET_INGRESS);
	detach_from(world, world->prog2_fd, BPF_CGROUP_INET_INGRESS);
}

int link_cgroup(struct world *world, int prog_fd)
{
	struct bpfsys_link_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.target_fd = (uint32_t)world->dir_fd;
	attr.attach_type = CGROUP_HOOK;
	return bpfsys_link_create(&attr);
}

uint32_t query_cgroup(struct world *world, uint32_t *ids, uint32_t room)
{
	struct bpfsys_prog_query_attr attr;

	memset(&attr, 0, sizeof(attr));
	memset(ids, 0, room * sizeof(*ids));
	attr.target_fd = (uint32_t)world->dir_fd;
	attr.attach_type = CGROUP_HOOK;
	attr.prog_ids = bpfsys_ptr(ids);
	attr.prog_cnt = room;
	need(world->state, "BPF_PROG_QUERY", bpfsys_prog_query(&attr));
	return attr.prog_cnt;
}

/* The inode number is the whole id on 64-bit kernels only, its lower half on
 * others: fs/kernfs/dir.c, kernfs_id_ino(). A file handle has all of it, where
 * there are file handles. */
uint64_t id_of_cgroup(struct world *world)
{
	union {
		struct file_handle head;
		char room[sizeof(struct file_handle) + sizeof(uint64_t)];
	} handle;
	uint64_t id;
	struct stat st;
	int mount;

	memset(&handle, 0, sizeof(handle));
	handle.head.handle_bytes = sizeof(id);
	if (!name_to_handle_at(world->dir_fd, "", &handle.head, &mount,
			       AT_EMPTY_PATH)) {
		memcpy(&id, handle.head.f_handle, sizeof(id));
		return id;
	}
	need(world->state, "fstat of the cgroup",
	     fstat(world->dir_fd, &st) != 0 ? -errno : 0);
	return st.st_ino;
}

void keep_cgroup_hook(struct world *world)
{
	if (world->keys[0]++ == 1)
		world->link_fd = need(world->state, "BPF_LINK_CREATE",
				      link_cgroup(world, world->prog2_fd));
}

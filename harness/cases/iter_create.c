// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_ITER_CREATE, of an iterator over the maps of the system that writes the
 * id of each. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "hooks.h"
#include "kernel.h"

static uint32_t need_member(void **state, const char *path)
{
	uint32_t offset, size;

	if (!kernel_member(path, &offset, &size))
		skip_case(state, "the kernel's BTF has no %s", path);
	return offset;
}

/* struct bpf_iter__bpf_map: the iteration, and a map or, at the end, NULL. */
static int make_map_walker(void **state)
{
	uint32_t target = need_func_id(state, "bpf_iter_bpf_map");
	int16_t seq = (int16_t)need_member(state, "bpf_iter_meta.seq");
	int16_t id = (int16_t)need_member(state, "bpf_map.id");
	const struct bpf_insn insns[] = {
		LDX(BPF_DW, BPF_REG_2, BPF_REG_1, 8),
		JMP_IMM(BPF_JEQ, BPF_REG_2, 0, 8),
		LDX(BPF_W, BPF_REG_3, BPF_REG_2, id),
		STX(BPF_W, BPF_REG_10, BPF_REG_3, -4),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_1, 0),
		LDX(BPF_DW, BPF_REG_1, BPF_REG_1, seq),
		MOV64_REG(BPF_REG_2, BPF_REG_10),
		ADD64_IMM(BPF_REG_2, -4),
		MOV64_IMM(BPF_REG_3, 4),
		CALL_HELPER(BPF_FUNC_seq_write),
		MOV64_IMM(BPF_REG_0, 0),
		EXIT(),
	};
	struct bpfsys_prog_load_attr attr;

	fill_prog(&attr, BPF_PROG_TYPE_TRACING, insns, COUNT_OF(insns));
	attr.expected_attach_type = BPF_TRACE_ITER;
	attr.attach_btf_id = target;
	return load_prog(state, &attr);
}

static void make(struct world *world)
{
	struct bpfsys_link_create_attr attr;

	world->map_fd = make_counters(world->state);
	world->prog_fd = make_map_walker(world->state);
	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)world->prog_fd;
	attr.attach_type = BPF_TRACE_ITER;
	world->link_fd = need(world->state, "BPF_LINK_CREATE of the iterator",
			      bpfsys_link_create(&attr));
	world->zero_fd = world->link_fd;
}

static void arm(struct world *world, union argument *attr)
{
	attr->iter_create.link_fd = (uint32_t)world->link_fd;
}

static void disarm(struct world *world, int ret)
{
	(void)world;
	close_if_fd(ret);
}

/* How often ID is among the ids that reading FD to its end gives. */
static unsigned int count_id(void **state, int fd, uint32_t id)
{
	uint32_t ids[64];
	unsigned int found = 0;
	ssize_t n;

	while ((n = read(fd, ids, sizeof(ids))) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(ids[0]); i++)
			found += ids[i] == id;
	expect_ok(state, "read of the iterator", n < 0 ? -errno : 0);
	return found;
}

static void check_link(struct world *world)
{
	void **state = world->state;
	struct bpfsys_link_info info;
	char name[16];

	memset(name, 0x7f, sizeof(name));
	memset(&info, 0, sizeof(info));
	if (kernel_presence("bpf_link_info.iter.target_name",
			    BPFSYS_KV(5, 10)) == PRESENT) {
		info.iter.target_name = bpfsys_ptr(name);
		info.iter.target_name_len = sizeof(name);
	}
	get_info(state, world->link_fd, &info, sizeof(info));
	expect_u64(state, "info: type", BPF_LINK_TYPE_ITER, info.type);
	expect_u64(state, "info: prog_id", id_of_prog(state, world->prog_fd),
		   info.prog_id);
	if (info.iter.target_name)
		expect_mem(state, "info: target_name", "bpf_map", name,
			   sizeof("bpf_map"));
}

static void check(struct world *world, const union argument *attr, int ret)
{
	uint32_t id = id_of_map(world->state, world->map_fd);

	(void)attr;
	expect_u64(world->state, "times that the iterator lists the map", 1,
		   count_id(world->state, ret, id));
	check_link(world);
}

const struct witness witness_iter_create = {
	.make = make,
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

static void close_link(struct world *world, union argument *attr)
{
	(void)world;
	attr->iter_create.link_fd = CLOSED_FD;
}

void iter_create__closed_fd(void **state)
{
	judge_broken(state, close_link);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->iter_create.flags = 1;
}

void iter_create__unknown_flag(void **state)
{
	judge_broken(state, add_flag);
}

static void name_prog(struct world *world, union argument *attr)
{
	attr->iter_create.link_fd = (uint32_t)world->prog_fd;
}

void iter_create__not_a_link(void **state)
{
	judge_broken(state, name_prog);
}

static void name_tracepoint(struct world *world, union argument *attr)
{
	world->prog2_fd = make_newtask_prog(world->state, world->map_fd);
	close(world->link_fd);
	world->link_fd = open_raw_tracepoint(world->state, "task_newtask",
					     world->prog2_fd);
	attr->iter_create.link_fd = (uint32_t)world->link_fd;
}

void iter_create__not_an_iter(void **state)
{
	judge_broken(state, name_tracepoint);
}

/* Each descriptor is a walk of its own, which the link need not outlive. */
void iter_create__independent(void **state)
{
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int first, second;
	uint32_t id;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	first = need(state, "BPF_ITER_CREATE",
		     bpfsys_iter_create(&attr.iter_create));
	second = need(state, "BPF_ITER_CREATE",
		      bpfsys_iter_create(&attr.iter_create));
	close(world.link_fd);
	world.link_fd = -1;
	id = id_of_map(state, world.map_fd);
	expect_u64(state, "times that the first iterator lists the map", 1,
		   count_id(state, first, id));
	expect_u64(state, "times that the second iterator lists the map", 1,
		   count_id(state, second, id));
	close(first);
	close(second);
	world_drop(&world);
}

void iter_create__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}

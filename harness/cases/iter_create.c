// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_ITER_CREATE, of an iterator over the maps of the system that writes the
 * id of each. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "iter_walks.h"
#include "kernel.h"

static void make(struct world *world)
{
	struct bpfsys_link_create_attr attr;

	world->map_fd = make_counters(world->state);
	world->prog_fd = make_walker(world->state, &walk_maps);
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
	uint64_t ids[64];
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

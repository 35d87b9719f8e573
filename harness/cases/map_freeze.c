// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_MAP_FREEZE. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalogue.h"
#include "map_elem.h"

/* A frozen map stays so: each call gets a new one. */
static void arm(struct world *world, union argument *attr)
{
	close_if_fd(world->map_fd);
	world->map_fd = make_map(world->state, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	world->zero_fd = world->map_fd;
	attr->map_elem.map_fd = (uint32_t)world->map_fd;
}

static void check(struct world *world, const union argument *attr, int ret)
{
	struct bpfsys_map_elem_attr elem;
	uint64_t value = 1;
	uint32_t key = 0;

	(void)attr;
	(void)ret;
	memset(&elem, 0, sizeof(elem));
	elem.map_fd = (uint32_t)world->map_fd;
	elem.key = bpfsys_ptr(&key);
	elem.value = bpfsys_ptr(&value);
	expect_error(world->state, "update of a frozen map", EPERM,
		     bpfsys_map_update_elem(&elem));
	expect_ok(world->state, "lookup in a frozen map",
		  bpfsys_map_lookup_elem(&elem));
	expect_u64(world->state, "value in the frozen map", 0, value);
}

const struct witness witness_map_freeze = {
	.arm = arm,
	.check = check,
};

void map_freeze__closed_fd(void **state)
{
	judge_broken(state, break_map_fd);
}

static void break_not_a_map(struct world *world, union argument *attr)
{
	(void)world;
	attr->map_elem.map_fd = 0;
}

void map_freeze__not_a_map(void **state)
{
	judge_broken(state, break_not_a_map);
}

void map_freeze__mapped_writable(void **state)
{
	struct bpfsys_map_elem_attr attr;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int map_fd =
		make_map(state, BPF_MAP_TYPE_ARRAY, 4, 8, 1, BPF_F_MMAPABLE);
	void *memory =
		mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
	int ret;

	need(state, "mmap of a map", memory == MAP_FAILED ? -errno : 0);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	ret = bpfsys_map_freeze(&attr);
	munmap(memory, page);
	close(map_fd);
	expect_errno(state, ret);
}

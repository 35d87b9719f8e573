// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_GET. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "ids.h"
#include "map_elem.h"
#include "pin.h"

void make_pinnable(struct world *world)
{
	snprintf(world->path, sizeof(world->path), "/sys/fs/bpf/bpfabi-%d",
		 (int)getpid());
	make_hash(world);
	world->id = id_of_map(world->state, world->map_fd);
}

static void make(struct world *world)
{
	struct bpfsys_obj_attr pin;

	make_pinnable(world);
	memset(&pin, 0, sizeof(pin));
	pin.pathname = bpfsys_ptr(world->path);
	pin.bpf_fd = (uint32_t)world->map_fd;
	need(world->state, "BPF_OBJ_PIN", bpfsys_obj_pin(&pin));
}

static void arm(struct world *world, union argument *attr)
{
	attr->obj.pathname = bpfsys_ptr(world->path);
}

static void disarm(struct world *world, int ret)
{
	(void)world;
	close_if_fd(ret);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	(void)attr;
	expect_u64(world->state, "id of the map", world->id,
		   id_of_map(world->state, ret));
}

const struct witness witness_obj_get = {
	.make = make,
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

static void other_path(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.pathname = bpfsys_ptr("/sys/fs/bpf/no-such-pin");
}

void obj_get__no_such_path(void **state)
{
	judge_broken(state, other_path);
}

static void give_fd(struct world *world, union argument *attr)
{
	attr->obj.bpf_fd = (uint32_t)world->map_fd;
}

void obj_get__fd_given(void **state)
{
	judge_broken(state, give_fd);
}

static void both_flags(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.file_flags = BPF_F_RDONLY | BPF_F_WRONLY;
}

void obj_get__both_access_flags(void **state)
{
	judge_broken(state, both_flags);
}

static void break_unknown_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.file_flags = 1u << 30;
}

void obj_get__unknown_flag(void **state)
{
	judge_broken(state, break_unknown_flag);
}

static void break_null_pathname(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.pathname = 0;
}

void obj_get__null_pathname(void **state)
{
	judge_broken(state, break_null_pathname);
}

static void break_not_pinned(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.pathname = bpfsys_ptr("/sys/fs/bpf");
}

void obj_get__not_pinned(void **state)
{
	judge_broken(state, break_not_pinned);
}

void obj_get__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}

static void pinned_link(struct world *world, union argument *attr)
{
	struct bpfsys_obj_attr pin;

	unlink(world->path);
	make_link_id(world);
	memset(&pin, 0, sizeof(pin));
	pin.pathname = bpfsys_ptr(world->path);
	pin.bpf_fd = (uint32_t)world->link_fd;
	need(world->state, "BPF_OBJ_PIN of a link", bpfsys_obj_pin(&pin));
	attr->obj.file_flags = BPF_F_RDONLY;
}

void obj_get__access_of_link(void **state)
{
	judge_broken(state, pinned_link);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_OBJ_PIN. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalogue.h"
#include "objects.h"
#include "pin.h"

/* Before each call the name is free. */
static void arm(struct world *world, union argument *attr)
{
	unlink(world->path);
	attr->obj.pathname = bpfsys_ptr(world->path);
	attr->obj.bpf_fd = (uint32_t)world->map_fd;
}

static void check(struct world *world, const union argument *attr, int ret)
{
	struct bpfsys_obj_attr get;
	int fd;

	(void)attr;
	(void)ret;
	memset(&get, 0, sizeof(get));
	get.pathname = bpfsys_ptr(world->path);
	fd = need(world->state, "BPF_OBJ_GET", bpfsys_obj_get(&get));
	expect_u64(world->state, "id of the pinned map", world->id,
		   id_of_map(world->state, fd));
	close(fd);
}

const struct witness witness_obj_pin = {
	.make = make_pinnable,
	.arm = arm,
	.check = check,
};

static void close_fd(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.bpf_fd = CLOSED_FD;
}

void obj_pin__closed_fd(void **state)
{
	judge_broken(state, close_fd);
}

static void pin_before(struct world *world, union argument *attr)
{
	need(world->state, "the first BPF_OBJ_PIN", bpfsys_obj_pin(&attr->obj));
}

void obj_pin__path_exists(void **state)
{
	judge_broken(state, pin_before);
}

static void to_proc(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.pathname = bpfsys_ptr("/tmp/bpfabi-pin");
}

void obj_pin__not_bpffs(void **state)
{
	judge_broken(state, to_proc);
}

static void break_unknown_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.file_flags = 1u << 30;
}

void obj_pin__unknown_flag(void **state)
{
	judge_broken(state, break_unknown_flag);
}

static void break_null_pathname(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.pathname = 0;
}

void obj_pin__null_pathname(void **state)
{
	judge_broken(state, break_null_pathname);
}

static void break_dot_in_name(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.pathname = bpfsys_ptr("/sys/fs/bpf/bpfabi.pin");
}

void obj_pin__dot_in_name(void **state)
{
	judge_broken(state, break_dot_in_name);
}

static void break_no_such_directory(struct world *world, union argument *attr)
{
	(void)world;
	attr->obj.pathname = bpfsys_ptr("/sys/fs/bpf/no-such/pin");
}

void obj_pin__no_such_directory(void **state)
{
	judge_broken(state, break_no_such_directory);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Callers who may less, or have no room: the same for many commands. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "callers.h"
#include "progs.h"
#include "switches.h"

static void lose_sys_admin(struct world *world, union argument *attr)
{
	(void)attr;
	drop_caps(world->state, CAP_BIT(CAP_SYS_ADMIN));
}

void judge_no_sys_admin(void **state)
{
	judge_broken(state, lose_sys_admin);
	regain_caps(state);
}

static void lose_caps(struct world *world, union argument *attr)
{
	(void)attr;
	drop_caps(world->state, CAP_BIT(CAP_SYS_ADMIN) | CAP_BIT(CAP_BPF));
}

void judge_no_caps(void **state)
{
	judge_broken(state, lose_caps);
	regain_caps(state);
}

/* A new descriptor must be below the limit; those that are open stay. */
static void limit_descriptors(void **state, rlim_t limit)
{
	struct rlimit now;

	need(state, "getrlimit",
	     getrlimit(RLIMIT_NOFILE, &now) != 0 ? -errno : 0);
	now.rlim_cur = limit < now.rlim_max ? limit : now.rlim_max;
	need(state, "setrlimit",
	     setrlimit(RLIMIT_NOFILE, &now) != 0 ? -errno : 0);
}

static rlim_t limit_before;

void take_descriptors(void **state)
{
	struct rlimit now;

	need(state, "getrlimit",
	     getrlimit(RLIMIT_NOFILE, &now) != 0 ? -errno : 0);
	limit_before = now.rlim_cur;
	limit_descriptors(state, 0);
}

void give_descriptors(void **state)
{
	limit_descriptors(state, limit_before);
}

static void lose_descriptors(struct world *world, union argument *attr)
{
	(void)attr;
	take_descriptors(world->state);
}

void judge_no_descriptor(void **state)
{
	judge_broken(state, lose_descriptors);
	give_descriptors(state);
}

static int64_t file_max_before;

static void lose_files(struct world *world, union argument *attr)
{
	(void)attr;
	file_max_before = turn_switch(world->state, FILE_MAX, 0);
	drop_caps(world->state, CAP_BIT(CAP_SYS_ADMIN));
}

void judge_no_file(void **state)
{
	judge_broken(state, lose_files);
	regain_caps(state);
	turn_switch(state, FILE_MAX, file_max_before);
}

void judge_read_only_attr(void **state)
{
	struct run *run = *state;
	const struct bpfsys_command *cmd = run->which->command;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	union argument *attr = mmap(NULL, page, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	need(state, "mmap", attr == MAP_FAILED ? -errno : 0);
	w->arm(&world, attr);
	need(state, "mprotect", mprotect(attr, page, PROT_READ) ? -errno : 0);
	ret = bpfsys(cmd->nr, attr, cmd->group_end);
	munmap(attr, page);
	if (w->disarm)
		w->disarm(&world, ret);
	world_drop(&world);
	expect_errno(state, ret);
}

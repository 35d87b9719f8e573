// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The world that witnesses work in, and the case that every command succeeds.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "witness.h"

static const struct {
	const struct witness *witness;
	unsigned int nr;
} witnesses[] = {
#define CMD(name, id, nr, group, returns, cap, since) {&witness_##id, nr},
#include "abi/all.def"
};

const struct witness *witness_of(const struct bpfsys_command *cmd)
{
	for (size_t i = 0; i < sizeof(witnesses) / sizeof(witnesses[0]); i++)
		if (witnesses[i].nr == cmd->nr)
			return witnesses[i].witness;
	return NULL;
}

void world_make_for(struct world *world, void **state, const struct witness *w)
{
	memset(world, 0, sizeof(*world));
	world->state = state;
	world->map_fd = world->prog_fd = world->prog2_fd = -1;
	world->link_fd = world->btf_fd = world->dir_fd = -1;
	world->zero_fd = -1;
	if (w->make)
		w->make(world);
}

const struct witness *world_make(struct world *world, void **state)
{
	struct run *run = *state;
	const struct witness *w = witness_of(run->which->command);

	world_make_for(world, state, w);
	return w;
}

void close_if_fd(int ret)
{
	if (ret >= 0)
		close(ret);
}

void world_drop(struct world *world)
{
	close_if_fd(world->link_fd);
	close_if_fd(world->map_fd);
	close_if_fd(world->prog_fd);
	close_if_fd(world->prog2_fd);
	close_if_fd(world->btf_fd);
	close_if_fd(world->dir_fd);
	if (world->path[0])
		unlink(world->path);
	if (world->dir[0])
		rmdir(world->dir);
}

int call_wrapper(const struct bpfsys_command *cmd, union argument *attr)
{
	switch (cmd->nr) {
#define CMD(name, id, nr, group, returns, cap, since) \
	case nr:                                      \
		return bpfsys_##id(&attr->group);
#include "abi/all.def"
	default:
		return -EINVAL;
	}
}

bool witness_succeeded(const struct witness *w, int ret)
{
	return ret >= 0 || (w->good_end && ret == w->good_end);
}

/* What the return value of CMD must be. Descriptors are close-on-exec. */
static void check_return(void **state, const struct bpfsys_command *cmd,
			 int ret)
{
	if (cmd->returns == BPFSYS_RETURNS_ZERO && ret >= 0)
		expect_u64(state, "return value", 0, (uint64_t)ret);
	if (cmd->returns == BPFSYS_RETURNS_FD)
		expect_u64(state, "FD_CLOEXEC of the new descriptor",
			   FD_CLOEXEC, (uint64_t)fcntl(ret, F_GETFD));
}

void generic__witness(void **state)
{
	struct run *run = *state;
	const struct bpfsys_command *cmd = run->which->command;
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	ret = call_wrapper(cmd, &attr);
	if (!witness_succeeded(w, ret))
		expect_ok(state, "the command on a good argument", ret);
	check_return(state, cmd, ret);
	if (w->check)
		w->check(&world, &attr, ret);
	if (w->disarm)
		w->disarm(&world, ret);
	world_drop(&world);
}

void judge_broken(void **state, break_fn *brk)
{
	struct run *run = *state;
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	brk(&world, &attr);
	ret = call_wrapper(run->which->command, &attr);
	if (w->disarm)
		w->disarm(&world, ret);
	world_drop(&world);
	expect_errno(state, ret);
}

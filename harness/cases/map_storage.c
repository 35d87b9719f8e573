// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Storage of sockets, inodes, tasks and cgroups: an element belongs to what the
 * descriptor in the key is of, not to the descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalogue.h"
#include "lsm.h"
#include "map_typed.h"

/* Descriptors: two of one owner, and one of another of its kind. */
struct owners {
	int one, same, other;
};

static void drop_owners(const struct owners *owners)
{
	close(owners->one);
	close(owners->same);
	close(owners->other);
}

static int store(struct typed *map, int owner, uint32_t value, uint64_t flags)
{
	return typed_call(map, bpfsys_map_update_elem, (uint32_t)owner, value,
			  flags);
}

static int take_away(struct typed *map, int owner)
{
	return typed_call(map, bpfsys_map_delete_elem, (uint32_t)owner, 0, 0);
}

static void expect_none(struct typed *map, const char *what, int owner)
{
	expect_error(map->state, what, ENOENT,
		     typed_call(map, bpfsys_map_lookup_elem, (uint32_t)owner, 0,
				0));
}

static void expect_value(struct typed *map, const char *what, int owner,
			 uint32_t value)
{
	expect_ok(map->state, what,
		  typed_call(map, bpfsys_map_lookup_elem, (uint32_t)owner, 0,
			     0));
	expect_u64(map->state, "its value", value, map->value[0]);
}

/* What BPF_EXIST and BPF_NOEXIST say before and after the first update. */
static void judge_flags(struct typed *map, const struct owners *owners)
{
	void **state = map->state;

	expect_none(map, "lookup of an owner without", owners->one);
	expect_error(state, "delete of an owner without", ENOENT,
		     take_away(map, owners->one));
	expect_error(state, "BPF_EXIST on an owner without", ENOENT,
		     store(map, owners->one, 1, BPF_EXIST));
	expect_none(map, "lookup of an owner without", owners->one);
	expect_ok(state, "BPF_NOEXIST on an owner without",
		  store(map, owners->one, 2, BPF_NOEXIST));
	expect_value(map, "lookup of an owner", owners->one, 2);
	expect_error(state, "BPF_NOEXIST on an owner", EEXIST,
		     store(map, owners->same, 3, BPF_NOEXIST));
	expect_value(map, "lookup by another descriptor", owners->same, 2);
	expect_ok(state, "BPF_EXIST by another descriptor",
		  store(map, owners->same, 4, BPF_EXIST));
	expect_value(map, "lookup after BPF_EXIST", owners->one, 4);
	expect_ok(state, "BPF_ANY", store(map, owners->one, 5, BPF_ANY));
	expect_value(map, "lookup after BPF_ANY", owners->same, 5);
}

/* Another owner has its own element, and another map an own one of each. */
static void judge_others(struct typed *map, const struct owners *owners)
{
	static struct typed second;
	void **state = map->state;

	expect_none(map, "lookup of another owner", owners->other);
	expect_error(state, "delete of another owner", ENOENT,
		     take_away(map, owners->other));
	expect_ok(state, "BPF_NOEXIST on another owner",
		  store(map, owners->other, 6, BPF_NOEXIST));
	typed_need(&second, state, (enum map_number)map->shape->type);
	expect_none(&second, "lookup in another map", owners->one);
	typed_put(&second, (uint32_t)owners->one, 7);
	expect_value(map, "lookup of the owner", owners->same, 5);
	expect_value(&second, "lookup in another map", owners->same, 7);
	expect_ok(state, "delete by another descriptor",
		  take_away(map, owners->same));
	expect_none(map, "lookup of what was deleted", owners->one);
	expect_error(state, "delete of what was deleted", ENOENT,
		     take_away(map, owners->one));
	expect_value(map, "lookup of another owner", owners->other, 6);
	expect_value(&second, "lookup in another map", owners->one, 7);
	typed_drop(&second);
	expect_ok(state, "BPF_NOEXIST on what was deleted",
		  store(map, owners->one, 8, BPF_NOEXIST));
	expect_value(map, "lookup of the owner", owners->same, 8);
}

static void judge_storage(struct typed *map, const struct owners *owners)
{
	judge_flags(map, owners);
	judge_others(map, owners);
	typed_drop(map);
	drop_owners(owners);
}

void map_update_elem__socket_storage(void **state)
{
	struct owners owners;
	struct typed map;

	typed_need(&map, state, SHAPE_SK_STORAGE);
	owners.one = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	need(state, "socket", owners.one < 0 ? -errno : 0);
	owners.same = need(state, "dup", dup(owners.one));
	owners.other = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	need(state, "socket", owners.other < 0 ? -errno : 0);
	judge_storage(&map, &owners);
}

/* Without the module, inodes have no room for storage, and old kernels do not
 * look: bpf_inode(). */
void map_update_elem__inode_storage(void **state)
{
	char path[2][32] = {"/tmp/bpfabi-inode.XXXXXX",
			    "/tmp/bpfabi-inode.XXXXXX"};
	struct owners owners;
	struct typed map;

	typed_need(&map, state, SHAPE_INODE_STORAGE);
	if (!lsm_active(state)) {
		typed_drop(&map);
		skip_case(state, "bpf is not among the active security "
				 "modules, and inodes have no storage");
	}
	owners.one = mkostemp(path[0], O_CLOEXEC);
	need(state, "mkostemp", owners.one < 0 ? -errno : 0);
	owners.same = open(path[0], O_PATH | O_CLOEXEC);
	need(state, "open", owners.same < 0 ? -errno : 0);
	owners.other = mkostemp(path[1], O_CLOEXEC);
	need(state, "mkostemp", owners.other < 0 ? -errno : 0);
	unlink(path[0]);
	unlink(path[1]);
	judge_storage(&map, &owners);
}

static int open_task(void **state, pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return need(state, "pidfd_open", fd < 0 ? -errno : fd);
}

void map_update_elem__task_storage(void **state)
{
	struct owners owners;
	struct typed map;
	pid_t child;

	typed_need(&map, state, SHAPE_TASK_STORAGE);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	need(state, "fork", child < 0 ? -errno : 0);
	owners.one = open_task(state, getpid());
	owners.same = open_task(state, getpid());
	owners.other = open_task(state, child);
	judge_storage(&map, &owners);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

void map_update_elem__cgroup_local_storage(void **state)
{
	struct world world = {.state = state};
	struct owners owners;
	struct typed map;

	typed_need(&map, state, SHAPE_CGRP_STORAGE);
	make_cgroup(&world);
	owners.one = world.dir_fd;
	owners.same = open(world.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	need(state, "open", owners.same < 0 ? -errno : 0);
	owners.other = open("/sys/fs/cgroup", O_RDONLY | O_CLOEXEC);
	need(state, "open", owners.other < 0 ? -errno : 0);
	judge_storage(&map, &owners);
	rmdir(world.dir);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Iterators over tasks and cgroups: all, or those that the link names. */
#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "catalogue.h"
#include "iter_walks.h"
#include "kernel.h"

static const struct walk tasks = {"bpf_iter_task", {"task_struct.pid"}};
static const struct walk cgroups = {"bpf_iter_cgroup",
				    {"cgroup.kn", "kernfs_node.id"}};

void iter_create__tasks(void **state)
{
	static struct numbers numbers;

	walk_all(state, &tasks, NULL, &numbers);
	expect_u64(state, "times that this task is met", 1,
		   times(&numbers, (uint64_t)getpid()));
	expect_u64(state, "times that init is met", 1, times(&numbers, 1));
	expect_range(state, "tasks", 3, 4096, numbers.n);
}

static void need_task_targets(void **state)
{
	if (!kernel_offers(state, "bpf_iter_link_info.task", BPFSYS_KV(6, 1)))
		skip_case(state, "bpf_iter_link_info has no task");
}

void iter_create__one_task(void **state)
{
	static struct numbers numbers;
	union target target;

	need_task_targets(state);
	for (int i = 0; i < 3; i++) {
		memset(&target, 0, sizeof(target));
		if (i == 0)
			target.task.tid = (uint32_t)getpid();
		else if (i == 1)
			target.task.pid = (uint32_t)getpid();
		else
			target.task.pid_fd = (uint32_t)need(
				state, "pidfd_open",
				(int)syscall(SYS_pidfd_open, getpid(), 0));
		walk_all(state, &tasks, &target, &numbers);
		expect_u64(state, "tasks met", 1, numbers.n);
		expect_u64(state, "the task", (uint64_t)getpid(),
			   numbers.all[0]);
	}
	close((int)target.task.pid_fd);
}

/* Refuses TARGET with the errno of the case's row. */
static void refuse_target(void **state, const struct walk *walk,
			  const union target *target)
{
	int prog_fd = make_walker(state, walk);
	int ret = link_walker(prog_fd, target);

	close_if_fd(ret);
	close(prog_fd);
	expect_errno(state, ret);
}

void link_create__iter_two_tasks(void **state)
{
	union target target;

	need_task_targets(state);
	memset(&target, 0, sizeof(target));
	target.task.tid = target.task.pid = (uint32_t)getpid();
	refuse_target(state, &tasks, &target);
}

void link_create__iter_closed_pidfd(void **state)
{
	union target target;

	need_task_targets(state);
	memset(&target, 0, sizeof(target));
	target.task.pid_fd = CLOSED_FD;
	refuse_target(state, &tasks, &target);
}

/* A cgroup with a child, and their ids. */
struct pair {
	struct world parent, child;
	uint64_t id, child_id;
};

static void make_pair(struct pair *pair, void **state)
{
	if (!kernel_offers(state, "bpf_iter_link_info.cgroup", BPFSYS_KV(6, 1)))
		skip_case(state, "bpf_iter_link_info has no cgroup");
	memset(pair, 0, sizeof(*pair));
	pair->parent.state = pair->child.state = state;
	make_cgroup(&pair->parent);
	make_cgroup_in(&pair->child, pair->parent.dir);
	pair->id = id_of_cgroup(&pair->parent);
	pair->child_id = id_of_cgroup(&pair->child);
}

static void drop_pair(struct pair *pair)
{
	drop_cgroup(&pair->child);
	close(pair->parent.dir_fd);
	rmdir(pair->parent.dir);
}

/* Walks the cgroups of PAIR in ORDER. */
static void walk_pair(struct pair *pair, uint32_t order, bool by_id,
		      struct numbers *numbers)
{
	union target target;

	memset(&target, 0, sizeof(target));
	target.cgroup.order = order;
	if (by_id)
		target.cgroup.id = pair->id;
	else
		target.cgroup.fd = (uint32_t)pair->parent.dir_fd;
	walk_all(pair->parent.state, &cgroups, &target, numbers);
}

/* enum bpf_cgroup_iter_order */
enum { SELF_ONLY = 1, DESCENDANTS_PRE, DESCENDANTS_POST, ANCESTORS_UP };

void iter_create__cgroups(void **state)
{
	static struct numbers numbers;
	struct pair pair;

	make_pair(&pair, state);
	for (int by_id = 0; by_id < 2; by_id++) {
		walk_pair(&pair, SELF_ONLY, by_id, &numbers);
		expect_u64(state, "SELF_ONLY: cgroups", 1, numbers.n);
		expect_u64(state, "SELF_ONLY: itself", pair.id, numbers.all[0]);
		walk_pair(&pair, DESCENDANTS_PRE, by_id, &numbers);
		expect_u64(state, "DESCENDANTS_PRE: cgroups", 2, numbers.n);
		expect_u64(state, "DESCENDANTS_PRE: first", pair.id,
			   numbers.all[0]);
		expect_u64(state, "DESCENDANTS_PRE: second", pair.child_id,
			   numbers.all[1]);
		walk_pair(&pair, DESCENDANTS_POST, by_id, &numbers);
		expect_u64(state, "DESCENDANTS_POST: cgroups", 2, numbers.n);
		expect_u64(state, "DESCENDANTS_POST: first", pair.child_id,
			   numbers.all[0]);
		expect_u64(state, "DESCENDANTS_POST: second", pair.id,
			   numbers.all[1]);
		walk_pair(&pair, ANCESTORS_UP, by_id, &numbers);
		expect_range(state, "ANCESTORS_UP: cgroups", 2, 64, numbers.n);
		expect_u64(state, "ANCESTORS_UP: first", pair.id,
			   numbers.all[0]);
		expect_u64(state, "ANCESTORS_UP: the child", 0,
			   times(&numbers, pair.child_id));
	}
	drop_pair(&pair);
}

void link_create__iter_cgroup_order(void **state)
{
	const uint32_t orders[] = {0, 99};
	struct pair pair;

	make_pair(&pair, state);
	for (size_t i = 0; i < COUNT_OF(orders); i++) {
		union target target;

		memset(&target, 0, sizeof(target));
		target.cgroup.order = orders[i];
		target.cgroup.fd = (uint32_t)pair.parent.dir_fd;
		refuse_target(state, &cgroups, &target);
	}
	drop_pair(&pair);
}

void link_create__iter_cgroup_twice(void **state)
{
	union target target;
	struct pair pair;

	make_pair(&pair, state);
	memset(&target, 0, sizeof(target));
	target.cgroup.order = SELF_ONLY;
	target.cgroup.fd = (uint32_t)pair.parent.dir_fd;
	target.cgroup.id = pair.id;
	refuse_target(state, &cgroups, &target);
	drop_pair(&pair);
}

static void refuse_cgroup(void **state, uint32_t fd, uint64_t id)
{
	union target target;

	if (!kernel_offers(state, "bpf_iter_link_info.cgroup", BPFSYS_KV(6, 1)))
		skip_case(state, "bpf_iter_link_info has no cgroup");
	memset(&target, 0, sizeof(target));
	target.cgroup.order = SELF_ONLY;
	target.cgroup.fd = fd;
	target.cgroup.id = id;
	refuse_target(state, &cgroups, &target);
}

void link_create__iter_cgroup_closed(void **state)
{
	refuse_cgroup(state, CLOSED_FD, 0);
}

void link_create__iter_cgroup_not_there(void **state)
{
	refuse_cgroup(state, 0, 0x7fffffff00000000);
}

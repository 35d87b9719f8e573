// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* A cgroup with one below it, what hangs at any hook of theirs, and processes
 * that act in them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroups.h"
#include "kernel.h"
#include "lacking.h"

static void no_objects(struct world *world, void **state)
{
	memset(world, 0, sizeof(*world));
	world->state = state;
	world->map_fd = world->prog_fd = world->prog2_fd = world->link_fd =
		world->btf_fd = world->dir_fd = world->zero_fd = -1;
}

void cgroups_make(struct cgroups *cgroups, void **state, int n)
{
	cgroups->state = state;
	no_objects(&cgroups->above, state);
	no_objects(&cgroups->below, state);
	for (int i = 0; i < 4; i++)
		cgroups->progs[i] =
			i < n ? make_verdict_prog(state,
						  BPF_PROG_TYPE_CGROUP_SKB, 1)
			      : -1;
	make_cgroup(&cgroups->above);
	make_cgroup_in(&cgroups->below, cgroups->above.dir);
}

void cgroups_drop(struct cgroups *cgroups)
{
	for (int i = 0; i < 4; i++)
		close_if_fd(cgroups->progs[i]);
	drop_cgroup(&cgroups->below);
	world_drop(&cgroups->above);
}

static void fill(struct bpfsys_prog_attach_attr *attr, int dir_fd,
		 uint32_t hook, int prog_fd)
{
	memset(attr, 0, sizeof(*attr));
	attr->target_fd = (uint32_t)dir_fd;
	attr->attach_bpf_fd = (uint32_t)prog_fd;
	attr->attach_type = hook;
}

int attach_at(int dir_fd, uint32_t hook, int prog_fd, uint32_t flags)
{
	struct bpfsys_prog_attach_attr attr;

	fill(&attr, dir_fd, hook, prog_fd);
	attr.attach_flags = flags;
	return bpfsys_prog_attach(&attr);
}

int detach_at(int dir_fd, uint32_t hook, int prog_fd)
{
	struct bpfsys_prog_attach_attr attr;

	fill(&attr, dir_fd, hook, prog_fd);
	return bpfsys_prog_detach(&attr);
}

int link_at(int dir_fd, uint32_t hook, int prog_fd)
{
	struct bpfsys_link_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)prog_fd;
	attr.target_fd = (uint32_t)dir_fd;
	attr.attach_type = hook;
	return bpfsys_link_create(&attr);
}

int list_hook(int dir_fd, uint32_t hook, uint32_t flags, uint32_t room,
	      struct hook_list *list)
{
	struct bpfsys_prog_query_attr attr;
	int ret;

	memset(list->ids, 0x7f, sizeof(list->ids));
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)dir_fd;
	attr.attach_type = hook;
	attr.query_flags = flags;
	attr.prog_ids = bpfsys_ptr(list->ids);
	attr.prog_cnt = room;
	ret = bpfsys_prog_query(&attr);
	list->count = attr.prog_cnt;
	list->revision = attr.revision;
	return ret;
}

void expect_hook(void **state, const char *what, int dir_fd, uint32_t hook,
		 uint32_t flags, const int *prog_fds, uint32_t n)
{
	struct hook_list list;
	char text[160];

	expect_ok(state, what, list_hook(dir_fd, hook, flags, 8, &list));
	snprintf(text, sizeof(text), "%s: prog_cnt", what);
	expect_u64(state, text, n, list.count);
	for (uint32_t i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%s: prog_ids[%u]", what, i);
		expect_u64(state, text, id_of_prog(state, prog_fds[i]),
			   list.ids[i]);
	}
}

int act_in(void **state, int dir_fd, int (*act)(void))
{
	pid_t child = fork();
	int status, procs;

	if (child == 0) {
		procs = openat(dir_fd, "cgroup.procs", O_WRONLY | O_CLOEXEC);
		if (procs < 0 || write(procs, "0", 1) != 1)
			_exit(255);
		_exit(act());
	}
	need(state, "fork", child < 0 ? -errno : 0);
	need(state, "waitpid", waitpid(child, &status, 0) < 0 ? -errno : 0);
	expect_true(state, "a child enters the cgroup and acts",
		    WIFEXITED(status) && WEXITSTATUS(status) != 255);
	return WEXITSTATUS(status);
}

int act_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = fd < 0 ? errno : 0;

	close_if_fd(fd);
	return err;
}

#define REVISIONS "cgroup_bpf.revisions", BPFSYS_KV(6, 17)

/* The flag is older than the revisions, and in no BTF. */
void need_preorder(void **state)
{
	struct cgroups cgroups;
	int ret;

	if (kernel_presence(REVISIONS) == PRESENT)
		return;
	cgroups_make(&cgroups, state, 1);
	ret = attach_at(cgroups.above.dir_fd, CGROUP_HOOK, cgroups.progs[0],
			BPF_F_ALLOW_MULTI | BPFABI_F_PREORDER);
	cgroups_drop(&cgroups);
	if (ret == -EINVAL)
		skip_case(state, "no BPF_F_PREORDER: BPF_PROG_ATTACH is "
				 "EINVAL");
	need(state, "BPF_PROG_ATTACH with BPF_F_PREORDER", ret);
}

void need_revisions(void **state)
{
	if (!kernel_offers(state, REVISIONS))
		skip_field(state, "prog_attach", "expected_revision");
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* What runs in a cgroup: its own programs and those from above, in which order,
 * behind updates of links too. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "catalogue.h"
#include "cgroups.h"
#include "known.h"
#include "links.h"

static int attach(int dir_fd, int prog_fd, uint32_t flags)
{
	return attach_at(dir_fd, CGROUP_HOOK, prog_fd,
			 BPF_F_ALLOW_MULTI | flags);
}

static void expect_effective(void **state, const char *what, int dir_fd,
			     const int *prog_fds, uint32_t n)
{
	expect_hook(state, what, dir_fd, CGROUP_HOOK, BPF_F_QUERY_EFFECTIVE,
		    prog_fds, n);
}

/* The list that runs is another than the one that a query without flags shows:
 * kernel/bpf/cgroup.c, replace_effective_prog(). */
void link_update__effective(void **state)
{
	struct cgroups cgroups;
	const int *progs = cgroups.progs;
	int fd;

	cgroups_make(&cgroups, state, 2);
	fd = need(state, "BPF_LINK_CREATE",
		  link_at(cgroups.above.dir_fd, CGROUP_HOOK, progs[0]));
	expect_effective(state, "below, before the update",
			 cgroups.below.dir_fd, &progs[0], 1);
	expect_ok(state, "BPF_LINK_UPDATE", link_update_to(fd, progs[1]));
	expect_effective(state, "in the link's cgroup", cgroups.above.dir_fd,
			 &progs[1], 1);
	expect_effective(state, "below", cgroups.below.dir_fd, &progs[1], 1);
	close(fd);
	cgroups_drop(&cgroups);
}

/* The place is counted over all that runs: here a program of the cgroup below,
 * the one before the link, the link's, the one behind it. */
void link_update__effective_place(void **state)
{
	struct cgroups cgroups;
	const int *progs = cgroups.progs;
	int fd, above, below;

	cgroups_make(&cgroups, state, 4);
	above = cgroups.above.dir_fd;
	below = cgroups.below.dir_fd;
	need(state, "BPF_PROG_ATTACH below", attach(below, progs[3], 0));
	need(state, "BPF_PROG_ATTACH before", attach(above, progs[0], 0));
	fd = need(state, "BPF_LINK_CREATE",
		  link_at(above, CGROUP_HOOK, progs[1]));
	need(state, "BPF_PROG_ATTACH behind", attach(above, progs[2], 0));
	expect_ok(state, "BPF_LINK_UPDATE", link_update_to(fd, progs[3]));
	expect_effective(state, "in the link's cgroup", above,
			 (int[]){progs[0], progs[3], progs[2]}, 3);
	expect_effective(state, "below", below,
			 (int[]){progs[3], progs[0], progs[3], progs[2]}, 4);
	close(fd);
	expect_effective(state, "below, without the link", below,
			 (int[]){progs[3], progs[0], progs[2]}, 3);
	cgroups_drop(&cgroups);
}

/* Programs with BPF_F_PREORDER come before what is before them in the cgroup's
 * list. Whether an update misses the link's place: both programs' ids. */
static bool place_missed(struct cgroups *cgroups)
{
	const int *progs = cgroups->progs;
	struct hook_list list;
	void **state = cgroups->state;

	expect_ok(state, "BPF_PROG_QUERY",
		  list_hook(cgroups->above.dir_fd, CGROUP_HOOK,
			    BPF_F_QUERY_EFFECTIVE, 8, &list));
	return list.count == 2 && list.ids[0] == id_of_prog(state, progs[1]) &&
	       list.ids[1] == id_of_prog(state, progs[0]);
}

void link_update__effective_preorder(void **state)
{
	struct cgroups cgroups;
	const int *progs = cgroups.progs;
	int fd, above;
	bool missed;

	need_preorder(state);
	cgroups_make(&cgroups, state, 3);
	above = cgroups.above.dir_fd;
	fd = need(state, "BPF_LINK_CREATE",
		  link_at(above, CGROUP_HOOK, progs[0]));
	need(state, "BPF_F_PREORDER",
	     attach(above, progs[2], BPFABI_F_PREORDER));
	expect_effective(state, "before the update", above,
			 (int[]){progs[2], progs[0]}, 2);
	expect_ok(state, "BPF_LINK_UPDATE", link_update_to(fd, progs[1]));
	missed = place_missed(&cgroups);
	if (!missed || !is_known(state, "the other's place"))
		expect_effective(state, "in the link's cgroup", above,
				 (int[]){progs[2], progs[1]}, 2);
	close(fd);
	cgroups_drop(&cgroups);
}

static int make_socket_prog(void **state, int32_t result)
{
	return make_trivial_prog(state, BPF_PROG_TYPE_CGROUP_SOCK,
				 BPF_CGROUP_INET_SOCK_CREATE, result);
}

void link_update__runs(void **state)
{
	int fd, below, allow = make_socket_prog(state, 1),
		       forbid = make_socket_prog(state, 0);
	struct cgroups cgroups;

	cgroups_make(&cgroups, state, 0);
	below = cgroups.below.dir_fd;
	fd = need(state, "BPF_LINK_CREATE",
		  link_at(cgroups.above.dir_fd, BPF_CGROUP_INET_SOCK_CREATE,
			  allow));
	expect_u64(state, "errno of socket(), which the program allows", 0,
		   (uint64_t)act_in(state, below, act_socket));
	expect_ok(state, "BPF_LINK_UPDATE", link_update_to(fd, forbid));
	expect_u64(state, "errno of socket(), which the new one forbids", EPERM,
		   (uint64_t)act_in(state, below, act_socket));
	expect_ok(state, "BPF_LINK_UPDATE back", link_update_to(fd, allow));
	expect_u64(state, "errno of socket(), with the first again", 0,
		   (uint64_t)act_in(state, below, act_socket));
	close(fd);
	close(forbid);
	close(allow);
	cgroups_drop(&cgroups);
}

/* As prog_query/too_many_programs, for the list that runs. */
void prog_query__effective_too_many(void **state)
{
	struct hook_list list;
	struct cgroups cgroups;
	int ret;

	cgroups_make(&cgroups, state, 3);
	for (int i = 0; i < 3; i++)
		need(state, "BPF_PROG_ATTACH",
		     attach(i ? cgroups.above.dir_fd : cgroups.below.dir_fd,
			    cgroups.progs[i], 0));
	ret = list_hook(cgroups.below.dir_fd, CGROUP_HOOK,
			BPF_F_QUERY_EFFECTIVE, 1, &list);
	expect_error(state, "BPF_PROG_QUERY with prog_cnt 1", ENOSPC, ret);
	expect_u64(state, "prog_cnt", 3, list.count);
	expect_u64(state, "prog_ids[0]", id_of_prog(state, cgroups.progs[0]),
		   list.ids[0]);
	expect_u64(state, "prog_ids[1], for which there is no room", 0x7f7f7f7f,
		   list.ids[1]);
	cgroups_drop(&cgroups);
}

/* From above to below, and in a cgroup in the order of attachment. */
void prog_attach__preorder(void **state)
{
	struct cgroups cgroups;
	const int *progs = cgroups.progs;
	int above, below;

	need_preorder(state);
	cgroups_make(&cgroups, state, 4);
	above = cgroups.above.dir_fd;
	below = cgroups.below.dir_fd;
	need(state, "BPF_PROG_ATTACH below", attach(below, progs[3], 0));
	expect_ok(state, "BPF_F_PREORDER below",
		  attach(below, progs[2], BPFABI_F_PREORDER));
	expect_ok(state, "BPF_F_PREORDER above",
		  attach(above, progs[0], BPFABI_F_PREORDER));
	expect_ok(state, "a second BPF_F_PREORDER above",
		  attach(above, progs[1], BPFABI_F_PREORDER));
	expect_effective(state, "above", above, progs, 2);
	expect_effective(state, "below", below, progs, 4);
	expect_ok(state, "BPF_PROG_DETACH of the first",
		  detach_at(above, CGROUP_HOOK, progs[0]));
	expect_effective(state, "below, without the first", below, &progs[1],
			 3);
	cgroups_drop(&cgroups);
}

/* Before the cgroup's own programs only with the flag. */
void prog_attach__preorder_beside(void **state)
{
	struct cgroups cgroups;
	const int *progs = cgroups.progs;
	int above, below;

	need_preorder(state);
	cgroups_make(&cgroups, state, 3);
	above = cgroups.above.dir_fd;
	below = cgroups.below.dir_fd;
	need(state, "BPF_PROG_ATTACH above", attach(above, progs[2], 0));
	need(state, "BPF_PROG_ATTACH below", attach(below, progs[1], 0));
	need(state, "BPF_F_PREORDER above",
	     attach(above, progs[0], BPFABI_F_PREORDER));
	expect_effective(state, "above", above, (int[]){progs[0], progs[2]}, 2);
	expect_effective(state, "below", below, progs, 3);
	cgroups_drop(&cgroups);
}

static void expect_revision(struct cgroups *cgroups, const char *behind,
			    uint64_t revision)
{
	struct hook_list list;

	need(cgroups->state, "BPF_PROG_QUERY",
	     list_hook(cgroups->above.dir_fd, CGROUP_HOOK, 0, 8, &list));
	expect_u64(cgroups->state, behind, revision, list.revision);
}

static int replace(struct cgroups *cgroups)
{
	struct bpfsys_prog_attach_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroups->above.dir_fd;
	attr.attach_bpf_fd = (uint32_t)cgroups->progs[1];
	attr.attach_type = CGROUP_HOOK;
	attr.attach_flags = BPF_F_ALLOW_MULTI | BPF_F_REPLACE;
	attr.replace_bpf_fd = (uint32_t)cgroups->progs[0];
	return bpfsys_prog_attach(&attr);
}

void prog_attach__cgroup_revisions(void **state)
{
	struct cgroups cgroups;
	const int *progs = cgroups.progs;
	int fd, above;

	need_revisions(state);
	cgroups_make(&cgroups, state, 2);
	above = cgroups.above.dir_fd;
	expect_revision(&cgroups, "revision of an empty hook", 1);
	need(state, "BPF_PROG_ATTACH", attach(above, progs[0], 0));
	expect_revision(&cgroups, "revision behind an attach", 2);
	need(state, "BPF_PROG_ATTACH with BPF_F_REPLACE", replace(&cgroups));
	expect_revision(&cgroups, "revision behind a replacement", 3);
	fd = need(state, "BPF_LINK_CREATE",
		  link_at(above, CGROUP_HOOK, progs[0]));
	expect_revision(&cgroups, "revision behind a link", 4);
	need(state, "BPF_LINK_UPDATE", link_update_to(fd, progs[1]));
	expect_revision(&cgroups, "revision behind the link's update", 5);
	close(fd);
	expect_revision(&cgroups, "revision behind the link's end", 6);
	need(state, "BPF_PROG_DETACH", detach_at(above, CGROUP_HOOK, progs[1]));
	expect_revision(&cgroups, "revision behind a detach", 7);
	cgroups_drop(&cgroups);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Callers who may less, or have no room: the same for many commands. */
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call.h"
#include "callers.h"
#include "kernel.h"
#include "progs.h"
#include "sysctl.h"

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

static const uint64_t caps_of[N_CALLERS] = {
	[ONLY_CAP_BPF] = CAP_BIT(CAP_BPF),
	[ONLY_CAP_PERFMON] = CAP_BIT(CAP_PERFMON),
	[ONLY_CAP_NET_ADMIN] = CAP_BIT(CAP_NET_ADMIN),
	[ONLY_CAP_SYS_ADMIN] = CAP_BIT(CAP_SYS_ADMIN),
};

/* Behind the argument, what the call returned in another process. */
struct caller_area {
	union argument attr;
	int ret;
};

union argument *caller_memory(void **state)
{
	struct caller_area *area =
		mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need(state, "mmap", area == MAP_FAILED ? -errno : 0);
	return &area->attr;
}

void caller_memory_drop(union argument *attr)
{
	munmap(attr, sizeof(struct caller_area));
}

/* kernel/bpf/syscall.c, __sys_bpf(): so it was before 5.19, with which came
 * cookies of tracing links, too. */
bool caller_is_told_first(void **state)
{
	return !kernel_offers(state, "bpf_attr.link_create.tracing",
			      BPFSYS_KV(5, 19));
}

/* Where the kernel has no user namespaces, unshare() says EINVAL, and there is
 * no /proc/self/ns/user. */
void need_userns(void **state)
{
	if (access("/proc/self/ns/user", F_OK) != 0 && errno == ENOENT)
		skip_case(state, "the kernel has no user namespaces: no "
				 "/proc/self/ns/user");
}

static int call_in_userns(void **state, const struct bpfsys_command *cmd,
			  union argument *attr)
{
	struct caller_area *area = (struct caller_area *)attr;
	union argument before = *attr;
	int status = -1;
	pid_t child;

	need_userns(state);
	child = need(state, "fork", (int)fork());
	if (child == 0) {
		if (unshare(CLONE_NEWUSER) != 0)
			_exit(1);
		area->ret = call_wrapper(cmd, attr);
		_exit(0);
	}
	waitpid(child, &status, 0);
	need(state, "unshare(CLONE_NEWUSER) in a child", status ? -EPERM : 0);
	call_remember(cmd->nr, &before, cmd->group_end, area->ret);
	if (cmd->returns == BPFSYS_RETURNS_FD && area->ret >= 0)
		return CLOSED_FD;
	return area->ret;
}

int call_with_caps(void **state, uint64_t caps,
		   const struct bpfsys_command *cmd, union argument *attr)
{
	int ret;

	drop_caps(state, ~caps);
	ret = call_wrapper(cmd, attr);
	regain_caps(state);
	return ret;
}

int call_as(void **state, enum caller caller, const struct bpfsys_command *cmd,
	    union argument *attr)
{
	if (caller == CALLER_USERNS)
		return call_in_userns(state, cmd, attr);
	return call_with_caps(state, caps_of[caller], cmd, attr);
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

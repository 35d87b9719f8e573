// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Programs at LSM hooks, of all tasks and of those in a cgroup. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "catalogue.h"
#include "cgroups.h"
#include "kernel.h"

#define HOOK	   "bpf_lsm_task_setnice"
#define LSM_CGROUP 43 /* BPF_LSM_CGROUP */

enum { LINK_TRACING = 2, LINK_CGROUP = 3 };

static int make_lsm(void **state, uint32_t attach_type, int32_t result)
{
	const struct bpf_insn insns[] = {MOV64_IMM(BPF_REG_0, result), EXIT()};

	return make_btf_prog(state, BPF_PROG_TYPE_LSM, attach_type,
			     need_func_id(state, HOOK), insns, COUNT_OF(insns));
}

static int make_lsm_of_cgroup(void **state, int32_t result)
{
	if (!kernel_has_constant("BPF_LSM_CGROUP"))
		skip_case(state, "the kernel's BTF has no BPF_LSM_CGROUP");
	return make_lsm(state, LSM_CGROUP, result);
}

/* LSM programs of cgroups need one. */
void raw_tracepoint_open__lsm_of_cgroup(void **state)
{
	int prog_fd = make_lsm_of_cgroup(state, 1);
	int ret = open_program(prog_fd, NULL);

	close_if_fd(ret);
	close(prog_fd);
	expect_errno(state, ret);
}

#define SECURITYFS "/sys/kernel/security"

/* Programs at LSM hooks are asked where "bpf" is among the LSMs that boot
 * turned on. */
static bool lsm_is_on(void)
{
	bool mounted =
		mount("securityfs", SECURITYFS, "securityfs", 0, NULL) == 0;
	FILE *f = fopen(SECURITYFS "/lsm", "re");
	char names[256] = "";

	if (f) {
		if (!fgets(names, sizeof(names), f))
			names[0] = '\0';
		fclose(f);
	}
	if (mounted)
		umount(SECURITYFS);
	return strstr(names, "bpf");
}

static int set_nice(void)
{
	return setpriority(PRIO_PROCESS, 0, 0) != 0 ? errno : 0;
}

static void check_lsm_info(void **state, int fd)
{
	struct bpfsys_link_info info;

	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	expect_u64(state, "info: type", LINK_TRACING, info.type);
	expect_u64(state, "info: attach_type", BPF_LSM_MAC,
		   info.tracing.attach_type);
	expect_field(state, "bpf_link_info.tracing.target_btf_id",
		     BPFSYS_KV(5, 13), "info: target_btf_id",
		     need_func_id(state, HOOK), info.tracing.target_btf_id);
}

/* The hook's answer is the program's while the link is open. */
void raw_tracepoint_open__lsm(void **state)
{
	int prog_fd = make_lsm(state, BPF_LSM_MAC, -EXDEV);
	int fd = open_program(prog_fd, NULL), err;

	expect_ok(state, "BPF_RAW_TRACEPOINT_OPEN of BPF_LSM_MAC", fd);
	check_lsm_info(state, fd);
	err = set_nice();
	close(fd);
	close(prog_fd);
	expect_u64(state,
		   "errno of setpriority, the program's where it is asked",
		   lsm_is_on() ? EXDEV : 0, (uint64_t)err);
	expect_u64(state, "errno of setpriority behind the close", 0,
		   (uint64_t)set_nice());
}

/* errno of setpriority in the cgroup of WORLD. */
static int set_nice_in(struct world *world)
{
	return act_in(world->state, world->dir_fd, set_nice);
}

/* A program that forbids, and its cgroup. */
static void make_world(struct world *world, void **state)
{
	memset(world, 0, sizeof(*world));
	world->state = state;
	world->map_fd = world->prog2_fd = world->link_fd = world->btf_fd =
		world->dir_fd = world->zero_fd = -1;
	world->prog_fd = make_lsm_of_cgroup(state, 0);
	make_cgroup(world);
}

/* In the cgroup the program is asked, and nowhere else. */
static void check_asked(struct world *world)
{
	expect_u64(world->state, "errno of setpriority in the cgroup",
		   lsm_is_on() ? EPERM : 0, (uint64_t)set_nice_in(world));
	expect_u64(world->state, "errno of setpriority outside", 0,
		   (uint64_t)set_nice());
}

static int query(struct world *world, struct bpfsys_prog_query_attr *attr,
		 uint32_t ids[2], uint32_t flags[2])
{
	memset(ids, 0x7f, 2 * sizeof(*ids));
	memset(attr, 0, sizeof(*attr));
	attr->target_fd = (uint32_t)world->dir_fd;
	attr->attach_type = LSM_CGROUP;
	attr->prog_ids = bpfsys_ptr(ids);
	attr->prog_cnt = 2;
	attr->prog_attach_flags = bpfsys_ptr(flags);
	return bpfsys_prog_query(attr);
}

static void fill_attach(struct world *world,
			struct bpfsys_prog_attach_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
	attr->target_fd = (uint32_t)world->dir_fd;
	attr->attach_bpf_fd = (uint32_t)world->prog_fd;
	attr->attach_type = LSM_CGROUP;
}

void prog_attach__lsm_cgroup(void **state)
{
	struct bpfsys_prog_attach_attr attr;
	struct bpfsys_prog_query_attr asked;
	uint32_t ids[2], flags[2] = {7, 7};
	struct world world;

	make_world(&world, state);
	fill_attach(&world, &attr);
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	expect_ok(state, "BPF_PROG_ATTACH of BPF_LSM_CGROUP",
		  bpfsys_prog_attach(&attr));
	check_asked(&world);
	expect_ok(state, "BPF_PROG_QUERY of BPF_LSM_CGROUP",
		  query(&world, &asked, ids, flags));
	expect_u64(state, "prog_cnt", 1, asked.prog_cnt);
	expect_u64(state, "prog_ids[0]", id_of_prog(state, world.prog_fd),
		   ids[0]);
	expect_u64(state, "prog_ids[1], behind the last", 0x7f7f7f7f, ids[1]);
	expect_u64(state, "prog_attach_flags[0]", BPF_F_ALLOW_MULTI, flags[0]);
	expect_u64(state, "prog_attach_flags[1], behind the last", 7, flags[1]);
	fill_attach(&world, &attr);
	expect_ok(state, "BPF_PROG_DETACH of BPF_LSM_CGROUP",
		  bpfsys_prog_detach(&attr));
	expect_u64(state, "errno of setpriority behind it", 0,
		   (uint64_t)set_nice_in(&world));
	world_drop(&world);
}

/* Programs of several hooks are told apart by their flags' array alone. */
void prog_query__lsm_without_flags(void **state)
{
	struct bpfsys_prog_query_attr asked;
	struct world world;
	uint32_t ids[2];
	int ret;

	make_world(&world, state);
	ret = query(&world, &asked, ids, NULL);
	world_drop(&world);
	expect_errno(state, ret);
}

void link_create__lsm_cgroup(void **state)
{
	struct bpfsys_link_create_attr attr;
	struct bpfsys_link_info info;
	struct world world;
	int fd;

	make_world(&world, state);
	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)world.prog_fd;
	attr.target_fd = (uint32_t)world.dir_fd;
	attr.attach_type = LSM_CGROUP;
	fd = bpfsys_link_create(&attr);
	expect_ok(state, "BPF_LINK_CREATE of BPF_LSM_CGROUP", fd);
	check_asked(&world);
	memset(&info, 0, sizeof(info));
	get_info(state, fd, &info, sizeof(info));
	expect_u64(state, "info: type", LINK_CGROUP, info.type);
	expect_u64(state, "info: prog_id", id_of_prog(state, world.prog_fd),
		   info.prog_id);
	expect_u64(state, "info: cgroup_id", id_of_cgroup(&world),
		   info.cgroup.cgroup_id);
	expect_u64(state, "info: attach_type", LSM_CGROUP,
		   info.cgroup.attach_type);
	close(fd);
	expect_u64(state, "errno of setpriority behind the close", 0,
		   (uint64_t)set_nice_in(&world));
	world_drop(&world);
}

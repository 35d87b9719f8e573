// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_ENABLE_STATS. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "progs.h"
#include "sysctl.h"
#include "test_run.h"

#define RUNS   100
#define SWITCH "kernel/bpf_stats_enabled"

static int enable(void **state)
{
	struct bpfsys_enable_stats_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.type = BPF_STATS_RUN_TIME;
	return need(state, "BPF_ENABLE_STATS", bpfsys_enable_stats(&attr));
}

static void make(struct world *world)
{
	world->prog_fd =
		make_verdict_prog(world->state, BPF_PROG_TYPE_SOCKET_FILTER, 0);
}

/* Where there is more than one call, link_fd keeps statistics on: turning them
 * on and off patches the kernel's text, which takes long. */
static void arm(struct world *world, union argument *attr)
{
	if (world->keys[0]++ == 1)
		world->link_fd = enable(world->state);
	/* BPF_STATS_RUN_TIME is 0. */
	attr->enable_stats.type = BPF_STATS_RUN_TIME;
}

static void disarm(struct world *world, int ret)
{
	(void)world;
	close_if_fd(ret);
}

static void get_stats(struct world *world, struct bpfsys_prog_info *info)
{
	memset(info, 0, sizeof(*info));
	get_info(world->state, world->prog_fd, info, sizeof(*info));
}

static void check(struct world *world, const union argument *attr, int ret)
{
	void **state = world->state;
	struct bpfsys_prog_info info;
	uint64_t before = test_run_now_ns();

	(void)attr;
	(void)ret;
	run_on_packet(state, world->prog_fd, RUNS);
	get_stats(world, &info);
	expect_u64(state, "info: run_cnt", RUNS, info.run_cnt);
	/* Measured with sched_clock(), a short while each; on a host with no
	 * time for the VM, CLOCK_MONOTONIC falls behind it by tenths of a
	 * second. */
	expect_range(state, "info: run_time_ns", 1,
		     2 * (test_run_now_ns() - before) + 1000000000,
		     info.run_time_ns);
}

const struct witness witness_enable_stats = {
	.make = make,
	.arm = arm,
	.disarm = disarm,
	.check = check,
};

static void bend_type(struct world *world, union argument *attr)
{
	(void)world;
	attr->enable_stats.type = 1;
}

void enable_stats__unknown_type(void **state)
{
	judge_broken(state, bend_type);
}

/* Runs are counted as long as one descriptor is open, and no longer. */
void enable_stats__while_open(void **state)
{
	struct bpfsys_prog_info info;
	struct world world;
	int first, second;

	world_make(&world, state);
	run_on_packet(state, world.prog_fd, 1);
	get_stats(&world, &info);
	expect_u64(state, "run_cnt before", 0, info.run_cnt);
	expect_u64(state, "run_time_ns before", 0, info.run_time_ns);
	first = enable(state);
	second = enable(state);
	run_on_packet(state, world.prog_fd, 10);
	close(first);
	run_on_packet(state, world.prog_fd, 20);
	close(second);
	run_on_packet(state, world.prog_fd, 40);
	get_stats(&world, &info);
	world_drop(&world);
	expect_u64(state, "run_cnt after", 10 + 20, info.run_cnt);
}

void enable_stats__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void enable_stats__no_descriptor(void **state)
{
	judge_no_descriptor(state);
}

static uint64_t runs_counted(struct world *world, uint32_t repeat)
{
	struct bpfsys_prog_info info;
	uint64_t before;

	get_stats(world, &info);
	before = info.run_cnt;
	run_on_packet(world->state, world->prog_fd, repeat);
	get_stats(world, &info);
	return info.run_cnt - before;
}

/* Writing the same value again does not count twice. */
void enable_stats__sysctl(void **state)
{
	struct world world;
	int fd;

	world_make(&world, state);
	expect_u64(state, "the switch at first", '0',
		   (uint64_t)sysctl_swap(state, SWITCH, '1'));
	expect_u64(state, "the switch that was turned on", '1',
		   (uint64_t)sysctl_swap(state, SWITCH, '1'));
	expect_u64(state, "runs counted", 3, runs_counted(&world, 3));
	fd = enable(state);
	sysctl_swap(state, SWITCH, '0');
	expect_u64(state, "the switch that was turned off", '0',
		   (uint64_t)sysctl_read(state, SWITCH));
	expect_u64(state, "runs counted with a descriptor alone", 4,
		   runs_counted(&world, 4));
	sysctl_swap(state, SWITCH, '1');
	close(fd);
	expect_u64(state, "runs counted with the switch alone", 5,
		   runs_counted(&world, 5));
	sysctl_swap(state, SWITCH, '0');
	expect_u64(state, "runs counted with neither", 0,
		   runs_counted(&world, 6));
	world_drop(&world);
}

void enable_stats__sysctl_values(void **state)
{
	int ret;

	expect_error(state, "2", EINVAL, sysctl_write(SWITCH, "2"));
	expect_error(state, "-1", EINVAL, sysctl_write(SWITCH, "-1"));
	expect_error(state, "no number", EINVAL, sysctl_write(SWITCH, "on"));
	drop_caps(state, CAP_BIT(CAP_SYS_ADMIN));
	ret = sysctl_write(SWITCH, "1");
	regain_caps(state);
	expect_error(state, "1 without CAP_SYS_ADMIN", EPERM, ret);
	expect_u64(state, "the switch in the end", '0',
		   (uint64_t)sysctl_read(state, SWITCH));
}

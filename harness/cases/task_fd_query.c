// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_TASK_FD_QUERY, of a raw tracepoint. */
#include <string.h>
#include <unistd.h>

#include "callers.h"
#include "catalogue.h"
#include "hooks.h"

#define TRACEPOINT "task_newtask"

static void make(struct world *world)
{
	world->map_fd = make_counters(world->state);
	world->prog_fd = make_newtask_prog(world->state, world->map_fd);
	world->link_fd =
		open_raw_tracepoint(world->state, TRACEPOINT, world->prog_fd);
	world->zero_fd = world->link_fd;
}

/* Output fields start from what no answer is. */
static void ask(struct world *world, int fd, union argument *attr)
{
	struct bpfsys_task_fd_query_attr *query = &attr->task_fd_query;

	memset(world->out, 0x7f, sizeof(world->out));
	query->pid = (uint32_t)getpid();
	query->fd = (uint32_t)fd;
	query->buf = bpfsys_ptr(world->out);
	query->buf_len = 64;
	query->prog_id = UINT32_MAX;
	query->fd_type = UINT32_MAX;
	query->probe_offset = UINT64_MAX;
	query->probe_addr = UINT64_MAX;
}

static void arm(struct world *world, union argument *attr)
{
	ask(world, world->link_fd, attr);
}

static void check_name(struct world *world, const char *name,
		       const struct bpfsys_task_fd_query_attr *query)
{
	size_t length = strlen(name);

	expect_u64(world->state, "buf_len", length, query->buf_len);
	expect_mem(world->state, "buf", name, world->out, length + 1);
	expect_u64(world->state, "byte behind the name", 0x7f,
		   world->out[length + 1]);
}

static void check(struct world *world, const union argument *attr, int ret)
{
	const struct bpfsys_task_fd_query_attr *query = &attr->task_fd_query;
	void **state = world->state;

	(void)ret;
	check_name(world, TRACEPOINT, query);
	expect_u64(state, "prog_id", id_of_prog(state, world->prog_fd),
		   query->prog_id);
	expect_u64(state, "fd_type", BPF_FD_TYPE_RAW_TRACEPOINT,
		   query->fd_type);
	expect_u64(state, "probe_offset", 0, query->probe_offset);
	expect_u64(state, "probe_addr", 0, query->probe_addr);
}

const struct witness witness_task_fd_query = {
	.make = make,
	.arm = arm,
	.check = check,
};

/* The highest pid there can be is 2^22: PID_MAX_LIMIT. */
static void miss_task(struct world *world, union argument *attr)
{
	(void)world;
	attr->task_fd_query.pid = (1u << 22) + 1;
}

void task_fd_query__no_such_task(void **state)
{
	judge_broken(state, miss_task);
}

static void close_fd(struct world *world, union argument *attr)
{
	(void)world;
	attr->task_fd_query.fd = CLOSED_FD;
}

void task_fd_query__closed_fd(void **state)
{
	judge_broken(state, close_fd);
}

static void name_map(struct world *world, union argument *attr)
{
	attr->task_fd_query.fd = (uint32_t)world->map_fd;
}

void task_fd_query__not_a_probe(void **state)
{
	judge_broken(state, name_map);
}

static void add_flag(struct world *world, union argument *attr)
{
	(void)world;
	attr->task_fd_query.flags = 1;
}

void task_fd_query__flags_set(void **state)
{
	judge_broken(state, add_flag);
}

static void lose_buffer(struct world *world, union argument *attr)
{
	(void)world;
	attr->task_fd_query.buf = 8;
}

void task_fd_query__unwritable_buffer(void **state)
{
	judge_broken(state, lose_buffer);
}

/* What fits is there with a NUL, all else too, and buf_len is the length. */
void task_fd_query__name_truncated(void **state)
{
	const struct bpfsys_task_fd_query_attr *query;
	union argument attr;
	struct world world;
	const struct witness *w = world_make(&world, state);
	uint32_t id;
	int ret;

	memset(&attr, 0, sizeof(attr));
	w->arm(&world, &attr);
	query = &attr.task_fd_query;
	attr.task_fd_query.buf_len = 5;
	ret = bpfsys_task_fd_query(&attr.task_fd_query);
	id = id_of_prog(state, world.prog_fd);
	world_drop(&world);
	expect_errno(state, ret);
	expect_mem(state, "buf", "task", world.out, 5);
	expect_u64(state, "byte behind buf", 0x7f, world.out[5]);
	expect_u64(state, "buf_len", strlen(TRACEPOINT), query->buf_len);
	expect_u64(state, "prog_id", id, query->prog_id);
	expect_u64(state, "fd_type", BPF_FD_TYPE_RAW_TRACEPOINT,
		   query->fd_type);
}

void task_fd_query__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void task_fd_query__read_only_attr(void **state)
{
	judge_read_only_attr(state);
}

// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_TASK_FD_QUERY, of a raw tracepoint and of a kprobe. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/perf_event.h>

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

#define KPROBE_TYPE "/sys/bus/event_source/devices/kprobe/type"

static uint32_t kprobe_pmu(void **state)
{
	int fd = open(KPROBE_TYPE, O_RDONLY | O_CLOEXEC);
	char number[16];
	ssize_t n;

	if (fd < 0)
		skip_case(state,
			  "no kprobe events: open of " KPROBE_TYPE " is %s",
			  bpfsys_errno_name(errno));
	n = read(fd, number, sizeof(number) - 1);
	need(state, "read of " KPROBE_TYPE, n < 0 ? -errno : 0);
	close(fd);
	number[n] = '\0';
	return (uint32_t)strtoul(number, NULL, 10);
}

/* The first instructions are ftrace's. Without KPROBES_ON_FTRACE (riscv64) a
 * probe there is EINVAL: kernel/kprobes.c, check_ftrace_location(); behind them
 * it is not. *offset becomes where the probe is. */
static int open_kprobe(void **state, const char *function, uint64_t *offset)
{
	struct perf_event_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = kprobe_pmu(state);
	attr.kprobe_func = bpfsys_ptr(function);
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1,
			  PERF_FLAG_FD_CLOEXEC);
	if (fd < 0 && errno == EINVAL) {
		attr.probe_offset = 8;
		fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1,
				  PERF_FLAG_FD_CLOEXEC);
	}
	*offset = attr.probe_offset;
	return need(state, "perf_event_open of a kprobe", fd < 0 ? -errno : fd);
}

static int query_perf(struct world *world, int fd, union argument *attr)
{
	memset(attr, 0, sizeof(*attr));
	ask(world, fd, attr);
	return bpfsys_task_fd_query(&attr->task_fd_query);
}

void task_fd_query__perf_event_without_program(void **state)
{
	uint64_t offset;
	int fd = open_kprobe(state, "vfs_read", &offset);
	union argument attr;
	struct world world;
	int ret;

	memset(&world, 0, sizeof(world));
	ret = query_perf(&world, fd, &attr);
	close(fd);
	expect_errno(state, ret);
}

/* Where the kernel's text starts: addresses of s390x and 32-bit kernels have
 * no bit in common that those of user space lack. UINT64_MAX: not known. */
static uint64_t kernel_text(void)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	uint64_t at, text = 0;
	char name[128];

	while (f && !text &&
	       fscanf(f, "%" SCNx64 " %*c %127s%*[^\n]", &at, name) == 2) {
		if (!strcmp(name, "_stext"))
			text = at;
	}
	if (f)
		fclose(f);
	return text ? text : UINT64_MAX;
}

/* The address of a function that is known by name is 0 (before 6.6) or a
 * kernel address. */
static void check_kprobe(struct world *world, uint32_t prog_id, uint64_t offset,
			 const struct bpfsys_task_fd_query_attr *query)
{
	void **state = world->state;

	check_name(world, "vfs_read", query);
	expect_u64(state, "prog_id", prog_id, query->prog_id);
	expect_u64(state, "fd_type", BPF_FD_TYPE_KPROBE, query->fd_type);
	expect_u64(state, "probe_offset", offset, query->probe_offset);
	expect_true(state, "probe_addr is 0 or a kernel address",
		    query->probe_addr == 0 ||
			    query->probe_addr >= kernel_text());
}

void task_fd_query__kprobe(void **state)
{
	int prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_KPROBE, 0);
	uint64_t offset;
	int fd = open_kprobe(state, "vfs_read", &offset);
	union argument attr;
	struct world world;
	uint32_t id = id_of_prog(state, prog_fd);
	int ret;

	memset(&world, 0, sizeof(world));
	world.state = state;
	need(state, "PERF_EVENT_IOC_SET_BPF",
	     ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog_fd) != 0 ? -errno : 0);
	ret = query_perf(&world, fd, &attr);
	close(fd);
	close(prog_fd);
	expect_ok(state, "BPF_TASK_FD_QUERY of a kprobe", ret);
	check_kprobe(&world, id, offset, &attr.task_fd_query);
}

void task_fd_query__no_sys_admin(void **state)
{
	judge_no_sys_admin(state);
}

void task_fd_query__read_only_attr(void **state)
{
	judge_read_only_attr(state);
}

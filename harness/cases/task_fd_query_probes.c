// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* BPF_TASK_FD_QUERY of perf events, and of what is no raw tracepoint. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "catalogue.h"
#include "links.h"
#include "probes.h"

/* Output fields start from what no answer is. */
static void fill_query(struct bpfsys_task_fd_query_attr *query, int fd,
		       char room[64])
{
	memset(room, 0x7f, 64);
	memset(query, 0xff, sizeof(*query));
	query->flags = 0;
	query->pid = (uint32_t)getpid();
	query->fd = (uint32_t)fd;
	query->buf = bpfsys_ptr(room);
	query->buf_len = 64;
}

static void hang_program(void **state, const struct probe *probe)
{
	need(state, "PERF_EVENT_IOC_SET_BPF",
	     ioctl(probe->fd, PERF_EVENT_IOC_SET_BPF, probe->prog_fd) != 0
		     ? -errno
		     : 0);
}

/* The address of a function that is known by name is 0 before 6.6; behind it
 * may be what ENDBR takes. */
static void check_address(void **state, const struct probe *probe, uint64_t at,
			  uint64_t got)
{
	if (!probe->in_kernel)
		expect_u64(state, "probe_addr", 0, got);
	else if (got || !probe->name[0])
		expect_range(state, "probe_addr", at + probe->offset,
			     at + probe->offset + 8, got);
}

static void check_query(void **state, enum probe_kind kind)
{
	struct bpfsys_task_fd_query_attr query;
	struct probe probe;
	char room[64];
	uint64_t at;
	uint32_t id;
	int ret;

	make_probe(&probe, state, kind);
	hang_program(state, &probe);
	at = probe.in_kernel ? probe_address(state) : 0;
	id = id_of_prog(state, probe.prog_fd);
	fill_query(&query, probe.fd, room);
	ret = bpfsys_task_fd_query(&query);
	drop_probe(&probe);
	expect_ok(state, "BPF_TASK_FD_QUERY of a probe", ret);
	expect_u64(state, "buf_len", strlen(probe.name), query.buf_len);
	expect_mem(state, "buf", probe.name, room, strlen(probe.name) + 1);
	expect_u64(state, "byte behind the name", 0x7f,
		   (uint8_t)room[strlen(probe.name) + 1]);
	expect_u64(state, "prog_id", id, query.prog_id);
	expect_u64(state, "fd_type", probe.fd_type, query.fd_type);
	expect_u64(state, "probe_offset", probe.offset, query.probe_offset);
	check_address(state, &probe, at, query.probe_addr);
}

void task_fd_query__kprobe(void **state)
{
	check_query(state, PROBE_KPROBE);
}

void task_fd_query__kretprobe(void **state)
{
	check_query(state, PROBE_KRETPROBE);
}

void task_fd_query__kprobe_address(void **state)
{
	check_query(state, PROBE_ADDRESS);
}

void task_fd_query__uprobe(void **state)
{
	check_query(state, PROBE_UPROBE);
}

void task_fd_query__uretprobe(void **state)
{
	check_query(state, PROBE_URETPROBE);
}

void task_fd_query__tracepoint(void **state)
{
	check_query(state, PROBE_TRACEPOINT);
}

void task_fd_query__syscall(void **state)
{
	check_query(state, PROBE_SYSCALL);
}

void task_fd_query__perf_event_without_program(void **state)
{
	struct bpfsys_task_fd_query_attr query;
	struct probe probe;
	char room[64];
	int ret;

	make_probe(&probe, state, PROBE_TRACEPOINT);
	fill_query(&query, probe.fd, room);
	ret = bpfsys_task_fd_query(&query);
	drop_probe(&probe);
	expect_errno(state, ret);
}

void task_fd_query__unwritable_empty_name(void **state)
{
	struct bpfsys_task_fd_query_attr query;
	struct probe probe;
	char room[64];
	int ret;

	make_probe(&probe, state, PROBE_ADDRESS);
	hang_program(state, &probe);
	fill_query(&query, probe.fd, room);
	query.buf = BAD_ADDRESS;
	ret = bpfsys_task_fd_query(&query);
	drop_probe(&probe);
	expect_errno(state, ret);
}

void task_fd_query__perf_event_program(void **state)
{
	struct bpfsys_task_fd_query_attr query;
	struct hook hook;
	char room[64];
	int fd, ret;

	hook_perf_event(&hook, state);
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook.attr));
	fill_query(&query, hook.target_fd, room);
	ret = bpfsys_task_fd_query(&query);
	close(fd);
	hook_drop(&hook);
	expect_errno(state, ret);
}

void task_fd_query__other_link(void **state)
{
	struct bpfsys_task_fd_query_attr query;
	struct hook hook;
	char room[64];
	int fd, ret;

	hook_netns(&hook, state);
	fd = need(state, "BPF_LINK_CREATE", bpfsys_link_create(&hook.attr));
	fill_query(&query, fd, room);
	ret = bpfsys_task_fd_query(&query);
	close(fd);
	hook_drop(&hook);
	expect_errno(state, ret);
}

/* The argument's first half can be written, the rest cannot. */
void task_fd_query__unwritable_prog_id(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct bpfsys_task_fd_query_attr query, *half;
	int prog_fd = make_verdict_prog(state, BPF_PROG_TYPE_RAW_TRACEPOINT, 0);
	int fd = open_raw_tracepoint(state, "task_newtask", prog_fd), ret;
	char room[64];

	need(state, "mmap", pages == MAP_FAILED ? -errno : 0);
	half = (void *)(pages + page -
			offsetof(struct bpfsys_task_fd_query_attr, prog_id));
	fill_query(&query, fd, room);
	memcpy(half, &query, sizeof(query));
	need(state, "mprotect",
	     mprotect(pages + page, page, PROT_READ) ? -errno : 0);
	ret = bpfsys_task_fd_query(half);
	query.buf_len = half->buf_len;
	munmap(pages, 2 * page);
	close(fd);
	close(prog_fd);
	expect_errno(state, ret);
	expect_u64(state, "buf_len", strlen("task_newtask"), query.buf_len);
}

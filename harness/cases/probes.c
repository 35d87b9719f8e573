// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Perf events that a program can hang at. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/perf_event.h>

#include "kernel.h"
#include "links.h"
#include "probes.h"

#define EVENTS "/sys/kernel/tracing/events/"
#define TASK   EVENTS "task/task_newtask/"
#define PMUS   "/sys/bus/event_source/devices/"

enum { RETURN = 1 }; /* config: as of format/retprobe */

static const struct {
	const char *number; /* the file that has attr.type or the event's id */
	const char *name;
	uint64_t config;
	uint32_t fd_type, perf_type;
	bool in_kernel;
} kinds[PROBE_KINDS] = {
	[PROBE_KPROBE] = {PMUS "kprobe/type", PROBE_FUNCTION, 0,
			  BPF_FD_TYPE_KPROBE, 3, true},
	[PROBE_KRETPROBE] = {PMUS "kprobe/type", PROBE_FUNCTION, RETURN,
			     BPF_FD_TYPE_KRETPROBE, 4, true},
	[PROBE_ADDRESS] = {PMUS "kprobe/type", "", 0, BPF_FD_TYPE_KPROBE, 3,
			   true},
	[PROBE_UPROBE] = {PMUS "uprobe/type", "/proc/self/exe", 0,
			  BPF_FD_TYPE_UPROBE, 1, false},
	[PROBE_URETPROBE] = {PMUS "uprobe/type", "/proc/self/exe", RETURN,
			     BPF_FD_TYPE_URETPROBE, 2, false},
	[PROBE_TRACEPOINT] = {TASK "id", "task_newtask", 0,
			      BPF_FD_TYPE_TRACEPOINT, 5, false},
	[PROBE_SYSCALL] = {EVENTS "syscalls/sys_enter_getpgid/id",
			   "sys_enter_getpgid", 0, BPF_FD_TYPE_TRACEPOINT, 5,
			   false},
};

static uint32_t read_number(void **state, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char number[16];
	ssize_t n;

	if (fd < 0)
		skip_case(state, "no such events: open of %s is %s", path,
			  bpfsys_errno_name(errno));
	n = read(fd, number, sizeof(number) - 1);
	need(state, path, n < 0 ? -errno : 0);
	close(fd);
	number[n] = '\0';
	return (uint32_t)strtoul(number, NULL, 10);
}

/* A kernel has a hundred thousand symbols: they are read once. */
uint64_t probe_address(void **state)
{
	static uint64_t found;
	char line[256];
	FILE *f;

	if (found)
		return found;
	f = fopen("/proc/kallsyms", "re");
	need(state, "fopen of /proc/kallsyms", f ? 0 : -errno);
	while (!found && fgets(line, sizeof(line), f))
		if (strstr(line, " " PROBE_FUNCTION "\n"))
			found = strtoull(line, NULL, 16);
	fclose(f);
	need(state, PROBE_FUNCTION " in /proc/kallsyms", found ? 0 : -ENOENT);
	return found;
}

static void fill_event(void **state, enum probe_kind kind,
		       struct perf_event_attr *attr)
{
	uint32_t number = read_number(state, kinds[kind].number);

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	attr->type = number;
	attr->config = kinds[kind].config;
	switch (kind) {
	case PROBE_KPROBE:
	case PROBE_KRETPROBE:
		attr->kprobe_func = bpfsys_ptr(kinds[kind].name);
		break;
	case PROBE_ADDRESS:
		attr->kprobe_addr = probe_address(state);
		break;
	case PROBE_UPROBE:
	case PROBE_URETPROBE:
		attr->uprobe_path = bpfsys_ptr(kinds[kind].name);
		attr->probe_offset = offset_in_file(state, (uintptr_t)hook_xdp);
		break;
	default:
		attr->type = PERF_TYPE_TRACEPOINT;
		attr->config = number;
		attr->sample_period = 1;
	}
}

static int open_event(struct perf_event_attr *attr)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, -1, 0, -1,
			      PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* The first instructions of a function are ftrace's. Without KPROBES_ON_FTRACE
 * (riscv64) a probe there is EINVAL: kernel/kprobes.c, check_ftrace_location();
 * behind them it is not, where it need not be at the start. */
static int open_event_of(void **state, enum probe_kind kind, uint64_t *offset)
{
	struct perf_event_attr attr;
	int fd;

	fill_event(state, kind, &attr);
	fd = open_event(&attr);
	if (fd == -EINVAL && kind == PROBE_KPROBE) {
		attr.probe_offset = 8;
		fd = open_event(&attr);
	}
	if (fd == -EINVAL && kinds[kind].in_kernel)
		skip_case(state, "no probe at the start of " PROBE_FUNCTION
				 ": perf_event_open is EINVAL");
	*offset = kind == PROBE_KPROBE || !kinds[kind].in_kernel
			  ? attr.probe_offset
			  : 0;
	return need(state, "perf_event_open of a probe", fd);
}

uint32_t tracepoint_size(void **state)
{
	FILE *f = fopen(TASK "format", "re");
	uint32_t end = 0, offset, size;
	char line[256];

	need(state, "fopen of " TASK "format", f ? 0 : -errno);
	while (fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, "offset:");

		if (at &&
		    sscanf(at, "offset:%u; size:%u;", &offset, &size) == 2 &&
		    offset + size > end)
			end = offset + size;
	}
	fclose(f);
	need(state, "a field in " TASK "format", end > 0 ? 0 : -ENOENT);
	return end;
}

void make_probe(struct probe *probe, void **state, enum probe_kind kind)
{
	bool tracepoint = kinds[kind].fd_type == BPF_FD_TYPE_TRACEPOINT;

	probe->fd = open_event_of(state, kind, &probe->offset);
	if (tracepoint)
		probe->offset = 0;
	probe->prog_fd = make_verdict_prog(state,
					   tracepoint ? BPF_PROG_TYPE_TRACEPOINT
						      : BPF_PROG_TYPE_KPROBE,
					   0);
	probe->name = kinds[kind].name;
	probe->fd_type = kinds[kind].fd_type;
	probe->perf_type = kinds[kind].perf_type;
	probe->in_kernel = kinds[kind].in_kernel;
}

void drop_probe(struct probe *probe)
{
	close(probe->fd);
	close(probe->prog_fd);
}

int link_probe(struct probe *probe, uint64_t cookie)
{
	struct bpfsys_link_create_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_fd = (uint32_t)probe->prog_fd;
	attr.target_fd = (uint32_t)probe->fd;
	attr.attach_type = BPF_PERF_EVENT;
	attr.perf_event.bpf_cookie = cookie;
	return bpfsys_link_create(&attr);
}

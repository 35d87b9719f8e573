// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The perf events among what is given. */
#include <elf.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "executor.h"

#define EVENTS "/sys/kernel/tracing/events/"
#define PMUS   "/sys/bus/event_source/devices/"

/* Where the uprobe is. */
__attribute__((noinline, used)) static int probed(int number)
{
	__asm__ volatile("");
	return number + 1;
}

static uint64_t offset_in_file(uintptr_t at)
{
	const Elf64_Phdr *ph = (const void *)getauxval(AT_PHDR);

	for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++)
		if (ph[i].p_type == PT_LOAD && at >= ph[i].p_vaddr &&
		    at < ph[i].p_vaddr + ph[i].p_filesz)
			return at - ph[i].p_vaddr + ph[i].p_offset;
	return 0;
}

static int open_event(long type, long config, const char *name, uint64_t offset)
{
	struct perf_event_attr attr;

	if (type < 0 || config < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = (uint32_t)type;
	attr.config = (uint64_t)config;
	attr.sample_period = type == PERF_TYPE_SOFTWARE ? 0 : 1;
	attr.config1 = (uintptr_t)name;
	attr.config2 = offset;
	return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

int event_make(enum seq_given given)
{
	switch (given) {
	case SEQ_GIVEN_PERF_SOFTWARE:
		return open_event(PERF_TYPE_SOFTWARE,
				  PERF_COUNT_SW_CONTEXT_SWITCHES, NULL, 0);
	case SEQ_GIVEN_PERF_TRACEPOINT:
		return open_event(PERF_TYPE_TRACEPOINT,
				  file_number(EVENTS "task/task_newtask/id"),
				  NULL, 0);
	case SEQ_GIVEN_PERF_SYSCALL:
		return open_event(PERF_TYPE_TRACEPOINT,
				  file_number(EVENTS
					      "syscalls/sys_enter_getpgid/id"),
				  NULL, 0);
	case SEQ_GIVEN_PERF_KPROBE:
		return open_event(file_number(PMUS "kprobe/type"), 0,
				  "__x64_sys_getpgid", 0);
	case SEQ_GIVEN_PERF_UPROBE:
		return open_event(file_number(PMUS "uprobe/type"), 0,
				  "/proc/self/exe",
				  offset_in_file((uintptr_t)probed));
	default:
		return -1;
	}
}
